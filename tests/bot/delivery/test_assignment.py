"""Assignments: one is made under the lease alone, and what our message brings is undone."""

from __future__ import annotations

import asyncio

import httpx2
from structlog.testing import capture_logs

from agentbot.papercups import events
from agentbot.pipeline.decision import Assign
from tests.support.bot_actions import PLAN, Acting, act


def test_an_assignment_that_our_message_has_brought_is_undone() -> None:
    """People do not look for what is the bot's."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        assert acting.conversation.assignee_id == acting.bot.id
        await actions.assignment.undo(via="notification")
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
        await actions.assignment.undo(via="notification")
        assert acting.conversation.first_replied_at is not None
        assert acting.conversation.assignee_id is None

    act(story)


def test_where_the_topic_is_not_joined_what_was_sent_is_given_time_to_arrive() -> None:
    """Off duty we write over REST, and cannot ask whether it has been dealt with."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.session.set_present(False)
        acting.in_seconds(1.9, lambda: setattr(acting.conversation, "assignee_id", acting.bot.id))
        await actions.assignment.undo(via="notification")
        await asyncio.sleep(3)
        assert acting.conversation.assignee_id is None

    act(story)


def test_an_assignment_that_an_earlier_process_left_is_undone() -> None:
    """It wrote, and died before it could undo that: it was ours when we read it."""

    async def story(acting: Acting) -> None:
        await acting.write_mail()
        actions = await acting.actions()
        await actions.assignment.undo(via="notification")
        assert acting.conversation.assignee_id is None

    act(story)


def test_a_persons_conversation_stays_theirs() -> None:
    """Our first message has assigned it to us, over the person whose it was."""

    async def story(acting: Acting) -> None:
        acting.conversation.assignee_id = acting.ann.id
        actions = await acting.actions()
        await acting.write_mail()
        assert acting.conversation.assignee_id == acting.bot.id
        await actions.assignment.undo(via="notification")
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


def test_what_is_given_back_looks_again_where_it_is_tried_again() -> None:
    """A server that was away for a while has let people take it meanwhile."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        lost: list[bool] = []

        def lose(request: httpx2.Request) -> bool:
            if request.method != "PUT" or lost:
                return False
            lost.append(True)
            acting.conversation.assignee_id = acting.ann.id
            return True

        acting.parts.network.is_cut = lose
        await actions.assignment.undo(via="notification")
        assert lost
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


def test_a_person_who_takes_the_conversation_meanwhile_keeps_it() -> None:
    """Only what is assigned to us is given back."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        await acting.write_mail()
        acting.conversation.assignee_id = acting.ann.id
        await actions.assignment.undo(via="notification")
        await actions.suggest("For Ann", PLAN)
        assert acting.conversation.assignee_id == acting.ann.id

    act(story)


def test_what_somebody_has_is_given_to_nobody() -> None:
    """Nor is it said that it was."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.conversation.assignee_id = acting.bot.id
        with capture_logs() as said:
            await actions.assignment.give_to(acting.ann.id)
        assert acting.conversation.assignee_id == acting.bot.id
        assert [line for line in said if line["event"] == "conversation.given"] == []

    act(story)


def test_nothing_is_assigned_once_the_lease_is_gone() -> None:
    """The plan stands as it was: whoever holds the turn by now decides."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions(lambda: False)
        assert await actions.act(Assign(acting.ann.email), PLAN) is PLAN
        assert acting.conversation.assignee_id is None

    act(story)
