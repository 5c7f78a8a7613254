"""On a day: ``on_day.py``: the hours of the days that a question names, or that nobody knows."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from agentbot.pipeline.hours.asked import AskedDays
from agentbot.pipeline.hours.on_day import days_named, hours_in_words
from agentbot.pipeline.hours.schedule import Schedule, Span
from tests.support.words import WORDS

TODAY = date(2026, 11, 26)
NINE = (Span(540, 1020),)
WEEK = (NINE,) * 6 + ((),)
PLAIN = Schedule(zone=ZoneInfo("Europe/Oslo"), week=WEEK)
CHRISTMAS = date(2026, 12, 25)
KEPT = Schedule(
    zone=PLAIN.zone,
    week=WEEK,
    yearly={(12, 24): (Span(540, 720),)},
    holidays=lambda year: frozenset({date(year, 12, 25), date(year, 12, 26)}),
)


def asked(text: str, schedule: Schedule) -> AskedDays:
    """Return the days that a question names in German or English."""
    return days_named([text], today=TODAY, codes=("de", "en"), schedule=schedule)


def test_the_first_language_counts_in_which_a_day_is_named() -> None:
    """Customers may write another one than the shop."""
    assert asked("am Montag?", PLAIN).days == asked("on Monday?", PLAIN).days != []


def test_the_first_text_counts_that_names_a_day() -> None:
    """What was said now goes before what is meant by it."""
    texts = ("and then?", "on Monday?", "on Tuesday?")
    found = days_named(texts, today=TODAY, codes=("en",), schedule=PLAIN)
    assert found.days == [date(2026, 11, 30)]


def test_public_holidays_are_the_next_ones_of_the_schedule() -> None:
    """Where it names none, nobody knows."""
    assert asked("on public holidays?", KEPT).days == [CHRISTMAS, date(2026, 12, 26)]
    assert not asked("on public holidays?", KEPT).is_unclear
    assert asked("on public holidays?", PLAIN).is_unclear


@pytest.mark.parametrize(
    ("text", "is_unclear"),
    [
        ("on 25 December?", True),
        ("on Boxing Day?", True),
        ("at Pentecost?", True),
        ("on 17 December?", False),
        ("on Sunday?", False),
    ],
)
def test_a_shop_that_names_no_holidays_may_keep_some(text: str, *, is_unclear: bool) -> None:
    """So its usual hours do not tell what holds on them."""
    assert asked(text, PLAIN).is_unclear is is_unclear
    assert not asked(text, KEPT).is_unclear


def test_what_is_written_for_a_day_is_known() -> None:
    """As an exception, of one year or of all."""
    once = Schedule(zone=PLAIN.zone, week=WEEK, exceptions={CHRISTMAS: ()})
    assert not asked("on Christmas Day?", once).is_unclear
    always = Schedule(zone=PLAIN.zone, week=WEEK, yearly={(12, 25): NINE})
    assert not asked("on Christmas Day?", always).is_unclear


def test_the_hours_are_told_a_line_a_day() -> None:
    """Those of exceptions and holidays too; a single day is no list."""
    days = [date(2026, 12, 24), CHRISTMAS]
    said = hours_in_words(days, KEPT, WORDS, "en").replace("\N{EN DASH}", "-")
    assert said == "- Thursday, 24 12: 9:00-12:00\n- Friday, 25 12: closed"
    assert hours_in_words([CHRISTMAS], KEPT, WORDS, "fr") == "Friday 25 12 : fermé"
