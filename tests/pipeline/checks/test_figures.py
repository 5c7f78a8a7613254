"""Proves `agentbot.pipeline.checks.figures`: figures mean the same however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.figures import canonical, figures


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
