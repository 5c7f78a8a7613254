"""The work on one turn, in virtual time."""

from __future__ import annotations

import asyncio

from tests.simulation.stage import Stage, perform


def test_a_message_that_was_answered_before_does_not_hold_up_the_next_one() -> None:
    """The customer waits for the answer alone, not for the turn's deadline.

    A life that died between a reply and its settling leaves the answered message claimed. The
    next one finds it again, together with what the customer has written since.
    """

    async def scene(stage: Stage) -> None:
        first = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        first.process.kill()
        stage.world.bury_bot(first, lingers=False)
        bot = (await stage.bot()).bot
        assert bot is not None
        await stage.until(lambda: bot._tasks)
        assert len(visitor.conversation.messages) == 2, "it is the answered one that is found"
        await visitor.say("think 3 ?")
        await asyncio.sleep(15)
        assert len(stage.replies(visitor)) == 2

    perform(scene)
