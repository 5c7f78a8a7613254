"""Notes and suggestions: left once, unread, and with the conversation still whose it was."""

from __future__ import annotations

import httpx2

from agentbot.bot.delivery.plan import Plan
from agentbot.pipeline.decision import Assign, Note
from tests.support.bot_actions import PLAN, Acting, act
from tests.support.bot_parts import reply


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


def test_a_look_that_took_long_is_no_look() -> None:
    """Another process may have left the note while this one stood still, and its answer is old."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        server = acting.server
        server.faults.slow(8.0, path="/api/messages", answer=True, times=1)

        def leave() -> None:
            server.store.add_message(
                {
                    "account_id": acting.parts.account.account.id,
                    "conversation_id": acting.conversation.id,
                    "user_id": acting.bot.id,
                    "body": "Please call back.",
                    "type": "note",
                    "private": True,
                    "metadata": {"agentbot": {"v": 1, "note_on": "m1", "number": 0}},
                }
            )

        acting.in_seconds(4.0, leave)
        await actions.act(Note("Please call back."), PLAN)
        assert len(acting.visitor.notes) == 1

    act(story)
