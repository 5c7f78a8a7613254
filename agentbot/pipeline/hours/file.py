"""``hours.yaml``: opening hours as a support lead writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from agentbot.pipeline.files.models import FileModel, OneOrMore
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.hours.dates import DATE_REMEDY, DateRange, MonthDay, parse_dates
from agentbot.pipeline.hours.public_holidays import (
    SAMPLE_YEAR,
    PublicHolidays,
    UnknownHolidaysError,
    check_name,
    find_category,
    find_country,
    find_region,
    regional_doubt,
)
from agentbot.pipeline.hours.schedule import (
    DAYS,
    MINUTES_A_DAY,
    Hours,
    Schedule,
    Span,
    no_holidays,
)
from agentbot.pipeline.words import did_you_mean, plain

_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")
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
    region: str | None = Field(
        None, description="A part of the country that has holidays of its own: BY, or Bayern."
    )
    categories: OneOrMore = Field(
        [],
        description="Kinds of holidays that are kept beside the public ones, such as catholic "
        "(15 August in Bavaria) or half_day, where the country has them.",
    )
    also: OneOrMore = Field(
        [], description="Days that you keep as well: 12-24 every year, 2026-05-15 once."
    )
    without: OneOrMore = Field(
        [], description="Holidays that you do not keep, by name, such as Columbus Day."
    )
    hours: OneOrMore = Field(["closed"], description="Hours on these days.")


class ScheduleModel(FileModel):
    """The hours of one place."""

    time_zone: str = Field(description="Such as Europe/Oslo.")
    week: WeekModel = Field(description="The usual week; a day that is not named is closed.")
    exceptions: dict[str, OneOrMore] = Field(
        {},
        description="Dates with other hours: 2026-12-24, 12-24 for every year, or a range "
        "(12-24..01-02). A year's own date counts before one of every year, a single day before "
        "a range.",
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
        exceptions, yearly = self._exceptions(model.exceptions)
        return Schedule(
            zone=self._zone(model.time_zone),
            week=tuple(self._day(model.week, index) for index in range(7)),
            exceptions=exceptions,
            yearly=yearly,
            holidays=self._holidays(holidays) if holidays else no_holidays,
            holiday_spans=self._spans(holidays.hours, "holidays", "hours") if holidays else (),
        )

    def _note(self, key: str | tuple[str, ...], problem: str, remedy: str) -> None:
        keys = (key,) if isinstance(key, str) else key
        self._problems.add(self._file.place(*self._path, *keys), problem, remedy)

    def _zone(self, name: str) -> ZoneInfo | None:
        try:
            return ZoneInfo(name)
        except (LookupError, ValueError, OSError):
            otherwise = "write it as Area/City, such as Europe/Oslo"
            remedy = did_you_mean(name, available_timezones(), otherwise=otherwise)
            self._note("time_zone", f"there is no time zone {name!r}", remedy)
            return None

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

    def _exceptions(
        self, model: Mapping[str, list[str]]
    ) -> tuple[dict[date, tuple[Span, ...]], dict[MonthDay, tuple[Span, ...]]]:
        """Return the hours of single dates, and those of days of every year."""
        read: list[tuple[DateRange, str, tuple[Span, ...]]] = []
        for text, hours in model.items():
            spans = self._spans(hours, "exceptions", text)
            if dates := self._dates(text, "exceptions", text):
                read.append((dates, text, spans))
        dated: dict[date, tuple[Span, ...]] = {}
        yearly: dict[MonthDay, tuple[Span, ...]] = {}
        read.sort(key=lambda one: one[0].is_one_day)  # stable: a single day has the last word
        said: dict[tuple[bool, bool, date], str] = {}
        for dates, text, spans in read:
            for day in dates.days():
                before = said.setdefault((dates.yearly, dates.is_one_day, day), text)
                if before != text:
                    problem = f"{before!r} and {text!r} both give the hours of {day:%m-%d}"
                    self._note(
                        ("exceptions", text), problem, "let one of them begin or end earlier"
                    )
                    break
                if dates.yearly:
                    yearly[day.month, day.day] = spans
                else:
                    dated[day] = spans
        return dated, yearly

    def _dates(self, text: str, *keys: str) -> DateRange | None:
        try:
            return parse_dates(text)
        except ValueError as error:
            self._note(keys, str(error), DATE_REMEDY)
            return None

    def _holidays(self, model: HolidaysModel) -> Callable[[int], frozenset[date]]:
        also = [found for text in model.also if (found := self._dates(text, "holidays", "also"))]
        days = [(one.yearly, day) for one in also for day in one.days()]
        try:
            country = find_country(model.country)
            made = PublicHolidays(
                country=country,
                region=find_region(country, model.region) if model.region is not None else None,
                categories=tuple(find_category(country, one) for one in model.categories),
                also=frozenset((day.month, day.day) for yearly, day in days if yearly),
                also_dates=frozenset(day for yearly, day in days if not yearly),
                without=tuple(model.without),
            )
            for name in made.without:
                check_name(made, name)
        except UnknownHolidaysError as error:
            self._note(("holidays", error.key), str(error), error.remedy)
            return no_holidays
        made.of_year(SAMPLE_YEAR)  # loads the country with the folder, not while a customer waits
        if made.region is None and (doubt := regional_doubt(country)):
            self._problems.doubt(self._file.place(*self._path, "holidays"), doubt)
        return made.by_year()


def parse_span(text: str) -> Span:
    """Read ``9:00-17:00``; an end at or before the start is on the next day. ``ValueError``."""
    match = _SPAN.fullmatch(plain(text).strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span of hours")
    start_hour, start_minute, end_hour, end_minute = map(int, match.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start_minute > 59 or end_minute > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f"{text!r} names a time that no clock shows")
    return Span(start, end if end > start else end + MINUTES_A_DAY)
