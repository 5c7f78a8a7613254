"""Which turns are decided by what is known already, and which look at the server first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from agentbot.bot.conversations import Conversations
from agentbot.bot.mirror import Mirror
from agentbot.papercups import events
from agentbot.papercups.models import Conversation, ConversationUpdates
from agentbot.pipeline.decision import Action, AddTag, Reply, SetEmail
from agentbot.pipeline.turn import Turn
from tests.support.bot_parts import Parts, Visitor, perform, reply


def readings(parts: Parts, visitor: Visitor) -> int:
    """Return how often the conversation was read on its own so far."""
    return parts.network.asked.count(f"GET /api/conversations/{visitor.id}")


def answer(turn: Turn, *actions: Action) -> Reply:
    """Return a reply of its own to each question: what is said again is said in other words."""
    return reply(f"As to {turn.messages[-1].text}", actions=actions)


def story(play: Callable[[Parts, Visitor], Awaitable[None]], **options: Any) -> None:
    """Play a story of a customer whose first question was answered a while ago."""

    async def main(parts: Parts) -> None:
        async with parts.running_bot():
            visitor = parts.visitor()
            parts.responder.script = answer
            visitor.write("Hello?")
            await parts.until(lambda: parts.settled)
            await asyncio.sleep(10)  # the looks at a fresh conversation are over
            await play(parts, visitor)

    perform(main, listening=False, **options)


async def ask(parts: Parts, visitor: Visitor, body: str = "And on Sunday?") -> Turn:
    """Let the customer write on; return the turn that was decided."""
    before = len(parts.settled)
    visitor.write(body)
    await parts.until(lambda: len(parts.settled) > before)
    return parts.responder.turns[-1]


def test_a_conversation_is_read_once() -> None:
    """The next turns go by what was heard since: the history is whole, our own answer in it."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        before = readings(parts, visitor)
        turn = await ask(parts, visitor)
        assert [message.text for message in turn.history] == ["Hello?", "As to Hello?"]
        turn = await ask(parts, visitor, "And on Monday?")
        assert [message.text for message in turn.history][2] == "And on Sunday?"
        assert readings(parts, visitor) == before
        assert parts.metric("conversations_taken_total", source="mirror") == 2

    story(play)


def test_what_people_do_is_known() -> None:
    """A person's message, and whose the conversation is, come by broadcast."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        visitor.is_answered_by(parts.account.ann)
        await asyncio.sleep(10)
        before = readings(parts, visitor)
        visitor.write("Thank you.")
        await parts.until(lambda: len(parts.settled) == 2)
        assert parts.settled[-1].reason_code in {"person", "assigned"}
        assert readings(parts, visitor) == before

    story(play)


@pytest.mark.parametrize("action", [AddTag("vip"), SetEmail("vera@example.com")])
def test_what_we_change_without_a_broadcast_is_read_again(action: Action) -> None:
    """The server tells nobody of a tag, or of a customer's address."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        parts.responder.script = lambda turn: answer(turn, action)
        await ask(parts, visitor)
        parts.responder.script = answer
        before = readings(parts, visitor)
        await ask(parts, visitor)
        assert readings(parts, visitor) == before + 1

    story(play)


def test_after_a_gap_it_is_read_again() -> None:
    """Somebody may have written while nobody listened."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        parts.session.reconnect()
        await parts.until(lambda: not parts.session.is_ready)
        visitor.write("Anybody?", heard=False)
        await parts.until(lambda: parts.session.is_ready)
        before = readings(parts, visitor)
        turn = await ask(parts, visitor)
        assert "Anybody?" in [message.text for message in turn.messages]
        assert readings(parts, visitor) > before

    story(play)


def test_what_was_found_is_read() -> None:
    """Whoever missed one message may have missed others."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        before = readings(parts, visitor)
        visitor.write("Anybody?", heard=False)
        await parts.until(lambda: len(parts.settled) == 2)
        assert readings(parts, visitor) == before + 1

    story(play)


def test_what_outlived_its_age_is_read() -> None:
    """What is never broadcast is so old at most."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        before = readings(parts, visitor)
        await ask(parts, visitor)
        assert readings(parts, visitor) == before + 1

    story(play, turns={"mirror_seconds": 5})


def test_where_tags_count_every_turn_is_read() -> None:
    """They are never broadcast."""

    async def play(parts: Parts, visitor: Visitor) -> None:
        pipeline = parts.services.current.pipeline
        pipeline.prompts = replace(pipeline.prompts, rests_on_tags=True)
        before = readings(parts, visitor)
        await ask(parts, visitor)
        assert readings(parts, visitor) == before + 1

    story(play)


def _heard(*happened: events.Event) -> Mirror:
    """Return a mirror of one conversation after these events."""
    mirror = Mirror(max_age=300, clock=lambda: 0.0)
    one = Conversations(None, mirror)  # type: ignore[arg-type]  # nothing is read
    mirror.keep(Conversation(id="c", source="chat"), since=0)
    for event in happened:
        one.heard(event)
    return mirror


@pytest.mark.parametrize(
    "gap",
    [
        events.Connected(),
        events.Disconnected("cut"),
        events.ConnectionLost(),
        events.Unreadable("shout", "body: not a text"),
        events.Unreadable("updated", "id: missing"),
        events.Unreadable("frame", "not JSON"),
    ],
)
def test_a_gap_clears_all(gap: events.Event) -> None:
    """Something may have been said that was not heard."""
    assert _heard(gap).get("c") is None


@pytest.mark.parametrize(
    "event",
    [
        events.Unreadable("raw_shout", "id: missing"),
        events.ConversationJoined("c"),
        events.AgentsOnlineChanged(frozenset({1})),
    ],
)
def test_what_is_no_gap_clears_nothing(event: events.Event) -> None:
    """What the server has refused to store was not said: anybody can make it broadcast that."""
    assert _heard(event).get("c") is not None


def test_updates_are_mirrored() -> None:
    """Whose it is, for one."""
    known = _heard(events.ConversationUpdated("c", ConversationUpdates(assignee_id=7))).get("c")
    assert known is not None
    assert known.assignee_id == 7
