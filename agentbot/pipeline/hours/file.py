"""``hours.yaml``: opening hours as a support lead writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from agentbot.pipeline.files.models import FileModel, OneOrMore
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.hours.schedule import DAYS, MINUTES_A_DAY, Hours, Schedule, Span
from agentbot.pipeline.words import did_you_mean

_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*[-\u2013]\s*(\d{1,2}):(\d\d)")
_MAX_RANGE_DAYS = 366
"""Days between the ends of a range of dates: a leap year, so that "01-01..12-31" is one."""
_MAX_REMEDY = 200
"""Characters of a remedy that a person reads: the list of all zones has thousands."""
_REMEDY = "write 9:00-17:00, several as [9:00-12:00, 13:00-17:00], or closed"


class WeekModel(FileModel):
    """A week. A day's name counts before weekdays and weekends, these before everyday."""

    everyday: OneOrMore | None = None
    weekdays: OneOrMore | None = None
    weekends: OneOrMore | None = None
    monday: OneOrMore | None = None
    tuesday: OneOrMore | None = None
    wednesday: OneOrMore | None = None
    thursday: OneOrMore | None = None
    friday: OneOrMore | None = None
    saturday: OneOrMore | None = None
    sunday: OneOrMore | None = None


class HolidaysModel(FileModel):
    """The public holidays of a country, and of a part of it."""

    country: str = Field(description="ISO code, such as NO or DE.")
    region: str | None = Field(None, description="A part of the country, such as BY.")
    hours: OneOrMore = Field(["closed"], description="Hours on these days.")


class ScheduleModel(FileModel):
    """The hours of one place."""

    time_zone: str = Field(description="Such as Europe/Oslo.")
    week: WeekModel = Field(description="The usual week; a day that is not named is closed.")
    exceptions: dict[str, OneOrMore] = Field(
        {}, description="Dates (2026-12-24, or 2026-12-24..2026-12-31) with other hours."
    )
    holidays: HolidaysModel | None = None


class HoursFile(ScheduleModel):
    """``hours.yaml``: hours for all inboxes, and others for some."""

    inboxes: dict[str, ScheduleModel] = Field({}, description="By inbox id: its own hours.")


def compile_hours(model: HoursFile, file: YamlFile, problems: Problems) -> Hours:
    """Compile the file; what is wrong is noted in ``problems`` and left out."""
    inboxes = {
        inbox: _ScheduleCompiler(file, ("inboxes", inbox), problems).compile(one)
        for inbox, one in model.inboxes.items()
    }
    return Hours(_ScheduleCompiler(file, (), problems).compile(model), inboxes)


class _ScheduleCompiler:
    """The compiler of the schedule that stands at ``path``."""

    def __init__(self, file: YamlFile, path: Path_, problems: Problems) -> None:
        self._file = file
        self._path = path
        self._problems = problems

    def compile(self, model: ScheduleModel) -> Schedule:
        holidays = model.holidays
        exceptions: dict[date, tuple[Span, ...]] = {}
        for text, hours in model.exceptions.items():
            spans = self._spans(hours, "exceptions", text)
            for day in self._dates(text):
                exceptions[day] = spans
        found = self._holidays(holidays) if holidays else None
        spans = self._spans(holidays.hours, "holidays", "hours") if holidays else ()
        schedule = Schedule(
            zone=self._zone(model.time_zone),
            week=tuple(self._day(model.week, index) for index in range(7)),
            exceptions=exceptions,
        )
        if found is None:
            return schedule
        return Schedule(
            zone=schedule.zone,
            week=schedule.week,
            exceptions=exceptions,
            holidays=found,
            holiday_spans=spans,
        )

    def _note(self, key: str | tuple[str, ...], problem: str, remedy: str) -> None:
        keys = (key,) if isinstance(key, str) else key
        self._problems.add(self._file.place(*self._path, *keys), problem, remedy)

    def _zone(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (LookupError, ValueError, OSError):
            remedy = did_you_mean(name, available_timezones())
            if len(remedy) > _MAX_REMEDY:  # no name is near, and all are listed
                remedy = "write it as Area/City, such as Europe/Oslo"
            self._note("time_zone", f"there is no time zone {name!r}", remedy)
            return ZoneInfo("UTC")

    def _day(self, week: WeekModel, index: int) -> tuple[Span, ...]:
        for key in (DAYS[index], "weekends" if index >= 5 else "weekdays", "everyday"):
            hours: list[str] | None = getattr(week, key)
            if hours is not None:
                return self._spans(hours, "week", key)
        return ()

    def _spans(self, texts: list[str], *keys: str) -> tuple[Span, ...]:
        if [text.strip().lower() for text in texts] in ([], ["closed"]):
            return ()
        spans: list[Span] = []
        for text in texts:
            try:
                spans.append(parse_span(text))
            except ValueError as error:
                self._note(keys, str(error), _REMEDY)
        spans.sort(key=lambda span: span.start)
        for before, after in pairwise(spans):
            if after.start < before.end:
                self._note(keys, f"the spans {' and '.join(texts)} overlap", "join them")
        return tuple(spans)

    def _dates(self, text: str) -> Iterator[date]:
        first, dots, last = (part.strip() for part in text.partition(".."))
        try:
            begin = date.fromisoformat(first)
            end = date.fromisoformat(last) if dots else begin
        except ValueError:
            self._note(
                ("exceptions", text), f"{text!r} is not a date", "write 2026-12-24, or two with .."
            )
            return
        days = (end - begin).days
        if not 0 <= days <= _MAX_RANGE_DAYS:
            self._note(
                ("exceptions", text),
                f"{text!r} does not go forward within a year",
                "swap the dates",
            )
            return
        for offset in range(days + 1):
            yield begin + timedelta(days=offset)

    def _holidays(self, model: HolidaysModel) -> Callable[[int], frozenset[date]] | None:
        import holidays  # noqa: PLC0415 - heavy, and only folders that name a country need it

        known: Mapping[str, list[str]] = holidays.list_supported_countries()
        country = model.country.upper()
        if country not in known:
            self._note(
                ("holidays", "country"),
                f"holidays of {model.country!r} are not known",
                "write the ISO code of a country: NO, DE, US …",
            )
            return None
        if model.region is not None and model.region not in known[country]:
            self._note(
                ("holidays", "region"),
                f"{country} has no region {model.region!r}",
                did_you_mean(model.region, known[country]),
            )
            return None
        region = model.region

        @lru_cache(maxsize=8)  # years: this one and its neighbours are asked for
        def of_year(year: int) -> frozenset[date]:
            return frozenset(holidays.country_holidays(country, subdiv=region, years=year))

        return of_year


def parse_span(text: str) -> Span:
    """Read ``9:00-17:00``; an end at or before the start is on the next day. ``ValueError``."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span of hours")
    start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start_minute > 59 or end_minute > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f"{text!r} names a time that no clock shows")
    return Span(start, end if end > start else end + MINUTES_A_DAY)
