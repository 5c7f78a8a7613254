"""Who answers first gets the conversation, as on Papercups where no bot wrote before them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.first_answers import FirstAnswers, first_person
from agentbot.bot.proof import Identity, mark
from agentbot.devserver.store import records
from agentbot.papercups.models import Conversation, Message
from tests.support.bot_parts import Parts, Visitor, handoff, perform

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOT, ANN, BEN, OTHER_BOT = 1, 2, 3, 4
NOTE = {"private": True, "type": "note", "metadata": {"agentbot": {"v": 1, "note_on": "m"}}}
MARK = mark(["m"], by="rule", source="r")


def wrote(user_id: int | None, second: int, **fields: object) -> Message:
    """Return what was written at a second past noon."""
    at = NOON + timedelta(seconds=second)
    values = {"id": f"m{second}", "conversation_id": "c", "created_at": at, "user_id": user_id}
    return Message.model_validate({**values, **fields})


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([wrote(BOT, 1, **NOTE), wrote(ANN, 2)], ANN),
        ([wrote(BOT, 1, **NOTE), wrote(ANN, 1)], ANN),  # stamps are whole seconds
        ([wrote(BOT, 1, type="bot", metadata=MARK), wrote(ANN, 2)], ANN),
        ([wrote(BOT, 1, type="bot"), wrote(BEN, 3), wrote(ANN, 2)], ANN),
        ([wrote(BOT, 1, **NOTE), wrote(ANN, 2, private=True), wrote(BEN, 3)], BEN),
        ([wrote(BOT, 1, **NOTE), wrote(OTHER_BOT, 2), wrote(ANN, 3)], ANN),
        # A person's e-mail may be given the metadata of the bot's message before it.
        ([wrote(BOT, 1, **NOTE), wrote(ANN, 2, metadata=NOTE["metadata"])], ANN),
        ([wrote(ANN, 1), wrote(BOT, 2, **NOTE), wrote(BEN, 3)], None),
        ([wrote(ANN, 1, private=True), wrote(BOT, 2, **NOTE), wrote(BEN, 3)], None),
        ([wrote(BOT, 1, **NOTE), wrote(ANN, 2, private=True)], None),
        ([wrote(BOT, 1, **NOTE), wrote(BOT, 2)], None),  # somebody logged in as the bot
        ([wrote(BOT, 1), wrote(ANN, 2)], None),
        ([wrote(BOT, 1, private=True), wrote(ANN, 2)], None),
        ([wrote(BOT, 1, metadata=NOTE["metadata"]), wrote(ANN, 2)], None),
        ([wrote(None, 1, type="bot"), wrote(ANN, 2)], None),
        ([wrote(OTHER_BOT, 1, type="bot"), wrote(ANN, 2)], None),
        ([wrote(BOT, 1, **NOTE)], None),
    ],
)  # fmt: skip
def test_the_person_is_found_that_papercups_would_have_assigned(
    messages: list[Message], expected: int | None
) -> None:
    """The first to answer, where our own message came before any person's."""
    conversation = Conversation(id="c", messages=tuple(messages))
    assert first_person(conversation, Identity(frozenset({OTHER_BOT})), BOT) == expected


class Answering:
    """A bot that has handed a customer's question over, with its note."""

    def __init__(self, parts: Parts, visitor: Visitor) -> None:
        self.parts = parts
        self.visitor = visitor
        self.ann = parts.account.ann
        self.server = parts.account.server

    @property
    def conversation(self) -> records.Conversation:
        """The conversation as the server has it."""
        return self.visitor.conversation

    @property
    def changes(self) -> int:
        """How often the bot has changed the conversation by now."""
        return self.parts.network.asked.count(f"PUT /api/conversations/{self.visitor.id}")

    def is_given_to(self, user_id: int | None) -> None:
        """Let people change whose it is."""
        store, backend = self.server.store, self.server.backend
        store.update_conversation(self.conversation, {"assignee_id": user_id})
        backend.announce_updated(self.conversation)


def answer(story: Callable[[Answering], Awaitable[None]], **options: Any) -> None:
    """Run a story that begins when the bot has handed over."""

    async def main(parts: Parts) -> None:
        parts.responder.script = lambda _turn: handoff()
        async with parts.running_bot():
            visitor = parts.visitor()
            visitor.write("Can you engrave a cup?")
            await parts.until(lambda: parts.settled)
            assert len(visitor.notes) == 1
            assert visitor.conversation.assignee_id is None
            await story(Answering(parts, visitor))

    perform(main, listening=False, **options)


def test_who_answers_after_the_bots_note_gets_the_conversation() -> None:
    """Papercups does not assign them, for the note was an agent's first message to it."""

    async def story(it: Answering) -> None:
        it.visitor.is_answered_by(it.ann)
        assert it.conversation.assignee_id is None
        with capture_logs() as lines:
            await it.parts.until(lambda: it.conversation.assignee_id == it.ann.id)
            await asyncio.sleep(10)
        given = [line for line in lines if line["event"] == "conversation.given"]
        assert [line["to"] for line in given] == [it.ann.id]

    answer(story)


def test_who_answers_while_nothing_is_heard_gets_it_too() -> None:
    """The next look at all conversations finds it."""

    async def story(it: Answering) -> None:
        it.visitor.is_answered_by(it.ann, heard=False)
        await it.parts.until(lambda: it.conversation.assignee_id == it.ann.id)

    answer(story)


def test_it_is_done_once() -> None:
    """Whoever gives the conversation away again means it: neither answers nor looks undo that."""

    async def story(it: Answering) -> None:
        it.visitor.is_answered_by(it.ann)
        await it.parts.until(lambda: it.conversation.assignee_id == it.ann.id)
        it.is_given_to(None)
        it.visitor.is_answered_by(it.ann)
        before = it.changes
        await asyncio.sleep(2000)
        assert it.conversation.assignee_id is None
        assert it.changes == before

    answer(story)


def test_it_is_done_once_even_by_another_process() -> None:
    """That it was done is kept with the state."""

    async def story(it: Answering) -> None:
        assert await it.parts.store.mark_given(it.visitor.id)
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(2000)
        assert it.conversation.assignee_id is None

    answer(story)


def test_what_somebody_has_is_theirs() -> None:
    """And stays nobody's once they have given it back."""

    async def story(it: Answering) -> None:
        ben = it.server.store.add_user(
            it.parts.account.account, email="ben@example.com", password="x" * 8
        )
        it.is_given_to(ben.id)
        before = it.changes
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(60)
        assert it.conversation.assignee_id == ben.id
        it.is_given_to(None)
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(2000)
        assert not it.conversation.assignee_id
        assert it.changes == before

    answer(story)


def test_who_takes_it_in_the_last_moment_keeps_it() -> None:
    """Between our look and our change: the server tells of both in their order."""

    async def story(it: Answering) -> None:
        ben = it.server.store.add_user(
            it.parts.account.account, email="ben@example.com", password="x" * 8
        )
        taken = False

        def take(request: httpx2.Request) -> bool:
            nonlocal taken
            if request.method == "PUT" and not taken:
                taken = True
                it.is_given_to(ben.id)
            return False

        it.visitor.is_answered_by(it.ann)
        it.parts.network.is_cut = take
        await it.parts.until(lambda: taken)
        await asyncio.sleep(30)
        assert it.conversation.assignee_id == ben.id

    answer(story)


def test_a_closed_conversation_is_given_and_stays_closed() -> None:
    """People answer and close in one go; when the customer comes back it is still theirs."""

    async def story(it: Answering) -> None:
        it.visitor.is_answered_by(it.ann)
        it.server.store.update_conversation(it.conversation, {"status": "closed"})
        await it.parts.until(lambda: it.conversation.assignee_id == it.ann.id)
        assert it.conversation.status == "closed"

    answer(story)


def test_the_policy_can_leave_it_to_people() -> None:
    """Then nothing is assigned."""

    async def story(it: Answering) -> None:
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(2000)
        assert it.conversation.assignee_id is None

    answer(story, policy={"on_hand_over": {"assign_who_answers": False}})


def test_a_conversation_that_is_gone_or_cannot_be_changed_stops_no_other() -> None:
    """It is said in the log where the state or the server fails."""

    async def story(it: Answering) -> None:
        other = it.parts.visitor()
        other.write("And you?")
        await it.parts.until(lambda: len(it.parts.settled) == 2)
        it.parts.store.failures["mark_given"] = 1
        with capture_logs() as lines:
            it.visitor.is_answered_by(it.ann)
            other.is_answered_by(it.ann)
            await it.parts.until(lambda: other.conversation.assignee_id == it.ann.id)
        assert [line["conversation_id"] for line in lines if line["event"] == "not_given"] == [
            it.visitor.id
        ]
        # The next look finds it again.
        await it.parts.until(lambda: it.conversation.assignee_id == it.ann.id)

    answer(story)


class Giving:
    """What gives conversations away, alone with its parts."""

    def __init__(self, parts: Parts, **options: int) -> None:
        self.parts = parts
        self.gives = FirstAnswers(parts.services, **options)
        self.ann = parts.account.ann

    async def visitor(self) -> Visitor:
        """Return one to whom Ann has answered, after a note of the bot's."""
        visitor = self.parts.visitor()
        asked = visitor.write(heard=False)
        await self.parts.store.claim(visitor.id, (asked.id,))
        visitor.is_answered_by(self.parts.account.bot, heard=False, **NOTE)
        visitor.is_answered_by(self.ann, heard=False)
        await asyncio.sleep(10)
        visitor.conversation.assignee_id = None  # the turn that left the note has undone that
        return visitor

    async def read(self, visitor: Visitor) -> Conversation:
        """Return what the server says of their conversation."""
        return await self.parts.rest.conversation(visitor.id)

    @property
    def asked(self) -> int:
        """How often the server or the state was asked by now."""
        return len(self.parts.network.asked) + len(self.parts.store.asked)


def give(story: Callable[[Giving], Awaitable[None]], **options: int) -> None:
    """Run a story of giving away."""

    async def main(parts: Parts) -> None:
        it = Giving(parts, **options)
        running = asyncio.create_task(it.gives.run())
        await story(it)
        running.cancel()

    perform(main)


def test_it_waits_until_a_turn_has_undone_what_its_note_brought() -> None:
    """No less than that, and no more."""

    async def story(it: Giving) -> None:
        visitor = await it.visitor()
        it.gives.person_wrote(visitor.id)
        delay = it.parts.settings.catch_up.settle_seconds
        await asyncio.sleep(delay - 0.1)
        assert visitor.conversation.assignee_id is None
        await asyncio.sleep(0.2)
        assert visitor.conversation.assignee_id == it.ann.id

    give(story)


def test_who_is_read_of_is_looked_at_where_they_may_get_it() -> None:
    """Neither where somebody has it, nor where nobody has answered: nothing is asked for those."""

    async def story(it: Giving) -> None:
        visitor = await it.visitor()
        conversation = await it.read(visitor)
        before = it.asked
        it.gives.look(conversation.model_copy(update={"assignee_id": it.ann.id}))
        it.gives.look(conversation.model_copy(update={"messages": ()}))
        await asyncio.sleep(60)
        assert it.asked == before
        it.gives.look(conversation)
        await asyncio.sleep(60)
        assert visitor.conversation.assignee_id == it.ann.id

    give(story)


def test_what_is_done_with_is_not_asked_for_again() -> None:
    """A conversation that is gone neither, and nothing is wrong with that."""

    async def story(it: Giving) -> None:
        gone, given = await it.visitor(), await it.visitor()
        del it.parts.account.server.store.conversations[gone.id]
        asked = []
        with capture_logs() as lines:
            for _ in range(2):
                it.gives.person_wrote(gone.id)
                it.gives.person_wrote(given.id)
                await asyncio.sleep(60)
                asked.append(it.asked)
        assert given.conversation.assignee_id == it.ann.id
        assert asked[0] == asked[1]
        assert it.parts.network.asked.count(f"GET /api/conversations/{gone.id}") == 1
        assert it.parts.store.asked.count("mark_given") == 1
        assert [line for line in lines if line["event"] == "not_given"] == []

    give(story)


def test_what_may_still_be_given_is_looked_at_again() -> None:
    """Nobody has answered yet, or a turn is about to give it back."""

    async def story(it: Giving) -> None:
        noted, held = await it.visitor(), await it.visitor()
        answer = noted.conversation.messages.pop()
        held.conversation.assignee_id = it.parts.account.bot.id
        for visitor in (noted, held):
            it.gives.person_wrote(visitor.id)
        await asyncio.sleep(60)
        assert it.parts.store.asked.count("mark_given") == 0
        noted.conversation.messages.append(answer)
        held.conversation.assignee_id = None
        for visitor in (noted, held):
            it.gives.person_wrote(visitor.id)
        await asyncio.sleep(60)
        given_to = [one.conversation.assignee_id for one in (noted, held)]
        assert given_to == [it.ann.id, it.ann.id]

    give(story)


def test_what_another_process_has_given_is_asked_for_once() -> None:
    """Then it is known."""

    async def story(it: Giving) -> None:
        visitor = await it.visitor()
        assert await it.parts.store.mark_given(visitor.id)
        for _ in range(2):
            it.gives.person_wrote(visitor.id)
            await asyncio.sleep(60)
        assert it.parts.store.asked.count("mark_given") == 2
        assert visitor.conversation.assignee_id is None

    give(story)


def test_no_more_than_so_many_are_remembered() -> None:
    """Of those that wait the later is left out; of those that are done with the older goes."""

    async def story(it: Giving) -> None:
        first, second = await it.visitor(), await it.visitor()
        marked = it.parts.store.asked
        it.gives.person_wrote(first.id)
        it.gives.person_wrote(second.id)
        await asyncio.sleep(60)
        given_to = [one.conversation.assignee_id for one in (first, second)]
        assert given_to == [it.ann.id, None]
        it.gives.person_wrote(first.id)
        await asyncio.sleep(60)
        assert marked.count("mark_given") == 1
        it.gives.person_wrote(second.id)
        await asyncio.sleep(60)
        assert second.conversation.assignee_id == it.ann.id
        it.gives.person_wrote(second.id)
        await asyncio.sleep(60)
        assert marked.count("mark_given") == 2
        it.gives.person_wrote(first.id)
        await asyncio.sleep(60)
        assert marked.count("mark_given") == 3

    give(story, most_remembered=1)
