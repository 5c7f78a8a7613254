"""Notes and suggestions: left once, unread, and with the conversation still whose it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx2
import pytest

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
from agentbot.ops.redaction import use_secrets
from agentbot.pipeline.decision import Assign, Note, Notify, SetEmail
from tests.support.bot_actions import PLAN, Acting, act
from tests.support.bot_parts import reply
from tests.support.virtual_time import now


def test_a_note_is_private_and_leaves_the_conversation_as_it_was() -> None:
    """Unread, for people are to read it; and nobody's, although a first message assigns to us."""

    async def story(acting: Acting) -> None:
        await (await acting.actions()).act(Note("Please call back."), PLAN)
        [note] = acting.visitor.notes
        assert (note.body, note.type, note.private) == ("Please call back.", "note", True)
        assert note.metadata == {"agentbot": {"v": 1, "note_on": "m1", "number": 0}}
        assert acting.conversation.assignee_id is None
        assert acting.conversation.first_replied_at is not None, "it was assigned"
        assert not acting.conversation.read

    act(story)


def test_a_note_and_a_notice_hold_no_secret() -> None:
    """They quote why a conversation is left to people: an error's text may hold one."""

    async def story(acting: Acting) -> None:
        told: list[str] = []
        services = replace(acting.parts.services, notify=told.append)
        conversation = await acting.parts.rest.conversation(acting.conversation.id)
        actions = ConversationActions(conversation, services)
        plan = await actions.act(Note("401: no such key: sk-verysecretkey123"), PLAN)
        await actions.act(Notify("401: no such key: sk-verysecretkey123"), plan)
        assert [note.body for note in acting.visitor.notes] == ["401: no such key: [redacted]"]
        assert len(told) == 1
        assert "no such key: [redacted]" in told[0]

    use_secrets(["sk-verysecretkey123"])
    try:
        act(story)
    finally:
        use_secrets(())


def test_a_suggestion_is_a_note() -> None:
    """It is people's to send it."""

    async def story(acting: Acting) -> None:
        await (await acting.actions()).suggest("Say hello", PLAN)
        assert [note.body for note in acting.visitor.notes] == ["Say hello"]
        assert acting.visitor.said == []

    act(story)


def test_a_note_is_left_once_although_its_answer_gets_lost() -> None:
    """Asked again, it is looked for first; and a plan that is resumed leaves it once, too."""

    async def story(acting: Acting) -> None:
        lost: list[str] = []

        def is_answer_lost(request: httpx2.Request) -> bool:
            if request.method == "POST" and not lost:
                lost.append(request.method)
                return True
            return False

        acting.parts.network.is_answer_lost = is_answer_lost
        actions = await acting.actions()
        await actions.act(Note("Please call back."), PLAN)
        await actions.act(Note("Please call back."), PLAN)
        assert lost
        assert len(acting.visitor.notes) == 1

    act(story)


def test_each_note_of_a_turn_is_left_and_each_turns_too() -> None:
    """Though it says the same: the turn's last message and a number tell them apart."""

    async def story(acting: Acting) -> None:
        plan = Plan(("m1", "m2", "m3"), reply())
        actions = await acting.actions()
        await actions.act(Note("Look."), plan)
        await actions.act(Note("Look."), plan.action_done())
        await actions.act(Note("Look."), PLAN)
        assert [note.metadata for note in acting.visitor.notes] == [
            {"agentbot": {"v": 1, "note_on": "m3", "number": 0}},
            {"agentbot": {"v": 1, "note_on": "m3", "number": 1}},
            {"agentbot": {"v": 1, "note_on": "m1", "number": 0}},
        ]

    act(story)


def test_a_persons_note_is_none_of_ours() -> None:
    """Ours is left beside it."""

    async def story(acting: Acting) -> None:
        acting.visitor.is_answered_by(acting.ann, private=True, type="note")
        await (await acting.actions()).act(Note("Look."), PLAN)
        assert [note.body for note in acting.visitor.notes] == ["I am here.", "Look."]

    act(story)


def test_a_note_after_an_assignment_leaves_it_to_whom_it_went() -> None:
    """A note assigns to us, as any first message does; the plan's own word stands."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await actions.act(Assign("Ann@Example.com"), PLAN)
        await actions.act(Note("Please call back."), PLAN)
        assert acting.conversation.assignee_id == acting.ann.id
        assert not acting.conversation.read

    act(story)


def test_a_note_in_a_persons_conversation_leaves_it_to_them() -> None:
    """It was theirs when it was read."""

    async def story(acting: Acting) -> None:
        acting.conversation.assignee_id = acting.ann.id
        await (await acting.actions()).act(Note("Look."), PLAN)
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


def test_a_note_where_a_person_has_answered_is_unread_too() -> None:
    """It assigns nobody then, so that there is nothing to give back, and nothing to wait for."""

    async def story(acting: Acting) -> None:
        acting.visitor.is_answered_by(acting.ann)
        await asyncio.sleep(1)
        assert acting.conversation.assignee_id == acting.ann.id
        acting.conversation.read = True
        actions = await acting.actions()
        began = now()
        await actions.act(Note("Please call back."), PLAN)
        assert now() - began < acting.parts.settings.catch_up.settle_seconds
        assert (acting.conversation.assignee_id, acting.conversation.read) == (acting.ann.id, False)

    act(story)


def test_a_note_that_is_not_there_is_left_under_the_lease_alone() -> None:
    """A machine may have slept while it looked, and another process may have left it since.

    The plan stands as it was: the note is its next holder's to leave, or ours once more.
    """

    async def story(acting: Acting) -> None:
        asked: list[str] = []

        def is_held() -> bool:
            asked.extend(one for one in acting.parts.network.asked if "messages" in one)
            return False

        plan = await (await acting.actions(is_held)).act(Note("Please call back."), PLAN)
        assert asked == ["GET /api/messages"], "it was not asked after the look"
        assert plan is PLAN
        assert acting.visitor.notes == []
        assert not acting.conversation.first_replied_at

    act(story)


def test_a_note_that_is_there_is_done_whoever_holds_the_turn() -> None:
    """There is nothing to leave a second time."""

    async def story(acting: Acting) -> None:
        await (await acting.actions()).act(Note("Look."), PLAN)
        plan = await (await acting.actions(lambda: False)).act(Note("Look."), PLAN)
        assert plan == PLAN.action_done()
        assert len(acting.visitor.notes) == 1

    act(story)


@pytest.mark.parametrize("is_held", [True, False])
def test_an_address_that_the_server_refuses_is_noted_under_the_lease_alone(
    *, is_held: bool
) -> None:
    """As any note; where the lease is gone the address is still to be stored."""

    async def story(acting: Acting) -> None:
        long = SetEmail(f"{'v' * 250}@example.com")
        plan = await (await acting.actions(lambda: is_held)).act(long, PLAN)
        assert plan == (PLAN.action_done() if is_held else PLAN)
        assert len(acting.visitor.notes) == is_held

    act(story)
