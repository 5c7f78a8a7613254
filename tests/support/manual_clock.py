"""A clock that moves only when told, with the timers that hang on it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count


class ManualTimer:
    """A call that is due later, as :meth:`ManualClock.call_later` returns it."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function: Callable[[], None] | None = function

    def cancel(self) -> None:
        """Forget the call."""
        self._function = None

    def run(self) -> None:
        """Call, unless cancelled."""
        if self._function is not None:
            self._function()


class ManualClock:
    """Time for a devserver under test: :meth:`now`, :meth:`call_later`, :meth:`advance_to`."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = count()
        self._timers: list[tuple[datetime, int, ManualTimer]] = []

    def now(self) -> datetime:
        """Return the time that was last advanced to."""
        return self._now

    def call_later(self, delay: float, function: Callable[[], None]) -> ManualTimer:
        """Call ``function`` when ``delay`` seconds have been advanced."""
        timer = ManualTimer(function)
        due = self._now + timedelta(seconds=delay)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.advance_to(self._now + timedelta(seconds=seconds))

    def advance_to(self, moment: datetime) -> None:
        """Let time pass until ``moment``, calling what is due on the way."""
        while self._timers and self._timers[0][0] <= moment:
            due, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            timer.run()
        self._now = max(self._now, moment)
