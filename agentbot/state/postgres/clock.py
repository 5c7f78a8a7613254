"""The time that the database's clock should show, judged by this process's monotonic clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLERANCE = 0.1
"""The share of a lease by which the database's clock may run ahead unnoticed. It is too little to
end the lease of a living holder, who renews it before two thirds of it are over."""
_RESOLUTION = 0.05
"""The share of a lease in which all looks make one sample: a busy bot looks a thousand times a
second, and would keep them all."""


class DatabaseClock:
    """The database's clock, as it was seen during the last lease.

    Where somebody sets that clock forward, leases of living holders run out with it. So what it
    showed before counts until a lease has passed: by then every living holder has renewed, on the
    clock as it is now.

    ``monotonic`` returns seconds on a clock that nobody sets. Where it stood still meanwhile (the
    machine slept), the database's clock seems to have been set; that only delays a take-over.
    """

    def __init__(self, *, lease: timedelta, monotonic: Callable[[], float]) -> None:
        self._lease = lease.total_seconds()
        self._monotonic = monotonic
        self._samples: deque[tuple[float, float]] = deque()

    def showed(self, moment: datetime, *, asked_at: float) -> None:
        """Take note of ``moment``, which was read after ``asked_at`` (monotonic seconds)."""
        # The clock was read after ``asked_at``, so it is ahead by this much or less.
        ahead = (moment - _EPOCH).total_seconds() - asked_at
        now = self._monotonic()
        if self._samples and now - self._samples[-1][0] < self._lease * _RESOLUTION:
            began, least = self._samples.pop()
            self._samples.append((began, min(least, ahead)))
        else:
            self._samples.append((now, ahead))
        while len(self._samples) > 1 and self._samples[1][0] <= now - self._lease:
            self._samples.popleft()

    def latest(self) -> datetime | None:
        """Return what it shows now at the latest; None where it was never seen."""
        if not self._samples:
            return None
        ahead = min(ahead for _, ahead in self._samples)
        expected = self._monotonic() + ahead + self._lease * _TOLERANCE
        return _EPOCH + timedelta(seconds=expected)
