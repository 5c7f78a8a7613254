"""Language: any text folds, keywords are found as whole words, durations are read and said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.words import (
    did_you_mean,
    fold,
    keyword_needle,
    parse_duration,
    say_duration,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Do you SHIP?", " do you ship "),
        ("  Crème brûlée, Ærø & Straße! ", " creme brulee aero strasse "),
        ("what's up", " what s up "),
        ("İstanbul", " istanbul "),
        ("", "  "),
        ("?!", "  "),
    ],
)
def test_text_is_folded_to_plain_words(text: str, folded: str) -> None:
    """Case, accents and signs do not matter."""
    assert fold(text) == folded


@given(st.text())
def test_any_text_folds_and_folding_again_changes_nothing(text: str) -> None:
    """Customers write anything."""
    folded = fold(text)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("ship", "Do you ship?", True),
        ("ship", "What about shipping?", False),
        ("ship*", "What about shipping?", True),
        ("ship*", "By friendship alone", False),
        ("opening hours", "Your OPENING hours?", True),
        ("opening hours", "opening of hours", False),
        ("café", "a cafe", True),
        ("发货", "请问什么时候发货呢", True),
        ("配送", "请问什么时候发货呢", False),
    ],
)
def test_a_keyword_is_found_as_whole_words(keyword: str, text: str, *, found: bool) -> None:
    """A star finds longer words; scripts without spaces are searched anywhere."""
    assert (keyword_needle(keyword) in fold(text)) is found


def test_a_keyword_without_letters_is_refused() -> None:
    """It would be found everywhere."""
    with pytest.raises(ValueError, match="no letter"):
        keyword_needle("?!")


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("2 days", timedelta(days=2)),
        ("1h 30m", timedelta(minutes=90)),
        ("1.5 Hours", timedelta(minutes=90)),
        ("1 week", timedelta(weeks=1)),
    ],
)
def test_a_duration_is_read(text: str, duration: timedelta) -> None:
    """Short, long, and put together."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "12", "h", "12 parsecs", "1h!", "-1h", "99999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """With words that say what to write, or how long is too long."""
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=5, seconds=2), "5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=3), "3 days"),
        (-timedelta(days=3), "0 seconds"),
    ],
)
def test_a_duration_is_said(duration: timedelta, words: str) -> None:
    """To the coarsest unit."""
    assert say_duration(duration) == words


def test_an_unknown_name_gets_the_nearest_or_all_known() -> None:
    """So that the reader can go on."""
    assert did_you_mean("replay", ["reply", "tag"]) == "did you mean 'reply'?"
    assert did_you_mean("zzz", ["reply", "tag"]) == "known: reply, tag"
    assert did_you_mean("zzz", []) == ""
