"""Sending a reply until it is known to be stored, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.stage import Stage, perform


@pytest.mark.parametrize("deed", ["take", "close"])
def test_what_people_did_while_a_reply_was_in_doubt_counts_before_it_is_sent_again(
    deed: str,
) -> None:
    """A conversation that was taken or closed while nobody heard it gets no reply any more."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.world.sent)
        stage.world.weather.refuses_lines = True
        stage.line.cut(delivers_out=False, delivers_in=False, lingers=False)
        await asyncio.sleep(1)
        stage.colleague().act(deed, visitor.conversation)
        stage.world.weather.refuses_lines = False
        await asyncio.sleep(120)
        assert stage.replies(visitor) == []
        assert len(stage.world.sent) == 1

    perform(scene)


def test_a_plan_that_cannot_be_kept_yet_waits_for_the_state() -> None:
    """The customer is answered once the database is back, not when he is found again."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("think 3 tag ?")
        await asyncio.sleep(2)
        stage.world.database.health.is_down = True
        await asyncio.sleep(6)
        stage.world.database.health.is_down = False
        await asyncio.sleep(4)
        assert len(stage.replies(visitor)) == 1

    perform(scene)
