"""Pushes that wait for an answer, and the one queue of deadlines that all waiting shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush


@dataclass(frozen=True, slots=True)
class Push:
    """A push that was sent and not yet answered. ``timeout`` is in seconds."""

    topic: str
    event: str
    ref: str
    timeout: float


class Waiting(Enum):
    """What a deadline is for."""

    PUSH = "push"
    JOIN = "join"
    LEAVE = "leave"
    REJOIN = "rejoin"


@dataclass(frozen=True, slots=True)
class Deadline:
    """What is due, of ``key`` (a push's ref or a topic); valid while its state has ``token``."""

    kind: Waiting
    key: str
    token: str | int | None


_SWEEP_FROM = 256
"""Entries from which on a heap is swept: fewer take no memory worth the work."""


class Deadlines:
    """A heap of deadlines without timers.

    What is no longer of interest is not searched for: ``is_live`` tells, when the deadline comes
    up or when the heap has doubled since it was last swept.
    """

    __slots__ = ("_heap", "_is_live", "_serial", "_sweep_at")

    def __init__(self, is_live: Callable[[Deadline], bool]) -> None:
        self._heap: list[tuple[float, int, Deadline]] = []
        self._is_live = is_live
        self._serial = 0
        self._sweep_at = _SWEEP_FROM

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, when: float, deadline: Deadline) -> None:
        """Note that ``deadline`` is due at ``when`` (monotonic seconds)."""
        self._serial += 1
        heappush(self._heap, (when, self._serial, deadline))
        if len(self._heap) >= self._sweep_at:
            self._heap = [entry for entry in self._heap if self._is_live(entry[2])]
            heapify(self._heap)
            self._sweep_at = max(_SWEEP_FROM, 2 * len(self._heap))

    def next(self) -> float | None:
        """Return when the next live deadline is due."""
        while self._heap:
            when, _, deadline = self._heap[0]
            if self._is_live(deadline):
                return when
            heappop(self._heap)
        return None

    def pop_due(self, now: float) -> Deadline | None:
        """Take out one live deadline that is due, if there is any."""
        when = self.next()
        if when is None or when > now:
            return None
        return heappop(self._heap)[2]
