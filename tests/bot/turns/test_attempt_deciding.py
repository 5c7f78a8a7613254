"""The decision of an attempt: what keeps it from being asked for, and what comes up meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from agentbot.pipeline.contact import ASKED_EMAIL
from agentbot.pipeline.decision import AddTag, Snooze
from tests.support.bot_attempt import Attempting, Stalled, as_heard, attempt, took, unseen
from tests.support.bot_parts import REASON, pipeline_of, reply, silence, thinking
from tests.support.virtual_time import now

# What keeps the bot out from the beginning


def test_a_guard_keeps_the_turn_silent() -> None:
    """No responder is asked, and no receipt is sent."""

    async def story(it: Attempting) -> None:
        seen = unseen(it)
        await asyncio.sleep(1)
        it.parts.responder.script = lambda _turn: silence(actions=(Snooze(timedelta(hours=1)),))
        await it.hear()
        await it.outcome()
        seen.seen_at = None
        await it.hear("Again?")
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "snoozed")
        assert len(it.turns) == 1
        assert seen.seen_at is None

    attempt(story)


@pytest.mark.parametrize(("hours", "code"), [(2.9, REASON.code), (3.1, "too_old")])
def test_what_is_found_too_late_is_left_to_people(hours: float, code: str) -> None:
    """The policy says how late; whoever asked so long ago has gone elsewhere."""

    async def story(it: Attempting) -> None:
        await it.hear(path="start")
        await asyncio.sleep(hours * 3600)
        record = await it.outcome()
        assert record.reason_code == code
        assert len(it.texts) == (0 if code == "too_old" else 1)
        assert record.outcome == ("silent" if code == "too_old" else "replied")

    attempt(story, policy={"catch_up": {"max_age": timedelta(hours=3)}})


# Thinking


def test_a_decision_that_takes_its_time_is_waited_for_no_longer_than_that() -> None:
    """It is said as soon as it is there."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(3, reply())
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 3.0
        assert it.texts == ["Hello!"]

    attempt(story)


def test_news_that_do_not_matter_leave_the_thinking_alone() -> None:
    """It is waited for again."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(3, reply())
        await it.hear()
        for seconds in (1, 2):
            it.in_seconds(seconds, it.mailbox.wake)
        began = now()
        await it.outcome()
        assert (took(began), len(it.turns)) == (3.0, 1)

    attempt(story)


@pytest.mark.parametrize(("heard_ago", "left"), [(0, 45.0), (30, 15.0), (60, 5.0)])
def test_a_decision_that_does_not_come_gets_the_fallback(heard_ago: float, left: float) -> None:
    """At the deadline, counted from the customer's message; some seconds are left in any case."""
    stalled = Stalled()

    async def story(it: Attempting) -> None:
        it.parts.responder.script = stalled
        await it.hear()
        await asyncio.sleep(heard_ago)
        began = now()
        record = await it.outcome()
        assert took(began) == left
        assert (record.outcome, record.reason_code) == ("handed_off", "deadline")
        assert record.by == "fallback"
        assert len(it.texts) == 1
        assert stalled.given_up == 1

    attempt(story, source="email")


def test_who_writes_while_it_is_thought_out_is_answered_at_once() -> None:
    """The turn is taken anew with all that was written; it is answered once."""
    stalled = Stalled()

    async def story(it: Attempting) -> None:
        it.parts.responder.script = stalled
        first = await it.hear("One?")
        it.hear_in(2, "Two?")
        it.in_seconds(1.9, lambda: setattr(it.parts.responder, "script", thinking(1, reply())))
        record = await it.outcome()
        assert it.turns == [["One?"], ["One?", "Two?"]]
        [answered] = it.answered
        assert answered["also"] == [first.id]
        assert len(record.message_ids) == 2
        assert not it.mailbox
        assert stalled.given_up == 1

    attempt(story)


def test_a_person_who_writes_while_it_is_thought_out_ends_the_turn() -> None:
    """Silent, once, and for that reason: it is not thought out again and again."""
    stalled = Stalled()

    async def story(it: Attempting) -> None:
        it.parts.responder.script = stalled
        await it.hear()
        it.person_in(3)
        began = now()
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "person")
        assert took(began) == 3.0
        assert (len(it.turns), it.texts) == (1, [])
        assert stalled.given_up == 1

    attempt(story)


def test_a_conversation_that_is_closed_while_it_is_thought_out_is_left_alone() -> None:
    """Whoever closed it wants no answer."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = Stalled()
        await it.hear()
        it.in_seconds(3, lambda: it.mailbox.status_changed("closed"))
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "closed")
        assert it.texts == []

    attempt(story)


def assigned_in(it: Attempting, seconds: float) -> None:
    """Let the conversation become a person's by then."""

    def assign() -> None:
        it.visitor.conversation.assignee_id = it.ann.id
        it.mailbox.assigned_to(it.ann.id)

    it.in_seconds(seconds, assign)


def test_an_assignment_while_it_is_thought_out_is_the_policys_to_judge() -> None:
    """The turn is taken anew, and the guards say what follows."""

    async def keeps_out(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        assigned_in(it, 3)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "assigned")
        assert (len(it.turns), it.texts) == (1, [])

    async def speaks(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        assigned_in(it, 3)
        record = await it.outcome()
        assert record.outcome == "replied"
        assert (len(it.turns), len(it.texts)) == (2, 1)

    attempt(keeps_out)
    attempt(speaks, policy={"stand_back": {"while_assigned": False}})


def test_only_an_assignment_that_is_news_makes_the_turn_be_taken_anew() -> None:
    """What was heard before the reading was read; what is told again is known."""

    async def before(it: Attempting) -> None:
        await it.hear()
        it.mailbox.assigned_to(it.ann.id)
        record = await it.outcome()
        assert (record.outcome, len(it.turns)) == ("replied", 1)

    async def again(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        it.visitor.conversation.assignee_id = it.ann.id
        await it.hear()
        assigned_in(it, 3)
        record = await it.outcome()
        assert (record.outcome, len(it.turns)) == ("replied", 1)

    for story in (before, again):
        attempt(story, policy={"stand_back": {"while_assigned": False}})


def test_a_policy_that_is_reloaded_while_it_is_thought_out_counts_in_the_last_moment() -> None:
    """The guards of now are asked before anything is sent."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply(actions=(AddTag("x"),)))
        it.visitor.conversation.assignee_id = it.ann.id
        await it.hear()
        stricter = pipeline_of(it.parts.responder)
        it.in_seconds(3, lambda: it.parts.services.current.__setattr__("pipeline", stricter))
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "assigned")
        assert (it.texts, it.tags) == ([], set())

    attempt(story, policy={"stand_back": {"while_assigned": False}})


def test_what_was_read_before_the_connection_broke_is_read_again() -> None:
    """Somebody may have answered meanwhile; nobody has, and it is answered once."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(3, reply())
        await it.hear()
        it.in_seconds(1, it.server.drop)
        record = await it.outcome()
        assert record.outcome == "replied"
        assert (len(it.turns), len(it.texts)) == (2, 1)

    attempt(story)


def test_a_person_who_is_found_between_two_sendings_ends_the_turn() -> None:
    """Their message was not heard."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.faults.drop_shout(topic="conversation:", times=1)
        it.in_seconds(3, lambda: it.visitor.is_answered_by(it.ann, heard=False))
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "person")
        assert it.texts == []

    attempt(story)


async def asked_for_an_address(it: Attempting) -> None:
    """Have a turn behind it in which the customer was asked for their e-mail address."""
    it.parts.responder.script = lambda _turn: reply(fires=(ASKED_EMAIL,))
    await it.hear()
    await it.outcome()


def test_an_address_is_kept_although_a_person_writes_while_it_is_decided() -> None:
    """The person reads it, and it is stored."""

    async def story(it: Attempting) -> None:
        await asked_for_an_address(it)
        it.parts.responder.script = thinking(5, reply())
        await it.hear("vera@example.com is it on its way?")
        it.person_in(3)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "person")
        assert it.visitor.customer.fields["email"] == "vera@example.com"
        assert len(it.texts) == 1

    attempt(story)


def test_an_address_is_kept_although_a_person_writes_in_the_last_moment() -> None:
    """What was to be said is withheld, and the address is not."""

    async def story(it: Attempting) -> None:
        await asked_for_an_address(it)
        await it.hear("vera@example.com")

        def write() -> None:
            if it.mailbox.person_at is None:
                it.mailbox.person_wrote(as_heard(it.visitor.is_answered_by(it.ann)))

        it.parts.store.on_asked["checkpoint"] = write
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "person")
        assert it.visitor.customer.fields["email"] == "vera@example.com"
        assert len(it.texts) == 1

    attempt(story)
