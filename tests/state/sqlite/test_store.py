"""Proves ``agentbot/state/sqlite/store.py`` and ``erasure.py``, where SQLite has its own way.

What every store promises, test_contract and test_model prove.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from agentbot.errors import StateUnavailable
from agentbot.state.packing import pack
from agentbot.state.sqlite import store as store_module
from agentbot.state.sqlite.database import GROUP_LIMIT, MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim, ConversationMemory
from tests.support.states import START, Clock, claimed, record_of

LEASE = timedelta(seconds=15)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the test moves."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> SQLiteDatabase:
    """Return a database of one file, not open yet."""
    return SQLiteDatabase(str(tmp_path / "state.db"), owner="bot-1")


@pytest.fixture
async def store(database: SQLiteDatabase, clock: Clock) -> AsyncIterator[SQLiteStore]:
    """Yield an open store on that database."""
    store = SQLiteStore(database, holder="bot-1", lease=LEASE, clock=clock)
    await store.open()
    yield store
    await store.close()


def _statements(database: SQLiteDatabase) -> list[str]:
    """Return a list into which every statement goes that is run from now on."""
    said: list[str] = []
    database.read(lambda db: db.set_trace_callback(said.append))
    return said


def _room(database: SQLiteDatabase, pages: int) -> None:
    """Let the file have ``pages`` pages more than now."""
    (count,) = database.read(lambda db: db.execute("PRAGMA page_count").fetchone())
    database.read(lambda db: db.execute(f"PRAGMA max_page_count = {count + pages:d}"))


def _plan(statement: str, db: sqlite3.Connection) -> list[tuple[int, int, int, str]]:
    return db.execute("EXPLAIN QUERY PLAN " + statement).fetchall()


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_writes_of_one_go_are_one_transaction(
    store: SQLiteStore, database: SQLiteDatabase
) -> None:
    """Fifty claims asked for at once begin and commit once."""
    said = _statements(database)
    await asyncio.gather(*(store.claim(f"c{n}", [f"m{n}"]) for n in range(50)))
    assert said.count("BEGIN IMMEDIATE") == said.count("COMMIT") == 1


async def test_a_large_group_is_split(store: SQLiteStore, database: SQLiteDatabase) -> None:
    """A burst does not keep the event loop in one endless transaction."""
    said = _statements(database)
    many = GROUP_LIMIT * 2 + 1
    claims = await asyncio.gather(*(store.claim(f"c{n}", [f"m{n}"]) for n in range(many)))
    assert all(isinstance(claim, Claim) for claim in claims)
    assert said.count("COMMIT") == 3


async def test_a_cancelled_writer_has_asked_for_nothing(store: SQLiteStore) -> None:
    """Cancelled before the commit, a claim is not taken, and its neighbour's is."""
    cancelled = asyncio.ensure_future(store.claim("c1", ["m1"]))
    kept = asyncio.ensure_future(store.claim("c2", ["m2"]))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled, kept])
    assert isinstance(kept.result(), Claim)
    assert (await claimed(store, "c1", "m1")).fence > (await claimed(store, "c2", "m2")).fence


async def test_a_writer_with_a_bad_value_fails_alone(store: SQLiteStore) -> None:
    """What SQLite cannot store is its caller's error; the others of the group are written."""
    bad, good = await asyncio.gather(
        store.claim("c\ud800", ["m1"]), store.claim("c2", ["m2"]), return_exceptions=True
    )
    assert isinstance(bad, UnicodeEncodeError)
    assert isinstance(good, Claim)


async def test_a_full_disk_fails_the_group_and_heals(
    store: SQLiteStore, database: SQLiteDatabase
) -> None:
    """Without room nothing of the group is written; with room again, writing goes on."""
    held = await claimed(store, "c0", "m0")
    _room(database, 0)
    question = random.Random(1).randbytes(100_000).hex()  # noqa: S311 - what cannot be packed small
    results = await asyncio.gather(
        store.settle(held, record_of(held, question=question), None),
        store.claim("c1", ["m1"]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StateUnavailable, StateUnavailable]
    assert "full" in str(results[0])
    assert await store.settled(["m0", "m1"]) == set()
    assert [record async for record in store.records()] == []
    _room(database, 1000)
    assert await store.settle(held, record_of(held, question=question), None)
    assert (await claimed(store, "c1", "m1")).attempt == 1


async def test_a_database_locked_by_another_is_unavailable_and_heals(
    store: SQLiteStore, tmp_path: Path
) -> None:
    """Someone's open write transaction makes writes fail, in bounded time, until it ends."""
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateUnavailable, match="locked"):
        await store.ping()
    other.execute("ROLLBACK")
    other.close()
    await store.ping()


async def test_an_operators_command_works_beside_the_bot(
    store: SQLiteStore, tmp_path: Path, clock: Clock
) -> None:
    """Not exclusive, a store reads and erases without touching the bot's lease."""
    held = await claimed(store, "c1", "m1")
    beside = SQLiteStore(
        SQLiteDatabase(str(tmp_path / "state.db"), exclusive=False),
        holder="cli",
        lease=LEASE,
        clock=clock,
    )
    await beside.open()
    assert await beside.forget("nobody") == 0
    await beside.close()
    assert await store.renew([held]) == set()


async def test_leases_of_a_dead_process_are_void(
    store: SQLiteStore, database: SQLiteDatabase, clock: Clock
) -> None:
    """Who opens the file is alone with it, and need not wait for the leases of the dead."""
    first = await claimed(store, "c1", "m1")
    await store.checkpoint(first, {"sent": True})
    database.close()  # as a kill would: nothing is given back
    reopened = SQLiteStore(database, holder="bot-2", lease=LEASE, clock=clock)
    await reopened.open()
    (orphan,) = await reopened.orphans()
    assert (orphan.message_ids, orphan.holder) == (("m1",), "bot-1")
    second = await claimed(reopened, "c1", "m1")
    assert (second.attempt, second.plan) == (2, {"sent": True})
    assert second.fence > first.fence


async def test_a_closed_store_is_unavailable(store: SQLiteStore) -> None:
    """Every method says so; closing twice is fine."""
    await store.close()
    await store.close()
    with pytest.raises(StateUnavailable, match="closed"):
        await store.claim("c1", ["m1"])
    with pytest.raises(StateUnavailable, match="closed"):
        await store.memory_of("c1")


async def test_a_removed_file_fails_the_ping(store: SQLiteStore, tmp_path: Path) -> None:
    """Writes into a file without a name would be lost; readiness must drop."""
    (tmp_path / "state.db").unlink()
    with pytest.raises(StateUnavailable, match="removed"):
        await store.ping()


async def test_closing_commits_what_is_pending(store: SQLiteStore, clock: Clock) -> None:
    """A write asked for in the same go as the close is in the file."""
    held = await claimed(store, "c1", "m1")
    settled, _ = await asyncio.gather(store.settle(held, record_of(held), None), store.close())
    assert settled
    await store.open()
    assert await store.settled(["m1"]) == {"m1"}


async def test_what_is_forgotten_is_in_no_file(store: SQLiteStore, tmp_path: Path) -> None:
    """Neither the database nor its write-ahead log keeps the customer's words."""
    held = await claimed(store, "c1", "m1")
    record = record_of(held, question="my secret is Rumpelstiltskin")
    await store.settle(held, record, None)
    words = pack(record)
    assert any(words in path.read_bytes() for path in _files(tmp_path))
    assert await store.forget("customer") == 3
    assert not any(words in path.read_bytes() for path in _files(tmp_path))


async def test_what_is_forgotten_leaves_the_log_once_nobody_reads_it(
    store: SQLiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup, say; where it goes on for too long, that is said."""
    monkeypatch.setattr(store_module, "_TRIED_AGAIN", 0.01)
    held = await claimed(store, "c1", "m1")
    record = record_of(held, question="my secret is Rumpelstiltskin")
    await store.settle(held, record, None)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM records").fetchall()
        monkeypatch.setattr(store_module, "_TRIES", 1)
        with pytest.raises(StateUnavailable, match="still stands in the write-ahead log"):
            await store.forget("customer")
        monkeypatch.setattr(store_module, "_TRIES", 100)
        emptying = asyncio.create_task(store.forget("customer"))
        await asyncio.sleep(0)
        reader.execute("COMMIT")
        await emptying
    assert not any(pack(record) in path.read_bytes() for path in _files(tmp_path))


async def test_no_statement_reads_a_whole_table(
    store: SQLiteStore, database: SQLiteDatabase
) -> None:
    """Every operation goes by an index, so that a million settled messages cost nothing."""
    said = _statements(database)
    first, second = await claimed(store, "c1", "m1"), await claimed(store, "c2", "m2")
    await claimed(store, "c1", "m3")
    await store.renew([first, second])
    await store.checkpoint(first, {})
    await store.release(second)
    await store.settle(first, record_of(first), ConversationMemory(handed_off_at=START))
    await store.settle(second, record_of(second), None)
    await store.memory_of("c1")
    await store.orphans()
    assert len([record async for record in store.records()]) == 1
    await store.prune(older_than=timedelta(days=-1))
    await store.forget("customer", ["c1"])
    changing = [it for it in said if it.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}]
    plans = [
        (statement, row[3])
        for statement in changing
        for row in database.read(partial(_plan, statement))
    ]
    assert len(plans) > 20
    assert [
        found for found in plans if found[1].startswith("SCAN") and "INDEX" not in found[1]
    ] == []


async def test_two_holders_share_a_database_in_memory(clock: Clock) -> None:
    """In a simulation two bots compete as replicas do, on a clock that a test moves."""
    shared = SQLiteDatabase(MEMORY)
    one, two = (
        SQLiteStore(shared, holder=name, lease=LEASE, clock=clock, shared=True)
        for name in ("one", "two")
    )
    await one.open()
    first = await claimed(one, "c1", "m1")
    await two.open()
    assert await two.claim("c1", ["m1"]) != first
    assert await two.orphans() == []
    clock.advance(LEASE.total_seconds())
    assert len(await two.orphans()) == 1
    second = await claimed(two, "c1", "m1")
    assert (second.attempt, second.fence) == (2, first.fence + 1)
    assert not await one.settle(first, record_of(first), None)
    await one.close()
    assert await two.renew([second]) == set()
    assert second.expires_at == datetime(2026, 1, 1, tzinfo=UTC) + 2 * LEASE
    shared.close()


async def test_a_fence_is_written_only_when_it_was_given(
    store: SQLiteStore, database: SQLiteDatabase
) -> None:
    """A renewal, which gives none, is one statement; asked for nothing, it is none."""
    held = await claimed(store, "c", "m")
    said = _statements(database)
    assert await store.renew([]) == set()
    assert said == []
    assert await store.renew([held]) == set()
    assert [statement.split()[0] for statement in said] == ["BEGIN", "UPDATE", "COMMIT"]


async def test_a_ping_writes_and_reads_the_time(
    store: SQLiteStore, database: SQLiteDatabase, clock: Clock
) -> None:
    """Both go to the file: a disk that gives back nothing is not ready."""
    clock.advance(60)
    said = _statements(database)
    await store.ping()
    row = database.read(lambda db: db.execute("SELECT value FROM counters WHERE name = 'ping'"))
    assert row.fetchone() == (int(clock().timestamp()) * 1_000_000,)
    words = [statement.split()[0] for statement in said]
    assert words == ["BEGIN", "UPDATE", "COMMIT", "SELECT", "SELECT"]


async def test_reading_the_journal_lets_others_in(store: SQLiteStore) -> None:
    """Between two pages whoever waits for the event loop gets it."""
    claims = await asyncio.gather(*(claimed(store, f"c{n}", f"m{n}") for n in range(401)))
    await asyncio.gather(*(store.settle(claim, record_of(claim), None) for claim in claims))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    assert len([record async for record in store.records()]) == 401
    counting.cancel()
    assert turns == 2


async def test_what_ran_out_before_the_bot_died_keeps_its_time(
    store: SQLiteStore, database: SQLiteDatabase, clock: Clock
) -> None:
    """An orphan tells since when it waits."""
    claim = await claimed(store, "c", "m")
    clock.advance(3600)
    database.close()
    await store.open()
    (orphan,) = await store.orphans()
    assert orphan.expired_at == claim.expires_at


async def test_a_shared_store_leaves_the_others_leases(clock: Clock) -> None:
    """Opened again on a database that is open, it gives back nothing."""
    shared = SQLiteDatabase(MEMORY)
    one, two = (
        SQLiteStore(shared, holder=name, lease=LEASE, clock=clock, shared=True)
        for name in ("one", "two")
    )
    await one.open()
    await claimed(one, "c1", "m1")
    await two.open()
    await two.close()
    await two.close()
    assert shared.is_open
    assert await one.orphans() == []
    shared.close()
    await one.close()


async def test_a_file_may_be_shared_too(tmp_path: Path, clock: Clock) -> None:
    """By stores of one process: the file is the process's, its leases are each store's."""
    shared = SQLiteDatabase(str(tmp_path / "state.db"))
    one, two = (
        SQLiteStore(shared, holder=name, lease=LEASE, clock=clock, shared=True)
        for name in ("one", "two")
    )
    await one.open()
    await claimed(one, "c1", "m1")
    await two.open()
    assert await two.orphans() == []
    shared.close()
