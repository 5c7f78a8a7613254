"""One SQLite database, written by group commit on the event loop's own thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agentbot.errors import ConfigurationError, StateInUse, StateUnavailable
from agentbot.state.migrations import MIGRATIONS, Migration, missing_steps
from agentbot.state.sql import read_statements, texts_by_name
from agentbot.state.sqlite.checkpoints import Checkpoints
from agentbot.state.sqlite.lockfile import Locked, LockFile, lock_path

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

MEMORY = ":memory:"
"""SQLite's own name for a database that no file holds."""

GROUP_LIMIT = 500
"""Operations a transaction at most: some 10 ms, for which the event loop does nothing else."""

_BUSY_EXCLUSIVE = 0.25
"""Seconds that a bot waits for another's lock on its file (a backup's, say). Its event loop stands
still meanwhile, and it tries again later anyway."""
_BUSY_SHARED = 5.0
"""Seconds that an operator's command waits for the bot's: it has nothing else to do, and the bot's
transactions take milliseconds."""
_CACHED_STATEMENTS = 256
"""Prepared statements that are kept: many more than there are, so that each is prepared once."""

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "database.sql"))
_ON_CONNECTING = read_statements("agentbot.state.sqlite", "connection.sql")

_PRIMARY_CODE = 0xFF
"""The bits of an extended result code that are the primary one."""
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
    }
)
"""Primary codes of what may pass while a file is being opened: others' locks, a full or failing
disk, no memory."""

_WHOLE_GROUP = (sqlite3.OperationalError, sqlite3.InternalError)
"""Errors with which a group could not be written, whatever stood in it: it is of no use to try its
members one by one."""


@dataclass(slots=True)
class _Write:
    operation: Operation[Any]
    future: asyncio.Future[Any]


class SQLiteDatabase:
    """A database file, or one in memory that several stores of one process share.

    Writes asked for in one go of the event loop become one transaction, committed by a callback
    that runs right after it; each future is done after the commit. A group that cannot be written
    fails as a whole, for exactly those that were in it, and leaves nothing behind.

    ``exclusive`` takes the file for this process alone, and makes it where it is missing. An
    operator's command, which works beside a running bot, does without. ``may_fill`` says whether a
    state may be made in an empty file; by default whoever has it alone may. ``migrations`` are the
    steps that make the schema.
    """

    def __init__(
        self,
        path: str,
        *,
        owner: str = "",
        exclusive: bool = True,
        may_fill: bool | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"
        self.exclusive = exclusive and path != MEMORY
        self._owner = owner
        self._may_fill = path == MEMORY or (exclusive if may_fill is None else may_fill)
        self._migrations = migrations
        self._lock: LockFile | None = None
        self._connection: sqlite3.Connection | None = None
        self._checkpoints = Checkpoints(path) if self.exclusive else None
        self._pending: list[_Write] = []
        self._fence = self._fence_kept = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def open(self) -> None:
        """Lock, connect and migrate; does nothing where that was done.

        Raises ``StateInUse`` (another process has the file), ``ConfigurationError`` (no such
        place, not a database, one of a newer program) or ``StateUnavailable``.
        """
        if self._connection is not None:
            return
        try:
            if self.path != MEMORY:
                self._prepare_file(Path(self.path).absolute())
            self._connection = self._connect()
            self._check_is_a_state(self._connection)
            for statement in _ON_CONNECTING:
                self._connection.execute(statement.text)
            self._migrate(self._connection)
            (self._fence,) = self._connection.execute(_SQL["read_fence"]).fetchone()
            self._fence_kept = self._fence
        except sqlite3.Error as error:
            self.close()
            raise self._unopened(error) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Commit what is pending, disconnect and unlock. A database in memory is gone."""
        try:
            while self._pending and self._connection is not None:
                self._commit()
        finally:
            connection, self._connection = self._connection, None
            if self._checkpoints is not None:
                self._checkpoints.stop()
            if connection is not None:
                connection.close()
            if self._lock is not None:
                self._lock.release()

    def write(self, operation: Operation[T]) -> asyncio.Future[T]:
        """Run ``operation`` in the next transaction; the future is done once that is durable.

        It fails with ``StateUnavailable`` where the transaction fails, and with the operation's
        own exception where that alone fails. A caller who is cancelled before the commit has
        asked for nothing.
        """
        self._connected()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._pending:
            loop.call_soon(self._commit)
        self._pending.append(_Write(operation, future))
        return future

    def read(self, operation: Operation[T]) -> T:
        """Run ``operation``, which only reads, at once. Raises ``StateUnavailable``."""
        with self._failures():
            return operation(self._connected())

    def next_fence(self) -> int:
        """Return a number above all before it; kept with the transaction that is under way."""
        self._fence += 1
        return self._fence

    def file_is_there(self) -> bool:
        """Say whether the file that is open still has its name: one unlinked keeps nothing."""
        return self.path == MEMORY or Path(self.path).exists()

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StateUnavailable(url=self.url, problem="the store is closed")
        return self._connection

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StateUnavailable(url=self.url, problem=str(error)) from error

    def _prepare_file(self, path: Path) -> None:
        try:
            path = path.resolve()
            self._check_place(path)
            if self.exclusive:
                lock = LockFile(lock_path(path), owner=self._about_me())
                lock.acquire()
                self._lock = lock
            # Customers' words are for this user alone. SQLite gives -wal and -shm the same mode.
            if not path.exists():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except Locked as locked:
            raise StateInUse(url=self.url, holder=str(locked)) from None
        except OSError as error:
            raise ConfigurationError(
                place="AGENTBOT_STATE_URL",
                problem=f"{self.url} cannot be written: {error.strerror or error}",
                remedy="name a file in a folder that this user may write to",
            ) from error

    def _check_place(self, path: Path) -> None:
        """Refuse a folder that is not there, and for a command that works beside a bot, a file.

        Either is most often a slip in the address: a new file would be empty, and nobody would
        be told.
        """
        if not path.parent.is_dir():
            raise ConfigurationError(
                place="AGENTBOT_STATE_URL",
                problem=f"there is no folder {path.parent}",
                remedy="make it, or name another one",
            )
        if not self.exclusive and not path.exists():
            raise ConfigurationError(
                place="AGENTBOT_STATE_URL",
                problem=f"there is no file {path}: no bot has run with it",
                remedy="name the file of the bot's, or run this where the bot runs",
            )

    def _about_me(self) -> str:
        return f"{self._owner or 'agentbot'} (process {os.getpid()} on {socket.gethostname()})"

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path,
            isolation_level=None,
            timeout=_BUSY_EXCLUSIVE if self.exclusive else _BUSY_SHARED,
            cached_statements=_CACHED_STATEMENTS,
        )

    def _unopened(self, error: sqlite3.Error) -> StateUnavailable | ConfigurationError:
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _PASSING:
            return StateUnavailable(url=self.url, problem=str(error))
        return ConfigurationError(
            place="AGENTBOT_STATE_URL",
            problem=f"{self.url}: {error}",
            remedy="let this user write that file, move it away, or name another one",
        )

    def _migrate(self, connection: sqlite3.Connection) -> None:
        # The write lock first: a second program that comes now waits, and finds the work done.
        # Where a step fails the connection is closed, which rolls back.
        connection.execute("BEGIN IMMEDIATE")
        version, least = read_versions(connection)
        for step in missing_steps(version, least, migrations=self._migrations, url=self.url):
            for statement in step.sqlite:
                connection.execute(statement.text)
            # A pragma takes no parameters; the version is a number of ours.
            connection.execute(f"PRAGMA user_version = {step.version:d}")
            connection.execute(_SQL["keep_least"], (step.least,))
        connection.execute("COMMIT")

    def _check_is_a_state(self, connection: sqlite3.Connection) -> None:
        """Refuse another program's database, and for a command beside the bot an empty file.

        Neither is a bot's state; to make one of it would change what is another's, or hide a slip.
        This only reads: what is set on connecting is written into the file.
        """
        (version,) = connection.execute(_SQL["read_version"]).fetchone()
        if version:
            return
        (tables,) = connection.execute(_SQL["count_tables"]).fetchone()
        if not tables and self._may_fill:
            return
        problem = "is another program's database" if tables else "is empty: no bot has run with it"
        raise ConfigurationError(
            place="AGENTBOT_STATE_URL",
            problem=f"{self.url} {problem}",
            remedy="name the file of the bot's" if not tables else "name another file",
        )

    def _commit(self) -> None:
        """Write the first ``GROUP_LIMIT`` of what is pending; the rest is written next."""
        if self._connection is None:
            return  # it was closed since, which has written what was pending
        group = [write for write in self._pending[:GROUP_LIMIT] if not write.future.done()]
        self._pending = self._pending[GROUP_LIMIT:]
        if self._pending:
            asyncio.get_running_loop().call_soon(self._commit)
        try:
            self._transact(self._connection, group)
        except _WHOLE_GROUP as error:
            self._fail(group, str(error))
        except Exception:  # noqa: BLE001 - each writer gets its own, below
            for write in group:
                self._transact_alone(self._connection, write)

    def _transact(self, connection: sqlite3.Connection, group: list[_Write]) -> None:
        if not group:
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [write.operation(connection) for write in group]
            fence = self._fence
            if fence != self._fence_kept:
                connection.execute(_SQL["keep_fence"], (fence,))
            connection.execute("COMMIT")
            if self._checkpoints is not None:
                self._checkpoints.due()
            self._fence_kept = fence
        except BaseException:
            _roll_back(connection)
            raise
        for write, result in zip(group, results, strict=True):
            write.future.set_result(result)

    def _transact_alone(self, connection: sqlite3.Connection, write: _Write) -> None:
        try:
            self._transact(connection, [write])
        except sqlite3.Error as error:
            self._fail([write], str(error))
        except Exception as error:  # noqa: BLE001 - a value that SQLite cannot take: the caller's
            write.future.set_exception(error)

    def _fail(self, writes: list[_Write], problem: str) -> None:
        for write in writes:
            if not write.future.done():
                write.future.set_exception(StateUnavailable(url=self.url, problem=problem))


def read_versions(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the schema's version, and that which a program must know to work on it.

    Both are 0 in an empty file. Where it does not say who may work on it, whoever made it may.
    """
    (version,) = connection.execute(_SQL["read_version"]).fetchone()
    if not version:
        return 0, 0
    with contextlib.suppress(sqlite3.OperationalError):  # it has no such table
        (least,) = connection.execute(_SQL["read_least"]).fetchone() or (version,)
        return version, least
    return version, version


def _roll_back(connection: sqlite3.Connection) -> None:
    # A full disk or a failing one may have rolled back already.
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
