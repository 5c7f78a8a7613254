"""Copies of a state, which are SQLite states themselves: made, verified, and put in its place.

A state in PostgreSQL is copied by ``postgres/copy.py``, into such a file too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from agentbot.errors import ConfigurationError, StateInUse, StateUnavailable
from agentbot.state.migrations import MIGRATIONS, Migration, missing_steps
from agentbot.state.sql import read_statements, texts_by_name
from agentbot.state.sqlite.database import read_versions
from agentbot.state.sqlite.lockfile import Locked, LockFile, lock_path

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "copy.sql"))
_ALL_AT_ONCE = -1
"""Pages: all in one reading. In steps, whatever the bot wrote in between would begin it anew."""
_BUSY = 5.0
"""Seconds to wait for the bot's lock on its file, which it holds for milliseconds."""
_NOT_READABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
"""What SQLite says of a file that no waiting makes readable."""
_BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was verified. ``size`` is in bytes.

    ``least`` is the schema's version that a program must know to work on it.
    """

    path: Path
    schema_version: int
    least: int
    records: int
    size: int


def back_up(state: Path, target: Path) -> Copy:
    """Copy the state as it is at one moment to ``target``, beside a bot that writes on; verify it.

    The copy is one file, for its owner alone, and is there only once it is whole; what stood in
    its place is replaced. Raises ``ConfigurationError`` where there is no state, no such folder, or
    either is no state of ours; ``StateUnavailable`` where it cannot be read or written now.
    """
    if not state.exists():
        problem = f"there is no file {state}: no bot has run with it"
        raise ConfigurationError("AGENTBOT_STATE_URL", problem, "run this where the bot runs")
    if target.exists() and target.samefile(state):
        raise ConfigurationError(str(target), "is the state itself", "name another file")
    return _copy(state, target)


def put_back(
    copy: Path, state: Path, *, migrations: Sequence[Migration] = MIGRATIONS
) -> tuple[Copy, Path | None]:
    """Put a copy in the place of the state; return it, and where what stood there is kept now.

    Raises ``StateInUse`` while a bot runs with it, and ``ConfigurationError`` for a copy that is
    damaged, none of ours, or of a newer program; nothing was changed then.
    """
    wanted = verify(copy)
    missing_steps(wanted.schema_version, wanted.least, migrations=migrations, url=str(copy))
    lock = LockFile(lock_path(state), owner=f"a restore (process {os.getpid()})")
    try:
        lock.acquire()
    except Locked as holder:
        raise StateInUse(url=f"sqlite:///{state}", holder=str(holder)) from None
    except OSError as error:
        raise ConfigurationError(
            "AGENTBOT_STATE_URL",
            f"{state} cannot be written: {error.strerror}",
            "name a file in a folder that this user may write to, and that has room",
        ) from error
    try:
        kept = None
        if state.exists():
            kept = _free_name(state)
            _copy(state, kept)
        made = _copy(copy, state.with_name(f"{state.name}.restored"))
        for ending in _BESIDE:  # they belong to the file that goes
            state.with_name(state.name + ending).unlink(missing_ok=True)
        made.path.replace(state)
        return replace(made, path=state), kept
    finally:
        lock.release()


def _free_name(state: Path) -> Path:
    """Return where a state is kept, beside those that earlier restores have kept."""
    names = (f".{number}" if number else "" for number in count())
    places = (state.with_name(f"{state.name}.before-restore{name}") for name in names)
    return next(place for place in places if not place.exists())


def verify(path: Path, *, of: Path | None = None) -> Copy:
    """Look at every page of a copy. Raises ``ConfigurationError`` where it is damaged, or none.

    The error names the file it is a copy ``of``, if that is given: what was found came from there.
    """
    place = str(of or path)
    if not path.is_file():
        raise ConfigurationError(place, "there is no such file", "name a copy that was made")
    try:
        with closing(_opened(path)) as db:
            ((said,), *_) = db.execute(_SQL["find_damage"]).fetchall()
            strays = db.execute(_SQL["find_strays"]).fetchall()
            version, least = read_versions(db)
            if version == 0:
                raise ConfigurationError(place, "is no state of agentbot's", "name another file")
            (records,) = db.execute(_SQL["count_records"]).fetchone()
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(place, f"cannot be read: {error}", "name another copy") from error
    if said != "ok" or strays:
        problem = said if said != "ok" else f"{len(strays)} rows refer to rows that are not there"
        raise ConfigurationError(place, f"is damaged: {problem}", "name another copy")
    return Copy(path, version, least, records, path.stat().st_size)


@contextmanager
def made_whole(target: Path) -> Iterator[Path]:
    """Yield an empty file, for its owner alone, that takes the place of ``target`` at the end.

    Where anything is raised, what stood there stays. Raises ``ConfigurationError`` where it cannot
    be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        if target.exists() and not target.is_file():  # a device would be gone: its name, a file's
            problem = "is a folder, a pipe or a device"
            raise ConfigurationError(str(target), problem, "name a plain file")
        part.unlink(missing_ok=True)
        # Customers' words are for this user alone.
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise ConfigurationError(str(target), problem, "name a file in another folder") from error
    finally:
        for ending in ("", *_BESIDE):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def keep_in_one_file(db: sqlite3.Connection) -> None:
    """Leave nothing of a copy in a write-ahead log beside it."""
    db.execute(_SQL["keep_in_one_file"])


def _copy(source: Path, target: Path) -> Copy:
    try:
        with made_whole(target) as part:
            with closing(_opened(source)) as here, closing(_opened(part)) as there:
                here.backup(there, pages=_ALL_AT_ONCE)
                keep_in_one_file(there)
            made = verify(part, of=source)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _NOT_READABLE:
            problem = f"cannot be read: {error}"
            raise ConfigurationError(str(source), problem, "name another file") from error
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:  # where it is written
            problem, remedy = "cannot be written: the disk is full", "make room, or name another"
            raise ConfigurationError(str(target), problem, remedy) from error
        raise StateUnavailable(url=f"sqlite:///{source}", problem=str(error)) from error
    return replace(made, path=target)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
