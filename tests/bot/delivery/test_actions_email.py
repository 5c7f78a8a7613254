"""The customer's e-mail address is stored once, over nothing; people are told by the webhook."""

from __future__ import annotations

from dataclasses import replace

import httpx2
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Plan
from agentbot.pipeline.decision import Notify, SetEmail
from tests.support.bot_actions import PLAN, Acting, act

GIVEN = SetEmail("vera@example.com")


def puts(acting: Acting) -> int:
    """Return how often the customer was changed."""
    path = f"PUT /api/customers/{acting.visitor.customer.id}"
    return acting.parts.network.asked.count(path)


def test_the_address_is_stored_on_the_customer() -> None:
    """And nothing else of them, or of the conversation, changes."""

    async def story(acting: Acting) -> None:
        before = dict(acting.visitor.customer.fields)
        plan = await (await acting.actions()).act(GIVEN, PLAN)
        assert acting.visitor.customer.fields == {**before, "email": "vera@example.com"}
        assert plan.done == 1
        assert not acting.conversation.read
        assert acting.conversation.assignee_id is None
        assert acting.visitor.notes == []

    act(story)


def test_an_address_that_is_there_by_now_stands() -> None:
    """Whoever set it: the page, people, or an earlier life of ours that died before it said so."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        acting.visitor.customer.fields["email"] = "boss@example.com"
        with capture_logs() as logged:
            plan = await actions.act(GIVEN, PLAN)
        assert acting.visitor.customer.fields["email"] == "boss@example.com"
        assert (puts(acting), plan.done) == (0, 1)
        assert [(one["event"], one["is_the_same"]) for one in logged] == [("email.known", False)]
        acting.visitor.customer.fields["email"] = "Vera@Example.com"
        with capture_logs() as logged:
            await actions.act(GIVEN, PLAN)
        assert [one["is_the_same"] for one in logged] == [True]

    act(story)


def test_an_answer_that_gets_lost_stores_it_once() -> None:
    """Asked again, it is the same address."""

    async def story(acting: Acting) -> None:
        lost: list[str] = []

        def is_answer_lost(request: httpx2.Request) -> bool:
            if request.method == "PUT" and not lost:
                lost.append(request.method)
                return True
            return False

        acting.parts.network.is_answer_lost = is_answer_lost
        await (await acting.actions()).act(GIVEN, PLAN)
        assert lost
        assert acting.visitor.customer.fields["email"] == "vera@example.com"

    act(story)


def test_an_address_that_the_server_refuses_is_left_in_a_note() -> None:
    """It is never lost."""

    async def story(acting: Acting) -> None:
        long = SetEmail(f"{'v' * 250}@example.com")
        await (await acting.actions()).act(long, PLAN)
        assert "email" not in acting.visitor.customer.fields
        [note] = acting.visitor.notes
        assert note.body == f"The customer's e-mail address: {long.address}"

    act(story)


def test_a_customer_who_is_gone_stops_nothing() -> None:
    """It is logged."""

    async def story(acting: Acting) -> None:
        actions = await acting.actions()
        del acting.server.store.customers[acting.visitor.customer.id]
        with capture_logs() as logged:
            await actions.act(GIVEN, PLAN)
        assert [one["event"] for one in logged] == ["action.failed"]
        actions._conversation = actions._conversation.model_copy(update={"customer_id": None})
        plan = await actions.act(GIVEN, PLAN)
        assert plan.done == 1

    act(story)


def test_people_are_told_with_a_link_to_the_conversation() -> None:
    """By what the services name, and nobody waits."""

    async def story(acting: Acting) -> None:
        told: list[str] = []
        actions = await acting.actions()
        actions._services = replace(acting.parts.services, notify=told.append)
        await actions.act(Notify("Vera waits"), PLAN)
        url = acting.parts.rest.url.base
        assert told == [f"Vera waits\n{url}/conversations/all?cid={acting.conversation.id}"]

    act(story)


def test_both_acts_can_be_resumed() -> None:
    """They are steps of the plan like the others."""
    decision = replace(PLAN.decision, actions=(GIVEN, Notify("Vera waits")))
    plan = Plan(("m1",), decision, done=1)
    assert Plan.from_json(plan.to_json()) == plan
