"""The write-ahead log is copied into the database beside the event loop, not within a commit."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from threading import Lock

from agentbot.state.sql import read_statements, texts_by_name

_AFTER = 1.0
"""Seconds from a commit to the copying: what is written meanwhile, up to 25 MB, goes with it."""

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "checkpoints.sql"))


class Checkpoints:
    """What copies the log of the database at ``path``, in a thread, a while after each commit.

    SQLite would do so by itself within every hundredth turn's commit, which then waits until the
    disk has all of it, 140 ms here at times; and the event loop with it. It still does where the
    log has grown large all the same (``connection.sql``): while turns come without any pause, the
    thread never copies the last of it, and the log does not begin anew.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._timer: asyncio.TimerHandle | None = None
        self._copying = Lock()

    def due(self) -> None:
        """Copy after a while: something was committed. Call from the event loop."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_AFTER, self._begin, loop)

    def stop(self) -> None:
        """Copy no more; wait for what is being copied."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with self._copying:
            pass

    def copy(self) -> None:
        """Copy what can be copied without waiting for anybody."""
        # What is wrong with the file, or the disk, the next commit meets too, and tells.
        with (
            self._copying,
            suppress(sqlite3.Error),
            closing(sqlite3.connect(self._path, isolation_level=None)) as database,
        ):
            database.execute(_SQL["copy_log"]).fetchall()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        loop.run_in_executor(None, self.copy)
