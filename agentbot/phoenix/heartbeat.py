"""Whether the peer still lives."""

from __future__ import annotations

from enum import Enum


class Beat(Enum):
    """What there is to do about the heartbeat."""

    NOTHING = "nothing"
    SEND = "send"
    DEAD = "dead"


class Heartbeat:
    """When to beat, and when silence means death. Times are monotonic seconds.

    An unanswered beat means death when the next one is due (phoenix.js), and already after
    ``grace`` where nothing else has been heard either: a half-open connection is silent altogether.
    """

    __slots__ = ("_grace", "_heard_at", "_interval", "_next_at", "_ref", "_sent_at")

    def __init__(self, *, interval: float, grace: float) -> None:
        self._interval = interval
        self._grace = grace
        self._next_at = 0.0
        self._sent_at = 0.0
        self._heard_at = 0.0
        self._ref: str | None = None

    def opened(self, now: float) -> None:
        """Begin to count: the connection is new."""
        self._next_at = now + self._interval
        self._heard_at = now
        self._ref = None

    def heard(self, now: float) -> None:
        """Take note that the peer said something."""
        self._heard_at = now

    def answered(self, ref: str | None) -> None:
        """Take note of the answer to a heartbeat."""
        if ref == self._ref:
            self._ref = None

    def sent(self, ref: str, now: float) -> None:
        """Take note that a heartbeat with this ref is on its way."""
        self._ref = ref
        self._sent_at = now
        self._next_at = now + self._interval

    def next(self) -> float:
        """Return when :meth:`due` has something to say."""
        if self._ref is not None and self._heard_at <= self._sent_at:
            return min(self._next_at, self._sent_at + self._grace)
        return self._next_at

    def due(self, now: float) -> Beat:
        """Return what there is to do; death is told once an interval."""
        if now < self.next():
            return Beat.NOTHING
        if self._ref is None:
            return Beat.SEND
        self._ref = None
        self._next_at = now + self._interval
        return Beat.DEAD
