"""Tags, priority, closing and assigning: each set once, and none that fails stops another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.actions import open_again
from agentbot.pipeline.decision import Action, AddTag, Assign, Close, SetPriority, Snooze
from tests.support.bot_actions import CLOSING, PLAN, Acting, act


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


def test_what_we_have_closed_over_a_question_is_opened_again() -> None:
    """So that people see it too; what is gone by then stops nothing."""

    async def story(acting: Acting) -> None:
        acting.conversation.status, acting.conversation.read = "closed", True
        await open_again(acting.parts.services, acting.conversation.id)
        assert (acting.conversation.status, acting.conversation.read) == ("open", False)
        del acting.server.store.conversations[acting.conversation.id]
        await open_again(acting.parts.services, acting.conversation.id)

    with capture_logs() as said:
        act(story)
    assert [line["event"] for line in said] == ["conversation.not_opened"]


def test_what_is_gone_stops_nothing() -> None:
    """The conversation was deleted once the answer had left: that is said, and no more."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        del acting.server.store.conversations[acting.conversation.id]
        await actions.assignment.undo(via="notification")
        await actions.act(Close(), CLOSING)
        await actions.mark_read(CLOSING, via="conversation")

    with capture_logs() as said:
        act(story)
    events_said = {line["event"] for line in said}
    assert events_said >= {"assignment.not_undone", "action.failed", "conversation.not_read"}
