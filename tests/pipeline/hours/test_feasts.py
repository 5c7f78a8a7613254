"""Feasts: ``feasts.py``: their days are computed for any year."""

from __future__ import annotations

from datetime import date

import pytest

from agentbot.pipeline.hours.feasts import NAMES, days_of, easter_sunday, is_often_kept


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2000, 4, 23), (2008, 3, 23), (2024, 3, 31), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)],
)
def test_easter_is_where_the_calendars_have_it(year: int, month: int, day: int) -> None:
    """The earliest and the latest of this century's first years among them."""
    assert easter_sunday(year) == date(year, month, day)


def test_the_next_time_counts_and_now_does_too() -> None:
    """Over the turn of a year as well."""
    assert days_of("christmas", date(2026, 12, 26))[-1] == date(2026, 12, 26)
    assert days_of("christmas", date(2026, 12, 27))[0] == date(2027, 12, 24)
    assert days_of("new_year", date(2027, 1, 1)) == (date(2026, 12, 31), date(2027, 1, 1))
    assert days_of("whit_monday", date(2026, 1, 1)) == (date(2026, 5, 25),)


def test_every_feast_has_days_in_their_order() -> None:
    """None of them is past."""
    today = date(2026, 6, 1)
    for name in NAMES:
        days = days_of(name, today)
        assert list(days) == sorted(days)
        assert days[-1] >= today


def test_days_with_other_hours_in_many_shops_are_known() -> None:
    """Whatever the country."""
    assert is_often_kept(date(2026, 12, 24))
    assert is_often_kept(date(2026, 4, 6))
    assert not is_often_kept(date(2026, 11, 26))
