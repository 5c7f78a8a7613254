"""The schema, as numbered steps forward, for both databases.

Three tables. ``conversations`` has a row a conversation: its lease, the checkpointed plan and the
memory. ``messages`` has a row for every message ever claimed: open while ``record`` is null,
settled from then on. ``records`` is the journal, each body a JSON text in ASCII: PostgreSQL's
text and jsonb refuse the NUL and the lone surrogates that a customer may write, their escapes pass.

Ids of conversations are kept once and referred to by number, and both ``messages.record`` and
``records.settled_at`` only ever grow: a million settled messages add to the right edge of every
index but that of the message ids.

Times are microseconds since 1970 in SQLite and ``timestamptz`` in PostgreSQL. A lease that was
given back has no ``fence``; its ``holder`` stays, so that one can see who had it last.

A change is made in two steps, a release apart, so that the release before can go on, and start
again, beside the new one (docs/upgrades.md). The first only adds, and leaves ``least`` as it was;
what nobody uses any more is taken away by the second, which raises it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentbot.errors import ConfigurationError
from agentbot.state.sql import Statement, read_statements

_SQLITE = "agentbot.state.sqlite"
_POSTGRES = "agentbot.state.postgres"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. A database runs its statements in the one transaction that notes ``version``.

    ``least`` is the version that a program must know at least to work on the schema after this
    step. PostgreSQL's statements name the schema as ``{schema}``.
    """

    version: int
    least: int
    sqlite: tuple[Statement, ...]
    postgres: tuple[Statement, ...]


MIGRATIONS: Sequence[Migration] = (
    Migration(
        version=1,
        least=1,
        sqlite=read_statements(_SQLITE, "schema_1.sql"),
        postgres=(
            *read_statements(_POSTGRES, "schema_1.sql"),
            *read_statements(_POSTGRES, "functions_1.sql"),
        ),
    ),
)
"""Every step so far, in ascending order. One that was released is never changed."""


def missing_steps(
    version: int, least: int, *, migrations: Sequence[Migration], url: str
) -> Sequence[Migration]:
    """Return the steps that a database at ``version`` (0: an empty one) lacks.

    ``least`` is the version that a program must know to work on it. Raises ``ConfigurationError``
    where the database, at ``url``, is of a program so new that this one does not: there is no way
    back, and writing into tables that this program does not know would damage them.
    """
    latest = migrations[-1].version
    if least > latest:
        raise ConfigurationError(
            place="AGENTBOT_STATE_URL",
            problem=f"{url} has schema version {version}, this program knows {latest}",
            remedy="run the newer agentbot that made it, or point at another database",
        )
    return [step for step in migrations if step.version > version]
