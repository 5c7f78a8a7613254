"""Upgrades without a pause: the release before works, and starts again, on the next one's schema.

There is no second release yet. So today's program stands for the release before, and a step that
adds what a next release may add (a column, a table, an index) for the schema of the next one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.state.migrations import MIGRATIONS, Migration
from agentbot.state.sql import Statement
from agentbot.state.sqlite.copy import back_up, put_back
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import LeasedElsewhere, Store
from tests.support.states import LEASE, Clock, PostgresHarness, claimed, record_of

TODAY = MIGRATIONS[-1].version


def _added(schema: str = "") -> tuple[Statement, ...]:
    """Return what a next release adds to a table that the one before writes, and beside it."""
    return (
        Statement("mood", "A column.", f"ALTER TABLE {schema}conversations ADD COLUMN mood text"),
        Statement("moods", "A table.", f"CREATE TABLE {schema}moods (name text PRIMARY KEY)"),
        Statement("i", "An index.", f"CREATE INDEX by_mood ON {schema}conversations (mood)"),
    )


ADDS = Migration(TODAY + 1, TODAY, _added(), _added("{schema}."))
NEXT = (*MIGRATIONS, ADDS)
"""The steps of the next release: it only adds."""
_DROPPED = "ALTER TABLE {}conversations DROP COLUMN given_at"
TAKES = Migration(
    TODAY + 2,
    TODAY + 1,
    (Statement("given", "Takes away.", _DROPPED.format("")),),
    (Statement("given", "Takes away.", _DROPPED.format("{schema}.")),),
)
LAST = (*NEXT, TAKES)
"""The steps of the release after that: it takes away what nobody uses any more."""


def in_file(path: Path, holder: str, steps: tuple[Migration, ...] = tuple(MIGRATIONS)) -> Store:
    """Return the store of the release that knows these steps."""
    database = SQLiteDatabase(str(path), migrations=steps)
    return SQLiteStore(database, holder=holder, lease=LEASE, clock=Clock())


async def answered(store: Store, conversation: str, message: str) -> None:
    """Let a turn be claimed, planned and settled."""
    held = await claimed(store, conversation, message)
    assert await store.checkpoint(held, {"step": 1})
    assert await store.settle(held, record_of(held), None)
    assert await store.settled([message]) == {message}


async def test_two_replicas_are_upgraded_one_after_the_other(postgres: PostgresHarness) -> None:
    """The old one goes on, is started again by chance, and neither answers what the other has."""
    old, other = postgres.unopened("old", tuple(MIGRATIONS)), postgres.unopened("two", NEXT)
    await old.open()
    held = await claimed(old, "c", "m")
    await other.open()  # which brings the schema forward
    assert isinstance(await other.claim("c", ["m"]), LeasedElsewhere)
    assert await old.settle(held, record_of(held), None)
    await answered(old, "d", "n")
    await old.close()
    again = postgres.unopened("old", tuple(MIGRATIONS))
    await again.open()
    await answered(again, "e", "o")
    assert await other.settled(["m", "n", "o"]) == {"m", "n", "o"}
    await answered(other, "f", "p")
    assert await again.settled(["p"]) == {"p"}
    await again.close()
    await other.close()


async def test_what_is_taken_away_keeps_out_only_the_release_before_the_last(
    postgres: PostgresHarness,
) -> None:
    """By then nobody runs it any more; the one in between still works."""
    for steps in (NEXT, LAST):
        store = postgres.unopened("one", steps)
        await store.open()
        await store.close()
    between = postgres.unopened("two", NEXT)
    await between.open()
    await between.close()
    old = postgres.unopened("three", tuple(MIGRATIONS))
    with pytest.raises(ConfigurationError, match="run the newer agentbot"):
        await old.open()


async def test_a_file_goes_back_to_the_release_before(tmp_path: Path) -> None:
    """An upgrade that did not please is undone by starting the old program."""
    path = tmp_path / "state.db"
    for number, steps in enumerate((tuple(MIGRATIONS), NEXT, tuple(MIGRATIONS), NEXT)):
        store = in_file(path, f"holder {number}", steps)
        await store.open()
        await answered(store, f"c{number}", f"m{number}")
        earlier = [f"m{one}" for one in range(number)]
        assert await store.settled(earlier) == set(earlier)
        await store.close()


async def test_a_copy_of_the_next_release_can_be_put_back(tmp_path: Path) -> None:
    """Unless that one has taken something away."""
    path, copy = tmp_path / "state.db", tmp_path / "copy.db"
    store = in_file(path, "one", NEXT)
    await store.open()
    await answered(store, "c", "m")
    await store.close()
    back_up(path, copy)
    put_back(copy, path)
    old = in_file(path, "two")
    await old.open()
    assert await old.settled(["m"]) == {"m"}
    await old.close()
    newest = in_file(path, "three", LAST)
    await newest.open()
    await newest.close()
    back_up(path, copy)
    with pytest.raises(ConfigurationError, match="run the newer agentbot"):
        put_back(copy, path)
