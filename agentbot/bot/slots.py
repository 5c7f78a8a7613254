"""The places for conversations that are worked on side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType


class Slots:
    """A semaphore that says how many wait for it. ``on_waiting`` is told whenever that changes."""

    def __init__(self, count: int, *, on_waiting: Callable[[int], None]) -> None:
        self._free = asyncio.Semaphore(count)
        self._waiting = 0
        self._on_waiting = on_waiting

    async def __aenter__(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        self._wait(1)
        try:
            await self._free.acquire()
        finally:
            self._wait(-1)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._free.release()

    def _wait(self, change: int) -> None:
        self._waiting += change
        self._on_waiting(self._waiting)
