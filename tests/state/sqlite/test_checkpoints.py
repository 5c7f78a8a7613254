"""``checkpoints.py``: the write-ahead log is copied beside the event loop, and never lost."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from agentbot.state.sqlite import checkpoints
from agentbot.state.sqlite.checkpoints import Checkpoints
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from tests.support.stage import eventually

_LONG = 10.0
"""Seconds in which what is to happen has happened, on any machine."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLiteDatabase]:
    """Yield an open database of one file, all of which is in the file itself."""
    database = SQLiteDatabase(str(tmp_path / "state.db"), owner="bot-1")
    database.open()
    Checkpoints(database.path).copy()
    yield database
    database.close()


def _count(db: sqlite3.Connection) -> None:
    db.execute("UPDATE counters SET value = value + 1 WHERE name = 'ping'")


def _without_log(database: SQLiteDatabase) -> int:
    """Return how often it was counted by what stands in the file itself."""
    # Nothing is locked, and no log is looked for, in what is said never to change.
    path = f"{Path(database.path).as_uri()}?immutable=1"
    with closing(sqlite3.connect(path, uri=True)) as db:
        (value,) = db.execute("SELECT value FROM counters WHERE name = 'ping'").fetchone()
    return int(value)


async def test_a_commit_copies_nothing_and_what_comes_after_it_does(
    database: SQLiteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread, and once for all that was committed until then."""
    copies: list[threading.Thread] = []
    copy = Checkpoints.copy

    def note(one: Checkpoints) -> None:
        copies.append(threading.current_thread())
        copy(one)

    monkeypatch.setattr(Checkpoints, "copy", note)
    monkeypatch.setattr(checkpoints, "_AFTER", 0.05)
    for number in range(1, 40):
        await database.write(_count)
        if not copies:
            assert _without_log(database) < number
    await eventually(lambda: _without_log(database) == 39)
    assert threading.main_thread() not in copies
    assert len(copies) < 39
    await database.write(_count)
    await eventually(lambda: _without_log(database) == 40)


async def test_nothing_is_copied_before_it_is_due(
    database: SQLiteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is anything lost: closing copies all of it."""
    monkeypatch.setattr(checkpoints, "_AFTER", 3600.0)
    for _ in range(2_000):  # twice as many pages as SQLite would wait for by itself
        await database.write(_count)
    assert _without_log(database) == 0
    database.close()
    assert _without_log(database) == 2_000


async def test_closing_waits_for_what_is_being_copied(
    database: SQLiteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else writes into the file after it was given up."""
    begun, may_end, events = threading.Event(), threading.Event(), []
    connect = sqlite3.connect

    def slow(*args: object, **options: object) -> sqlite3.Connection:
        begun.set()
        may_end.wait(_LONG)
        events.append("copied")
        return connect(*args, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(checkpoints, "_AFTER", 0.0)
    monkeypatch.setattr(sqlite3, "connect", slow)
    copying = Checkpoints(database.path)
    copying.due()
    await eventually(begun.is_set)
    stopping = asyncio.create_task(asyncio.to_thread(copying.stop))
    await asyncio.sleep(0.05)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert events == ["copied"]
    monkeypatch.undo()


async def test_after_the_stop_nothing_is_copied_until_it_is_due_again(
    database: SQLiteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a database is opened anew."""
    copies: list[Checkpoints] = []

    def note(one: Checkpoints) -> None:
        copies.append(one)

    monkeypatch.setattr(checkpoints, "_AFTER", 0.01)
    monkeypatch.setattr(Checkpoints, "copy", note)
    stopped, other = Checkpoints(database.path), Checkpoints(database.path)
    stopped.due()
    stopped.stop()
    other.due()
    await eventually(lambda: other in copies)
    assert stopped not in copies
    stopped.due()
    await eventually(lambda: stopped in copies)


async def test_what_cannot_be_copied_is_left_to_the_next_commit(tmp_path: Path) -> None:
    """Which meets the same, and tells."""
    Checkpoints(str(tmp_path / "nowhere" / "state.db")).copy()
    (tmp_path / "other").write_bytes(b"no database" * 100)
    Checkpoints(str(tmp_path / "other")).copy()


async def test_a_database_in_memory_has_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor has that of an operator's command, whose bot copies it."""
    monkeypatch.setattr(checkpoints, "_AFTER", 0.0)
    monkeypatch.setattr(Checkpoints, "copy", lambda _one: pytest.fail("there is nothing to copy"))
    database = SQLiteDatabase(MEMORY)
    database.open()
    await database.write(_count)
    await asyncio.sleep(0.01)
    database.close()
