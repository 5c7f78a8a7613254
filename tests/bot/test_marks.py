"""Marks that replies have lost to Gmail: put back by the journal and the plan, not by times."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from agentbot.bot.marks import with_marks
from agentbot.bot.proof import Identity, answers
from agentbot.bot.transcript import find_reply, unanswered
from agentbot.devserver.store import records
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, Visitor, perform
from tests.support.states import record_of


def reply(parts: Parts, visitor: Visitor) -> records.Message:
    """Have a bot's reply on the server that went out by Gmail."""
    message = parts.account.server.store.add_message(
        {
            "account_id": parts.account.account.id,
            "conversation_id": visitor.id,
            "body": "Hello!",
            "type": "bot",
        }
    )
    message.metadata = {"gmail_message_id": "g"}
    return message


async def settle(parts: Parts, visitor: Visitor, asked: str, reply_id: str) -> None:
    """Let the journal know of a reply."""
    claim = await parts.store.claim(visitor.id, (asked,))
    assert isinstance(claim, Claim)
    record = replace(record_of(claim), reply_id=reply_id)
    assert await parts.store.settle(claim, record, None)


def test_what_came_in_the_same_second_as_a_known_reply_waits() -> None:
    """The journal knows what that reply answered, and it was something else."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor(source="email")
        first = visitor.write("One?", heard=False)
        said = reply(parts, visitor)
        await settle(parts, visitor, first.id, said.id)
        second = visitor.write("Two?", heard=False)
        read = await parts.rest.conversation(visitor.id)
        assert unanswered(read.messages, Identity()) == []
        marked = await with_marks(parts.services, read)
        assert [m.id for m in unanswered(marked.messages, Identity())] == [second.id]
        assert find_reply(marked.messages, (second.id,)) is None

    perform(story)


def test_the_text_of_a_plan_answers_what_the_plan_does() -> None:
    """It is not settled yet; what came in its second is answered by none."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor(source="email")
        first = visitor.write("One?", heard=False)
        said = reply(parts, visitor)
        second = visitor.write("Two?", heard=False)
        read = await parts.rest.conversation(visitor.id)
        marked = await with_marks(parts.services, read, (first.id,))
        found = find_reply(marked.messages, (first.id,))
        assert found is not None
        assert found.id == said.id
        assert (found.metadata or {})["gmail_message_id"] == "g"
        assert find_reply(marked.messages, (second.id,)) is None

    perform(story)


def test_a_plan_that_is_answered_stays_answered_whatever_is_asked_later() -> None:
    """Its text is the first reply after it, not the last."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor(source="email")
        first = visitor.write("One?", heard=False)
        await asyncio.sleep(2)
        said = reply(parts, visitor)
        await asyncio.sleep(2)
        visitor.write("Two?", heard=False)
        read = await parts.rest.conversation(visitor.id)
        marked = await with_marks(parts.services, read, (first.id,))
        [answer] = [message for message in marked.messages if message.id == said.id]
        assert answers(answer) == {first.id}

    perform(story)


def test_a_reply_that_the_journal_knows_is_not_the_plans() -> None:
    """The plan's own text was never sent."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor(source="email")
        first = visitor.write("One?", heard=False)
        said = reply(parts, visitor)
        await settle(parts, visitor, first.id, said.id)
        second = visitor.write("Two?", heard=False)
        read = await parts.rest.conversation(visitor.id)
        marked = await with_marks(parts.services, read, (second.id,))
        assert find_reply(marked.messages, (second.id,)) is None

    perform(story)


def test_without_a_state_that_knows_it_is_left_to_the_times() -> None:
    """As where the state was lost: a doubled answer would be worse."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor(source="email")
        visitor.write("One?", heard=False)
        reply(parts, visitor)
        read = await parts.rest.conversation(visitor.id)
        assert await with_marks(parts.services, read) == read
        assert unanswered(read.messages, Identity()) == []

    perform(story)


def test_where_no_mark_is_lost_nobody_is_asked() -> None:
    """Chats never lose one."""

    async def story(parts: Parts) -> None:
        visitor = parts.visitor()
        visitor.write("One?", heard=False)
        read = await parts.rest.conversation(visitor.id)
        assert await with_marks(parts.services, read) is read
        assert "replies" not in parts.store.asked

    perform(story)
