"""The usual week is said in few words, in the language of the texts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from agentbot.pipeline.hours.schedule import Schedule, Span
from agentbot.pipeline.hours.week import week_in_words

OSLO = ZoneInfo("Europe/Oslo")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
NINE = (Span(540, 1020),)


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        ((NINE,) * 5 + ((),) * 2, "Mo-Fr 9:00-17:00"),
        ((NINE,) * 7, "Mo-Su 9:00-17:00"),
        ((NINE, (), NINE, NINE, (), (), ()), "Mo 9:00-17:00, We-Th 9:00-17:00"),
        (((Span(540, 720), Span(780, 1020)),) + ((),) * 6, "Mo 9:00-12:00 + 13:00-17:00"),
        (((),) * 5 + ((Span(1200, 1560),), ()), "Sa 20:00-2:00"),
        (((Span(0, 1440),),) + ((),) * 6, "Mo 0:00-24:00"),
        (((),) * 7, ""),
    ],
)
def test_days_of_equal_hours_are_said_as_one(
    week: tuple[tuple[Span, ...], ...], expected: str
) -> None:
    """Closed days are left out, and hours past midnight end on the clock that people read."""
    said = week_in_words(Schedule(zone=OSLO, week=week), DAYS)
    assert said.replace("\N{EN DASH}", "-") == expected


def test_hours_that_nobody_has_set_are_not_told() -> None:
    """Without a zone it is never closed."""
    assert week_in_words(Schedule(week=(NINE,) * 7), DAYS) == ""
