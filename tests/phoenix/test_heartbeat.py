"""When to beat, and when silence means death."""

from __future__ import annotations

from agentbot.phoenix.heartbeat import Beat, Heartbeat


def opened(now: float = 100) -> Heartbeat:
    """Return the heartbeat of a connection opened at ``now``."""
    heartbeat = Heartbeat(interval=30, grace=15)
    heartbeat.opened(now)
    return heartbeat


def test_an_answered_beat_is_followed_by_the_next_one() -> None:
    """One every interval."""
    heartbeat = opened()
    assert heartbeat.next() == 130
    assert heartbeat.due(129) is Beat.NOTHING
    assert heartbeat.due(130) is Beat.SEND
    heartbeat.sent("1", 130)
    heartbeat.answered("1")
    assert heartbeat.next() == 160
    assert heartbeat.due(159) is Beat.NOTHING
    assert heartbeat.due(160) is Beat.SEND


def test_total_silence_after_a_beat_is_death_within_the_grace() -> None:
    """It is told once; another ref is no answer."""
    heartbeat = opened()
    heartbeat.sent("1", 130)
    heartbeat.answered("2")
    assert heartbeat.next() == 145
    assert heartbeat.due(145) is Beat.DEAD
    assert heartbeat.due(146) is Beat.NOTHING


def test_a_busy_connection_has_until_the_next_beat_to_answer() -> None:
    """A burst that delays the answer does not cost the connection; no answer at all does."""
    heartbeat = opened()
    heartbeat.sent("1", 130)
    heartbeat.heard(131)
    assert heartbeat.due(145) is Beat.NOTHING
    assert heartbeat.due(160) is Beat.DEAD


def test_a_connection_that_says_nothing_since_the_beat_is_silent() -> None:
    """What came in the very moment of the beat is no answer to it."""
    heartbeat = opened()
    heartbeat.heard(130)
    heartbeat.sent("1", 130)
    assert heartbeat.next() == 145


def test_death_is_told_once_in_an_interval() -> None:
    """Whoever is told needs time to act on it."""
    heartbeat = opened()
    heartbeat.sent("1", 130)
    assert heartbeat.due(145) is Beat.DEAD
    assert heartbeat.due(174) is Beat.NOTHING
    assert heartbeat.due(175) is Beat.SEND


def test_a_new_connection_begins_anew() -> None:
    """An old one's unanswered beat says nothing about it."""
    heartbeat = opened()
    heartbeat.sent("1", 130)
    heartbeat.opened(200)
    assert heartbeat.next() == 230
    assert heartbeat.due(230) is Beat.SEND
