"""``dates.py``: dates are read as hours.yaml documents them, and in no other way."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.hours.dates import parse_dates


@pytest.mark.parametrize(
    ("text", "first", "last", "yearly"),
    [
        ("2026-12-24", date(2026, 12, 24), date(2026, 12, 24), False),
        ("2026-12-24 .. 2027-01-02", date(2026, 12, 24), date(2027, 1, 2), False),
        ("12-24", date(2024, 12, 24), date(2024, 12, 24), True),
        ("12-24..01-02", date(2024, 12, 24), date(2024, 1, 2), True),
        ("02-29", date(2024, 2, 29), date(2024, 2, 29), True),
        ("2026\u201312\u201024", date(2026, 12, 24), date(2026, 12, 24), False),
    ],
)
def test_a_date_is_read(text: str, first: date, last: date, *, yearly: bool) -> None:
    """One day or two, with a year or without."""
    found = parse_dates(text)
    assert (found.first, found.last, found.yearly) == (first, last, yearly)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-W52", "'2026-W52' is not a date"),
        ("2026-W52-1", "is not a date"),
        ("20261224", "is not a date"),
        ("2026-12-24T00:00", "is not a date"),
        ("2026-358", "is not a date"),
        ("2026-2-3", "is not a date"),
        ("24.12.2026", "is not a date: is 2026-12-24 meant?"),
        ("1.5.", "is not a date: is 05-01 meant?"),
        ("31.1.2026", "is not a date: is 2026-01-31 meant?"),
        ("24/12/2026", "is not a date: is 2026-12-24 meant?"),
        ("12/24/2026", "is not a date: is 2026-12-24 meant?"),
        ("12/24", "is not a date: is 12-24 meant?"),
        ("2026/1/5", "is not a date: is 2026-01-05 meant?"),
        ("2026-1-5", "is not a date: is 2026-01-05 meant?"),
        ("24-12-2026", "is not a date: is 2026-12-24 meant?"),
        ("32.1.", "'32.1.' is not a date"),
        ("2026-02-29", "a day that no calendar has"),
        ("13-01", "a day that no calendar has"),
        ("2026-12-24..12-31", "a year on one side only"),
        ("2026-12-24..2026-12-01", "does not go forward"),
        ("2026-01-01..2027-01-03", "does not go forward within a year"),
        ("12-24..12-25..12-26", "more than one range"),
        ("..", "is not a date"),
        ("", "is not a date"),
    ],
)
def test_what_is_no_date_is_refused(text: str, said: str) -> None:
    """ISO weeks and other spellings that Python reads are not what a shopkeeper means."""
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_dates(text)


@pytest.mark.parametrize(
    "text", ["0.1.", "32.1.", "1.0.", "24.13.2026", "1-5", "1/5/2026", "13/14"]
)
def test_nothing_is_guessed_where_no_date_can_be_meant(text: str) -> None:
    """Not with the month first either."""
    with pytest.raises(ValueError, match=r"is not a date$"):
        parse_dates(text)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 366))
def test_a_range_holds_each_of_its_days_once(first: date, length: int) -> None:
    """From the first to the last, both included."""
    last = first + timedelta(days=length)
    days = list(parse_dates(f"{first}..{last}").days())
    assert days[0] == first
    assert days[-1] == last
    assert len(days) == len(set(days)) == length + 1


@given(
    st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.dates(date(2024, 1, 1), date(2024, 12, 31))
)
def test_a_yearly_range_goes_on_into_the_next_year(first: date, last: date) -> None:
    """The days before it, and those within it, are together a year."""
    days = set(parse_dates(f"{first:%m-%d}..{last:%m-%d}").days())
    assert {first, last} <= days
    inside = (last - first).days + 1
    assert len(days) == (inside if inside > 0 else 366 + inside)
