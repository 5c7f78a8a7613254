"""What the bot has no room for, or fails at, is shed and counted; nothing else suffers from it."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from agentbot.bot.turns.mailbox import MOST_PENDING
from tests.support.bot_parts import Parts, perform, reply, thinking
from tests.support.bot_running import QUICK, Playing, play


def test_what_there_is_no_room_for_is_shed_counted_and_found_later() -> None:
    """Neither the message that was heard nor the one that was found is lost, or counted twice."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(20, reply())
        visitors = [it.visitor() for _ in range(3)]
        for visitor in visitors:
            visitor.write("How much?")
        await asyncio.sleep(1)
        assert it.metric("conversations_active") == 2
        assert it.metric("dropped_total", reason="turn") == 1
        await asyncio.sleep(15)
        assert it.metric("dropped_total", reason="turn") > 1, "it was found, and shed again"
        assert it.metric("catch_up_found_total", path="periodic") == 0
        await asyncio.sleep(60)
        assert [len(visitor.said) for visitor in visitors] == [1, 1, 1]
        assert it.metric("catch_up_found_total", path="periodic") == 1

    play(story, turns={"queue_limit": 2}, catch_up={"interval_seconds": 7.0})


def test_a_mailbox_that_is_full_sheds_and_counts() -> None:
    """The turn's own reading finds the rest: all is answered at once."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        it.parts.store.slow["claim"] = 8.0
        for _ in range(MOST_PENDING + 3):
            visitor.write("How much?")
        await asyncio.sleep(0.1)
        assert it.metric("dropped_total", reason="message") == 3
        await asyncio.sleep(7)
        assert it.metric("dropped_total", reason="message") > 3, "found, and shed again"
        assert it.metric("catch_up_found_total", path="periodic") == 0
        await asyncio.sleep(30)
        [said] = visitor.said
        assert len((said.metadata or {})["agentbot"]["also"]) == MOST_PENDING + 2

    play(story, catch_up={"interval_seconds": 5.0})


def test_fresh_conversations_beyond_the_bound_are_left_to_the_periodic_look() -> None:
    """They are counted, and what nobody heard in them is found all the same."""

    async def story(parts: Parts) -> None:
        async with parts.running_bot(most_fresh=4) as bot:
            await asyncio.sleep(10)  # it has looked at everything
            it = Playing(parts, bot)
            visitors = [it.visitor() for _ in range(5)]
            for visitor in visitors:
                it.server.backend.announce_created(visitor.conversation)
                visitor.write("How much?", heard=False)
            await asyncio.sleep(5)
            assert it.metric("dropped_total", reason="fresh_conversation") == 3
            assert [len(visitor.said) for visitor in visitors] == [1, 1, 0, 0, 0]
            await asyncio.sleep(180)
            assert [len(visitor.said) for visitor in visitors] == [1] * 5
            assert it.metric("catch_up_found_total", path="periodic") == 3

    perform(story, listening=False, **QUICK)


def test_one_conversation_that_fails_stops_no_other() -> None:
    """It is said and counted; its next message is a new start."""

    async def story(it: Playing) -> None:
        def fail() -> None:
            raise ValueError("told to")

        bad, good = it.visitor(), it.visitor()
        it.parts.store.on_asked["claim"] = fail
        bad.write("How much?")
        await asyncio.sleep(0.5)
        assert it.metric("dropped_total", reason="conversation_failed") == 1
        assert it.metric("conversations_active") == 0
        del it.parts.store.on_asked["claim"]
        good.write("How much?")
        bad.write("And now?")
        await asyncio.sleep(0.5)
        assert [len(one.said) for one in (bad, good)] == [1, 1]

    with capture_logs() as said:
        play(story)
    [line] = [line for line in said if line["event"] == "conversation.failed"]
    assert line["log_level"] == "error"
