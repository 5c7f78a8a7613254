"""Nobody is there: exactly one says so, window or bot, over the whole truth table."""

from __future__ import annotations

from itertools import product

import pytest

from agentbot.pipeline.hours.away import (
    AwaySpeaker,
    Presence,
    should_be_tracked,
    who_says_away,
    widget_says_away,
)

NOBODY, WIDGET, BOT = AwaySpeaker.NOBODY, AwaySpeaker.WIDGET, AwaySpeaker.BOT

# outside hours, people online, bot tracked, account has an away message: who speaks
TABLE = {
    (False, 0, False, False): NOBODY,
    (False, 0, False, True): NOBODY,
    (False, 0, True, False): NOBODY,
    (False, 0, True, True): NOBODY,
    (False, 1, False, False): NOBODY,
    (False, 1, False, True): NOBODY,
    (False, 1, True, False): NOBODY,
    (False, 1, True, True): NOBODY,
    (True, 1, False, False): NOBODY,
    (True, 1, False, True): NOBODY,
    (True, 1, True, False): NOBODY,
    (True, 1, True, True): NOBODY,
    (True, 0, False, False): BOT,
    (True, 0, False, True): WIDGET,
    (True, 0, True, False): BOT,
    (True, 0, True, True): BOT,
}


def test_the_table_is_complete() -> None:
    """Every combination is decided."""
    assert set(TABLE) == set(product((False, True), (0, 1), (False, True), (False, True)))


@pytest.mark.parametrize(("case", "speaker"), TABLE.items())
def test_who_says_that_nobody_is_there(
    case: tuple[bool, int, bool, bool], speaker: AwaySpeaker
) -> None:
    """One speaker for each case."""
    outside, people, tracked, message = case
    said = who_says_away(
        outside_hours=outside,
        agents_online=people,
        bot_tracked=tracked,
        has_away_message=message,
    )
    assert said is speaker


@pytest.mark.parametrize("case", TABLE)
def test_window_and_bot_never_both_speak_and_never_both_keep_silent(
    case: tuple[bool, int, bool, bool],
) -> None:
    """Where a customer is alone outside hours exactly one of them says so."""
    outside, people, tracked, message = case
    window = widget_says_away(
        outside_hours=outside, anyone_tracked=tracked or people > 0, has_away_message=message
    )
    bot = TABLE[case] is BOT
    assert not (window and bot)
    if outside and people == 0:
        assert window or bot


@pytest.mark.parametrize(
    ("presence", "outside", "tracked"),
    [
        ("always", False, True),
        ("always", True, True),
        ("on_duty", False, True),
        ("on_duty", True, False),
    ],
)
def test_when_the_bot_is_seen_online(presence: Presence, *, outside: bool, tracked: bool) -> None:
    """Always, or in opening hours only."""
    assert should_be_tracked(presence, outside_hours=outside) is tracked
