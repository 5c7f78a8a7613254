"""Opening hours: open or not, and when again.

Hours are times on a clock on the wall of one place. A moment is inside hours if what the clock
shows then lies in a span of its day, or in one of the day before that runs past midnight, also in
the hour that a change of the clocks repeats. An end is the first minute that is closed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from agentbot.pipeline.turn import Account, WorkingSpan

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The names of the days as Papercups and hours.yaml write them, Monday first as in Python."""
MINUTES_A_DAY = 1440
"""Minutes of a day on the wall clock, where clocks do not change."""
_HORIZON_DAYS = 400
"""Days in which an opening is looked for: a whole year, its holidays, and a month."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of opening hours from ``start`` to ``end``, in minutes since midnight.

    ``end`` is greater than ``start``, and greater than 1440 where the span runs past midnight.
    """

    start: int
    end: int


Week = tuple[tuple[Span, ...], ...]


def no_holidays(_year: int) -> frozenset[date]:
    """Return no days: the holidays of a place that keeps none."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of one place. Without a ``zone`` it is never closed (as in Papercups).

    ``week`` holds the spans of Monday to Sunday; ``exceptions`` replace those of a date, and
    ``yearly`` those of a month and day of every year; ``holidays`` gives a year's public holidays,
    which have ``holiday_spans``.
    """

    zone: tzinfo | None = None
    week: Week = ((),) * 7
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    yearly: Mapping[tuple[int, int], tuple[Span, ...]] = field(default_factory=dict)
    holidays: Callable[[int], frozenset[date]] = no_holidays
    holiday_spans: tuple[Span, ...] = ()

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the spans that begin on ``day``: an exception's, a holiday's, or the week's."""
        if day in self.exceptions:
            return self.exceptions[day]
        if (day.month, day.day) in self.yearly:
            return self.yearly[day.month, day.day]
        if day in self.holidays(day.year):
            return self.holiday_spans
        return self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Say whether the aware moment ``at`` lies inside hours."""
        if self.zone is None:
            return True
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        if any(span.start <= minute < span.end for span in self.spans(today)):
            return True
        late = minute + MINUTES_A_DAY
        return any(span.start <= late < span.end for span in self.spans(today - timedelta(days=1)))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first moment from ``at`` on that is inside hours, in UTC; ``at`` if open.

        None where it stays closed for more than a year.
        """
        if self.is_open(at):
            return at.astimezone(UTC)
        assert self.zone is not None  # noqa: S101 - is_open is always true without a zone
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        earliest: datetime | None = None
        for offset in range(_HORIZON_DAYS):
            for moment in self._candidates(first + timedelta(days=offset), self.zone):
                sooner = moment >= at and (earliest is None or moment < earliest)
                if sooner and self.is_open(moment):
                    earliest = moment
            # Where a clock goes back over midnight, two days overlap, and the day after may hold
            # an earlier moment: the answer is sure only once that day was looked at too.
            if earliest is not None and earliest.astimezone(self.zone).date() < first + timedelta(
                days=offset
            ):
                return earliest
        return None

    def _candidates(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        """Yield when it can become open on ``day``: where spans start, or clocks change."""
        spans = self.spans(day)
        for span in spans:
            yield from _moments(day, span.start, zone)
        if spans or self.spans(day - timedelta(days=1)):
            yield from _clock_changes(day, zone)


def _moments(day: date, minute: int, zone: tzinfo) -> Iterator[datetime]:
    """Yield when the wall clock shows ``minute`` of ``day``: once, twice, or near it (in a gap)."""
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    for fold in (0, 1):
        yield wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _clock_changes(day: date, zone: tzinfo) -> Iterator[datetime]:
    """Yield the moment in ``day`` at which the zone's offset changes, if there is one."""
    low = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    high = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of an account: one schedule for all inboxes, others for some of them."""

    default: Schedule
    inboxes: Mapping[str, Schedule] = field(default_factory=dict)

    def schedule(self, inbox_id: str | None) -> Schedule:
        """Return the schedule that holds for an inbox."""
        return self.inboxes.get(inbox_id or "", self.default)

    def is_open(self, at: datetime, inbox_id: str | None = None) -> bool:
        """Say whether the aware moment ``at`` lies inside hours."""
        return self.schedule(inbox_id).is_open(at)

    def next_opening(self, at: datetime, inbox_id: str | None = None) -> datetime | None:
        """Return the first moment from ``at`` on that is inside hours; None: not for a year."""
        return self.schedule(inbox_id).next_opening(at)

    def minutes_until_open(self, at: datetime, inbox_id: str | None = None) -> float:
        """Return the minutes from ``at`` to the next opening; 0 while open, infinite if none."""
        opening = self.next_opening(at, inbox_id)
        return max(0.0, (opening - at).total_seconds() / 60) if opening else float("inf")

    def zone(self, inbox_id: str | None = None) -> tzinfo | None:
        """Return the zone in which the hours are written."""
        return self.schedule(inbox_id).zone


@lru_cache(maxsize=64)  # versions of the account, of which one is in use at a time
def account_hours(account: Account) -> Hours:
    """Return the hours that the Papercups account itself keeps.

    For each day the first row that names it counts, and no other. No time zone: never closed; a
    time zone and no row for a day: closed. A zone that is not known counts as none.
    """
    zone = zone_or_none(account.time_zone)
    week = tuple(_account_day(account.working_hours, index) for index in range(7))
    return Hours(Schedule(zone=zone, week=week))


def zone_or_none(name: str | None) -> ZoneInfo | None:
    """Return the zone of this name; None where it is not known."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None


def _account_day(rows: tuple[WorkingSpan, ...], index: int) -> tuple[Span, ...]:
    names = {"everyday", DAYS[index], "weekends" if index >= 5 else "weekdays"}
    for row in rows:
        if row.day in names:
            return (Span(row.start_minute, row.end_minute),) * (row.start_minute < row.end_minute)
    return ()


@dataclass(frozen=True, slots=True)
class ZoneWords:
    """How a zone is said to somebody who may live in another one.

    ``abbreviations`` are those that readers know, with what they read for them; for others the
    pattern ``city`` is filled in, with the zone's city or its name in ``cities``, by zone;
    ``instead`` are pieces of what comes out that are said otherwise.
    """

    city: str
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    cities: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)

    def name(self, there: datetime) -> str:
        """Return the name of the zone in which ``there`` is written."""
        abbreviation = there.tzname() or ""
        hours = _AMERICAN.get(abbreviation)
        if hours is None or there.utcoffset() == timedelta(hours=hours):
            known = self.abbreviations.get(abbreviation)
            if known is not None:
                return known
        key = getattr(there.tzinfo, "key", "")
        if not key:
            return abbreviation
        city = self.cities.get(key) or key.rpartition("/")[2].replace("_", " ")
        return _reworded(self.city.format(city=city), self.instead)


def _reworded(text: str, instead: Mapping[str, str]) -> str:
    """Return ``text`` with the pieces of it that are said otherwise."""
    for piece, other in instead.items():
        text = text.replace(piece, other)
    return text


_AMERICAN = {"CST": -6, "CDT": -5, "PST": -8}
"""Hours from UTC of abbreviations that readers take for American, and that are used elsewhere too:
in China, Cuba and the Philippines (IANA time zone database, 2024 to 2030)."""


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How a time is said. ``days`` and ``months`` begin with Monday and January.

    ``week`` are the days as a list of hours names them: "poniedziałek", not "w poniedziałek".
    ``instead`` are pieces that are said otherwise: "a las 1:" is "a la 1:" in Spanish.
    """

    today: str
    tomorrow: str
    weekday: str
    later: str
    next_year: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    zones: ZoneWords
    week: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


def say_when(
    moment: datetime, *, now: datetime, zone: tzinfo, words: TimeWords, name_zone: bool
) -> str:
    """Say ``moment`` in words as seen from ``now`` on a wall clock in ``zone``.

    ``name_zone`` adds the zone's name, for readers who may live in another one.
    """
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (there.date() - today).days
    pattern = words.later if there.year == today.year else words.next_year
    if days <= 0:
        pattern = words.today
    elif days == 1:
        pattern = words.tomorrow
    elif days < 7:
        pattern = words.weekday
    said = pattern.format(
        time=f"{there.hour}:{there.minute:02}",
        day=words.days[there.weekday()],
        date=there.day,
        month=words.months[there.month - 1],
        year=there.year,
    )
    said = _reworded(said, words.instead)
    return f"{said} ({words.zones.name(there)})" if name_zone else said
