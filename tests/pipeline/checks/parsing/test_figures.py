"""Proves `agentbot.pipeline.checks.parsing.figures`: a figure is the same in every writing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.parsing.figures import canonical, figures


def agree(first: str, second: str) -> bool:
    """Say whether each figure of the first is one of the second."""
    theirs = figures(second)
    return all(any(one.agrees_with(other) for other in theirs) for one in figures(first))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("two weeks", "14 days"),
        ("24 hours", "1 day"),
        ("1.000,50 €", "€1,000.50"),
        ("1 000 EUR", "1.000 €"),
        ("9 euros", "€9"),
        ("2 pm", "14:00"),
        ("14 Uhr", "14:00"),
        ("14h30", "14:30"),
        ("2-4 working days", "2 to 4 business days"),
        ("zwei Werktage", "2 Werktagen"),
        ("10 Prozent", "10%"),
        ("March 3, 2024", "2024-03-03"),
        ("3. März 2024", "03.03.2024"),
        ("le 3 mars", "3 March"),
        ("ff-10234", "FF-10234"),
        ("9 to 17", "9:00\u201317:00"),
    ],
)
def test_the_same_in_another_form_agrees(first: str, second: str) -> None:
    """Units, separators, languages."""
    assert figures(first)
    assert agree(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("13 days", "30 days"),
        ("$9", "€9"),
        ("9 days", "€9"),
        ("30 working days", "30 days"),
        ("10:00", "11:00"),
        ("March 3", "March 4"),
        ("1.000,50", "1.000,60"),
        ("FF-10235", "FF-10234"),
    ],
)
def test_another_value_or_unit_does_not(first: str, second: str) -> None:
    """A figure is its value with its unit."""
    assert not agree(first, second)


def test_what_is_no_figure_is_left_alone() -> None:
    """Numbers of lists, and what stands in addresses."""
    assert figures("1. First\n2. Second") == []
    assert figures("see https://shop.example/2024/12 or a1@b2.example") == []


def test_texts_are_written_in_one_way() -> None:
    """So that words around can be compared too."""
    assert canonical("It costs 9 euros").split() == canonical("It costs €9").split()
    assert canonical("no figure") == "no figure"


@given(st.integers(0, 10**7))
def test_separators_of_thousands_change_nothing(number: int) -> None:
    """In English, German, French and Swiss writing."""
    english = f"{number:,}"
    for sign in (".", " ", "'", "\u00a0"):
        assert agree(f"{english} km", f"{english.replace(',', sign)} km")


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    """Each figure stands where it says."""
    assert all(one.meanings for one in figures(text))


UNITS = {
    "EUR": "€ eur euro euros",
    "USD": "$ usd dollar dollars dolar dolares dollari",
    "GBP": "£ gbp pound pounds pfund livres",
    "JPY": "¥",
    "INR": "₹",
    "CHF": "chf franken francs",
    "CROWN": "nok sek dkk kr kroner kronen",
    "PLN": "pln zl zloty zlotych",
    "BRL": "brl reais",
    "CENT": "cent cents ct",
    "percent": "% percent prozent procent procenten pourcent pct",
    "kg": "kg kilo kilos kilogram kilograms",
    "g": "g gram grams gramm",
    "km": "km kilometer kilometers kilometres",
    "m": "m meter meters metres metros metri",
    "cm": "cm centimeter centimeters centimetres",
    "mm": "mm",
    "mile": "mile miles",
    "l": "l liter liters litre litres",
    "ml": "ml",
    "byte": "kb mb gb tb",
    "million": "million millions millionen millones mln",
    "billion": "billion billions milliarden milliards mrd",
}


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_known_by_each_of_its_words(unit: str) -> None:
    """After the number, glued to it or not."""
    for word in UNITS[unit].split():
        [apart] = figures(f"It is 5 {word} here")
        [glued] = figures(f"It is 5{word} here")
        assert apart.meanings == glued.meanings == {("5", unit)}, word


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("€5", [{("5", "EUR")}]),
        ("R$ 5", [{("5", "BRL")}]),
        ("NOK 5", [{("5", "CROWN")}]),
        ("£5", [{("5", "GBP")}]),
        ("¥5", [{("5", "JPY")}]),
        ("₹5", [{("5", "INR")}]),
        ("3 minutes", [{("3", "short")}]),
        ("3 hours", [{("180", "short")}]),
        ("3 days", [{("4320", "short")}]),
        ("3 weeks", [{("30240", "short")}]),
        ("3 months", [{("3", "long")}]),
        ("3 years", [{("36", "long")}]),
        ("3 working days", [{("3", "workday")}]),
        ("1,000", [{("1", ""), ("1000", "")}]),
        ("1,50", [{("1.5", "")}]),
        ("1.000,50", [{("1000.5", "")}]),
        ("1,000.50", [{("1000.5", "")}]),
        ("1.000.000", [{("1000000", "")}]),
        ("1 000 000", [{("1000000", "")}]),
        ("1'000", [{("1000", "")}]),
        ("2nd", [{("2", "")}]),
        ("2 to 4 days", [{("2880", "short")}, {("5760", "short")}]),
        ("2\u20134 kg", [{("2", "kg")}, {("4", "kg")}]),
        ("2 pm", [{("14:00", "time"), ("2", "clock"), ("14", "clock")}]),
        ("12 pm", [{("12:00", "time"), ("12", "clock")}]),
        ("12 am", [{("00:00", "time"), ("12", "clock"), ("0", "clock")}]),
        ("11 a.m.", [{("11:00", "time"), ("11", "clock")}]),
        ("5:30", [{("05:30", "time"), ("17:30", "time")}]),
        ("12:30", [{("12:30", "time")}]),
        ("13:30", [{("13:30", "time")}]),
        ("12.30", [{("12.3", "")}]),
        ("14 Uhr", [{("14:00", "time"), ("14", "clock")}]),
        ("14.30 Uhr", [{("14:30", "time")}]),
        ("3 h", [{("03:00", "time"), ("180", "short"), ("3", "clock")}]),
        ("2024-03-05", [{("2024", "")}, {("03-05", "day of year")}]),
        ("5.3.24", [{("03-05", "day of year"), ("05-03", "day of year")}, {("2024", "")}]),
        ("25/12/2024", [{("12-25", "day of year")}, {("2024", "")}]),
        ("March 3", [{("03-03", "day of year")}]),
        ("3rd Mar.", [{("03-03", "day of year")}]),
        ("31 december", [{("12-31", "day of year")}]),
        ("AB-123", [{("ab123", "code")}]),
        ("3XL", [{("3xl", "code")}]),
        ("5kg", [{("5", "kg")}]),
        ("30-day", [{("43200", "short")}]),
        ("a1b", []),
        ("5apples", []),
        ("5_x", []),
        ("a123", [{("a123", "code")}]),
        ("a12", []),
        ("two weeks", [{("20160", "short")}]),
        ("two", []),
        ("1. tea\n2) cups", []),
        ("see https://a.example/12 and 7", [{("7", "")}]),
    ],
)
def test_a_figure_means_what_it_may_and_no_more(
    text: str, meanings: list[set[tuple[str, str]]]
) -> None:
    """Two meanings where it is written in a way that has two."""
    assert [set(one.meanings) for one in figures(text)] == meanings


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_date_is_the_same_however_it_is_written(day: date) -> None:
    """Every day of every month, and no other one."""
    said = f"on {day.day} {day:%B}"
    others = (f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%d/%m/%Y}", f"{day:%B} {day.day}")
    for other in others:
        assert agree(said, other), other
    (wrong,) = figures(f"on {(day + timedelta(days=1)):%d %B}")
    (right,) = figures(said)
    assert not right.agrees_with(wrong)


def test_one_way_of_writing_a_figure_is_a_word_of_its_own() -> None:
    """A thousand is one, with a stop in it or not."""
    assert canonical("1.000 kg").split() == canonical("1000 kg").split()
    assert canonical("only\u20ac9 now").split() == ["only", canonical("\u20ac9").strip(), "now"]
