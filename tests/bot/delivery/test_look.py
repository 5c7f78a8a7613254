"""An act looks before it acts, and once more after it: nothing newer is hidden or taken away.

A change comes before the look, or in the very moment between the look and what is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Plan, skipped_to_json
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.objections import LEASE_LOST
from agentbot.bot.proof import Identity
from agentbot.devserver.store.records import User
from agentbot.papercups import events
from agentbot.pipeline.decision import AddTag, Assign, Close, Decision, Note
from agentbot.state.store import Claim
from tests.support.bot_delivery import TAGS, Delivering, deliver
from tests.support.bot_parts import reply, silence
from tests.support.states import record_of

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

CLOSING = reply("Bye", actions=(AddTag("done"), Close()))
ASSIGNING = reply("One moment.", actions=(Assign("ann@example.com"),))
QUESTION = "And on Sunday?"
SAID = DeliveryResult(DeliveryStatus.CONFIRMED, "r")

Change = Callable[[Delivering], object]


def as_person(it: Delivering, **fields: Any) -> None:
    """Let a person change the conversation in the dashboard."""
    backend = it.server.backend
    backend.store.update_conversation(it.visitor.conversation, fields)
    backend.announce_updated(it.visitor.conversation)


def bob(it: Delivering) -> User:
    """Return a colleague to whom no rule assigns."""
    store, account = it.server.store, it.parts.account.account
    for user in store.users.values():
        if user.email == "bob@example.com":
            return user
    return store.add_user(account, email="bob@example.com", password="secret")


CHANGES: dict[str, Change] = {
    "superseded": lambda it: it.visitor.write(QUESTION, heard=False),
    "person": lambda it: it.visitor.is_answered_by(bob(it), heard=False),
    "assigned": lambda it: as_person(it, assignee_id=bob(it).id),
    "closed": lambda it: as_person(it, status="closed"),
}


def strike(it: Delivering, method: str, change: Change) -> None:
    """Let something happen just before the next such request for the conversation is served."""
    struck: list[bool] = []

    def pass_on(request: httpx2.Request) -> bool:
        at = request.url.path == f"/api/conversations/{it.visitor.id}"
        if at and request.method == method and not struck:
            struck.append(True)
            change(it)
        return False

    it.parts.network.is_cut = pass_on


def hear_assignees(it: Delivering) -> None:
    """Hear whose the conversation is from now on."""

    hear_all = it.parts.hear

    def hear(happened: Sequence[events.Event]) -> None:
        hear_all(happened)
        for event in happened:
            if isinstance(event, events.ConversationUpdated):
                it.assignees.append(event.updates.assignee_id)

    it.parts.hear = hear


async def settle(it: Delivering, message_id: str) -> None:
    """Let a message have its outcome."""
    claim = await it.parts.store.claim(it.visitor.id, (message_id,))
    assert isinstance(claim, Claim)
    one = replace(claim, message_ids=(message_id,))
    assert await it.parts.store.settle(one, record_of(one), None)


async def act(it: Delivering, decision: Decision, **plan: Any) -> DeliveryResult:
    """Do what follows the text of a plan, which is on the server."""
    it.arrive()
    delivery = await it.delivery()
    return await delivery.act(replace(it.plan(decision), **plan), SAID)


def codes(result: DeliveryResult, decision: Decision) -> list[tuple[str, str]]:
    """Return which actions were skipped, and why."""
    return [(one["action"], one["code"]) for one in skipped_to_json(decision, result.skipped)]


@pytest.mark.parametrize("moment", ["GET", "PUT"])
@pytest.mark.parametrize("code", ["superseded", "person", "assigned"])
def test_what_is_newer_is_not_closed_over(code: str, moment: str) -> None:
    """The conversation stays open, or is opened again, and is not marked read by us.

    Where we had closed it, it is known when: the news of that may come late.
    """

    async def story(it: Delivering) -> None:
        strike(it, moment, CHANGES[code])
        result = await act(it, CLOSING)
        assert it.visitor.conversation.status == "open"
        assert codes(result, CLOSING) == [("close", code)]
        assert (result.closed_at is None) == (moment == "GET")
        assert it.tags == {"done"}
        assert [message.body for message in result.found] == [QUESTION] * (code == "superseded")
        if code == "superseded":
            assert not it.visitor.conversation.read

    deliver(story)


@pytest.mark.parametrize("seconds", [0, 2])
def test_what_a_person_wrote_since_the_question_is_theirs(seconds: int) -> None:
    """Whether before our text came or clearly after it."""

    async def story(it: Delivering) -> None:
        await asyncio.sleep(2)
        CHANGES["person"](it)
        await asyncio.sleep(2)
        it.arrive()
        if seconds:
            await asyncio.sleep(seconds)
            CHANGES["person"](it)
        result = await (await it.delivery()).act(it.plan(CLOSING), SAID)
        assert codes(result, CLOSING) == [("close", "person")]
        assert result.found == ()

    deliver(story)


@pytest.mark.parametrize("to_bot", [True, False])
def test_whose_it_was_when_it_was_decided_is_no_news(to_bot: bool) -> None:  # noqa: FBT001 - a column
    """Nor is that it has become the bot's."""

    async def story(it: Delivering) -> None:
        user = it.parts.account.bot if to_bot else bob(it)
        as_person(it, assignee_id=user.id)
        result = await act(it, CLOSING, assignee_id=None if to_bot else user.id)
        assert codes(result, CLOSING) == []
        assert it.visitor.conversation.status == "closed"

    deliver(story)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_is_assigned_to_somebody_who_has_gone_is_taken_from_nobody(method: str) -> None:
    """Before the look, or between the look and our assignment."""

    async def story(it: Delivering) -> None:
        it.parts.services.current.identity = Identity(gone_user_ids=frozenset({bob(it).id}))
        hear_assignees(it)
        strike(it, method, CHANGES["assigned"])
        result = await act(it, ASSIGNING)
        assert codes(result, ASSIGNING) == []
        assert it.visitor.conversation.assignee_id == it.parts.account.ann.id

    deliver(story)


def test_what_a_person_has_closed_is_left_as_it_is() -> None:
    """It is their closing, and stays theirs."""

    async def story(it: Delivering) -> None:
        strike(it, "GET", CHANGES["closed"])
        result = await act(it, CLOSING)
        assert codes(result, CLOSING) == [("close", "closed")]
        assert result.closed_at is None
        assert it.visitor.conversation.status == "closed"

    deliver(story)


def test_our_own_closing_is_told_by_its_time() -> None:
    """It is kept that we are about to close before we do; then the server's time of it."""

    async def story(it: Delivering) -> None:
        result = await act(it, CLOSING)
        assert it.visitor.conversation.status == "closed"
        assert result.closed_at == it.visitor.conversation.closed_at
        assert [plan["begun"] for plan in it.parts.store.plans] == [False, True, False]
        assert codes(result, CLOSING) == []

    deliver(story)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_resumed_close_looks_at_what_came_meanwhile(moment: str) -> None:
    """Whether the process died before its closing, or after it."""

    async def story(it: Delivering) -> None:
        it.visitor.write(QUESTION, heard=False)
        if moment == "after":
            it.visitor.conversation.status = "closed"
            it.visitor.conversation.closed_at = NOON
            it.visitor.conversation.read = True
        result = await act(it, CLOSING, done=1, begun=True)
        assert it.visitor.conversation.status == "open"
        assert result.closed_at == (NOON if moment == "after" else None)
        assert codes(result, CLOSING) == [("close", "superseded")]
        assert not it.visitor.conversation.read

    deliver(story)


def test_a_close_that_was_done_by_its_dead_process_is_ours() -> None:
    """Where nothing has come since, it stays closed, and is remembered as our closing."""

    async def story(it: Delivering) -> None:
        as_person(it, status="closed")  # by whom, the server does not say
        result = await act(it, CLOSING, done=1, begun=True)
        assert it.visitor.conversation.status == "closed"
        assert result.closed_at == it.visitor.conversation.closed_at
        assert codes(result, CLOSING) == []

    deliver(story)


def test_what_was_left_without_a_reply_is_nothing_new() -> None:
    """A message of just before that has its outcome keeps nothing open."""

    async def story(it: Delivering) -> None:
        earlier = it.visitor.write("Hm.", heard=False)
        await settle(it, earlier.id)
        result = await act(it, CLOSING)
        assert it.visitor.conversation.status == "closed"
        assert codes(result, CLOSING) == []

    deliver(story)


def test_what_is_clearly_later_than_our_text_is_newer_even_with_an_outcome() -> None:
    """Another replica has answered it while we stood still."""

    async def story(it: Delivering) -> None:
        it.arrive()
        await asyncio.sleep(5)
        later = it.visitor.write(QUESTION, heard=False)
        await settle(it, later.id)
        result = await (await it.delivery()).act(it.plan(CLOSING), SAID)
        assert codes(result, CLOSING) == [("close", "superseded")]

    deliver(story)


@pytest.mark.parametrize("code", ["person", "assigned", "closed"])
def test_an_assignment_takes_nothing_from_anybody(code: str) -> None:
    """What a person has taken, answered or closed is not given to another."""

    async def story(it: Delivering) -> None:
        strike(it, "GET", CHANGES[code])
        before = bob(it).id if code == "assigned" else None
        result = await act(it, ASSIGNING)
        assert codes(result, ASSIGNING) == [("assign", code)]
        if code != "person":
            assert it.visitor.conversation.assignee_id == before

    deliver(story)


def test_a_customer_who_writes_on_is_assigned_all_the_same() -> None:
    """Whom a rule wants to care for them is still the one."""

    async def story(it: Delivering) -> None:
        strike(it, "GET", CHANGES["superseded"])
        result = await act(it, ASSIGNING)
        assert codes(result, ASSIGNING) == []
        assert it.visitor.conversation.assignee_id == it.parts.account.ann.id

    deliver(story)


def test_what_a_person_took_between_look_and_assignment_is_given_back() -> None:
    """The server tells of both changes, in their order."""

    async def story(it: Delivering) -> None:
        hear_assignees(it)
        strike(it, "PUT", CHANGES["assigned"])
        result = await act(it, ASSIGNING)
        assert it.visitor.conversation.assignee_id == bob(it).id
        assert codes(result, ASSIGNING) == [("assign", "assigned")]

    deliver(story)


def test_an_assignment_that_is_tried_again_looks_again() -> None:
    """A server that was away for a while has let people take it meanwhile."""

    async def story(it: Delivering) -> None:
        lost: list[bool] = []

        def lose(request: httpx2.Request) -> bool:
            if request.method != "PUT" or lost:
                return False
            lost.append(True)
            as_person(it, assignee_id=bob(it).id)
            return True

        it.parts.network.is_cut = lose
        result = await act(it, ASSIGNING)
        assert lost
        assert it.visitor.conversation.assignee_id == bob(it).id
        assert codes(result, ASSIGNING) == [("assign", "assigned")]

    deliver(story)


def test_whoever_took_it_before_an_assignment_whose_answer_got_lost_has_it_back() -> None:
    """The next look shows that it is done, and what was heard whose it was before."""

    async def story(it: Delivering) -> None:
        hear_assignees(it)
        strike(it, "PUT", CHANGES["assigned"])
        lost: list[bool] = []

        def lose(request: httpx2.Request) -> bool:
            is_first = request.method == "PUT" and not lost
            if is_first:
                lost.append(True)
            return is_first

        it.parts.network.is_answer_lost = lose
        result = await act(it, ASSIGNING)
        assert lost
        assert it.visitor.conversation.assignee_id == bob(it).id
        assert codes(result, ASSIGNING) == [("assign", "assigned")]

    deliver(story)


def test_an_assignment_is_not_made_once_the_turn_is_anothers() -> None:
    """A process that stood still after its look leaves it to whoever has the turn now."""

    async def story(it: Delivering) -> None:
        def lose_the_lease(_it: Delivering) -> None:
            it.parts.services.leases.drop(it.claim)

        strike(it, "GET", lose_the_lease)
        result = await act(it, ASSIGNING)
        assert it.visitor.conversation.assignee_id is None
        assert result.objection == LEASE_LOST
        assert result.skipped == ()

    deliver(story)


def test_to_whom_it_was_assigned_is_told() -> None:
    """And where it was skipped, to nobody: who has it knows of it."""

    async def story(it: Delivering) -> None:
        result = await act(it, ASSIGNING)
        assert result.assigned_to == it.parts.account.ann.id
        as_person(it, assignee_id=bob(it).id)
        result = await act(it, ASSIGNING)
        assert result.assigned_to is None

    deliver(story)


def test_whom_a_rule_wants_keeps_what_they_have_already() -> None:
    """Though somebody else has answered: nothing is assigned, and so nothing undone."""

    async def story(it: Delivering) -> None:
        CHANGES["person"](it)
        await asyncio.sleep(1)
        as_person(it, assignee_id=it.parts.account.ann.id)
        result = await act(it, ASSIGNING)
        assert it.visitor.conversation.assignee_id == it.parts.account.ann.id
        assert codes(result, ASSIGNING) == []

    deliver(story)


def test_a_person_who_writes_between_look_and_assignment_gets_it() -> None:
    """They have answered, and whom a rule wants has not."""

    async def story(it: Delivering) -> None:
        strike(it, "PUT", CHANGES["person"])
        result = await act(it, ASSIGNING)
        assert it.visitor.conversation.assignee_id == bob(it).id
        assert codes(result, ASSIGNING) == [("assign", "assigned")]

    deliver(story)


def test_who_takes_it_after_the_assignment_keeps_it() -> None:
    """That is theirs to do, and nothing was taken from anybody."""

    async def story(it: Delivering) -> None:
        hear_assignees(it)
        as_person(it, assignee_id=bob(it).id)
        as_person(it, assignee_id=None)
        result = await act(it, ASSIGNING)
        assert it.visitor.conversation.assignee_id == it.parts.account.ann.id
        assert codes(result, ASSIGNING) == []

    deliver(story)


def test_who_took_it_just_before_a_note_keeps_it() -> None:
    """A first note assigns to the bot, over the person who has taken it without a word."""

    async def story(it: Delivering) -> None:
        hear_assignees(it)
        noting = reply("One moment.", actions=(Note("see above"),))
        it.arrive()
        delivery = await it.delivery()
        as_person(it, assignee_id=bob(it).id)
        await delivery.act(it.plan(noting), SAID)
        assert it.visitor.conversation.assignee_id == bob(it).id

    deliver(story)


@pytest.mark.parametrize("moment", ["GET", "PUT"])
@pytest.mark.parametrize("code", ["superseded", "person"])
def test_what_is_newer_is_not_marked_read(code: str, moment: str) -> None:
    """It is what people must still find."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)  # then the receipt goes by REST
        strike(it, moment, CHANGES[code])
        with capture_logs() as said:
            await act(it, reply("Hello!"))
        assert it.visitor.conversation.read is (code == "person" and moment == "GET")
        assert [one["action"] for one in said if one["event"] == "action.skipped"] == ["read"]

    deliver(story, receipts={"read": "always"})


@pytest.mark.parametrize("number", [0, 1])
def test_nothing_is_done_once_the_lease_is_lost(number: int) -> None:
    """The rest is the next holder's: closing and reading too."""

    async def story(it: Delivering) -> None:
        if number == 0:
            it.parts.services.leases.drop(it.claim)
        else:
            lose = it.parts.services.leases.drop
            it.parts.store.on_asked["checkpoint"] = lambda: lose(it.claim)
        result = await act(it, CLOSING)
        assert result.objection == LEASE_LOST
        assert it.visitor.conversation.status == "open"
        assert it.tags == ({"done"} if number else set())
        assert not it.visitor.conversation.read

    deliver(story)


@pytest.mark.parametrize("source", ["chat", "email"])
def test_without_the_lease_not_even_what_the_text_has_done_is_undone(source: str) -> None:
    """An e-mail assigns to us; and nothing is marked read where there is nothing else to do."""

    async def story(it: Delivering) -> None:
        it.visitor.conversation.assignee_id = it.parts.account.bot.id
        it.parts.services.leases.drop(it.claim)
        result = await act(it, reply("Hello!"))
        assert result.objection == LEASE_LOST
        assert it.visitor.conversation.assignee_id == it.parts.account.bot.id
        assert not it.visitor.conversation.read

    deliver(story, source=source, receipts={"read": "always" if source == "chat" else "never"})


def test_a_store_that_knows_another_holder_stops_the_actions() -> None:
    """Its answer to a checkpoint says so, whatever the clocks say."""

    async def story(it: Delivering) -> None:
        await it.parts.store.release(it.claim)
        result = await act(it, reply("Bye", actions=TAGS))
        assert result.objection == LEASE_LOST
        assert it.tags == {"one"}

    deliver(story)


def test_a_plan_whose_lease_is_lost_before_its_text_says_nothing() -> None:
    """Whoever has it now decides anew."""

    async def story(it: Delivering) -> None:
        await it.parts.store.release(it.claim)
        result = await it.deliver(CLOSING)
        assert result.objection == LEASE_LOST
        assert it.texts == []

    deliver(story)


def test_a_silent_plan_looks_too() -> None:
    """Its actions follow the customer's words instead of ours."""

    async def story(it: Delivering) -> None:
        decision = silence(actions=(Close(),))
        strike(it, "GET", CHANGES["superseded"])
        result = await (await it.delivery()).carry_out(Plan((it.asked.id,), decision))
        assert codes(result, decision) == [("close", "superseded")]

    deliver(story)
