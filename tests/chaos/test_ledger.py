"""Proves :mod:`tests.chaos.ledger`: it reads all that a bot may say, and never stops in silence."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agentbot.devserver.server import DevServer
from agentbot.devserver.store.records import Message
from tests.chaos.ledger import AnswerLedger
from tests.support.timing import within


class Room:
    """A conversation on a server, and what the ledger makes of it."""

    def __init__(self) -> None:
        server = DevServer()
        self._store = server.store
        account, self._bot, _ = server.seed()
        customer = self._store.add_customer({"account_id": account.id})
        ids = {"account_id": account.id, "customer_id": customer.id}
        self.conversation = self._store.add_conversation(ids)
        self._ids = {"account_id": account.id, "conversation_id": self.conversation.id}
        self._customer_id = customer.id
        self.ledger = AnswerLedger(self._store)

    def ask(self, body: str) -> Message:
        """Let the customer ask."""
        return self._say(body, customer_id=self._customer_id)

    def say(self, body: str, **mark: Any) -> Message:
        """Let the bot say something with this mark."""
        return self._say(body, user_id=self._bot.id, metadata={"agentbot": {"v": 1, **mark}})

    def _say(self, body: str, **fields: Any) -> Message:
        return self._store.add_message({"body": body, **self._ids, **fields})


async def test_a_holding_message_answers_nothing_and_keeps_nobody_from_following() -> None:
    """The question waits on, and its answer is seen when it comes."""
    room = Room()
    asked = room.ask("slow 1.00 #1")
    announced = room.say("One moment", holding=asked.id)
    room.ledger.look()

    assert [question.message for question in room.ledger.unanswered()] == [asked]
    assert [message for message, _ in room.ledger.held] == [announced]
    assert not room.ledger.strangers

    room.say("Thought about: slow 1.00 #1", in_reply_to=asked.id)
    room.ledger.look()

    assert not room.ledger.unanswered()
    assert not room.ledger.held_too_late(allowed=0.0)


async def test_a_holding_message_after_the_answer_is_told() -> None:
    """It is late by as much as it comes after the answer."""
    room = Room()
    asked = room.ask("quick #1")
    room.say("At once: quick #1", in_reply_to=asked.id)
    room.ledger.look()
    await asyncio.sleep(0.01)
    late = room.say("One moment", holding=asked.id)
    room.ledger.look()

    assert room.ledger.held_too_late(allowed=0.005) == [late]
    assert not room.ledger.held_too_late(allowed=60.0)


async def test_a_holding_message_over_a_person_is_told() -> None:
    """As any other words of the bot's are."""
    room = Room()
    asked = room.ask("slow 1.00 #1")
    room.ledger.look()
    came_at = room.ledger.questions[asked.id].stored_at
    room.ledger.taken_over[room.conversation.id] = came_at
    await asyncio.sleep(0.01)
    over = room.say("One moment", holding=asked.id)
    room.ledger.look()

    assert room.ledger.talked_over(allowed=0.005) == [over]
    assert not room.ledger.talked_over(allowed=60.0)


async def test_a_mark_that_names_nothing_is_strange() -> None:
    """It is neither an answer nor the announcement of one."""
    room = Room()
    room.ask("quick #1")
    strange = room.say("Hello?")
    room.ledger.look()

    assert room.ledger.strangers == [strange]


async def test_what_cannot_be_followed_fails_whoever_waits() -> None:
    """Nobody waits for news of a store that is not read any more."""
    room = Room()

    def fail(_reply: Message) -> None:
        raise ZeroDivisionError

    room.ledger.on_reply = fail
    asked = room.ask("quick #1")
    waiting = asyncio.create_task(room.ledger.all_stored(2))
    await asyncio.sleep(0)
    room.say("At once: quick #1", in_reply_to=asked.id)

    with pytest.raises(ZeroDivisionError):
        await room.ledger.watch()
    async with within(5):
        with pytest.raises(AssertionError, match="cannot be followed"):
            await waiting
