"""Acts that no longer fit, each kind in the smallest scene that shows it."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.stage import Stage, perform


@pytest.mark.parametrize("milliseconds", range(0, 85, 5))
@pytest.mark.parametrize("is_muted", [False, True])
def test_a_question_just_after_a_closing_reply_is_answered(
    milliseconds: int,
    is_muted: bool,  # noqa: FBT001 - a column
) -> None:
    """Wherever between the reply and the closing it comes, heard or not; and it is left open."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await asyncio.sleep(20)
        await visitor.say("close ?")
        await stage.until(lambda: len(stage.replies(visitor)) == 2)
        await asyncio.sleep(milliseconds / 1000)
        if is_muted:
            stage.world.server.faults.mute_shout(topic="conversation:", times=1)
        await visitor.say("hello ?")
        await asyncio.sleep(150)
        assert len(stage.replies(visitor)) == 3
        assert visitor.conversation.status == "open"
        assert not visitor.conversation.read

    perform(scene)


@pytest.mark.parametrize("deed", ["reply", "take"])
@pytest.mark.parametrize("callbacks", [1, 5, 10, 15, 20, 25, 30, 40])
def test_a_resumed_close_does_not_close_under_a_person(callbacks: int, deed: str) -> None:
    """They have taken the conversation, or written in it, while no bot ran."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("close ?")
        await stage.until(lambda: stage.replies(visitor))
        running.process.kill_after(callbacks)
        await asyncio.sleep(1)
        if not running.process.alive:
            stage.world.bury_bot(running, lingers=False)
            was_closed = visitor.conversation.status == "closed"
            stage.colleague().act(deed, visitor.conversation)
            await stage.bot("next")
            await asyncio.sleep(60)
            assert visitor.conversation.status == ("closed" if was_closed else "open")

    perform(scene)
