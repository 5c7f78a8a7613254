"""A delivery's plan: what of it is kept before its text leaves, and how its actions follow.

What the single actions do is tested with ``delivery/actions.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.objections import CLOSED, LEASE_LOST
from agentbot.papercups.models import Message
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.decision import Close, Decision, Note, SetPriority, Snooze
from tests.support.bot_delivery import TAGS, Delivering, deliver
from tests.support.bot_parts import handoff, reply, silence


@pytest.mark.parametrize(
    ("decision", "is_kept"),
    [
        (reply(), False),
        (reply(fires=("limit",)), True),
        (reply(actions=(Snooze(timedelta(minutes=5)),)), True),
        (handoff(), True),
        (silence(), False),
        (silence(fires=("limit",)), True),
    ],
)
def test_a_plan_with_consequences_is_kept_before_its_text_leaves(
    decision: Decision,
    is_kept: bool,  # noqa: FBT001 - a column
) -> None:
    """Whoever finds the text after a crash must know what follows it; without, nothing does."""

    async def story(it: Delivering) -> None:
        said: list[int] = []
        it.parts.store.on_asked["checkpoint"] = lambda: said.append(len(it.visitor.said))
        await it.deliver(decision)
        assert said[:1] == ([0] if is_kept else [])
        if is_kept:
            assert Plan.from_json(it.parts.store.plans[0]) == it.plan(decision)

    deliver(story)


@pytest.mark.parametrize(
    ("source", "is_kept_before", "kept"),
    [("chat", False, 0), ("chat", True, 1), ("email", False, 1), ("email", True, 1)],
)
def test_a_plan_without_consequences_is_kept_where_it_could_be_mistaken(
    source: str,
    is_kept_before: bool,  # noqa: FBT001 - a column
    kept: int,
) -> None:
    """For one that was kept before it, or where its text may lose its mark; else nothing is."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        await delivery.carry_out(it.plan(reply()), is_kept_before=is_kept_before)
        assert len(it.parts.store.plans) == kept

    deliver(story, source=source)


def test_a_store_that_is_away_holds_back_the_text() -> None:
    """However long that takes."""

    async def story(it: Delivering) -> None:
        it.parts.store.failures["checkpoint"] = 4
        delivering = asyncio.create_task(it.deliver(handoff("Bye")))
        await asyncio.sleep(3)
        assert it.texts == []
        await delivering
        assert it.texts == ["Bye"]

    deliver(story)


def test_actions_follow_the_text_in_order_and_each_is_kept() -> None:
    """Whoever resumes the plan does not begin again."""

    async def story(it: Delivering) -> None:
        said: list[tuple[int, set[str]]] = []
        it.parts.store.on_asked["checkpoint"] = lambda: said.append((len(it.texts), it.tags))
        await it.deliver(reply(actions=TAGS))
        assert said == [(0, set()), (1, {"one"}), (1, {"one", "two"})]
        assert [plan["done"] for plan in it.parts.store.plans] == [0, 1, 2]

    deliver(story)


def test_a_note_of_progress_that_is_lost_stops_nothing() -> None:
    """A resumed action would be done again, which does no harm."""

    async def story(it: Delivering) -> None:
        def fail_from_now_on() -> None:
            if it.texts:
                it.parts.store.failures["checkpoint"] = 1

        it.parts.store.on_asked["checkpoint"] = fail_from_now_on
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.CONFIRMED
        assert it.tags == {"one", "two"}

    with capture_logs() as said:
        deliver(story)
    assert [line["event"] for line in said].count("checkpoint.lost") == 2


def test_a_lease_that_goes_while_an_action_is_done_leaves_it_and_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is kept of it, and nothing is tried again and again: they are its next holder's."""

    async def story(it: Delivering) -> None:
        look = AgentRest.messages

        async def look_and_lose(rest: AgentRest, conversation_id: str) -> list[Message]:
            it.parts.services.leases.drop(it.claim)
            return await look(rest, conversation_id)

        monkeypatch.setattr(AgentRest, "messages", look_and_lose)
        delivery, said = await it.delivery(), DeliveryResult(DeliveryStatus.CONFIRMED, "r")
        result = await delivery.act(it.plan(reply(actions=(Note("Look."), *TAGS))), said)
        assert result == replace(said, objection=LEASE_LOST)
        assert (it.visitor.notes, it.tags, it.parts.store.plans) == ([], set(), [])

    deliver(story)


def test_a_resumed_plan_goes_on_where_it_stood() -> None:
    """What is done is not done again, and its text is not said."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        said = DeliveryResult(DeliveryStatus.CONFIRMED, "r")
        assert await delivery.act(it.plan(reply(actions=TAGS), done=1), said) == said
        assert (it.texts, it.tags) == ([], {"two"})
        assert [plan["done"] for plan in it.parts.store.plans] == [2]

    deliver(story)


@pytest.mark.parametrize("decision", [silence(actions=TAGS), handoff(None, actions=TAGS)])
def test_where_there_is_nothing_to_say_the_actions_are_done_at_once(decision: Decision) -> None:
    """Nothing is sent for them, and nothing can object."""

    async def story(it: Delivering) -> None:
        it.objections = [CLOSED]
        result = await it.deliver(decision)
        assert result == DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
        assert (it.texts, it.tags) == ([], {"one", "two"})

    deliver(story)


def test_a_conversation_that_is_closed_is_read() -> None:
    """As the receipts' settings have it, once all actions are done."""

    async def story(it: Delivering) -> None:
        await it.deliver(reply(actions=(Close(), SetPriority(True))))  # noqa: FBT003
        conversation = it.visitor.conversation
        assert (conversation.status, conversation.priority) == ("closed", "priority")
        assert conversation.read

    deliver(story)
