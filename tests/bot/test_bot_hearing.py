"""What the bot hears goes to its conversation's mailbox, or is looked at on the server.

What becomes of a mailbox's messages is tested in ``turns/``, what is found in ``hearing/``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from agentbot.bot.bot import Bot
from agentbot.bot.proof import mark
from agentbot.papercups import events
from agentbot.papercups.models import ConversationUpdates
from agentbot.pipeline.decision import AddTag, Note
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, perform, reply, thinking
from tests.support.bot_running import QUICK, Playing, play
from tests.support.virtual_time import now


def test_a_customer_who_writes_is_answered() -> None:
    """At once, and once, although a shout comes on two topics; then nothing is at work."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        visitor.write("How much?")
        await asyncio.sleep(0.5)
        assert [said.body for said in visitor.said] == ["Hello!"]
        assert it.parts.seconds[0] == pytest.approx(0.0, abs=0.1)
        assert it.metric("conversations_active") == 0
        visitor.write("And now?")
        await asyncio.sleep(0.5)
        assert len(visitor.said) == 2
        assert it.metric("messages_received_total", kind="customer") == 2
        assert it.metric("messages_received_total", kind="own") == 2
        assert it.metric("messages_received_total", kind="duplicate") >= 1

    play(story)


def test_who_is_at_work_is_counted() -> None:
    """Conversations, not messages."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(5, reply())
        visitors = [it.visitor() for _ in range(2)]
        for visitor in visitors:
            visitor.write("How much?")
        await asyncio.sleep(1)
        visitors[0].write("How much?")
        await asyncio.sleep(0.1)
        assert it.metric("conversations_active") == 2
        await asyncio.sleep(20)
        assert it.metric("conversations_active") == 0
        assert [len(visitor.said) for visitor in visitors] == [1, 1]

    play(story)


def test_what_nobody_wrote_to_us_is_no_turn() -> None:
    """It is counted by its kind, and that is all."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        visitor.is_answered_by(it.ann)
        visitor.is_answered_by(it.ann, private=True, type="note")
        visitor.is_answered_by(it.ann, type="bot")
        await asyncio.sleep(30)
        for kind in ("person", "private", "other_bot"):
            assert it.metric("messages_received_total", kind=kind) >= 1
        assert (it.parts.settled, it.parts.store.asked.count("claim")) == ([], 0)

    play(story)


def test_what_seems_to_be_older_than_the_bot_is_read_on_the_server() -> None:
    """Its clock may have been wrong when it started: the message is answered all the same."""

    async def main(parts: Parts) -> None:
        parts.clock_error = timedelta(hours=2)
        async with parts.running_bot() as bot:
            await asyncio.sleep(10)
            it = Playing(parts, bot)
            visitor = it.visitor()
            await asyncio.sleep(10)  # what is fresh is read in any case
            visitor.write("How much?")
            await asyncio.sleep(5)
            assert it.metric("messages_received_total", kind="old") == 1
            assert it.metric("catch_up_found_total", path="fresh") == 1
            assert len(visitor.said) == 1

    perform(main, listening=False, **QUICK)


def test_a_person_who_writes_meanwhile_silences_the_bot() -> None:
    """The mailbox is told."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(5, reply())
        visitor = it.visitor()
        visitor.write("How much?")
        it.in_seconds(2, lambda: visitor.is_answered_by(it.ann))
        await asyncio.sleep(3)
        assert it.outcomes == [("silent", "person")]

    play(story)


def test_another_replicas_reply_ends_the_wait_for_it() -> None:
    """The mailbox is told, not only who waits for an echo."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        asked = visitor.write("How much?", heard=False)
        other = await it.parts.colleague()
        assert isinstance(await other.claim(visitor.id, (asked.id,)), Claim)
        it.server.backend.announce_message(asked)
        await asyncio.sleep(3)
        assert it.metric("conversations_active") == 1
        visitor.is_answered_by(it.ann, type="bot", metadata=mark([asked.id], by="rule", source="r"))
        await asyncio.sleep(0.1)
        assert it.metric("conversations_active") == 0

    play(story)


def test_a_conversation_that_is_closed_meanwhile_silences_the_bot() -> None:
    """Its own update says so."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(5, reply())
        visitor = it.visitor()
        visitor.write("How much?")
        it.in_seconds(1, lambda: it.update(visitor, priority="priority"))
        it.in_seconds(2, lambda: it.update(visitor, status="closed"))
        await asyncio.sleep(3)
        assert it.outcomes == [("silent", "closed")]

    play(story)


def test_only_an_assignment_to_a_person_is_news() -> None:
    """Neither our own, nor another bot's, nor to somebody who has gone, nor that it is nobody's."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(5, reply())
        visitor = it.visitor()
        robot = it.server.create_user(
            it.parts.account.account, email="robot@example.com", password="x", name="Robot"
        )
        gone = it.server.create_user(
            it.parts.account.account, email="gone@example.com", password="x", name="Gone"
        )
        known = it.parts.services.current
        known.identity = replace(known.identity, gone_user_ids=frozenset({gone.id}))
        visitor.write("How much?")
        changes = ((1, it.parts.account.bot.id), (2, robot.id), (3, gone.id), (4, None))
        for seconds, user_id in changes:
            it.in_seconds(seconds, lambda user_id=user_id: it.update(visitor, assignee_id=user_id))  # type: ignore[misc]
        await asyncio.sleep(6)
        assert it.outcomes == [("replied", "scripted")]
        assert len(it.parts.responder.turns) == 1
        visitor.write("And now?")
        it.in_seconds(2, lambda: it.update(visitor, assignee_id=it.ann.id))
        await asyncio.sleep(3)
        assert it.outcomes[1:] == [("silent", "assigned")]

    play(story, policy={"bots": {"user_ids": [3]}})


def test_who_took_it_before_a_note_keeps_it() -> None:
    """A first note assigns to the bot; whose it was just before is known by what was heard."""

    async def story(it: Playing) -> None:
        noting = reply(actions=(AddTag("asked"), Note("see above")))
        it.parts.responder.script = lambda _turn: noting
        visitor = it.visitor()

        def take_once_it_is_tagged() -> None:
            if it.parts.store.asked.count("checkpoint") == 2:
                it.update(visitor, assignee_id=it.ann.id)

        it.parts.store.on_asked["checkpoint"] = take_once_it_is_tagged
        visitor.write("How much?")
        await asyncio.sleep(5)
        assert [note.body for note in visitor.notes] == ["see above"]
        assert visitor.conversation.assignee_id == it.ann.id

    play(story)


def test_a_customer_who_writes_on_does_not_wait_for_those_who_are_caught_up() -> None:
    """Whoever is found again and again waits on; who writes is there, and let in at once."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(40, reply())
        window = it.parts.services.catching_up.window
        while window.size > 1:
            window.failed()
        visitors = [it.visitor() for _ in range(2)]
        for visitor in visitors:
            visitor.write("How much?", heard=False)
        await asyncio.sleep(20)
        turns = it.parts.responder.turns
        [first] = {turn.conversation.id for turn in turns}
        [second] = [visitor for visitor in visitors if visitor.id != first]
        second.write("Hello?")
        await asyncio.sleep(2)
        assert {turn.conversation.id for turn in turns} == {one.id for one in visitors}

    play(story, catch_up={"interval_seconds": 5.0})


def test_news_of_a_conversation_that_is_not_at_work_are_nothing() -> None:
    """There is no mailbox to tell."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        visitor.is_answered_by(it.ann)
        it.update(visitor, status="closed", assignee_id=it.ann.id)
        it.bot.on_events(
            [events.ConversationUpdated("unknown", ConversationUpdates(status="closed"))]
        )
        await asyncio.sleep(1)
        assert it.metric("conversations_active") == 0

    play(story)


def test_a_first_message_that_nobody_hears_is_found() -> None:
    """A conversation that was created is followed at once, and read soon."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        it.server.backend.announce_created(visitor.conversation)
        await asyncio.sleep(0.1)
        [socket] = [one for one in it.server.sockets if one.user is not None]
        assert f"conversation:{visitor.id}" in socket.topics
        visitor.write("How much?", heard=False)
        await asyncio.sleep(1.5)
        assert len(visitor.said) == 1
        assert it.metric("catch_up_found_total", path="fresh") == 1

    play(story)


def test_everything_is_looked_at_when_connected_and_again_when_reconnected() -> None:
    """Each on its own path; every connection counts."""

    async def main(parts: Parts) -> None:
        first = parts.visitor()
        first.write("How much?", heard=False)
        async with parts.running_bot() as bot:
            it = Playing(parts, bot)
            assert parts.services.current.connections == 1
            await asyncio.sleep(10)
            assert it.metric("catch_up_found_total", path="start") == 1
            second = it.visitor()
            it.server.drop()
            second.write("How much?")
            await asyncio.sleep(10)
            assert parts.services.current.connections == 2
            assert it.metric("catch_up_found_total", path="reconnect") == 1
            assert [len(one.said) for one in (first, second)] == [1, 1]

    perform(main, listening=False, **QUICK)


def test_a_lost_connection_wakes_who_waits_for_an_echo() -> None:
    """The reply is looked for as soon as there is a connection again, not after the time-out."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        visitor.write("How much?")
        await it.parts.until(lambda: visitor.said)
        visitor.write("And now?")
        it.faults.cut(event="shout", echo=True)
        await it.parts.until(lambda: len(visitor.said) == 2)
        began = now()
        await it.parts.until(lambda: len(it.parts.settled) == 2)
        assert now() - began < 2 + 2, "the settling, and the way back"
        assert len(visitor.said) == 2

    play(story, reply={"first_delay_seconds": 0.0, "confirm_timeout_seconds": 60.0})


def test_a_conversation_that_crashes_slows_catching_up_down() -> None:
    """The server has run out of something; after a broken connection one begins anew."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        window = parts.services.catching_up.window
        bot.on_events([events.ConversationCrashed("c")])
        assert window.size == 2
        bot.on_events([events.ConnectionLost()])
        assert window.size == 4

    perform(story)


def test_a_receipt_that_is_told_lets_the_conversation_be_read() -> None:
    """Its stamps say when; Papercups does not tell, but is described as if it did."""

    async def story(parts: Parts) -> None:
        async with parts.running_bot():
            visitor = parts.visitor()
            path = f"GET /api/conversations/{visitor.id}"
            assert path not in parts.network.asked
            frame_of = parts.account.server.backend.hub.broadcast
            visitor.write("Hello?")
            await parts.until(lambda: parts.settled)
            await asyncio.sleep(10)
            reads = parts.network.asked.count(path)
            frame_of(f"conversation:{visitor.id}", "messages:seen", {})
            await asyncio.sleep(10)
            assert parts.count(events.MessagesSeen) == 1
            assert parts.network.asked.count(path) > reads

    perform(story, listening=False)
