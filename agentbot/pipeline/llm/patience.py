"""A time-out that begins anew with each sign of life.

asyncio's own makes a timer each time it is moved on. Streams move it on with each token, of sixty
streams at once, and the timers took a tenth of a turn's processor time. Here one timer looks, when
it runs out, whether there was a sign meanwhile.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Patience:
    """What ends the body of ``async with`` by ``TimeoutError`` where nothing comes for too long.

    Nothing ends it before `wait` says how long is too long.
    """

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()
        self._ends: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Begin to wait."""
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End to wait. Raises ``TimeoutError`` where it has lasted too long."""
        if self._timer is not None:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    @property
    def is_out(self) -> bool:
        """Whether it has ended the body."""
        return self._timeout.expired()

    def wait(self, seconds: float | None) -> None:
        """Wait so long from now on; None: without an end."""
        if seconds is None:
            self._ends = None
            return
        self._ends = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._ends:
            self._look_at(self._ends)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._ends is None:
            return
        if self._loop.time() >= self._ends:
            self._timeout.reschedule(self._ends)
        else:
            self._look_at(self._ends)
