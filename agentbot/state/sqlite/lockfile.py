"""A lock on a file for one process; the operating system gives it back when the process dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


_TEXT_LIMIT = 1000
"""Bytes that are read of what an owner wrote: many more than a name and a process need."""
_BEHIND_THE_TEXT = 1 << 20
"""The byte that is locked on Windows, which forbids others to read it: far behind the text."""


class Locked(Exception):
    """The lock of another owner; its text is what they wrote of themselves."""


def lock_path(path: Path) -> Path:
    """Return where the lock on the file at ``path`` stands."""
    return path.with_name(path.name + ".lock")


def holder_of(path: Path) -> str | None:
    """Return what the holder of the lock on ``path`` wrote of themselves; None where it is free.

    Takes nothing and makes no file. Raises ``OSError`` where it cannot be looked at.
    """
    if not path.exists():
        return None
    lock = LockFile(path, owner="")
    try:
        lock.acquire()
    except Locked as locked:
        return str(locked)
    lock.release()
    return None


class LockFile:
    """An exclusive lock on ``path``, whose text says who holds it.

    The lock is the kernel's (flock), not the file's existence: it ends with the process, kill -9
    included, and a file left behind locks nothing. The file is never deleted: another process
    may just have opened it, and would lock a file that nobody else finds by its name.
    """

    def __init__(self, path: Path, *, owner: str) -> None:
        self._path = path
        self._owner = owner
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise ``Locked``. Raises ``OSError`` where it cannot be tried."""
        # Like the file that it guards, it is for this user alone.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _lock(descriptor):
                text = os.read(descriptor, _TEXT_LIMIT).decode("utf-8", "replace").strip()
                raise Locked(text or "another process")
            os.ftruncate(descriptor, 0)
            os.write(descriptor, self._owner.encode("utf-8", "replace"))
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; does nothing where it is not held."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.ftruncate(descriptor, 0)
            os.close(descriptor)


if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BEHIND_THE_TEXT, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
