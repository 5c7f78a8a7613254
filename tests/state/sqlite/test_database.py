"""Proves ``agentbot/state/sqlite/database.py``: opening a file, and writing in groups."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError, StateInUse, StateUnavailable
from agentbot.state.migrations import Migration
from agentbot.state.sql import Statement
from agentbot.state.sqlite.database import GROUP_LIMIT, MEMORY, Operation, SQLiteDatabase


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SQLiteDatabase]:
    """Yield an open database in a file."""
    database = SQLiteDatabase(str(tmp_path / "state.db"), owner="bot-1")
    database.open()
    yield database
    database.close()


def _note(text: str) -> Operation[str]:
    """Return an operation that writes ``text`` and returns it."""

    def note(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO counters (name, value) VALUES (?, 1)", (text,))
        return text

    return note


def _notes(database: SQLiteDatabase) -> set[str]:
    rows = database.read(lambda db: db.execute("SELECT name FROM counters").fetchall())
    return {name for (name,) in rows} - {"fence", "least", "ping"}


def _pragma(database: SQLiteDatabase, name: str) -> object:
    return database.read(lambda db: db.execute(f"PRAGMA {name}").fetchone())[0]


def test_a_second_program_on_the_file_is_refused(database: SQLiteDatabase, tmp_path: Path) -> None:
    """It is told who has the file, whatever name it came by."""
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "state.db")
    second = SQLiteDatabase(str(link), owner="bot-2")
    with pytest.raises(StateInUse, match=r"bot-1 \(process \d+ on .+\)"):
        second.open()


def test_the_file_is_its_owners_alone(database: SQLiteDatabase, tmp_path: Path) -> None:
    """Customers' words are not for other users of the machine."""
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """It is most often a slip in the address, and a bot with an empty store answers anew."""
    with pytest.raises(ConfigurationError, match=r"there is no folder .*/a/b"):
        SQLiteDatabase(str(tmp_path / "a" / "b" / "state.db")).open()
    assert not list(tmp_path.iterdir())


def test_a_command_beside_the_bot_makes_no_file(tmp_path: Path) -> None:
    """It would read an empty one, and nobody would be told."""
    with pytest.raises(ConfigurationError, match="no bot has run with it"):
        SQLiteDatabase(str(tmp_path / "state.db"), exclusive=False).open()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("exclusive", [True, False])
def test_another_programs_database_is_left_alone(tmp_path: Path, *, exclusive: bool) -> None:
    """Neither a bot nor a command beside it puts its tables among others'."""
    file = tmp_path / "theirs.db"
    with sqlite3.connect(file) as theirs:
        theirs.execute("CREATE TABLE accounts (id)")
    theirs.close()
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match=r"is another program's database \(name another"):
        SQLiteDatabase(str(file), exclusive=exclusive).open()
    assert file.read_bytes() == before


def test_a_command_beside_the_bot_makes_no_state_of_an_empty_file(tmp_path: Path) -> None:
    """It would be a state from then on, and could take a real one's place."""
    file = tmp_path / "state.db"
    file.touch()
    with pytest.raises(ConfigurationError, match="is empty: no bot has run with it"):
        SQLiteDatabase(str(file), exclusive=False).open()
    assert file.read_bytes() == b""


def test_a_place_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    """The text names the place and says what to do."""
    (tmp_path / "state.db.lock").mkdir()
    database = SQLiteDatabase(str(tmp_path / "state.db"))
    with pytest.raises(ConfigurationError, match=r"cannot be written.*name a file"):
        database.open()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Somebody's text file is refused, not overwritten, and the lock is given back."""
    path = tmp_path / "notes.txt"
    path.write_text("shopping list\n" * 200)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="not a database"):
            SQLiteDatabase(str(path)).open()
    assert path.read_text().startswith("shopping list")


def test_a_file_that_waiting_does_not_mend_is_a_configuration_error(tmp_path: Path) -> None:
    """A folder of that name, or another program's database: nobody need wait for those."""
    (tmp_path / "folder").mkdir()
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE conversations (subject TEXT)")
    other.close()
    for name in ("folder", "other.db"):
        with pytest.raises(ConfigurationError, match=name) as caught:
            SQLiteDatabase(str(tmp_path / name)).open()
        assert caught.value.place == "AGENTBOT_STATE_URL"


def test_a_file_locked_by_another_at_the_start_is_unavailable(tmp_path: Path) -> None:
    """Someone's backup, say: as soon as it is through, the same database opens."""
    path = tmp_path / "state.db"
    database = SQLiteDatabase(str(path))
    database.open()
    database.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StateUnavailable, match="locked"):
        database.open()
    other.execute("ROLLBACK")
    other.close()
    database.open()
    database.close()


def test_a_connection_is_set_up(database: SQLiteDatabase) -> None:
    """As connection.sql says: write-ahead log, no fsync a commit, erased for good, in memory."""
    assert _pragma(database, "journal_mode") == "wal"
    assert _pragma(database, "synchronous") == 1
    assert _pragma(database, "secure_delete") == 1
    assert _pragma(database, "cache_size") == -16000
    assert _pragma(database, "temp_store") == 2


def test_a_bot_waits_less_for_a_lock_than_a_command(tmp_path: Path) -> None:
    """A bot's event loop would stand still; a command has nothing else to do. In milliseconds."""
    waits = {}
    for exclusive in (True, False):
        database = SQLiteDatabase(str(tmp_path / "state.db"), exclusive=exclusive)
        database.open()
        waits[exclusive] = _pragma(database, "busy_timeout")
        database.close()
    assert waits == {True: 250, False: 5000}


def test_only_a_file_can_be_ones_own(tmp_path: Path) -> None:
    """Memory is its process's anyway, and has no name that a lock could have."""
    path = str(tmp_path / "state.db")
    assert SQLiteDatabase(path).exclusive
    assert not SQLiteDatabase(path, exclusive=False).exclusive
    assert not SQLiteDatabase(MEMORY).exclusive


def test_opening_twice_is_opening_once(database: SQLiteDatabase) -> None:
    """And closing twice closing once, after which another program may have the file."""
    database.open()
    database.close()
    database.close()
    other = SQLiteDatabase(database.path)
    other.open()
    other.close()


def test_who_has_the_file_is_told_without_a_name_too(tmp_path: Path) -> None:
    """The program's name stands for it; a lock is given back by who cannot open the file."""
    first = SQLiteDatabase(str(tmp_path / "state.db"))
    first.open()
    with pytest.raises(StateInUse) as caught:
        SQLiteDatabase(first.path).open()
    assert caught.value.url == f"sqlite:///{first.path}"
    assert caught.value.holder.startswith(f"agentbot (process {os.getpid()} on ")
    first.close()


def test_a_newer_file_is_refused_and_unlocked(tmp_path: Path) -> None:
    """As often as it is tried: nothing of the attempt stays behind."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="version 99, this program knows"):
            SQLiteDatabase(str(path)).open()


def test_memory_is_always_there(database: SQLiteDatabase) -> None:
    """A file is, until somebody removes its name."""
    assert SQLiteDatabase(MEMORY).file_is_there()
    assert database.file_is_there()
    Path(database.path).unlink()
    assert not database.file_is_there()


def test_a_read_that_fails_is_unavailable(database: SQLiteDatabase) -> None:
    """In SQLite's words; closed, in ours."""
    with pytest.raises(StateUnavailable, match="no such table: lost") as caught:
        database.read(lambda db: db.execute("SELECT * FROM lost"))
    assert caught.value.url == database.url
    database.close()
    assert not database.is_open
    with pytest.raises(StateUnavailable, match="the store is closed"):
        database.read(lambda db: db.execute("SELECT 1"))
    with pytest.raises(StateUnavailable, match="the store is closed"):
        database.write(_note("late"))


@pytest.mark.parametrize("error", [sqlite3.OperationalError, sqlite3.InternalError])
async def test_trouble_of_the_file_fails_the_whole_group(
    database: SQLiteDatabase, error: type[sqlite3.Error]
) -> None:
    """None of its members is tried again alone, and none is written; the next group is."""
    tried = 0

    def fail(db: sqlite3.Connection) -> None:
        nonlocal tried
        tried += 1
        raise error("disk I/O error")

    results = await asyncio.gather(
        database.write(_note("a")),
        database.write(fail),
        database.write(_note("b")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StateUnavailable] * 3
    assert {str(result) for result in results} == {
        f"state at {database.url} is unavailable: disk I/O error"
    }
    assert tried == 1
    assert _notes(database) == set()
    assert await database.write(_note("c")) == "c"


async def test_a_member_at_fault_fails_alone(database: SQLiteDatabase) -> None:
    """With its own exception, or as unavailable where SQLite refused it; the others are written."""

    def wrong(_: sqlite3.Connection) -> None:
        raise LookupError("not mine")

    results = await asyncio.gather(
        database.write(_note("a")),
        database.write(wrong),
        database.write(_note("a")),
        database.write(_note("b")),
        return_exceptions=True,
    )
    assert results[0] == "a"
    assert isinstance(results[1], LookupError)
    assert isinstance(results[2], StateUnavailable)
    assert results[3] == "b"
    assert _notes(database) == {"a", "b"}


async def test_closing_writes_all_that_is_pending(database: SQLiteDatabase) -> None:
    """However many transactions that takes."""
    names = [f"note-{number}" for number in range(GROUP_LIMIT * 2 + 1)]
    pending = [database.write(_note(name)) for name in names]
    database.close()
    assert await asyncio.gather(*pending) == names
    database.open()
    assert _notes(database) == set(names)


async def test_a_group_that_was_cancelled_begins_nothing(database: SQLiteDatabase) -> None:
    """Not even a transaction."""
    said: list[str] = []
    database.read(lambda db: db.set_trace_callback(said.append))
    database.write(_note("a")).cancel()
    await asyncio.sleep(0)
    assert said == []
    assert _notes(database) == set()


async def test_fences_grow_over_reopening(database: SQLiteDatabase) -> None:
    """Each is kept with the transaction that gave it; one that failed leaves a gap at most."""
    given = [await database.write(lambda _: database.next_fence()) for _ in range(3)]

    def fail(_: sqlite3.Connection) -> None:
        database.next_fence()
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    given.append(await database.write(lambda _: database.next_fence()))
    database.close()
    database.open()
    given.append(await database.write(lambda _: database.next_fence()))
    assert given[0] == 1
    assert given == sorted(set(given))


async def test_a_fence_is_kept_once(database: SQLiteDatabase) -> None:
    """A transaction that gives none writes none."""
    await database.write(lambda _: database.next_fence())
    said: list[str] = []
    database.read(lambda db: db.set_trace_callback(said.append))
    await database.write(lambda _: None)
    assert [statement.split()[0] for statement in said] == ["BEGIN", "COMMIT"]


async def test_a_fence_of_an_earlier_life_is_not_kept_again(database: SQLiteDatabase) -> None:
    """It stands in the file already."""
    await database.write(lambda _: database.next_fence())
    database.close()
    database.open()
    said: list[str] = []
    database.read(lambda db: db.set_trace_callback(said.append))
    await database.write(lambda _: None)
    assert [statement.split()[0] for statement in said] == ["BEGIN", "COMMIT"]


def test_closing_ends_the_connection(database: SQLiteDatabase) -> None:
    """Whoever still has it cannot use it: the file may be another program's."""
    connection = database.read(lambda db: db)
    database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Not half of the new tables: the next start begins anew."""
    path = str(tmp_path / "state.db")
    good, bad = Statement("a", "Makes.", "CREATE TABLE a (x)"), Statement("b", "Fails.", "NONSENSE")
    with pytest.raises(ConfigurationError, match="syntax error"):
        SQLiteDatabase(path, migrations=[Migration(1, 1, sqlite=(good, bad), postgres=())]).open()
    mended = SQLiteDatabase(path, migrations=[Migration(1, 1, sqlite=(good,), postgres=())])
    with pytest.raises(ConfigurationError, match="no such table"):
        mended.open()  # it got as far as the fence, which the mended step does not make
