"""The dates of ``hours.yaml``: one day or a range, of one year or of every year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from agentbot.pipeline.words import plain

_DATE = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?\.?")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/](\d{1,2})(?:[-/](\d{4}))?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_LEAP_YEAR = 2024
"""A year that has every day that a year can have."""
_MAX_RANGE_DAYS = 366
"""Days between the ends of a range of dates: a leap year, so that "01-01..12-31" is one."""

DATE_REMEDY = (
    "write 2026-12-24 for one day, 12-24 for that day in every year, or two of them with .. between"
)

MonthDay = tuple[int, int]
"""A day of every year: month and day of the month."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from ``first`` to ``last``, both included.

    ``yearly``: in every year; the years of ``first`` and ``last`` mean nothing then, and a range
    whose end is before its start goes on into the next year.
    """

    first: date
    last: date
    yearly: bool

    @property
    def is_one_day(self) -> bool:
        """Whether it is a single day."""
        return self.first == self.last

    def days(self) -> Iterator[date]:
        """Yield its days; those of a yearly one as days of a leap year."""
        if self.yearly and self.last < self.first:
            yield from _between(self.first, date(_LEAP_YEAR, 12, 31))
            yield from _between(date(_LEAP_YEAR, 1, 1), self.last)
        else:
            yield from _between(self.first, self.last)


def _between(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def parse_dates(text: str) -> DateRange:
    """Read ``2026-12-24``, ``12-24``, or a range of two of one kind: ``12-24..01-02``.

    Raises ``ValueError`` with a sentence that names what is wrong.
    """
    parts = [part.strip() for part in text.split("..")]
    if len(parts) > 2:
        raise ValueError(f"{text!r} is more than one range of dates")
    read = [_parse_date(part, text) for part in parts]
    (first, yearly), (last, also_yearly) = read[0], read[-1]
    if yearly != also_yearly:
        raise ValueError(f"{text!r} has a year on one side only")
    if not yearly and not 0 <= (last - first).days <= _MAX_RANGE_DAYS:
        raise ValueError(f"{text!r} does not go forward within a year")
    return DateRange(first, last, yearly)


def _parse_date(part: str, text: str) -> tuple[date, bool]:
    """Return the date, and whether it is one of every year (then of a leap year)."""
    match = _DATE.fullmatch(plain(part))
    if match is None:
        raise ValueError(f"{text!r} is not a date{_meant(part)}")
    year, month, day = match.groups()
    try:
        return date(int(year or _LEAP_YEAR), int(month), int(day)), year is None
    except ValueError:
        raise ValueError(f"{text!r} names a day that no calendar has") from None


def _meant(part: str) -> str:
    """Return a hint where the date is written otherwise, and can mean one day only."""
    part = plain(part)
    if match := _DOTTED.fullmatch(part):
        days = [(match[3], match[2], match[1])]
    elif match := _DAY_FIRST.fullmatch(part):  # the day first, or in America the month
        days = [(match[3], match[2], match[1]), (match[3], match[1], match[2])]
    elif match := _YEAR_FIRST.fullmatch(part):
        days = [(match[1], match[2], match[3])]
    else:
        return ""
    meant = {
        f"{year}-{int(month):02}-{int(day):02}" if year else f"{int(month):02}-{int(day):02}"
        for year, month, day in days
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    }
    return f": is {meant.pop()} meant?" if len(meant) == 1 else ""
