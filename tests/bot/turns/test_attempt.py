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


def test_a_clock_that_was_wrong_at_the_start_does_not_make_messages_old() -> None:
    """What seems to be from before the start is looked at on the server, and answered."""

    async def scene(stage: Stage) -> None:
        await stage.bot(clock_error=7_200.0)
        visitor = stage.visitor()
        await asyncio.sleep(10)  # what is fresh is read in any case
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_a_message_that_was_heard_is_not_too_old_whatever_the_clock_says() -> None:
    """A wall clock that is days ahead silences nobody who writes now."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        running.process.clock_error = 3 * 86_400.0
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


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

    perform(scene)


def test_a_settled_message_that_is_heard_late_does_not_hold_up_the_next_one() -> None:
    """A turn is not taken again and again for the sake of what has its outcome already."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        stage.world.server.faults.mute_shout(topic="conversation:")
        await visitor.say("silent ?")
        await stage.until(lambda: stage.world.database.ledger.records)
        await visitor.say("think 3 ?")
        await asyncio.sleep(2)
        stage.world.server.backend.announce_message(visitor.conversation.messages[0])
        await asyncio.sleep(5)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


def test_a_customer_who_left_some_time_ago_is_not_waited_for() -> None:
    """Who is away is not between leaving and rejoining, and catching up need not be slow."""

    async def scene(stage: Stage) -> None:
        visitor = stage.visitor()
        stage.world.server_error = -120
        await visitor.say("hello ?")
        stage.world.server_error = 0
        visitor.wire.close()
        await stage.bot()
        await asyncio.sleep(3)
        assert len(stage.replies(visitor)) == 1

    perform(scene)
