"""Proves ``agentbot/state/migrations.py`` and ``agentbot/state/postgres/migrate.py``.

A database of an earlier program is brought forward, one of a later program is refused.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.state.migrations import MIGRATIONS, Migration, missing_steps
from agentbot.state.sql import Statement
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import LeasedElsewhere
from tests.support.states import LEASE, Clock, PostgresHarness, claimed, record_of

LATEST = MIGRATIONS[-1].version
MOODS = Migration(
    version=LATEST + 1,
    least=LATEST + 1,
    sqlite=(
        Statement("moods", "Adds a table.", "CREATE TABLE moods (name TEXT)"),
        Statement("moods_start", "Fills it.", "INSERT INTO moods VALUES ('sunny')"),
    ),
    postgres=(
        Statement("moods", "Adds a table.", "CREATE TABLE {schema}.moods (name text)"),
        Statement("moods_start", "Fills it.", "INSERT INTO {schema}.moods VALUES ('sunny')"),
    ),
)
LATER = (*MIGRATIONS, MOODS)
"""The steps of a later program, which knows moods."""


def _version_of(path: Path) -> int:
    with sqlite3.connect(path) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    assert isinstance(version, int)
    return version


def test_versions_ascend_by_one() -> None:
    """From the first: what is missing follows from one number."""
    assert [step.version for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_the_steps_that_a_database_lacks() -> None:
    """An empty one lacks all, one of the day before the last, one of today none."""
    first, second, third = (Migration(version, version, (), ()) for version in (1, 2, 3))
    migrations = (first, second, third)
    for version, missing in (
        (0, [first, second, third]),
        (1, [second, third]),
        (2, [third]),
        (3, []),
    ):
        assert missing_steps(version, version, migrations=migrations, url="x") == missing
    assert missing_steps(4, 3, migrations=migrations, url="x") == []  # it only added something
    with pytest.raises(ConfigurationError) as caught:
        missing_steps(4, 4, migrations=migrations, url="sqlite:///x")
    assert caught.value.place == "AGENTBOT_STATE_URL"
    assert caught.value.problem == "sqlite:///x has schema version 4, this program knows 3"
    assert caught.value.remedy.startswith("run the newer agentbot")


async def test_an_earlier_file_is_brought_forward(tmp_path: Path) -> None:
    """What it holds stays, what it lacks is made, once, and the earlier program is refused."""
    path = tmp_path / "state.db"
    store = SQLiteStore(SQLiteDatabase(str(path)), holder="one", lease=LEASE, clock=Clock())
    await store.open()
    held = await claimed(store, "c", "m")
    assert await store.settle(held, record_of(held), None)
    await store.close()
    assert _version_of(path) == LATEST
    for _ in range(2):
        database = SQLiteDatabase(str(path), migrations=LATER)
        later = SQLiteStore(database, holder="two", lease=LEASE, clock=Clock())
        await later.open()
        assert await later.settled(["m"]) == {"m"}
        moods = database.read(lambda db: db.execute("SELECT name FROM moods").fetchall())
        assert moods == [("sunny",)]
        await later.close()
    assert _version_of(path) == LATEST + 1
    with pytest.raises(ConfigurationError, match=f"version {LATEST + 1}, this program knows"):
        await store.open()


async def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Nothing of it is kept: mended, the same step is taken."""
    path = tmp_path / "state.db"
    first = SQLiteDatabase(str(path))
    first.open()
    first.close()
    statements = (*MOODS.sqlite, Statement("x", "Fails.", "NONSENSE"))
    broken = Migration(LATEST + 1, LATEST + 1, statements, ())
    with pytest.raises(ConfigurationError, match="syntax error"):
        SQLiteDatabase(str(path), exclusive=False, migrations=(*MIGRATIONS, broken)).open()
    assert _version_of(path) == LATEST
    mended = SQLiteDatabase(str(path), exclusive=False, migrations=LATER)
    mended.open()
    mended.close()
    assert _version_of(path) == LATEST + 1


async def test_an_earlier_schema_is_brought_forward(postgres: PostgresHarness) -> None:
    """What it holds stays, what it lacks is made, once, and the earlier program is refused."""
    held = await claimed(await postgres.store("one"), "c", "m")
    for _ in range(2):
        later = postgres.unopened("two", LATER)
        await later.open()
        assert isinstance(await later.claim("c", ["m"]), LeasedElsewhere)
        await later.close()
        assert await postgres.fetch("SELECT name FROM {schema}.moods") == ["sunny"]
    versions = await postgres.fetch("SELECT version FROM {schema}.schema_version ORDER BY 1")
    assert versions == list(range(1, LATEST + 2))
    with pytest.raises(ConfigurationError, match=f"version {LATEST + 1}, this program knows"):
        await postgres.store("three")
    assert held.fence > 0


async def test_a_step_that_fails_leaves_the_schema_as_it_was(postgres: PostgresHarness) -> None:
    """Nothing of it is kept: mended, the same step is taken."""
    await postgres.store("one")
    statements = (*MOODS.postgres, Statement("x", "Fails.", "NONSENSE"))
    broken = Migration(LATEST + 1, LATEST + 1, (), statements)
    with pytest.raises(ConfigurationError, match="syntax error"):
        await postgres.unopened("two", (*MIGRATIONS, broken)).open()
    assert await postgres.fetch("SELECT to_regclass('{schema}.moods')") == [None]
    mended = postgres.unopened("two", LATER)
    await mended.open()
    await mended.close()
    assert await postgres.fetch("SELECT name FROM {schema}.moods") == ["sunny"]


async def test_replicas_that_start_at_once_migrate_once(postgres: PostgresHarness) -> None:
    """All start on an empty database, and all work."""
    stores = await asyncio.gather(*(postgres.store(f"holder-{n}") for n in range(4)))
    await asyncio.gather(*(store.ping() for store in stores))
    versions = await postgres.fetch("SELECT version FROM {schema}.schema_version ORDER BY 1")
    assert versions == list(range(1, LATEST + 1))
