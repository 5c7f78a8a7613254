"""The schema, as numbered steps forward, in SQL for both dialects.

Three tables. ``conversations`` has a row a conversation: its lease, the checkpointed plan and the
memory. ``messages`` has a row for every message ever claimed: open while ``record`` is null,
settled from then on. ``records`` is the journal, each body a JSON text in ASCII: PostgreSQL's
text and jsonb refuse the NUL and the lone surrogates that a customer may write, their escapes pass.

Ids of conversations are kept once and referred to by number, and both ``messages.record`` and
``records.settled_at`` only ever grow: a million settled messages add to the right edge of every
index but that of the message ids.

Times are microseconds since 1970 in SQLite and ``timestamptz`` in PostgreSQL. A lease that was
given back has no ``fence``; its ``holder`` stays, so that one can see who had it last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentbot.errors import ConfigurationError
from agentbot.state.postgres.functions import CLAIM_BY_TWO_CLOCKS, FUNCTIONS


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. Each dialect's statements are run in the one transaction that notes ``version``.

    PostgreSQL's name the schema as ``{schema}``.
    """

    version: int
    sqlite: tuple[str, ...]
    postgres: tuple[str, ...]


MIGRATIONS: Sequence[Migration] = (
    Migration(
        version=1,
        sqlite=(
            """
            CREATE TABLE conversations (
                id INTEGER PRIMARY KEY,
                conversation_id TEXT NOT NULL UNIQUE,
                holder TEXT,
                fence INTEGER,
                expires_at INTEGER,
                plan TEXT,
                fired TEXT,
                snoozed_until INTEGER,
                handed_off_at INTEGER,
                touched_at INTEGER NOT NULL
            )
            """,
            "CREATE INDEX conversations_leased ON conversations (holder) WHERE fence IS NOT NULL",
            "CREATE INDEX conversations_touched ON conversations (touched_at)",
            """
            CREATE TABLE messages (
                id INTEGER PRIMARY KEY,
                message_id TEXT NOT NULL UNIQUE,
                conversation INTEGER NOT NULL,
                attempt INTEGER NOT NULL,
                record INTEGER
            )
            """,
            "CREATE INDEX messages_open ON messages (conversation) WHERE record IS NULL",
            "CREATE INDEX messages_settled ON messages (record) WHERE record IS NOT NULL",
            """
            CREATE TABLE records (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                conversation INTEGER NOT NULL,
                fence INTEGER NOT NULL,
                customer_id TEXT,
                settled_at INTEGER NOT NULL,
                body TEXT NOT NULL
            )
            """,
            "CREATE INDEX records_conversation ON records (conversation)",
            "CREATE INDEX records_customer ON records (customer_id) WHERE customer_id IS NOT NULL",
            "CREATE INDEX records_settled ON records (settled_at, id)",
            "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
            "INSERT INTO counters (name, value) VALUES ('fence', 0), ('ping', 0)",
        ),
        postgres=(
            """
            CREATE TABLE {schema}.conversations (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                conversation_id text NOT NULL UNIQUE,
                holder text,
                fence bigint,
                expires_at timestamptz,
                plan text,
                fired text,
                snoozed_until timestamptz,
                handed_off_at timestamptz,
                touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
            ) WITH (fillfactor = 70)
            """,
            """
            CREATE INDEX conversations_leased ON {schema}.conversations (holder)
                WHERE fence IS NOT NULL
            """,
            "CREATE INDEX conversations_touched ON {schema}.conversations (touched_at)",
            """
            CREATE TABLE {schema}.messages (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                message_id text NOT NULL UNIQUE,
                conversation bigint NOT NULL,
                attempt integer NOT NULL,
                record bigint
            )
            """,
            "CREATE INDEX messages_open ON {schema}.messages (conversation) WHERE record IS NULL",
            """
            CREATE INDEX messages_settled ON {schema}.messages (record)
                WHERE record IS NOT NULL
            """,
            """
            CREATE TABLE {schema}.records (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                conversation bigint NOT NULL,
                fence bigint NOT NULL,
                customer_id text,
                settled_at timestamptz NOT NULL,
                body text NOT NULL
            )
            """,
            "CREATE INDEX records_conversation ON {schema}.records (conversation)",
            """
            CREATE INDEX records_customer ON {schema}.records (customer_id)
                WHERE customer_id IS NOT NULL
            """,
            "CREATE INDEX records_settled ON {schema}.records (settled_at, id)",
            "CREATE SEQUENCE {schema}.fences",
            "CREATE TABLE {schema}.pings (holder text PRIMARY KEY, at timestamptz NOT NULL)",
            *FUNCTIONS,
        ),
    ),
    # The claim of version 1 stays beside its successor, for replicas that are still to be updated.
    Migration(version=2, sqlite=(), postgres=(CLAIM_BY_TWO_CLOCKS,)),
)

LATEST = MIGRATIONS[-1].version


def steps_from(version: int, *, url: str) -> Sequence[Migration]:
    """Return the steps that a database at ``version`` (0: an empty one) lacks.

    Raises ``ConfigurationError`` where the database, at ``url``, is of a newer program: there is
    no way back, and to write into tables that one does not know would be to damage them.
    """
    if version > LATEST:
        raise ConfigurationError(
            place="AGENTBOT_STATE_URL",
            problem=f"{url} has schema version {version}, this program knows {LATEST}",
            remedy="run the newer agentbot that made it, or point at another database",
        )
    return [step for step in MIGRATIONS if step.version > version]
