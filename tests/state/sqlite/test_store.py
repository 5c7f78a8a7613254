"""The store in SQLite: files, locks, group commit, failures. Its semantics: test_contract."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError, StateInUse, StateUnavailable
from agentbot.state.sqlite.database import GROUP_LIMIT, MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim, ConversationMemory
from tests.support.states import Clock, claimed, record_of

LEASE = timedelta(seconds=15)


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> SQLiteDatabase:
    """A database of one file, not open yet."""
    return SQLiteDatabase(str(tmp_path / "state.db"), owner="bot-1")


@pytest.fixture
async def store(database: SQLiteDatabase, clock: Clock) -> AsyncIterator[SQLiteStore]:
    """An open store on that database."""
    store = SQLiteStore(database, holder="bot-1", lease=LEASE, clock=clock)
    await store.open()
    yield store
    await store.close()


def _statements(database: SQLiteDatabase) -> list[str]:
    said: list[str] = []
    assert database._connection is not None
    database._connection.set_trace_callback(said.append)
    return said


def _room(database: SQLiteDatabase, pages: int) -> None:
    """Let the file have ``pages`` pages more than now."""
    assert database._connection is not None
    (count,) = database._connection.execute("PRAGMA page_count").fetchone()
    database._connection.execute(f"PRAGMA max_page_count = {count + pages:d}")


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
    question = "x" * 100_000
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


async def test_a_second_store_on_the_file_is_refused(store: SQLiteStore, tmp_path: Path) -> None:
    """It is told who has the file, whatever name it came by."""
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "state.db")
    second = SQLiteDatabase(str(link), owner="bot-2")
    with pytest.raises(StateInUse, match=r"bot-1 \(process \d+ on .+\)"):
        second.open()


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


async def test_leases_of_a_dead_process_are_void(store: SQLiteStore, clock: Clock) -> None:
    """Who opens the file is alone with it, and need not wait for the leases of the dead."""
    first = await claimed(store, "c1", "m1")
    await store.checkpoint(first, {"sent": True})
    store._database.close()  # as a kill would: nothing is given back
    reopened = SQLiteStore(store._database, holder="bot-2", lease=LEASE, clock=clock)
    await reopened.open()
    (orphan,) = await reopened.orphans()
    assert (orphan.message_ids, orphan.holder) == (("m1",), "bot-1")
    second = await claimed(reopened, "c1", "m1")
    assert (second.attempt, second.plan) == (2, {"sent": True})
    assert second.fence > first.fence


async def test_the_file_is_its_owners_alone(store: SQLiteStore, tmp_path: Path) -> None:
    """Customers' words are not for other users of the machine."""
    assert {stat.S_IMODE(path.stat().st_mode) for path in _files(tmp_path)} == {0o600}


async def test_a_missing_folder_is_made(tmp_path: Path, clock: Clock) -> None:
    """The first start needs no mkdir."""
    database = SQLiteDatabase(str(tmp_path / "a" / "b" / "state.db"))
    database.open()
    database.close()
    assert (tmp_path / "a" / "b" / "state.db").exists()


async def test_a_place_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    """The text names the place and says what to do."""
    (tmp_path / "file").write_text("")
    database = SQLiteDatabase(str(tmp_path / "file" / "state.db"))
    with pytest.raises(ConfigurationError, match=r"cannot be written.*name a file"):
        database.open()


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Somebody's text file is refused, not overwritten, and the lock is given back."""
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\n" * 200)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="not a database"):
            SQLiteDatabase(str(path)).open()
    assert path.read_text().startswith("shopping list")


async def test_a_file_that_waiting_does_not_mend_is_a_configuration_error(tmp_path: Path) -> None:
    """A folder of that name, or another program's database: nobody need wait for those."""
    (tmp_path / "folder").mkdir()
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE conversations (subject TEXT)")
    other.close()
    for name in ("folder", "other.db"):
        with pytest.raises(ConfigurationError, match=name):
            SQLiteDatabase(str(tmp_path / name)).open()


async def test_a_file_locked_by_another_at_the_start_is_unavailable(tmp_path: Path) -> None:
    """Someone's backup, say: as soon as it is through, the same database opens."""
    path = tmp_path / "state.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE notes (text TEXT)")
    other.execute("BEGIN EXCLUSIVE")
    database = SQLiteDatabase(str(path))
    with pytest.raises(StateUnavailable, match="locked"):
        database.open()
    other.execute("ROLLBACK")
    other.close()
    database.open()
    database.close()


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
    await store.settle(held, record_of(held, question="my secret is Rumpelstiltskin"), None)
    assert any(b"Rumpelstiltskin" in path.read_bytes() for path in _files(tmp_path))
    assert await store.forget("customer") == 3
    assert not any(b"Rumpelstiltskin" in path.read_bytes() for path in _files(tmp_path))


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
    await store.settle(first, record_of(first), ConversationMemory(handed_off_at=store._clock()))
    await store.settle(second, record_of(second), None)
    await store.memory_of("c1")
    await store.orphans()
    assert len([record async for record in store.records()]) == 1
    await store.prune(older_than=timedelta(days=-1))
    await store.forget("customer", ["c1"])
    assert database._connection is not None
    plans = [
        (statement, plan)
        for statement in said
        if statement.split()[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}
        for (_, _, _, plan) in database._connection.execute("EXPLAIN QUERY PLAN " + statement)
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
    clock.advance(15)
    assert len(await two.orphans()) == 1
    second = await claimed(two, "c1", "m1")
    assert (second.attempt, second.fence) == (2, first.fence + 1)
    assert not await one.settle(first, record_of(first), None)
    await one.close()
    assert await two.renew([second]) == set()
    assert second.expires_at == datetime(2026, 1, 1, tzinfo=UTC) + 2 * LEASE
    shared.close()
