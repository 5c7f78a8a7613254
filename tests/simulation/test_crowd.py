"""Many open conversations at once: ten thousand in the long form, and the paces are kept."""

from __future__ import annotations

from tests.simulation.crowd import crowd, too_fast
from tests.simulation.world import settings

_SHORT, _LONG = 600, 10_000
_MOST_BYTES = 12_000
"""Of a bot's objects for a conversation, its share of all that does not grow included."""


def test_a_crowd_is_answered_once_at_the_configured_pace(
    is_long: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Start, catching up and a reconnect lose nobody and drown nobody."""
    figures = crowd(_LONG if is_long else _SHORT)
    assert figures.violations == []
    assert figures.lost == figures.doubled == 0
    assert figures.answered > figures.conversations
    assert too_fast(figures, settings()) == []
    assert figures.bytes_at_rest / figures.conversations < _MOST_BYTES
