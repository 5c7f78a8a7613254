"""Pushes that wait for an answer, and the one queue of deadlines that all waiting shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush

from agentbot.window import Window


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


class Pacer:
    """A token bucket without a clock: ``rate`` a second, at most ``burst`` at once."""

    __slots__ = ("_burst", "_credit", "_rate", "_since")

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._credit = float(burst)
        self._since = float("-inf")

    def refill(self, now: float) -> None:
        """Add what the time since the last refill has earned."""
        if now > self._since:
            self._credit = min(self._burst, self._credit + (now - self._since) * self._rate)
            self._since = now

    def take(self) -> bool:
        """Take one token; return whether there was one. Call :meth:`refill` first."""
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def next(self) -> float:
        """Return when there will be a token."""
        # A microsecond late rather than a rounding error too early, at which the caller would spin.
        return self._since + max(0.0, 1 - self._credit) / self._rate + 1e-6


class JoinPacer(Pacer):
    """A pacer of joins that also bounds how many are unanswered, by how the server answers them.

    ``timeout`` is when a join that was not answered counts no longer (seconds).
    """

    __slots__ = ("_sent", "_timeout", "_window")

    def __init__(self, *, rate: float, burst: int, window: Window, timeout: float) -> None:
        super().__init__(rate=rate, burst=burst)
        self._window = window
        self._timeout = timeout
        self._sent: dict[str, float] = {}

    def opened(self) -> None:
        """Begin anew, on a new connection: the server may have just started."""
        self._sent.clear()
        self._window.begin_anew()

    def refill(self, now: float) -> None:
        """Add what the time has earned, and give up joins that nobody will answer."""
        super().refill(now)
        for ref in [ref for ref, at in self._sent.items() if now - at >= self._timeout]:
            del self._sent[ref]
            self._window.failed()

    def take(self) -> bool:
        """Take one token, where one more join may be unanswered."""
        return len(self._sent) < self._window.size and super().take()

    def sent(self, ref: str, now: float) -> None:
        """Take note of a join that has left."""
        self._sent[ref] = now

    def answered(self, ref: str, now: float) -> None:
        """Take note that a join was answered, however it was."""
        if (at := self._sent.pop(ref, None)) is not None:
            self._window.answered(now - at)

    def next(self) -> float:
        """Return when another join may leave, if no answer comes before that."""
        token = super().next()
        if len(self._sent) < self._window.size:
            return token
        return max(token, min(self._sent.values()) + self._timeout)
