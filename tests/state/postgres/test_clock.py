"""Proves ``agentbot/state/postgres/clock.py``: what a database's clock shows at the latest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentbot.state.postgres.clock import DatabaseClock


def test_what_a_clock_shows_at_the_latest() -> None:
    """What it showed a lease ago counts until a lease has passed; what it went back, at once."""
    now = 0.0
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = DatabaseClock(lease=timedelta(seconds=10), monotonic=lambda: now)
    assert clock.latest() is None

    def shown_at(seconds: float) -> float | None:
        latest = clock.latest()
        return None if latest is None else (latest - start).total_seconds() - seconds

    clock.showed(start, asked_at=0.0)
    assert shown_at(0) == 1.0  # a tenth of the lease
    now = 5.0
    clock.showed(start + timedelta(seconds=105), asked_at=5.0)
    assert shown_at(5) == 1.0
    now = 12.0
    clock.showed(start + timedelta(seconds=112), asked_at=12.0)
    assert shown_at(12) == 1.0
    now = 15.0
    clock.showed(start + timedelta(seconds=115), asked_at=15.0)
    assert shown_at(115) == 1.0
    now = 16.0
    clock.showed(start + timedelta(seconds=16), asked_at=16.0)
    assert shown_at(16) == 1.0


class _Looks:
    """A clock of a ten seconds' lease, looked at from a monotonic time that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.start = datetime(2026, 1, 1, tzinfo=UTC)
        self.clock = DatabaseClock(lease=timedelta(seconds=10), monotonic=lambda: self.now)

    def look(self, *, at: float, shown: float, took: float = 0.0) -> None:
        """See at ``at`` what the clock showed ``took`` seconds after it was asked for."""
        self.now = at
        moment = self.start + timedelta(seconds=shown)
        self.clock.showed(moment, asked_at=at - took)

    def ahead(self, at: float) -> float:
        """Return how far the clock is ahead of ``at`` at the latest, then, without tolerance."""
        self.now = at
        latest = self.clock.latest()
        assert latest is not None
        return round((latest - self.start).total_seconds() - at - 1.0, 6)


def test_a_look_is_as_late_as_it_was_asked_for() -> None:
    """An answer that took long may be of its end: the clock may be as far ahead as that."""
    looks = _Looks()
    looks.look(at=0.0, shown=2.0, took=0.5)
    assert looks.ahead(0.0) == 2.5
    looks.look(at=1.0, shown=3.0, took=0.1)
    assert looks.ahead(1.0) == 2.1


def test_the_least_of_a_leases_looks_counts() -> None:
    """Each until a lease has passed since, the last one for ever."""
    looks = _Looks()
    for at, ahead in ((0.0, 1.0), (2.0, 3.0), (4.0, 2.0), (6.0, 5.0)):
        looks.look(at=at, shown=at + ahead)
    assert looks.ahead(6.0) == 1.0
    looks.look(at=11.9, shown=11.9 + 9.0)
    assert looks.ahead(11.9) == 1.0
    looks.look(at=12.5, shown=12.5 + 9.0)
    assert looks.ahead(12.5) == 2.0
    looks.look(at=16.5, shown=16.5 + 9.0)
    assert looks.ahead(16.5) == 5.0
    assert looks.ahead(1000.0) == 5.0
    looks.look(at=1001.0, shown=1001.0 + 9.0)
    assert looks.ahead(1001.0) == 9.0


def test_looks_in_quick_succession_are_one() -> None:
    """A twentieth of a lease is one sample: it begins with its first look, and shows the least."""
    looks = _Looks()
    looks.look(at=0.0, shown=5.0)
    looks.look(at=0.4, shown=0.4 + 3.0)
    looks.look(at=0.45, shown=0.45 + 4.0)
    assert looks.ahead(0.45) == 3.0
    looks.look(at=0.5, shown=0.5 + 7.0)
    assert looks.ahead(0.5) == 3.0
    looks.look(at=10.5, shown=10.5 + 8.0)
    assert looks.ahead(10.5) == 7.0


def test_samples_are_few() -> None:
    """However often a busy bot looks: what is kept of a lease is bounded."""
    looks = _Looks()
    for number in range(20_000):
        looks.look(at=number / 1000, shown=number / 1000)
    assert len(looks.clock._samples) <= 22
