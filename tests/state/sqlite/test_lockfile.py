"""Proves ``agentbot/state/sqlite/lockfile.py``: a file that one process at a time may have."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from agentbot.state.sqlite.lockfile import Locked, LockFile


def _descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - links that come and go


def test_a_lock_says_who_has_it(tmp_path: Path) -> None:
    """In its file, in place of what an earlier owner had written, for its user's eyes."""
    path = tmp_path / "lock"
    path.write_text("an earlier and much longer owner")
    path.chmod(0o600)
    lock = LockFile(path, owner="bot-1")
    lock.acquire()
    assert path.read_text() == "bot-1"
    with pytest.raises(Locked, match=r"^bot-1$"):
        LockFile(path, owner="bot-2").acquire()
    assert path.read_text() == "bot-1"
    lock.release()


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask lets others read."""
    lock = LockFile(tmp_path / "lock", owner="bot-1")
    lock.acquire()
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600
    lock.release()


def test_a_lock_that_is_given_back_can_be_had(tmp_path: Path) -> None:
    """Its file stays, empty; to give it back again does nothing."""
    path = tmp_path / "lock"
    first, second = LockFile(path, owner="bot-1"), LockFile(path, owner="bot-2")
    first.release()
    first.acquire()
    first.release()
    assert path.read_text() == ""
    second.acquire()
    first.release()
    assert path.read_text() == "bot-2"
    with pytest.raises(Locked):
        first.acquire()
    second.release()


def test_an_owner_without_a_name_is_another_process(tmp_path: Path) -> None:
    """So is one who has not written it yet."""
    first = LockFile(tmp_path / "lock", owner=" ")
    first.acquire()
    with pytest.raises(Locked, match=r"^another process$"):
        LockFile(tmp_path / "lock", owner="bot-2").acquire()
    first.release()


def test_any_name_can_be_told(tmp_path: Path) -> None:
    """Half a surrogate pair, bytes that are no UTF-8, and of a very long one its beginning."""
    path = tmp_path / "lock"
    first = LockFile(path, owner="bot \ud83d")
    first.acquire()
    with pytest.raises(Locked, match=r"^bot \?$"):
        LockFile(path, owner="bot-2").acquire()
    path.write_bytes(b"\xff" + b"x" * 2000)
    with pytest.raises(Locked, match=r"^\ufffdx{999}$"):
        LockFile(path, owner="bot-2").acquire()
    first.release()


def test_no_descriptor_is_left_over(tmp_path: Path) -> None:
    """Neither of a lock that is refused, nor of one that is given back."""
    first = LockFile(tmp_path / "lock", owner="bot-1")
    before = _descriptors()
    first.acquire()
    held = _descriptors()
    for _ in range(3):
        with pytest.raises(Locked):
            LockFile(tmp_path / "lock", owner="bot-2").acquire()
    assert len(_descriptors()) == len(held)
    first.release()
    assert len(_descriptors()) == len(before)


def test_a_place_without_a_folder_is_an_error(tmp_path: Path) -> None:
    """The operating system's own: who asks for the lock says what it means."""
    with pytest.raises(OSError, match="No such file"):
        LockFile(tmp_path / "nowhere" / "lock", owner="bot-1").acquire()
