"""Many open conversations at once: ten thousand in the long form, and the paces are kept."""

from __future__ import annotations

import pytest
from aiolimiter import AsyncLimiter

from agentbot.config import Settings
from agentbot.papercups import api
from agentbot.phoenix.joins import Pacer
from tests.simulation.crowd import crowd, too_fast
from tests.simulation.world import settings

_SHORT, _LONG = 300, 10_000
_MOST_BYTES = 4_000
"""Of a bot's objects for a conversation, its share of all that does not grow included."""


def slow() -> Settings:
    """Return settings by which the short form, too, is long enough to see the paces."""
    paces = {"rest": {"requests_per_second": 0.4}, "socket": {"joins_per_second": 12.0}}
    return Settings.model_validate({"catch_up": {"interval_seconds": 60.0}, **paces})


def test_a_crowd_is_answered_once_at_the_configured_pace(
    is_long: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Start, catching up and a reconnect lose nobody and drown nobody."""
    chosen = settings() if is_long else slow()
    figures = crowd(_LONG if is_long else _SHORT, chosen)
    assert figures.violations == []
    assert figures.lost == figures.doubled == 0
    assert figures.answered > figures.conversations
    assert too_fast(figures, chosen) == []
    assert figures.bytes_at_rest / figures.conversations < _MOST_BYTES


def _join_at_once(patch: pytest.MonkeyPatch) -> None:
    """Pace no join."""
    patch.setattr(Pacer, "take", lambda _self, _now: True)


def _ask_at_once(patch: pytest.MonkeyPatch) -> None:
    """Pace no request."""
    patch.setattr(api, "AsyncLimiter", lambda _rate, period: AsyncLimiter(10_000.0, period))


@pytest.mark.parametrize(("mutate", "what"), [(_join_at_once, "joins"), (_ask_at_once, "requests")])
def test_a_crowd_shows_whether_a_pace_is_kept(
    mutate: object, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its pacing, each is too fast."""
    assert callable(mutate)
    mutate(monkeypatch)
    assert what in " ".join(too_fast(crowd(_SHORT, slow()), slow()))
