"""Copies of a state in PostgreSQL are of one moment, whole, and go into either kind of database."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.migrations import MIGRATIONS
from agentbot.state.postgres.copy import back_up, put_back
from agentbot.state.sqlite import copy as sqlite_copy
from agentbot.state.sqlite import rows
from agentbot.state.sqlite.copy import verify
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import ConversationMemory, Store, TurnRecord
from tests.state.test_migrations import LATER
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, START, Clock, PostgresHarness, claimed, record_of

VERSION = MIGRATIONS[-1].version


async def lived(store: Store) -> None:
    """Leave all that a state can hold: settled, open, remembered, seen, and pruned."""
    gone = await claimed(store, "gone", "m-gone")
    memory = ConversationMemory({"hours": START}, START, START, START)
    for number, claim in enumerate([await claimed(store, "a", "m1", "m2"), gone]):
        record = record_of(
            claim,
            customer_id=None if number else "ann",
            question="Où est \u0000 \ud83d ?",
            settled_at=START - timedelta(days=1000 * number),
        )
        assert await store.settle(claim, record, memory)
    assert await store.mark_seen("m1", START)
    assert await store.mark_given("a")
    held = await claimed(store, "b", "m3")
    assert await store.checkpoint(held, {"step": 1})
    assert await store.prune(older_than=timedelta(days=500)) == 1


async def told(store: Store) -> tuple[list[TurnRecord], object, set[str], set[str]]:
    """Return what a store says of what :func:`lived` has left."""
    messages = ["m1", "m2", "m3", "m-gone"]
    return (
        [record async for record in store.records()],
        await store.memory_of("a"),
        await store.settled(messages),
        await store.claimed(messages),
    )


def in_file(path: Path) -> SQLiteStore:
    """Return the store of a bot that works on a file."""
    return SQLiteStore(SQLiteDatabase(str(path)), holder="heir", lease=LEASE, clock=Clock())


async def goes_on(store: Store) -> None:
    """What was open is taken up with its plan, and what comes gets numbers of its own."""
    claim = await claimed(store, "b", "m3")
    assert (claim.plan, claim.attempt) == ({"step": 1}, 2)
    assert claim.fence > 3
    for conversation, message in (("b", "m3"), ("new", "m4")):
        turn = claim if conversation == "b" else await claimed(store, conversation, message)
        assert await store.settle(turn, record_of(turn), None)
    assert await store.settled(["m1", "m3", "m4"]) == {"m1", "m3", "m4"}


def files_in(folder: Path) -> list[str]:
    """Return the names of a folder's files."""
    return sorted(path.name for path in folder.iterdir())


def numbers_of(file: Path) -> tuple[rows.Value, ...]:
    """Return the numbers that were given last, and those of all records."""
    with closing(sqlite3.connect(file)) as db:
        records = [row[0] for row in rows.read(db, "records")]
        return (*rows.read_numbers(db), *records)


async def test_a_copy_is_a_state_in_a_file(harness: PostgresHarness, tmp_path: Path) -> None:
    """Nothing is lost on the way, not even the number of a record that is gone."""
    bot = await harness.store("bot")
    await lived(bot)
    made = await back_up(harness.url, tmp_path / "copy.db", schema=harness.schema)

    assert (made.path, made.schema_version, made.records) == (tmp_path / "copy.db", VERSION, 1)
    assert made == verify(tmp_path / "copy.db")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert files_in(tmp_path) == ["copy.db"]
    assert numbers_of(made.path) == (3, 2, 1)
    heir = in_file(made.path)
    await heir.open()
    assert await told(heir) == await told(bot)
    await heir.close()
    await bot.close()  # which gives its leases back
    later = await back_up(harness.url, tmp_path / "later.db", schema=harness.schema)
    heir = in_file(later.path)
    await heir.open()
    await goes_on(heir)
    await heir.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_copy_of_either_kind_fills_an_empty_database(
    postgres_server: PostgresServer, tmp_path: Path, kind: str
) -> None:
    """A state moves from SQLite to PostgreSQL, or from one server to another."""
    copy, other = tmp_path / "copy.db", PostgresHarness(postgres_server.url)
    if kind == "sqlite":
        store = in_file(tmp_path / "state.db")
        await store.open()
        await lived(store)
        wanted = await told(store)
        await store.close()
        sqlite_copy.back_up(tmp_path / "state.db", copy)
    else:
        source = PostgresHarness(postgres_server.url)
        bot = await source.store("bot")
        await lived(bot)
        wanted = await told(bot)
        await bot.close()
        await back_up(source.url, copy, schema=source.schema)
        await source.close()
    before = copy.read_bytes()

    assert await put_back(copy, other.url, schema=other.schema) == verify(copy)

    assert copy.read_bytes() == before
    assert numbers_of((await back_up(other.url, tmp_path / "2", schema=other.schema)).path) == (
        numbers_of(copy)
    )
    heir = await other.store("heir")
    assert await told(heir) == wanted
    await goes_on(heir)
    await other.close()


async def test_a_copy_beside_a_running_bot_is_of_one_moment(
    harness: PostgresHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that is settled while the copy is made is not in it by half."""
    bot = await harness.store("bot")
    claim = await claimed(bot, "before", "m")
    assert await bot.settle(claim, record_of(claim), None)
    add, came = rows.add, []

    async def another() -> None:
        store = harness.unopened("another")
        await store.open()
        turn = await claimed(store, "between", "n")
        came.append(await store.settle(turn, record_of(turn), None))
        await store.close()

    def slow(db: sqlite3.Connection, table: str, page: Iterable[Mapping[str, rows.Value]]) -> None:
        add(db, table, page)
        if not came:  # the first table was read, the others were not
            thread = threading.Thread(target=lambda: asyncio.run(another()))
            thread.start()
            thread.join()

    monkeypatch.setattr(rows, "add", slow)
    made = await back_up(harness.url, tmp_path / "copy.db", schema=harness.schema)

    assert came == [True]
    assert made.records == 1
    with closing(sqlite3.connect(made.path)) as db:
        assert [row[1] for row in rows.read(db, "messages")] == ["m"]
    assert await bot.settled(["m", "n"]) == {"m", "n"}


async def test_what_is_not_what_was_read_is_no_copy(
    harness: PostgresHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that the file has lost is found before anybody relies on it."""
    await lived(await harness.store("bot"))
    add = rows.add
    monkeypatch.setattr(rows, "add", lambda db, table, page: add(db, table, list(page)[1:]))
    with pytest.raises(ConfigurationError, match="conversations: holds 2 rows that are not the 3"):
        await back_up(harness.url, tmp_path / "copy.db", schema=harness.schema)
    assert files_in(tmp_path) == []


async def copied(harness: PostgresHarness, folder: Path) -> Path:
    """Return a copy of a state in which something has happened."""
    bot = await harness.store("bot")
    await lived(bot)
    await bot.close()
    return (await back_up(harness.url, folder / "copy.db", schema=harness.schema)).path


async def test_a_database_that_holds_something_is_refused(
    harness: PostgresHarness, tmp_path: Path
) -> None:
    """And stays as it was: the two would be mixed."""
    copy = await copied(harness, tmp_path)
    with pytest.raises(ConfigurationError, match="holds a state already") as error:
        await put_back(copy, harness.url, schema=harness.schema)
    assert f"ALTER SCHEMA {harness.schema} RENAME" in error.value.remedy
    assert "hush-hush" not in str(error.value)
    assert await harness.fetch("SELECT count(*) FROM {schema}.messages") == [3]


async def test_an_opened_but_empty_database_is_filled(
    harness: PostgresHarness, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """A bot has started there, and nobody has written."""
    other = PostgresHarness(postgres_server.url)
    await (await other.store("early")).ping()
    await put_back(await copied(harness, tmp_path), other.url, schema=other.schema)
    assert await other.fetch("SELECT count(*) FROM {schema}.records") == [1]
    await other.close()


async def test_what_the_database_changes_is_found(
    harness: PostgresHarness, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """A trigger, say: then nothing is kept."""
    copy = await copied(harness, tmp_path)
    other = PostgresHarness(postgres_server.url)
    await other.store("early")
    await other.fetch(
        "CREATE FUNCTION {schema}.f() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN NEW.customer_id = 'x'; RETURN NEW; END$$"
    )
    await other.fetch(
        "CREATE TRIGGER t BEFORE INSERT ON {schema}.records"
        " FOR EACH ROW EXECUTE FUNCTION {schema}.f()"
    )
    with pytest.raises(ConfigurationError, match="records: holds 1 rows that are not the 1"):
        await put_back(copy, other.url, schema=other.schema)
    assert await other.fetch("SELECT count(*) FROM {schema}.messages") == [0]
    await other.close()


async def test_an_earlier_programs_copy_is_brought_forward(
    harness: PostgresHarness, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """In a copy of the copy; a later program's is refused."""
    copy = await copied(harness, tmp_path)
    before = copy.read_bytes()
    other = PostgresHarness(postgres_server.url)
    made = await put_back(copy, other.url, schema=other.schema, migrations=LATER)
    assert (made.schema_version, made.records) == (VERSION + 1, 1)
    assert copy.read_bytes() == before
    later = await back_up(other.url, tmp_path / "later.db", schema=other.schema, migrations=LATER)
    with pytest.raises(ConfigurationError, match=f"has schema version {VERSION + 1}"):
        await put_back(later.path, harness.url, schema="agentbot_test_nonesuch")
    assert await harness.fetch("SELECT to_regnamespace('agentbot_test_nonesuch')") == [None]
    with pytest.raises(ConfigurationError, match="make the copy with the agentbot that runs"):
        await back_up(other.url, tmp_path / "half.db", schema=other.schema)
    assert not (tmp_path / "half.db").exists()
    await other.close()


async def test_where_a_copy_cannot_be_made_it_is_said(
    harness: PostgresHarness, tmp_path: Path
) -> None:
    """No state, no folder, no server; a file that is no copy."""
    copy = tmp_path / "copy.db"
    with pytest.raises(ConfigurationError, match="no bot has run with it"):
        await back_up(harness.url, copy, schema=harness.schema)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        await back_up(harness.url, tmp_path / "no" / "copy.db", schema=harness.schema)
    away = "postgresql://u:hush-hush@127.0.0.1:1/x"
    with pytest.raises(StateUnavailable) as error:
        await back_up(away, copy)
    assert "hush-hush" not in str(error.value)
    copy.write_bytes(b"not SQLite" * 99)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await put_back(copy, harness.url, schema=harness.schema)


async def test_both_kinds_have_the_same_columns(harness: PostgresHarness) -> None:
    """In the same order, and the times are those that are converted."""
    await harness.store("bot")
    database = SQLiteDatabase(":memory:")
    database.open()
    for table in rows.TABLES:
        here = database.read(lambda db, table=table: rows.columns(db, table))  # type: ignore[misc]
        asked = (
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema ="  # noqa: S608 - a table of ours
            f" '{{schema}}' AND table_name = '{table}'"
        )
        assert tuple(await harness.fetch(f"{asked} ORDER BY ordinal_position")) == here
        times = await harness.fetch(f"{asked} AND data_type LIKE 'timestamp%'")
        assert set(times) == rows.TIMES & set(here)
    database.close()
