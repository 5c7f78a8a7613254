"""``closings.py``: when conversations were last closed, as far as it was heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentbot.bot.closings import Closings
from agentbot.papercups.models import ConversationUpdates

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def test_the_last_closing_is_remembered_when_it_is_open_again() -> None:
    """The server has forgotten it by then."""
    closings = Closings()
    assert closings.last("c") is None
    closings.heard("c", ConversationUpdates(status="closed", closed_at=NOON))
    closings.heard("c", ConversationUpdates(status="open"))
    closings.heard("c", ConversationUpdates(assignee_id=3))
    assert closings.last("c") == NOON
    later = NOON + timedelta(hours=1)
    closings.heard("c", ConversationUpdates(status="closed", closed_at=later))
    assert closings.last("c") == later


def test_a_closing_without_a_time_says_nothing() -> None:
    """What was said before it could not be told from what came after."""
    closings = Closings()
    closings.heard("c", ConversationUpdates(status="closed"))
    assert closings.last("c") is None


def test_the_oldest_is_forgotten_where_there_are_too_many() -> None:
    """Memory stays bounded."""
    closings = Closings(most_remembered=2)
    for id_ in ("a", "b", "a", "c"):
        closings.heard(id_, ConversationUpdates(status="closed", closed_at=NOON))
    assert [closings.last(id_) is None for id_ in ("a", "b", "c")] == [False, True, False]
