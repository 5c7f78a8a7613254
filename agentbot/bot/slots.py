"""The places for conversations that are worked on side by side.

What is found by catching up waits for a second place beside that: as many as the server's answers
allow. Whoever writes now never waits for those.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType

from agentbot.window import Window

FIRST_CAUGHT_UP = 4
"""Turns found by catching up that are worked on at once at first: less than half of Papercups'
pool of ten database connections."""


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


class CatchUpSlots:
    """Places for turns that were found, as many as ``window`` says, first come, first served."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._taken = 0
        self._waiting: OrderedDict[str, asyncio.Future[None]] = OrderedDict()

    @asynccontextmanager
    async def place(self, conversation_id: str) -> AsyncIterator[None]:
        """Wait for a place, and keep it while the body runs. A conversation has one at a time."""
        if self._taken >= self.window.size:
            turn = self._waiting[conversation_id] = asyncio.get_running_loop().create_future()
            try:
                await turn  # whoever grants the place has counted it
            except asyncio.CancelledError:
                self._waiting.pop(conversation_id, None)
                if turn.done() and not turn.cancelled():
                    self._give_back()
                raise
        else:
            self._taken += 1
        try:
            yield
        finally:
            self._give_back()

    def let_in(self, conversation_id: str) -> None:
        """Grant a place at once: the customer has written meanwhile, and is there."""
        self._grant(self._waiting.pop(conversation_id, None))

    def answered(self, seconds: float) -> None:
        """Take note of an answer of the server's."""
        self.window.answered(seconds)
        self._admit()

    def failed(self) -> None:
        """Take note that the server did not answer, or with an error."""
        self.window.failed()

    def _give_back(self) -> None:
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._taken < self.window.size:
            self._grant(self._waiting.popitem(last=False)[1])

    def _grant(self, turn: asyncio.Future[None] | None) -> None:
        if turn is not None and not turn.done():
            self._taken += 1
            turn.set_result(None)
