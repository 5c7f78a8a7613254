"""Attempts while a wall clock is wrong or set: no message is too old for it, nobody is talked over.

In a simulated world, whose server and bots have clocks of their own.
"""

from __future__ import annotations

import asyncio

from tests.simulation.stage import Stage
from tests.simulation.stage import perform as perform_simulated


def test_a_clock_that_was_wrong_at_the_start_does_not_make_messages_old() -> None:
    """What seems to be from before the start is looked at on the server, and answered."""

    async def scene(stage: Stage) -> None:
        await stage.bot(clock_error=7_200.0)
        visitor = stage.visitor()
        await asyncio.sleep(10)  # what is fresh is read in any case
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_message_that_was_heard_is_not_too_old_whatever_the_clock_says() -> None:
    """A wall clock that is days ahead silences nobody who writes now."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        running.process.clock_error = 3 * 86_400.0
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_clock_that_is_set_does_not_make_the_bot_talk_over_a_person() -> None:
    """A person wrote a minute ago by the server's clock: that counts, and not the bot's own."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        stage.person_writes(stage.person(), visitor)
        await asyncio.sleep(60)
        visitor.conversation.assignee_id = None  # or that alone would keep the bot out
        running.process.clock_error = 86_400.0
        await visitor.say("and now ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)
