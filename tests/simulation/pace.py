"""That no bot spins: how often it asks for anything, in any minute of virtual time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

_WINDOW = 60.0

LIMITS = {"connect": 30, "log in": 200, "REST": 400, "state": 600}
"""Attempts a minute by one life of a bot, at most. The back-off alone gives some 25 connects in
the worst minute (a join that holds just long enough, again and again). While the server is away
with a token run out, some ten askers log in, four times each in a few seconds, then after a pause
of five to ten: about 150. Whoever spins makes thousands of any of them."""


class Pace:
    """Counts attempts of each kind by each bot, and says once where there are too many."""

    def __init__(self, now: Callable[[], float], fail: Callable[[str], None]) -> None:
        self.most: dict[str, int] = {}
        self._now = now
        self._fail = fail
        self._times: dict[tuple[str, str], deque[float]] = {}

    def note(self, who: str, what: str) -> None:
        """Count an attempt."""
        now = self._now()
        times = self._times.setdefault((who, what), deque())
        times.append(now)
        while times[0] <= now - _WINDOW:
            times.popleft()
        if len(times) > self.most.get(what, 0):
            self.most[what] = len(times)
        if len(times) == LIMITS[what] + 1:
            self._fail(f"{who} SPINS: more than {LIMITS[what]} times {what} within a minute")
