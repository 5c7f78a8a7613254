"""An account's working hours, and whether it is outside them now [T: working_hours].

An account without a time zone is never outside; one with a time zone, but without hours for the
day, is outside [S].
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentbot.devserver.store.records import Account

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INDEXES: dict[str, tuple[int, ...]] = {
    "everyday": tuple(range(7)),
    "weekdays": tuple(range(5)),
    "weekends": (5, 6),
    **{day: (index,) for index, day in enumerate(_DAYS)},
}


def minutes_since_midnight(account: Account, now: datetime) -> float | None:
    """Return the account's local time in minutes, or ``None`` where it has no (known) time zone."""
    local = _local(account, now)
    return None if local is None else local.hour * 60 + local.minute + local.second / 60


def is_outside(account: Account, now: datetime) -> bool:
    """Say whether the company is closed: the first span that names the day decides."""
    local = _local(account, now)
    minutes = minutes_since_midnight(account, now)
    if local is None or minutes is None:
        return False
    for span in account.working_hours:
        if local.weekday() in _INDEXES.get(span.day, ()):
            return not span.start_minute <= minutes <= span.end_minute
    return True


def _local(account: Account, now: datetime) -> datetime | None:
    if account.time_zone is None:
        return None
    try:
        return now.astimezone(ZoneInfo(account.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
