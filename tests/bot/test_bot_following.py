"""Which conversations the bot follows, and which it leaves for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentbot.bot.bot import Bot
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from tests.support.bot_parts import Parts, perform, reply, thinking
from tests.support.bot_running import QUICK, Playing
from tests.support.virtual_account import URL


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


def test_ten_thousand_conversations_are_followed_the_last_heard_of() -> None:
    """The one that was quiet longest is left for the next."""

    async def story(bot: Bot, session: NotingSession, _parts: Parts) -> None:
        bot.on_events(created(*range(10_000)))
        assert session.followed == [f"c{number}" for number in range(10_000)]
        assert session.unfollowed == []
        bot.on_events(created(0, 10_000, 10_001))
        assert session.followed[10_000:] == ["c0", "c10000", "c10001"]
        assert session.unfollowed == ["c1", "c2"]

    follow(story)


def test_a_conversation_at_work_is_not_left_for_another() -> None:
    """It is to be spoken in."""

    async def story(bot: Bot, session: NotingSession, parts: Parts) -> None:
        visitor = parts.visitor()
        message = await parts.message(visitor.write(heard=False))
        bot.on_events([events.MessageReceived(message, "notification")])
        bot.on_events(created(*range(10_000)))
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
