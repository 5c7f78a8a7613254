"""Copies of an SQLite state are whole, and go back only where nothing is lost (`copy.py`)."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agentbot.cli.compose import utc_now
from agentbot.errors import ConfigurationError, StateInUse
from agentbot.state.migrations import MIGRATIONS
from agentbot.state.opening import open_store
from agentbot.state.sqlite.copy import back_up, put_back, verify
from agentbot.state.store import Store
from tests.support.states import claimed, record_of

LEASE = timedelta(minutes=1)
VERSION = MIGRATIONS[-1].version


async def opened(state: Path) -> Store:
    """Return the store of a bot that runs."""
    store = open_store(f"sqlite:///{state}", holder="bot", lease=LEASE, clock=utc_now)
    await store.open()
    return store


async def settle(store: Store, *names: str) -> None:
    """Settle a turn in each of these conversations."""
    for name in names:
        claim = await claimed(store, f"c-{name}", f"m-{name}")
        assert await store.settle(claim, record_of(claim), None)


async def conversations(state: Path) -> list[str]:
    """Return the conversations in the journal."""
    store = await opened(state)
    found = [record.conversation_id async for record in store.records()]
    await store.close()
    return sorted(found)


async def test_a_copy_beside_a_running_bot_is_of_one_moment(tmp_path: Path) -> None:
    """What the write-ahead log holds is in it, what comes later is not, and the bot goes on."""
    state, copy = tmp_path / "agentbot.db", tmp_path / "copy.db"
    store = await opened(state)
    await settle(store, "a", "b")
    made = back_up(state, copy)
    await settle(store, "c")
    await store.close()
    assert (made.path, made.schema_version, made.records) == (copy, VERSION, 2)
    assert made.size == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not (tmp_path / "copy.db.part").exists()
    assert not (tmp_path / "copy.db-wal").exists()
    assert await conversations(copy) == ["c-a", "c-b"]


async def test_a_copy_goes_back_and_what_stood_there_is_kept(tmp_path: Path) -> None:
    """Only once the bot has stopped."""
    state, copy = tmp_path / "agentbot.db", tmp_path / "copy.db"
    store = await opened(state)
    await settle(store, "a")
    back_up(state, copy)
    await settle(store, "b")
    with pytest.raises(StateInUse, match="bot"):
        put_back(copy, state)
    await store.close()
    made, kept = put_back(copy, state)
    assert (made.path, made.records) == (state, 1)
    assert kept is not None
    assert await conversations(kept) == ["c-a", "c-b"]
    assert await conversations(state) == ["c-a"]
    put_back(copy, state)
    assert await conversations(kept) == ["c-a", "c-b"], "what the first one has kept stays"
    assert await conversations(Path(f"{kept}.1")) == ["c-a"]


async def test_no_copy_takes_the_place_of_a_device(tmp_path: Path) -> None:
    """What is not a plain file is something else's: it would be gone."""
    store = await opened(tmp_path / "agentbot.db")
    await store.close()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigurationError, match="is a folder, a pipe or a device"):
        back_up(tmp_path / "agentbot.db", tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


async def test_a_full_disk_is_that_of_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state, which is only read, is not what to look at."""
    store = await opened(tmp_path / "agentbot.db")
    await settle(store, "a")
    await store.close()
    connect = sqlite3.connect

    def small(path: Path, **options: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(path, **options)
        db.execute("PRAGMA max_page_count = 2").close()  # what SQLite says then is a full disk
        return db

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(ConfigurationError, match="cannot be written: the disk is full"):
        back_up(tmp_path / "agentbot.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


async def test_a_copy_is_a_start_where_nothing_was(tmp_path: Path) -> None:
    """On another machine, say."""
    store = await opened(tmp_path / "old.db")
    await settle(store, "a")
    back_up(tmp_path / "old.db", tmp_path / "copy.db")
    await store.close()
    state = tmp_path / "new.db"
    assert put_back(tmp_path / "copy.db", state)[1] is None
    assert await conversations(state) == ["c-a"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        (b"", "no state of agentbot's"),
        (b"not SQLite" * 99, "cannot be read"),
    ],
)
def test_what_is_no_copy_changes_nothing(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Neither the state, nor anything beside it."""
    copy, state = tmp_path / "copy.db", tmp_path / "agentbot.db"
    state.write_bytes(b"as it was")
    if content is not None:
        copy.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        put_back(copy, state)
    assert state.read_bytes() == b"as it was"


async def test_a_damaged_copy_is_found(tmp_path: Path) -> None:
    """A page that was overwritten, as by a disk that fails."""
    state, copy = tmp_path / "agentbot.db", tmp_path / "copy.db"
    store = await opened(state)
    await settle(store, *(f"{number}" for number in range(50)))
    await store.close()
    back_up(state, copy)
    damaged = bytearray(copy.read_bytes())
    damaged[8192:12288] = b"\xff" * 4096
    copy.write_bytes(damaged)
    with pytest.raises(ConfigurationError, match=r"is damaged|cannot be read"):
        verify(copy)


async def test_a_copy_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    """There is no way back for a schema."""
    state, copy = tmp_path / "agentbot.db", tmp_path / "copy.db"
    await (await opened(state)).close()
    back_up(state, copy)
    with closing(sqlite3.connect(copy)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
        with db:
            db.execute("UPDATE counters SET value = ? WHERE name = 'least'", (VERSION + 1,))
    with pytest.raises(ConfigurationError, match=f"schema version {VERSION + 1}"):
        put_back(copy, state)


@pytest.mark.parametrize("content", [b"not SQLite" * 99, None], ids=["no database", "another's"])
def test_what_is_no_state_is_not_copied(tmp_path: Path, content: bytes | None) -> None:
    """The file that was named is what the error names, and nothing is left beside it."""
    state = tmp_path / "agentbot.db"
    if content is not None:
        state.write_bytes(content)
    else:
        with closing(sqlite3.connect(state)) as db, db:
            db.execute("CREATE TABLE songs (name TEXT)")
    with pytest.raises(ConfigurationError, match=r"^\S*/agentbot\.db(:| )") as raised:
        back_up(state, tmp_path / "copy.db")
    assert "part" not in str(raised.value)
    assert [one.name for one in tmp_path.iterdir()] == ["agentbot.db"]


async def test_where_a_copy_cannot_be_made_it_is_said(tmp_path: Path) -> None:
    """No state, the state itself, no such folder."""
    state = tmp_path / "agentbot.db"
    with pytest.raises(ConfigurationError, match="no bot has run with it"):
        back_up(state, tmp_path / "copy.db")
    await (await opened(state)).close()
    with pytest.raises(ConfigurationError, match="is the state itself"):
        back_up(state, state)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        back_up(state, tmp_path / "nowhere" / "copy.db")
