"""Proves `agentbot.pipeline.checks.parsing.days`: the days that a text names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.parsing.days import days_in, with_names

MON_FRI, SAT = [0, 1, 2, 3, 4], [5]


@pytest.mark.parametrize(
    ("text", "code", "days"),
    [
        ("Mon-Fri 9:00-17:00, Sat 10:00-14:00", "en", [MON_FRI, SAT]),
        ("Monday to Thursday and on Saturdays", "en", [[0, 1, 2, 3], SAT]),
        ("Mon, Wed and Fri 9:00", "en", [[0], [2], [4]]),
        ("Sat-Mon", "en", [[0, 5, 6]]),
        ("every day, at the weekend", "en", [[0, 1, 2, 3, 4, 5, 6], [5, 6]]),
        ("Mo\u2013Fr 9 Uhr, Sa 10 Uhr", "de", [MON_FRI, SAT]),
        ("samstags und an Wochentagen", "de", [SAT, MON_FRI]),
        ("du mardi au vendredi, le dimanche", "fr", [[1, 2, 3, 4], [6]]),
        ("de lunes a viernes y los sábados", "es", [MON_FRI, SAT]),
        ("de segunda a sexta, ao sábado", "pt", [MON_FRI, SAT]),
        ("dal lunedì al venerdì, sab 10", "it", [MON_FRI, SAT]),
        ("maandag tot en met vrijdag, za 10", "nl", [MON_FRI, SAT]),
        ("od poniedziałku do piątku, w sobotę", "pl", [MON_FRI, SAT]),
    ],
)
def test_single_days_ranges_and_all_of_them_are_read(
    text: str, code: str, days: list[list[int]]
) -> None:
    """In every language that has a pack."""
    assert [sorted(one.days) for one in days_in(text, code)] == days


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("So geht das", "de"),
        ("a sexta caneca", "pt"),
        ("do it in a sun hat", "en"),
        ("ma va", "it"),
    ],
)
def test_a_word_that_is_also_a_short_name_is_no_day(text: str, code: str) -> None:
    """Without another day or a time beside it."""
    assert days_in(text, code) == []


def test_a_range_is_told_day_by_day() -> None:
    """So that a claim about one of them finds it."""
    assert "Tuesday" in with_names("Mon-Fri 9:00", "en")
    assert with_names("On Monday.", "en") == "On Monday."


@given(st.text(max_size=60), st.sampled_from(["en", "de", "pl", ""]))
def test_any_text_is_read(text: str, code: str) -> None:
    """And the days stand in order."""
    found = days_in(text, code)
    assert [one.start for one in found] == sorted(one.start for one in found)
