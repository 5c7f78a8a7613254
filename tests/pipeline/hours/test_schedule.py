"""Opening hours are what the clock on the wall shows, every minute, also where clocks change."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.schedule import (
    Hours,
    Schedule,
    Span,
    TimeWords,
    ZoneWords,
    account_hours,
    say_when,
)
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.turn import Account, WorkingSpan

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Zones whose clocks change at different hours, by different steps, some of them at midnight.
ZONES = [
    "Europe/Stockholm",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "UTC",
]
# Days near which one of those zones changes its clocks (2018: the last one of Sao Paulo).
DAYS = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2018, 2, 17),
    date(2018, 11, 3),
    date(2026, 4, 4),
    date(2026, 10, 4),
    date(2026, 2, 15),
    date(2026, 7, 1),
]


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Up to two spans of a day that do not overlap; the last may run past midnight."""
    edges = sorted(draw(st.sets(st.integers(0, 1439), min_size=0, max_size=4)))
    made = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    if len(edges) % 2:
        made.append(Span(edges[-1], 1440 + draw(st.integers(0, 300))))
    return tuple(made)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """A week, with an exception on or near a day on which clocks change."""
    day = draw(st.sampled_from(DAYS))
    exceptions = draw(st.dictionaries(st.integers(-1, 1), spans(), max_size=2))
    return Schedule(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        week=tuple(draw(spans()) for _ in range(7)),
        exceptions={day + timedelta(days=offset): one for offset, one in exceptions.items()},
    )


def shown_open(schedule: Schedule, at: datetime) -> bool:
    """The plain meaning: what the wall clock shows lies in a span of this day or the last."""
    assert schedule.zone is not None
    wall = at.astimezone(schedule.zone).replace(tzinfo=None)
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        midnight = datetime.combine(day, datetime.min.time())
        for span in schedule.spans(day):
            start = midnight + timedelta(minutes=span.start)
            if start <= wall < midnight + timedelta(minutes=span.end):
                return True
    return False


MOMENTS = st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(DAYS),
    st.integers(-1440, 1440),
)


@given(schedules(), MOMENTS)
def test_open_is_what_the_clock_on_the_wall_says(schedule: Schedule, at: datetime) -> None:
    """Also on the days on which clocks change, in every zone."""
    for minutes in range(0, 600, 7):
        moment = at + timedelta(minutes=minutes)
        assert schedule.is_open(moment) is shown_open(schedule, moment)


@given(schedules(), MOMENTS)
@example(
    Schedule(zone=STOCKHOLM, week=((Span(150, 170),),) * 7),
    datetime(2026, 3, 29, 0, 0, tzinfo=UTC),
)
def test_the_next_opening_is_the_first_open_minute(schedule: Schedule, at: datetime) -> None:
    """Found by looking at every minute of the next two days, where there is one in them."""
    found = schedule.next_opening(at)
    for minutes in range(2880):
        moment = at + timedelta(minutes=minutes)
        if shown_open(schedule, moment):
            assert found == moment
            return
    assert found is None or found >= at + timedelta(minutes=2880)


def test_an_opening_in_the_hour_that_clocks_skip_is_when_they_have_skipped() -> None:
    """2:30 does not exist on 29 March 2026 in Stockholm; a span from 2:30 to 5:00 opens at 3:00."""
    schedule = Schedule(zone=STOCKHOLM, week=((Span(150, 300),),) * 7)
    opening = schedule.next_opening(datetime(2026, 3, 29, 0, 0, tzinfo=UTC))
    assert opening == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_clock_that_goes_back_over_midnight_may_open_the_day_before_once_more() -> None:
    """In St. John's it did at one past, until 2011: Sunday 0:01 was Saturday 23:01 again."""
    zone = ZoneInfo("America/St_Johns")
    week = tuple((Span(1410, 1425),) if day == 5 else () for day in range(7))
    sunday = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    assert (sunday.astimezone(zone).day, sunday.astimezone(zone).hour) == (7, 0)
    opening = Schedule(zone=zone, week=week).next_opening(sunday)
    assert opening == datetime(2010, 11, 7, 3, 0, tzinfo=UTC)


def test_where_two_days_overlap_the_first_moment_of_both_counts() -> None:
    """Sunday's 0:00 came before Saturday's second 23:30 there."""
    zone = ZoneInfo("America/St_Johns")
    days = {5: (Span(1410, 1425),), 6: (Span(0, 1),)}
    week = tuple(days.get(day, ()) for day in range(7))
    after_the_first = datetime(2010, 11, 7, 2, 16, tzinfo=UTC)
    opening = Schedule(zone=zone, week=week).next_opening(after_the_first)
    assert opening == datetime(2010, 11, 7, 2, 30, tzinfo=UTC)


def test_a_clock_that_goes_back_opens_yesterdays_late_hours_again() -> None:
    """Saturday 20:00 to 2:30 on Sunday: it was 2:30, and then it is 2:00 once more."""
    week = tuple((Span(1200, 1590),) if day == 5 else () for day in range(7))
    opening = Schedule(zone=STOCKHOLM, week=week).next_opening(
        datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
    )
    assert opening == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


def test_an_hour_that_the_clock_shows_twice_opens_at_the_first() -> None:
    """2:30 on 25 October 2026 in Stockholm, in summer time."""
    schedule = Schedule(zone=STOCKHOLM, week=((Span(150, 170),),) * 7)
    opening = schedule.next_opening(datetime(2026, 10, 25, 0, 10, tzinfo=UTC))
    assert opening == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_span_past_midnight_belongs_to_the_day_it_begins_on() -> None:
    """Friday 18:00 to 2:00 is open on Saturday at 1:00, though Saturday itself is closed."""
    week = tuple((Span(1080, 1560),) if day == 4 else () for day in range(7))
    schedule = Schedule(zone=STOCKHOLM, week=week)
    assert schedule.is_open(datetime(2026, 11, 28, 1, 0, tzinfo=STOCKHOLM))
    assert not schedule.is_open(datetime(2026, 11, 28, 2, 0, tzinfo=STOCKHOLM))
    assert not schedule.is_open(datetime(2026, 11, 27, 1, 0, tzinfo=STOCKHOLM))


def test_a_dated_exception_beats_a_holiday_and_a_holiday_the_week() -> None:
    """The most particular wins."""
    christmas, boxing = date(2026, 12, 25), date(2026, 12, 26)
    schedule = Schedule(
        zone=STOCKHOLM,
        week=((Span(540, 1020),),) * 7,
        exceptions={christmas: (Span(600, 660),)},
        holidays=lambda _year: frozenset({christmas, boxing}),
    )
    assert schedule.spans(christmas) == (Span(600, 660),)
    assert schedule.spans(boxing) == ()
    assert schedule.spans(date(2026, 12, 27)) == (Span(540, 1020),)


def test_never_open_has_no_next_opening() -> None:
    """And the wait is infinite."""
    hours = Hours(Schedule(zone=STOCKHOLM))
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert hours.next_opening(now) is None
    assert hours.minutes_until_open(now) == float("inf")


def test_an_inbox_may_have_hours_of_its_own() -> None:
    """All others share the default."""
    always = Schedule(zone=UTC, week=((Span(0, 1440),),) * 7)
    hours = Hours(Schedule(zone=STOCKHOLM), {"sales": always})
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert hours.is_open(now, "sales")
    assert not hours.is_open(now, "support")
    assert not hours.is_open(now)
    assert hours.minutes_until_open(now, "sales") == 0
    assert (hours.zone("sales"), hours.zone("support"), hours.zone()) == (UTC, STOCKHOLM, STOCKHOLM)


def test_the_wait_for_the_next_opening_is_in_minutes() -> None:
    """From the very moment on."""
    hours = Hours(Schedule(zone=UTC, week=((Span(540, 1020),),) * 7))
    assert hours.minutes_until_open(datetime(2026, 11, 23, 7, 29, 30, tzinfo=UTC)) == 90.5


class TestAccount:
    """The hours that Papercups keeps (PROTOCOL.md §4)."""

    MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
    SATURDAY = datetime(2026, 11, 28, 12, tzinfo=UTC)

    def test_without_a_time_zone_it_is_never_closed(self) -> None:
        """Whatever the rows say."""
        account = Account(working_hours=(WorkingSpan("everyday", 0, 0),))
        assert account_hours(account).is_open(self.SATURDAY)

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "\0", "Europe"])
    def test_an_unknown_time_zone_counts_as_none(self, zone: str) -> None:
        """What the account holds must not break the bot."""
        assert account_hours(Account(time_zone=zone)).is_open(self.SATURDAY)

    def test_a_day_that_no_row_names_is_closed(self) -> None:
        """A time zone and no matching row: outside."""
        account = Account(time_zone="UTC", working_hours=(WorkingSpan("weekdays", 0, 1440),))
        assert account_hours(account).is_open(self.MONDAY)
        assert not account_hours(account).is_open(self.SATURDAY)

    def test_the_first_row_that_matches_a_day_counts(self) -> None:
        """Later, more particular rows do not."""
        rows = (WorkingSpan("everyday", 0, 60), WorkingSpan("monday", 0, 1440))
        assert not account_hours(Account(time_zone="UTC", working_hours=rows)).is_open(self.MONDAY)

    def test_weekends_are_two_days(self) -> None:
        """And weekdays the other five."""
        rows = (WorkingSpan("weekends", 600, 900),)
        week = account_hours(Account(time_zone="UTC", working_hours=rows)).default.week
        assert week == ((),) * 5 + ((Span(600, 900),),) * 2

    def test_a_row_of_no_time_is_a_closed_day(self) -> None:
        """It is not told as hours from 0:00 to 0:00 either."""
        rows = (WorkingSpan("everyday", 540, 540),)
        hours = account_hours(Account(time_zone="UTC", working_hours=rows))
        assert hours.default.week == ((),) * 7

    def test_the_recorded_account_is_closed_on_a_sunday(self) -> None:
        """As in the transcript: weekends from 0 to 0, a Sunday in New York."""
        rows = (WorkingSpan("weekdays", 540, 1020), WorkingSpan("weekends", 0, 0))
        account = Account(time_zone="America/New_York", working_hours=rows)
        sunday = datetime(2026, 11, 22, 17, 44, 35, tzinfo=UTC)
        assert not account_hours(account).is_open(sunday)
        assert account_hours(account).next_opening(sunday) == datetime(2026, 11, 23, 14, tzinfo=UTC)


class TestWords:
    """A time as it is said."""

    WORDS = TimeWords(
        today="today at {time}",
        tomorrow="tomorrow at {time}",
        weekday="on {day} at {time}",
        later="on {date} {month} at {time}",
        next_year="on {date} {month} {year} at {time}",
        days=("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
        months=(*"123456789", "10", "11", "Dec"),
        zones=ZoneWords("{city} time", {"CET": "CET", "EST": "EST"}),
    )
    NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("hours", "said"),
        [
            (0.25, "today at 23:45"),
            (9, "tomorrow at 8:30"),
            (57, "on Th at 8:30"),
            (24 * 6, "on Su at 23:30"),
            (24 * 7, "on 30 11 at 23:30"),
            (24 * 8, "on 1 Dec at 23:30"),
        ],
    )
    def test_the_nearer_the_shorter(self, hours: float, said: str) -> None:
        """Today, tomorrow, a day's name, a date."""
        moment = self.NOW + timedelta(hours=hours)
        words = say_when(moment, now=self.NOW, zone=STOCKHOLM, words=self.WORDS, name_zone=False)
        assert words == said

    def test_the_day_is_the_readers_own(self) -> None:
        """The same moment is tomorrow in Stockholm and still today in New York."""
        moment = self.NOW + timedelta(hours=1)
        there = ZoneInfo("America/New_York")
        assert (
            say_when(moment, now=self.NOW, zone=there, words=self.WORDS, name_zone=True)
            == "today at 18:30 (EST)"
        )
        assert (
            say_when(moment, now=self.NOW, zone=STOCKHOLM, words=self.WORDS, name_zone=True)
            == "tomorrow at 0:30 (CET)"
        )

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (6, "on {day} at 22:30"),
            (38, "on 31 Dec at 22:30"),
            (39, "on 1 1 2027 at 22:30"),
            (365, "on 23 11 2027 at 22:30"),
        ],
    )
    def test_another_year_is_said(self, days: int, said: str) -> None:
        """A year ahead, the date alone would be taken for the next one of that name."""
        now = self.NOW - timedelta(hours=1)
        moment = now + timedelta(days=days)
        told = say_when(moment, now=now, zone=STOCKHOLM, words=self.WORDS, name_zone=False)
        day = self.WORDS.days[moment.astimezone(STOCKHOLM).weekday()]
        assert told == said.format(day=day)


def zones_of(language: Language) -> ZoneWords:
    """Return how a language names zones."""
    times = load_pack(language).texts.times
    return ZoneWords(city=times.zone, abbreviations=times.abbreviations, cities=times.cities)


def test_a_zone_without_a_place_is_named_as_it_calls_itself() -> None:
    """An offset alone has no city."""
    there = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=3)))
    assert ZoneWords("{city} time").name(there) == "UTC+03:00"


@pytest.mark.parametrize("language", get_args(Language))
def test_no_zone_is_named_by_figures(language: Language) -> None:
    """An offset such as (-03) means nothing to most readers; and no name is left empty."""
    words = zones_of(language)
    zones = [name for name in available_timezones() if "/" in name and "Etc/" not in name]
    for zone in map(ZoneInfo, zones):
        for month in (1, 7):
            name = words.name(datetime(2026, month, 1, tzinfo=zone))
            assert name, zone
            assert not re.search(r"\d", name), zone


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "Europe/Oslo", "CET"),
        ("de", "Europe/Berlin", "MEZ"),
        ("de", "Europe/Vienna", "MEZ"),
        ("en", "America/Chicago", "CST"),
        ("en", "Asia/Shanghai", "Shanghai time"),
        ("en", "Asia/Manila", "Manila time"),
        ("en", "America/Sao_Paulo", "São Paulo time"),
        ("en", "America/Argentina/Buenos_Aires", "Buenos Aires time"),
    ],
)
def test_a_zone_is_named_as_its_readers_know_it(language: Language, zone: str, said: str) -> None:
    """By an abbreviation of theirs, where it means this zone; else by its city."""
    assert zones_of(language).name(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))) == said


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("America/New_York", "EST", "EDT"),
        ("America/Chicago", "CST", "CDT"),
        ("America/Denver", "MST", "MDT"),
        ("America/Los_Angeles", "PST", "PDT"),
        ("America/Havana", "Havana time", "Havana time"),
    ],
)
def test_an_american_abbreviation_means_america(zone: str, winter: str, summer: str) -> None:
    """In both halves of the year; Cuba's are two of the same letters, an hour off."""
    words = zones_of("en")
    assert words.name(datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))) == winter
    assert words.name(datetime(2026, 7, 1, tzinfo=ZoneInfo(zone))) == summer
