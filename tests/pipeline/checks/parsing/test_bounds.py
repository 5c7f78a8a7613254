"""Proves `agentbot.pipeline.checks.parsing.bounds`: which end of a range a figure is."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.parsing.bounds import bounds, without_bounds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We are open from 9:00 to 17:00.", "en"),
        ("Open 9:00-17:00", "en"),
        ("It opens at 9:00. It closes at 17:00.", "en"),
        ("Von 9:00 bis 17:00", "de"),
        ("Geöffnet ab 9:00, bis 17:00", "de"),
        ("de 9:00 à 17:00", "fr"),
        ("de 9:00 a 17:00", "es"),
        ("das 9:00 às 17:00", "pt"),
        ("dalle 9:00 alle 17:00", "it"),
        ("van 9:00 tot 17:00", "nl"),
        ("od 9:00 do 17:00", "pl"),
    ],
)
def test_the_ends_are_told_apart(text: str, code: str) -> None:
    """By the sign or word between them, or the word before each."""
    found = [(one.figure.written, one.is_first) for one in bounds(text, code)]
    assert found == [("9:00", True), ("17:00", False)]


def test_a_single_figure_is_no_end() -> None:
    """Nor is one whose word stands in another part."""
    assert bounds("It costs €9.", "en") == ()
    assert bounds("It opens, and costs €9", "en") == ()


def test_the_words_for_ends_are_left_out() -> None:
    """So that they are not taken for opposites."""
    assert without_bounds("We are open until 17:00", "en").split() == ["We", "are", "open", "17:00"]
    assert without_bounds("until then", "en") == "until then"
