"""The bot as a whole: what it hears goes to its conversation's mailbox, and it stops in good order.

What becomes of a mailbox's messages is tested in ``turns/``, what is found in ``hearing/``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.bot import Bot
from agentbot.bot.proof import mark
from agentbot.bot.turns.mailbox import MOST_PENDING
from agentbot.devserver.store import records
from agentbot.errors import LoginRefused
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.models import ConversationUpdates
from agentbot.state.store import Claim
from tests.support.bot_parts import (
    Parts,
    ScriptedResponder,
    Visitor,
    perform,
    pipeline_of,
    reply,
    thinking,
)
from tests.support.virtual_account import URL

QUICK: dict[str, Any] = {"reply": {"first_delay_seconds": 0.0}}
"""Settings with which no fresh visitor's window is waited for."""


class Playing:
    """A bot that runs, and customers with their chat windows open."""

    def __init__(self, parts: Parts, bot: Bot) -> None:
        self.parts = parts
        self.bot = bot
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.ann = parts.account.ann

    def visitor(self) -> Visitor:
        """Let a customer come."""
        visitor = self.parts.visitor()
        visitor.open_window()
        return visitor

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        return self.parts.metric(name, **labels)

    def update(self, visitor: Visitor, **fields: Any) -> None:
        """Change a conversation, and tell the agents."""
        self.server.store.update_conversation(visitor.conversation, fields)
        self.server.backend.announce_updated(visitor.conversation)

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Outcome and reason of each turn that was settled."""
        return [(one.outcome, one.reason_code) for one in self.parts.settled]


def play(story: Callable[[Playing], Awaitable[None]], **options: Any) -> None:
    """Play a story with a bot that runs, and is drained at the end."""

    async def main(parts: Parts) -> None:
        async with parts.running_bot() as bot:
            await asyncio.sleep(10)  # it has looked at everything
            await story(Playing(parts, bot))

    perform(main, listening=False, **{**QUICK, **options})


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


# What is heard


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
    """Neither our own, nor another bot's, nor that it is nobody's any more."""

    async def story(it: Playing) -> None:
        it.parts.responder.script = thinking(5, reply())
        visitor = it.visitor()
        robot = it.server.create_user(
            it.parts.account.account, email="robot@example.com", password="x", name="Robot"
        )
        visitor.write("How much?")
        for seconds, user_id in ((1, it.parts.account.bot.id), (2, robot.id), (3, None)):
            it.in_seconds(seconds, lambda user_id=user_id: it.update(visitor, assignee_id=user_id))  # type: ignore[misc]
        await asyncio.sleep(6)
        assert it.outcomes == [("replied", "scripted")]
        assert len(it.parts.responder.turns) == 1
        visitor.write("And now?")
        it.in_seconds(2, lambda: it.update(visitor, assignee_id=it.ann.id))
        await asyncio.sleep(3)
        assert it.outcomes[1:] == [("silent", "assigned")]

    play(story, policy={"bots": {"user_ids": [3]}})


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


# What operators are told of the connection


def test_the_connections_news_are_in_the_metrics() -> None:
    """As they come."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        connected = []
        for event in (
            events.Connected(),
            events.Disconnected("1006"),
            events.Connected(),
        ):
            bot.on_events([event])
            connected.append(parts.metric("connected"))
        assert connected == [1, 0, 1]
        bot.on_events(
            [
                events.ConversationJoined("c"),
                events.ConversationJoined("d"),
                events.AgentsOnlineChanged(frozenset({7, 8, 9})),
                events.Unreadable("raw_shout", "no id"),
                events.Unreachable("refused", 1.26),
                events.ConversationRefused("c", "unauthorized"),
                events.CustomerPresenceChanged("v", online=True),
            ]
        )
        assert parts.metric("joins_total") == 2
        assert parts.metric("agents_online") == 3
        assert parts.metric("dropped_total", reason="raw_shout") == 1

    with capture_logs() as said:
        perform(story, listening=False)
    assert [line["event"] for line in said] == [
        "connected",
        "disconnected",
        "connected",
        "unreadable",
        "unreachable",
    ]
    assert said[-1]["retry_in"] == 1.3


def test_a_draining_bot_does_not_complain_that_it_is_disconnected() -> None:
    """It means to be; the metric says it all the same."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        bot.on_events([events.Connected()])
        parts.services.draining.set()
        bot.on_events([events.Disconnected("1000")])
        assert parts.metric("connected") == 0

    with capture_logs() as said:
        perform(story, listening=False)
    assert [line["event"] for line in said] == ["connected"]


# Room


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


# Following


class NotingSession(AgentSession):
    """A session that never connects, and notes what it is to follow."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(url=URL, login=parts.rest.login, on_events=lambda _happened: None)
        self.followed: list[str] = []
        self.unfollowed: list[str] = []

    def follow(self, conversation_id: str) -> None:
        """Note it."""
        self.followed.append(conversation_id)

    def unfollow(self, conversation_id: str) -> None:
        """Note it."""
        self.unfollowed.append(conversation_id)


def follow(story: Callable[[Bot, NotingSession, Parts], Awaitable[None]]) -> None:
    """Play a story with a bot that is told what happens by the test."""

    async def main(parts: Parts) -> None:
        session = NotingSession(parts)
        await story(Bot(replace(parts.services, session=session)), session, parts)

    perform(main, listening=False)


def created(*numbers: int) -> list[events.Event]:
    """Return the news that these conversations were begun."""
    return [events.ConversationCreated(f"c{number}") for number in numbers]


def test_a_thousand_conversations_are_followed_the_last_heard_of() -> None:
    """The one that was quiet longest is left for the next."""

    async def story(bot: Bot, session: NotingSession, _parts: Parts) -> None:
        bot.on_events(created(*range(1_000)))
        assert session.followed == [f"c{number}" for number in range(1_000)]
        assert session.unfollowed == []
        bot.on_events(created(0, 1_000, 1_001))
        assert session.followed[1_000:] == ["c0", "c1000", "c1001"]
        assert session.unfollowed == ["c1", "c2"]

    follow(story)


def test_a_conversation_at_work_is_not_left_for_another() -> None:
    """It is to be spoken in."""

    async def story(bot: Bot, session: NotingSession, parts: Parts) -> None:
        visitor = parts.visitor()
        message = await parts.message(visitor.write(heard=False))
        bot.on_events([events.MessageReceived(message, "notification")])
        bot.on_events(created(*range(1_000)))
        assert session.unfollowed == ["c0"]
        await bot.drain()

    follow(story)


def followed(parts: Parts) -> int:
    """Return how many conversations the bot is in the channels of."""
    [socket] = [one for one in parts.account.server.sockets if one.user is not None]
    return sum(topic.startswith("conversation:") for topic in socket.topics)


def test_a_conversation_that_there_was_no_room_to_follow_is_left_once_it_is_answered() -> None:
    """A rush does not leave the bot in the channels of all who came."""

    async def main(parts: Parts) -> None:
        parts.responder.script = thinking(3, reply())
        async with parts.running_bot(most_followed=2) as bot:
            it = Playing(parts, bot)
            visitors = [it.visitor() for _ in range(6)]
            for visitor in visitors:
                it.server.backend.announce_created(visitor.conversation)
            await asyncio.sleep(0.5)
            for visitor in visitors:
                visitor.write("How much?")
            await asyncio.sleep(20)
            assert [len(visitor.said) for visitor in visitors] == [1] * 6
            assert followed(parts) == 2

    perform(main, listening=False, **QUICK)


def test_open_conversations_are_followed_as_long_as_there_is_room() -> None:
    """To be ready in them: each once, and none in the place of another."""

    async def main(parts: Parts) -> None:
        for _ in range(4):
            parts.visitor().is_answered_by(parts.account.ann, heard=False)
        async with parts.running_bot(most_followed=3):
            await asyncio.sleep(60)
            assert parts.metric("joins_total") == 3
            assert followed(parts) == 3

    perform(main, listening=False, catch_up={"interval_seconds": 10.0}, **QUICK)


# Beginning and ending


def test_the_account_is_read_before_anything_is_heard() -> None:
    """Until it is known which users are bots, their messages look like a person's."""

    async def story(parts: Parts) -> None:
        away = parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        bot = Bot(parts.services)
        running = asyncio.create_task(bot.run())
        await asyncio.sleep(60)
        assert parts.account.connector.attempts == []
        away.remove()
        await parts.until(lambda: parts.account.connector.attempts)
        assert parts.services.current.identity.bot_user_ids == {parts.account.ann.id}
        await bot.drain()
        await running

    perform(story, listening=False, policy={"bots": {"names": ["Ann"]}})


def test_a_bot_that_is_stopped_before_it_began_ends_quietly() -> None:
    """It was still waiting for the server."""

    async def story(parts: Parts) -> None:
        parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        bot = Bot(parts.services)
        running = asyncio.create_task(bot.run())
        await asyncio.sleep(5)
        await bot.drain()
        await running
        assert parts.account.connector.attempts == []

    perform(story, listening=False)


def test_a_bot_that_never_ran_can_be_drained() -> None:
    """There is nothing to stop."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        await bot.drain()
        assert bot.not_ready()["bot"] == "draining"

    perform(story, listening=False)


def test_a_bot_that_is_cancelled_while_it_begins_leaves_nothing_behind() -> None:
    """Nobody asks the server any more."""

    async def story(parts: Parts) -> None:
        parts.account.server.faults.answer(status=503, path="/api/accounts/me")
        running = asyncio.create_task(Bot(parts.services).run())
        await asyncio.sleep(5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        asked = len(parts.network.asked)
        await asyncio.sleep(60)
        assert len(parts.network.asked) == asked

    perform(story, listening=False)


def test_a_refused_login_ends_the_bot_as_what_it_is() -> None:
    """Whoever runs it knows what to tell the operator: at the start …"""

    async def story(parts: Parts) -> None:
        async with asyncio.timeout(60):
            with pytest.raises(LoginRefused):
                await Bot(parts.services).run()

    perform(story, listening=False, password="wrong")


@pytest.mark.parametrize("found_by", ["the connection", "a job"])
def test_a_login_that_is_refused_later_ends_the_bot_as_what_it_is(found_by: str) -> None:
    """… and when it is changed: found by the session, or deep in the periodic jobs."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: not bot.not_ready())
        parts.account.server.expire_tokens(renew_tokens=True)
        parts.account.bot.password = "another"
        if found_by == "the connection":
            parts.account.server.drop()
        async with asyncio.timeout(400):
            with pytest.raises(LoginRefused):
                await running

    perform(story, listening=False, catch_up={"interval_seconds": 5_000.0})


def test_the_next_turn_is_decided_by_the_pipeline_that_was_reloaded() -> None:
    """The one that is being thought out is not thought out again."""

    async def story(it: Playing) -> None:
        visitor = it.visitor()
        other = ScriptedResponder()
        other.script = lambda _turn: reply("By the new rules.")
        it.parts.responder.script = thinking(5, reply("By the old rules."))
        visitor.write("How much?")
        it.in_seconds(2, lambda: it.bot.use(pipeline_of(other)))
        await asyncio.sleep(6)
        visitor.write("And now?")
        await asyncio.sleep(1)
        assert [said.body for said in visitor.said] == ["By the old rules.", "By the new rules."]

    play(story)


def test_what_keeps_the_bot_from_answering_is_told_by_part() -> None:
    """The connection, the state, and that it is stopping."""

    async def story(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        told = [bot.not_ready()]
        parts.store.failures["ping"] = 1
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: parts.session.is_ready)
        await asyncio.sleep(1)
        told.append(bot.not_ready())
        await asyncio.sleep(5)
        told.append(bot.not_ready())
        parts.services.draining.set()
        told.append(bot.not_ready())
        await bot.drain()
        await running
        assert told == [
            {"socket": "not joined"},
            {"state": "told to fail"},
            {},
            {"bot": "draining"},
        ]

    perform(story, listening=False)


# Draining


class Draining:
    """A bot at work, to be drained by the test."""

    def __init__(self, parts: Parts, bot: Bot, running: asyncio.Task[None]) -> None:
        self.parts = parts
        self.bot = bot
        self.running = running
        self.visitor = parts.visitor()
        self.visitor.open_window()

    def ask(self) -> records.Message:
        """Write to the bot."""
        return self.visitor.write("How much?")

    async def seconds_to_drain(self) -> float:
        """Drain; return the seconds that it took."""
        began = now()
        async with asyncio.timeout(120):
            await self.bot.drain()
            took = now() - began
            await self.running
        return round(took, 1)


def drain(story: Callable[[Draining], Awaitable[None]], **options: Any) -> None:
    """Play a story of a bot that is drained in it."""

    async def main(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: not bot.not_ready())
        await asyncio.sleep(10)
        await story(Draining(parts, bot, running))

    perform(main, listening=False, **{**QUICK, **options})


def test_a_bot_with_nothing_to_do_drains_at_once() -> None:
    """And its run returns."""

    async def story(it: Draining) -> None:
        assert await it.seconds_to_drain() == 0.0
        assert [one for one in it.parts.account.server.sockets if one.user is not None] == []

    drain(story)


def test_what_is_thought_out_is_handed_back() -> None:
    """At once: another replica, or the next start, takes it."""

    async def story(it: Draining) -> None:
        it.parts.responder.script = thinking(15, reply())
        asked = it.ask()
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == 0.0
        assert (it.visitor.said, it.parts.settled) == ([], [])
        other = await it.parts.colleague()
        assert isinstance(await other.claim(it.visitor.id, (asked.id,)), Claim)

    with capture_logs() as said:
        drain(story)
    [line] = [line for line in said if line["event"] == "draining"]
    assert line["conversations"] == 1


def test_a_reply_in_flight_is_waited_for() -> None:
    """It is confirmed, and its turn settled."""

    async def story(it: Draining) -> None:
        it.parts.account.server.faults.slow_shout(broadcast=4.0, topic="conversation:")
        it.ask()
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == 3.0
        assert [one.outcome for one in it.parts.settled] == ["replied"]

    drain(story)


def test_a_turn_that_does_not_end_is_given_up_within_the_grace_time() -> None:
    """Its store is away, say; its claim is given back as far as that can be."""

    async def story(it: Draining) -> None:
        it.parts.store.failures["settle"] = 1_000
        it.ask()
        await asyncio.sleep(1)
        began = now()
        await it.bot.drain()
        assert now() - began == pytest.approx(7, abs=0.1)
        assert "release" in it.parts.store.asked
        assert it.parts.metric("conversations_active") == 0
        await it.running

    drain(story, drain={"grace_seconds": 7.0})


def test_a_draining_bot_takes_no_new_turn() -> None:
    """Neither what it hears nor what it finds; nothing is counted as found."""

    async def story(it: Draining) -> None:
        it.parts.store.failures["settle"] = 1_000
        it.ask()
        await asyncio.sleep(1)
        draining = asyncio.create_task(it.bot.drain())
        other = it.parts.visitor()
        other.write("How much?")
        third = it.parts.visitor()
        third.write("How much?", heard=False)
        await asyncio.sleep(15)
        assert it.parts.metric("conversations_active") == 1
        assert it.parts.metric("catch_up_found_total", path="periodic") == 0
        await draining
        await it.running
        assert (other.said, third.said) == ([], [])

    drain(story, catch_up={"interval_seconds": 5.0})
