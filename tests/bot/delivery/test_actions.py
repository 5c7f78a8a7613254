"""Tags, assignment, priority, closing, notes and receipts: each set once, and none stops another.

Against a devserver in the same process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
from agentbot.devserver.store.records import Conversation
from agentbot.papercups import events
from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    Decision,
    Note,
    SetPriority,
    Snooze,
)
from tests.support.bot_parts import Parts, handoff, perform, reply, silence

PLAN = Plan(("m1",), reply())
CLOSING = Plan(("m1",), reply(actions=(Close(),)))


class Acting:
    """A bot on duty, and a customer's conversation that it has just read."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.session = parts.session
        self.bot = parts.account.bot
        self.ann = parts.account.ann
        self.visitor = parts.visitor()

    @property
    def conversation(self) -> Conversation:
        """The conversation as the server has it."""
        return self.visitor.conversation

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.conversation.tag_ids}

    async def actions(self) -> ConversationActions:
        """Return what acts on the conversation, as it is now."""
        settings = self.parts.settings
        return ConversationActions(
            await self.parts.rest.conversation(self.conversation.id),
            session=self.session,
            rest=self.parts.rest,
            receipts=settings.receipts,
            settle_seconds=settings.catch_up.settle_seconds,
        )

    async def write_mail(self) -> None:
        """Write as an e-mail is written: the first one assigns the conversation to us."""
        self.session.shout(self.conversation.id, "Hi", via="notification")
        await self.session.dealt_with(self.conversation.id, via="notification")

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)


def act(story: Callable[[Acting], Awaitable[None]], **options: Any) -> None:
    """Run a story."""

    async def main(parts: Parts) -> None:
        await story(Acting(parts))

    perform(main, **options)


# One action


def test_a_tag_is_added() -> None:
    """It is made where there is none of that name."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        for name in ("new", "new", "other"):
            await actions.act(AddTag(name), PLAN)
        assert acting.tags == {"new", "other"}

    act(story)


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        (SetPriority(True), "priority", "priority"),  # noqa: FBT003
        (SetPriority(False), "priority", "not_priority"),  # noqa: FBT003
        (Close(), "status", "closed"),
    ],
)
def test_a_field_is_set(action: Action, field: str, value: str) -> None:
    """With the words that the server knows, whatever it was before."""

    async def story(acting: Acting) -> None:
        acting.conversation.priority = "priority" if value == "not_priority" else "not_priority"
        await (await acting.actions()).act(action, PLAN)
        assert getattr(acting.conversation, field) == value

    act(story)


def test_a_snooze_asks_nothing_of_the_server() -> None:
    """It is remembered with the outcome."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        asked = len(acting.parts.network.asked)
        await actions.act(Snooze(timedelta(minutes=5)), PLAN)
        assert len(acting.parts.network.asked) == asked

    act(story)


def test_it_is_assigned_to_the_user_with_that_address() -> None:
    """In any case of letters."""

    async def story(acting: Acting) -> None:
        await (await acting.actions()).act(Assign("ANN@example.com"), PLAN)
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


def test_an_address_that_nobody_has_is_said_and_assigns_to_nobody() -> None:
    """The operator's file may be older than the account's list of users."""

    async def story(acting: Acting) -> None:
        await (await acting.actions()).act(Assign("gone@example.com"), PLAN)
        assert acting.conversation.assignee_id is None

    with capture_logs() as said:
        act(story)
    events_said = [line["event"] for line in said]
    assert "action.no_such_user" in events_said
    assert "action.failed" not in events_said


def test_what_the_server_fails_at_for_ever_is_given_up() -> None:
    """It is said, and the next action is done."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        began = asyncio.get_running_loop().time()
        acting.server.faults.answer(status=500, method="PUT")
        await actions.act(Close(), PLAN)
        assert 60 <= asyncio.get_running_loop().time() - began < 120
        await actions.act(AddTag("after"), PLAN)
        assert acting.tags == {"after"}

    with capture_logs() as said:
        act(story)
    [failed] = [line for line in said if line["event"] == "action.failed"]
    assert failed["action"] == "Close"


def test_a_server_that_is_away_is_waited_for() -> None:
    """However long: the customer does not wait for it."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        away = acting.server.faults.answer(status=503)
        acting.in_seconds(300, away.remove)
        await actions.act(Close(), PLAN)
        assert acting.conversation.status == "closed"

    act(story)


# Notes


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


# The assignment that our message brings


def test_an_assignment_that_our_message_has_brought_is_undone() -> None:
    """People do not look for what is the bot's."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        assert acting.conversation.assignee_id == acting.bot.id
        await actions.undo_assignment(via="notification")
        assert acting.conversation.assignee_id is None

    act(story)


def test_an_assignment_that_comes_after_the_echo_is_waited_for() -> None:
    """The server has dealt with our message only then."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.server.faults.slow_shout(settle=1.0)
        acting.session.shout(acting.conversation.id, "Hi", via="notification")
        await acting.parts.until(lambda: acting.parts.count(events.MessageReceived))
        assert acting.conversation.assignee_id is None
        await actions.undo_assignment(via="notification")
        assert acting.conversation.first_replied_at is not None
        assert acting.conversation.assignee_id is None

    act(story)


def test_where_the_topic_is_not_joined_what_was_sent_is_given_time_to_arrive() -> None:
    """Off duty we write over REST, and cannot ask whether it has been dealt with."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        acting.in_seconds(1.9, lambda: setattr(acting.conversation, "assignee_id", acting.bot.id))
        await actions.undo_assignment(via="notification")
        await asyncio.sleep(3)
        assert acting.conversation.assignee_id is None

    act(story)


def test_an_assignment_that_an_earlier_process_left_is_undone() -> None:
    """It wrote, and died before it could undo that: it was ours when we read it."""

    async def story(acting: Acting) -> None:
        await acting.write_mail()
        actions = await acting.actions()
        await actions.undo_assignment(via="notification")
        assert acting.conversation.assignee_id is None

    act(story)


def test_a_persons_conversation_stays_theirs() -> None:
    """Our message has not assigned it: nothing is asked."""

    async def story(acting: Acting) -> None:
        acting.conversation.assignee_id = acting.ann.id
        actions = await acting.actions()
        asked = len(acting.parts.network.asked)
        await actions.undo_assignment(via="notification")
        assert acting.conversation.assignee_id == acting.ann.id
        assert len(acting.parts.network.asked) == asked

    act(story)


def test_a_person_who_takes_the_conversation_meanwhile_keeps_it() -> None:
    """Only what is assigned to us is given back."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        acting.conversation.assignee_id = acting.ann.id
        await actions.undo_assignment(via="notification")
        await actions.suggest("For Ann", PLAN)
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


# The agents' receipt


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("setting", ["never", "when_closed", "always"])
@pytest.mark.parametrize(
    "decision",
    [reply(), handoff(), silence()],
    ids=["reply", "handoff", "silence"],
)
def test_what_nobody_need_look_at_is_marked_read(
    decision: Decision,
    setting: str,
    closes: bool,  # noqa: FBT001 - a column
) -> None:
    """After a reply of ours alone, as the settings have it."""
    actions: tuple[Action, ...] = (AddTag("x"), Close()) if closes else (AddTag("x"),)
    plan = Plan(("m1",), type(decision)(**{**fields(decision), "actions": actions}))
    is_read = (
        plan.text == "Hello!" and {"never": False, "when_closed": closes, "always": True}[setting]
    )

    async def story(acting: Acting) -> None:
        await acting.session.joined(acting.conversation.id)
        await (await acting.actions()).mark_read(plan, via="conversation")
        assert acting.conversation.read is is_read

    act(story, receipts={"read": setting})


def fields(decision: Decision) -> dict[str, Any]:
    """Return a decision's fields."""
    return {name: getattr(decision, name) for name in type(decision).__dataclass_fields__}


def test_what_our_reply_makes_unread_is_read_afterwards() -> None:
    """The server does that after the echo, and in its own time."""

    async def story(acting: Acting) -> None:
        id_, session = acting.conversation.id, acting.session
        actions = await acting.actions()
        await session.joined(id_)
        acting.conversation.read = True
        acting.server.faults.slow_shout(settle=1.0)
        session.shout(id_, "Bye")
        await acting.parts.until(lambda: acting.parts.count(events.MessageReceived))
        await actions.mark_read(CLOSING, via="conversation")
        await asyncio.sleep(2)
        assert acting.conversation.read
        assert not any(one.startswith("PUT") for one in acting.parts.network.asked)

    act(story)


def test_what_is_closed_off_duty_is_marked_read_all_the_same() -> None:
    """Off duty the agents' topic, where the receipt belongs, is not joined."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        await actions.mark_read(CLOSING, via="conversation")
        assert acting.conversation.read

    act(story)


def test_what_is_gone_stops_nothing() -> None:
    """The conversation was deleted once the answer had left: that is said, and no more."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        del acting.server.store.conversations[acting.conversation.id]
        await actions.undo_assignment(via="notification")
        await actions.act(Close(), CLOSING)
        await actions.mark_read(CLOSING, via="conversation")

    with capture_logs() as said:
        act(story)
    events_said = {line["event"] for line in said}
    assert events_said >= {"assignment.not_undone", "action.failed", "conversation.not_read"}
