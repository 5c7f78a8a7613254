"""``hours.yaml``: all that it may hold is understood, and each mistake named with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from textwrap import dedent
from zoneinfo import ZoneInfo

import holidays
import pytest

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.hours.file import HoursFile, compile_hours, parse_span
from agentbot.pipeline.hours.public_holidays import SAMPLE_YEAR
from agentbot.pipeline.hours.schedule import Hours, Span

OSLO = ZoneInfo("Europe/Oslo")


def read(text: str) -> tuple[Hours | None, list[str]]:
    """The hours, and the problems in words."""
    problems = Problems()
    hours = None
    if file := parse_yaml(dedent(text), "hours.yaml", problems):
        model = validate(HoursFile, file, problems)
        hours = compile_hours(model, file, problems) if model else None
    return hours, [str(problem) for problem in problems.found]


def good(text: str) -> Hours:
    """The hours of a text without mistakes."""
    hours, problems = read(text)
    assert not problems
    assert hours is not None
    return hours


def test_several_spans_exceptions_and_holidays() -> None:
    """All in one file, each where it belongs."""
    hours = good(
        """
        time_zone: Europe/Oslo
        week:
          weekdays: [9:00-12:00, 13:00-17:00]
          friday: 9:00-15:00
          saturday: 22:00-02:00
        exceptions:
          2026-12-24: 9:00-12:00
          2026-12-28..2026-12-30: closed
        holidays:
          country: NO
        """
    )
    schedule = hours.default
    assert schedule.spans(date(2026, 11, 23)) == (Span(540, 720), Span(780, 1020))
    assert schedule.spans(date(2026, 11, 27)) == (Span(540, 900),)
    assert schedule.spans(date(2026, 11, 28)) == (Span(1320, 1560),)
    assert schedule.spans(date(2026, 11, 29)) == ()
    assert schedule.spans(date(2026, 12, 24)) == (Span(540, 720),)
    assert schedule.spans(date(2026, 12, 29)) == ()
    assert schedule.spans(date(2027, 5, 17)) == (), "Norway's national day, a Monday"


def test_a_regions_holiday_is_none_elsewhere() -> None:
    """Epiphany is a holiday in Bavaria, and not in Berlin."""
    text = """
        time_zone: Europe/Berlin
        week: {everyday: 9:00-17:00}
        holidays: {country: DE, region: %s, hours: 10:00-11:00}
        """
    epiphany = date(2027, 1, 6)
    assert good(text % "BY").default.spans(epiphany) == (Span(600, 660),)
    assert good(text % "BE").default.spans(epiphany) == (Span(540, 1020),)


def test_a_country_is_looked_up_with_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not while the first customer waits."""
    schedule = good(
        """
        time_zone: Australia/Hobart
        week: {everyday: 9:00-17:00}
        holidays: {country: AU, region: TAS}
        """
    ).default
    monkeypatch.delattr(holidays, "country_holidays")
    assert schedule.spans(date(SAMPLE_YEAR, 1, 26)) == (), "Australia Day"


def test_an_exception_of_every_year_needs_no_year() -> None:
    """A single day counts before a range, and a year's own date before one of every year."""
    schedule = good(
        """
        time_zone: Europe/Oslo
        week: {everyday: 9:00-17:00}
        exceptions:
          12-24: 9:00-12:00
          12-23..01-02: closed
          2027-12-24: 10:00-11:00
          02-29: closed
        """
    ).default
    assert schedule.spans(date(2026, 12, 22)) == (Span(540, 1020),)
    assert schedule.spans(date(2026, 12, 23)) == ()
    assert schedule.spans(date(2026, 12, 24)) == (Span(540, 720),)
    assert schedule.spans(date(2027, 12, 24)) == (Span(600, 660),)
    assert schedule.spans(date(2040, 1, 2)) == ()
    assert schedule.spans(date(2040, 1, 3)) == (Span(540, 1020),)
    assert schedule.spans(date(2028, 2, 29)) == ()


def test_the_shop_keeps_holidays_of_its_own() -> None:
    """Days that it adds, kinds that it keeps too, and a holiday that it works on."""
    schedule = good(
        """
        time_zone: Europe/Berlin
        week: {everyday: 9:00-17:00}
        holidays:
          country: DE
          region: Bayern
          categories: catholic
          also: [12-24, 2026-07-04]
          without: [Epiphany]
        """
    ).default
    open_ = (Span(540, 1020),)
    assert schedule.spans(date(2026, 8, 15)) == (), "Assumption Day"
    assert schedule.spans(date(2031, 12, 24)) == ()
    assert schedule.spans(date(2026, 7, 4)) == ()
    assert schedule.spans(date(2027, 7, 4)) == open_
    assert schedule.spans(date(2027, 1, 6)) == open_


def test_holidays_of_some_regions_are_named_where_no_region_is() -> None:
    """It is allowed, and most often a mistake: Easter Monday is none in all of Great Britain."""
    text = "time_zone: UTC\nweek: {}\nholidays:\n  country: %s\n"
    problems = Problems()

    def doubts(country: str) -> list[str]:
        problems.doubts.clear()
        file = parse_yaml(text % country, "hours.yaml", problems)
        assert file
        model = validate(HoursFile, file, problems)
        assert model
        compile_hours(model, file, problems)
        return problems.doubts

    [said] = doubts("GB")
    assert said.startswith("hours.yaml:3: GB has holidays that only some regions keep")
    assert "Easter Monday (ENG, NIR, WLS)" in said
    assert doubts("GB\n  region: SCT") == []
    assert doubts("NO") == []


def test_an_inbox_has_its_own_file_within_the_file() -> None:
    """By its id; another zone, another week."""
    hours = good(
        """
        time_zone: Europe/Oslo
        week: {weekdays: 9:00-17:00}
        inboxes:
          abc-1:
            time_zone: UTC
            week: {everyday: 0:00-24:00}
        """
    )
    sunday = datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert hours.is_open(sunday, "abc-1")
    assert not hours.is_open(sunday)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "time_zone: Europe/Olso\nweek: {}",
            "hours.yaml:1: there is no time zone 'Europe/Olso' (did you mean 'Europe/Oslo'?)",
        ),
        ("week: {}\ntime_zone: Moon", "hours.yaml:2: there is no time zone 'Moon' (write it as"),
        ("week: {}\ntime_zone: Europe", "hours.yaml:2: there is no time zone 'Europe'"),
        ("week: {}\ntime_zone: /etc/hosts", "hours.yaml:2: there is no time zone '/etc/hosts'"),
        (
            "time_zone: UTC\nweek: {}\ninboxes:\n  a:\n    week: {}\n    time_zone: Moon",
            "hours.yaml:6: there is no time zone 'Moon'",
        ),
        (
            "time_zone: UTC\nweek: {}\nholidays:\n  country: NO\n  hours: 9-17",
            "hours.yaml:5: '9-17' is not a span of hours",
        ),
        (
            "time_zone: UTC\nweek:\n  mondy: closed",
            "hours.yaml:3: unknown key 'mondy' (did you mean 'monday'",
        ),
        ("time_zone: UTC\nweek:\n  monday: 9-17", "hours.yaml:3: '9-17' is not a span of hours"),
        ("time_zone: UTC\nweek:\n  monday: 9:00-17:61", "hours.yaml:3: '9:00-17:61' names a time"),
        ("time_zone: UTC\nweek:\n  monday: [9:00-12:00, 11:00-13:00]", "hours.yaml:3: the spans"),
        (
            "time_zone: UTC\nweek: {}\nexceptions:\n  24.12.: closed",
            "hours.yaml:4: '24.12.' is not a date: is 12-24 meant?",
        ),
        (
            "time_zone: UTC\nweek: {}\nexceptions:\n  12-24: 9-17",
            "hours.yaml:4: '9-17' is not a span of hours",
        ),
        (
            "time_zone: UTC\nweek:\n  monday: [11:00-13:00, 9:00-12:00]",
            "hours.yaml:3: the spans 11:00-13:00 and 9:00-12:00 overlap",
        ),
        ("time_zone: UTC\nweek: {}\nexceptions:\n  2026-W52: closed", "'2026-W52' is not a date"),
        (
            "time_zone: UTC\nweek: {}\nexceptions:\n  12-24..12-31: closed\n  12-28..01-02: closed",
            "hours.yaml:5: '12-24..12-31' and '12-28..01-02' both give the hours of 12-28",
        ),
        (
            "time_zone: UTC\nweek: {}\nexceptions:\n  2026-12-24..2026-12-01: closed",
            "does not go forward",
        ),
        ("time_zone: UTC\nweek: {}\nholidays:\n  country: XX", "hours.yaml:4: holidays of 'XX'"),
        (
            "time_zone: UTC\nweek: {}\nholidays:\n  country: DE\n  region: BX",
            "hours.yaml:5: DE has no region 'BX'",
        ),
        (
            "time_zone: UTC\nweek: {}\nholidays: {country: DE, region: BY, categories: catolic}",
            "hours.yaml:3: DE has no holidays of the kind 'catolic' (did you mean 'catholic'?)",
        ),
        (
            "time_zone: UTC\nweek: {}\nholidays:\n  country: NO\n  also: 24.12.",
            "hours.yaml:5: '24.12.' is not a date: is 12-24 meant?",
        ),
        (
            "time_zone: UTC\nweek: {}\nholidays:\n  country: NO\n  without: Pentecost Munday",
            "NO has no holiday named 'Pentecost Munday' (did you mean 'Pentecost Monday'?)",
        ),
        ("week: {}", "hours.yaml:1: the key 'time_zone' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, expected: str) -> None:
    """And with a remedy."""
    _, problems = read(text)
    assert len(problems) == 1
    assert expected in problems[0]
    assert problems[0].endswith(")"), "there is a remedy"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("9:00-17:00", Span(540, 1020)),
        ("09:30 - 12:00", Span(570, 720)),
        ("0:00-24:00", Span(0, 1440)),
        ("8:59-17:30", Span(539, 1050)),
        ("9:15-16:59", Span(555, 1019)),
        ("22:00-2:00", Span(1320, 1560)),
        ("9:00-9:00", Span(540, 1980)),
        ("9:00\u201117:00", Span(540, 1020)),
        ("9:00 \u2014 17:00", Span(540, 1020)),
    ],
)
def test_a_span_is_read(text: str, span: Span) -> None:
    """An end that is not after its start is on the next day."""
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["24:00-2:00", "9:60-17:00", "9:00-17:60", "9:00-24:01", "9:00-"])
def test_a_time_that_no_clock_shows_is_refused(text: str) -> None:
    """Midnight at a day's end is one, at its beginning it is 0:00."""
    with pytest.raises(ValueError, match=r"no clock shows|not a span"):
        parse_span(text)


def test_spans_of_a_day_may_touch_and_stand_in_any_order() -> None:
    """They are the same hours."""
    hours = good(
        "time_zone: UTC\nweek: {weekdays: ['14:00-16:00', '9:00-12:00', '12:00-13:00'],"
        " weekends: '20:00-21:00'}"
    )
    monday, saturday = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
    sunday = saturday + timedelta(days=1)
    open_at = [hour for hour in range(24) if hours.is_open(monday + timedelta(hours=hour))]
    assert open_at == [9, 10, 11, 12, 14, 15]
    for day in (saturday, sunday):
        assert [hour for hour in range(24) if hours.is_open(day + timedelta(hours=hour))] == [20]
