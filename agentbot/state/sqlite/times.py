"""Times as the file keeps them: microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentbot.state.export import aware

MICROSECOND = timedelta(microseconds=1)
"""The unit of every time in the file."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return a time, aware or in UTC, as the file keeps it."""
    return (aware(at) - _EPOCH) // MICROSECOND


def optional_micros(at: datetime | None) -> int | None:
    """Return a time as the file keeps it; None stays None."""
    return None if at is None else micros(at)


def from_micros(kept: int) -> datetime:
    """Return the time, in UTC, that was kept."""
    return _EPOCH + MICROSECOND * kept


def optional_from_micros(kept: int | None) -> datetime | None:
    """Return the time that was kept; None stays None."""
    return None if kept is None else from_micros(kept)
