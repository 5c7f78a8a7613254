"""What is made of opening hours, and that a wrong word of them is seen. Proves ``opening.py``."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agentbot.pipeline import facts
from tests.simulation.opening import reopening
from tests.simulation.speech import misspoken
from tests.simulation.stage import Stage, perform

_OSLO = ZoneInfo("Europe/Oslo")
_TWELVE_HOURS = 43_200.0
"""Seconds by which a clock is ahead that shows 22:00 where it is 10:00 in Oslo."""


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23 08:59", "today at 9:00 (CET)"),
        ("2026-11-23 09:00", None),
        ("2026-11-23 16:59", None),
        ("2026-11-23 17:00", "tomorrow at 9:00 (CET)"),
        ("2026-11-27 17:00", "tomorrow at 10:00 (CET)"),
        ("2026-11-28 13:59", None),
        ("2026-11-28 14:00", "on Monday at 9:00 (CET)"),
        ("2026-11-29 00:00", "tomorrow at 9:00 (CET)"),
        ("2026-07-01 20:00", "tomorrow at 9:00 (CEST)"),
    ],
)
def test_the_shop_opens_when_the_operators_hours_have_it(at: str, said: str | None) -> None:
    """In the operator's words, as seen at that time; nothing while it is open."""
    assert reopening(datetime.fromisoformat(at).replace(tzinfo=_OSLO)) == said


@pytest.mark.parametrize("is_online", [False, True])
@pytest.mark.parametrize("clock_error", [0.0, _TWELVE_HOURS])
@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_wrong_time_is_misspoken(*, is_online: bool, clock_error: float, is_wrong: bool) -> None:
    """Where the bot tells any: by its own clock it is closed, and nobody is there."""

    async def scene(stage: Stage) -> None:
        if is_online:
            stage.colleague()._online()
        await stage.bot(clock_error=clock_error)
        visitor = stage.visitor()
        await visitor.say("pass ?")
        await stage.until(lambda: stage.replies(visitor))
        await asyncio.sleep(5)
        [reply] = stage.replies(visitor)
        is_told = bool(clock_error) and not is_online
        assert ("they are back" in (reply.body or "")) == is_told
        assert len(list(misspoken(stage.world, visitor.conversation))) == (is_wrong and is_told)

    with pytest.MonkeyPatch.context() as patch:
        if is_wrong:
            patch.setitem(facts._COMPUTE, "reopens_at", lambda _facts: "soon")
        perform(scene)
