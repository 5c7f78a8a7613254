"""An attempt at a turn that an earlier process has begun: its answer and its plan are taken up.

Nothing is said twice, and of a plan is done what its text has promised.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agentbot.bot.delivery.plan import Plan
from agentbot.pipeline.decision import AddTag, Close
from agentbot.state.store import Claim
from tests.support.bot_attempt import Attempting, attempt, took
from tests.support.bot_parts import REASON, handoff, reply, thinking
from tests.support.devserver import SocketClient
from tests.support.virtual_time import now


def test_what_is_answered_already_is_found() -> None:
    """An earlier process died before it could settle: nothing is said twice."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        found = it.answer(asked.id)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("replied", "already_answered")
        assert (record.answer, record.reply_id) == ("Hello!", found.id)
        assert (it.turns, it.texts) == ([], ["Hello!"])

    attempt(story)


def test_each_found_answer_settles_what_it_answers() -> None:
    """Two turns had been answered, and neither was settled."""

    async def story(it: Attempting) -> None:
        first, second, third = [await it.hear(body) for body in ("One?", "Two?", "Three?")]
        earlier, later = it.answer(first.id, second.id), it.answer(third.id)
        await it.run()
        settled = [(one.message_ids, one.reply_id) for one in it.parts.settled]
        assert settled == [((first.id, second.id), earlier.id), ((third.id,), later.id)]

    attempt(story)


def test_what_needs_no_answer_any_more_goes_with_the_found_answer_of_what_came_later() -> None:
    """A later message has its own."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        await asyncio.sleep(120)
        second = await it.hear("Two?")
        found = it.answer(second.id)
        record = await it.outcome()
        assert record.message_ids == (first.id, second.id)
        assert (record.reply_id, record.reason_code) == (found.id, "already_answered")

    attempt(story)


def test_an_assignment_that_the_found_answer_has_brought_is_undone() -> None:
    """Its process died before it could do that."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        it.answer(asked.id)
        it.visitor.conversation.assignee_id = it.bot.id
        await it.outcome()
        assert it.visitor.conversation.assignee_id is None

    attempt(story, source="email")


async def died_with_plan(it: Attempting, plan: Plan) -> Claim:
    """Let an earlier process have kept this plan and died; return our claim."""
    store = await it.parts.colleague()
    claim = await store.claim(it.visitor.id, plan.message_ids)
    assert isinstance(claim, Claim)
    await store.checkpoint(claim, plan.to_json())
    await store.release(claim)
    return await it.claim()


TAGGED = reply("Hello!", fires=("limit",), actions=(AddTag("one"), AddTag("two")))


def test_a_plan_whose_text_is_there_is_finished() -> None:
    """Its last actions are done, and its outcome is what its process decided."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        found = it.answer(asked.id)
        record = await it.outcome(await died_with_plan(it, Plan((asked.id,), TAGGED, done=1)))
        assert it.tags == {"two"}
        assert (record.outcome, record.by, record.source) == ("replied", "rule", "greeting")
        assert (record.reason_code, record.reply_id) == (REASON.code, found.id)
        assert set((await it.parts.store.memory_of(it.visitor.id)).fired) == {"limit"}
        assert (it.turns, it.texts) == ([], ["Hello!"])

    attempt(story)


def test_a_plan_whose_text_is_not_there_is_dropped() -> None:
    """The turn is decided anew, as it is now."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        record = await it.outcome(await died_with_plan(it, Plan((asked.id,), TAGGED)))
        assert it.tags == set()
        assert it.texts == ["Hello!"]
        assert record.reason_code == REASON.code

    attempt(story)


def test_a_dead_process_plan_is_replaced_before_anything_is_said() -> None:
    """Else whoever comes next would take the new text for the old plan's."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        await it.outcome(await died_with_plan(it, Plan((asked.id,), TAGGED)))
        [kept] = it.parts.store.plans
        assert kept["decision"]["actions"] == []

    attempt(story)


@pytest.mark.parametrize("is_found", [True, False])
def test_a_plan_of_our_own_that_was_not_carried_out_is_replaced_too(is_found: bool) -> None:  # noqa: FBT001 - a column
    """Unless it is dropped: a part of what it was to answer has its answer, and is settled."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        plans = it.parts.store.plans
        decisions = [reply("Later.")]
        it.parts.responder.script = lambda _turn: decisions.pop() if len(plans) == 2 else TAGGED

        def write_on() -> None:
            if len(plans) < 2:
                it.hear_in(0, "Two?")
            if len(plans) == 1 and is_found:
                it.answer(first.id)

        it.parts.store.on_asked["checkpoint"] = write_on
        it.parts.store.slow["checkpoint"] = 1.0
        await it.run()
        assert it.texts[-1] == "Later."
        assert [len(plan["decision"]["actions"]) for plan in plans] == [2, 2] + [0] * (not is_found)

    attempt(story)


def test_a_plan_whose_messages_somebody_has_settled_is_finished_without_them() -> None:
    """What is left of the claim has its own answer."""

    async def story(it: Attempting) -> None:
        first, second = await it.hear("One?"), await it.hear("Two?")
        it.answer(first.id)
        found = it.answer(second.id)
        it.mailbox.done_with([first.id])
        claim = replace(await it.claim(), plan=Plan((first.id,), TAGGED).to_json())
        record = await it.outcome(claim)
        assert (record.message_ids, record.reply_id) == ((second.id,), found.id)
        assert it.tags == {"one", "two"}

    attempt(story)


def test_what_was_said_is_settled_before_what_the_customer_wrote_on_is_decided() -> None:
    """The earlier turn has its own record and memory, and the next is decided with them."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        found = it.answer(first.id, body="First.")
        second = await it.hear("Two?")
        await it.run(await died_with_plan(it, Plan((first.id,), TAGGED)))
        assert it.tags == {"one", "two"}
        assert it.turns == [["Two?"]]
        assert it.texts == ["First.", "Hello!"]
        assert it.answered[1]["in_reply_to"] == second.id
        earlier, later = it.parts.settled
        assert (earlier.message_ids, earlier.question) == ((first.id,), "One?")
        assert (earlier.reply_id, earlier.reason_code) == (found.id, REASON.code)
        assert earlier.turn["is_first"] is True
        assert (later.message_ids, later.question) == ((second.id,), "Two?")
        assert set(it.parts.responder.turns[0].memory.fired) == {"limit"}

    attempt(story)


def test_a_hand_over_that_was_said_keeps_the_bot_out_of_what_the_customer_wrote_on() -> None:
    """It is not forgotten because its process died and the customer went on."""

    async def story(it: Attempting) -> None:
        token = it.server.backend.tokens.issue(it.ann.id).token
        SocketClient(it.server, {"token": token, "vsn": "2.0.0"}).join(
            f"notification:{it.parts.account.account.id}"
        )
        await it.parts.until(lambda: it.parts.session.agents_online)
        first = await it.hear("A person?")
        it.answer(first.id, body="One moment.")
        second = await it.hear("Hello?")
        await it.run(await died_with_plan(it, Plan((first.id,), handoff("One moment."))))
        assert it.texts == ["One moment."]
        earlier, later = it.parts.settled
        assert (earlier.outcome, earlier.message_ids) == ("handed_off", (first.id,))
        assert (later.outcome, later.reason_code) == ("silent", "handed_over")
        assert later.message_ids == (second.id,)

    attempt(story)


def test_what_the_customer_wrote_on_unheard_is_taken_next() -> None:
    """Nothing of the claim is left once what was said is settled: the rest is another turn."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        it.answer(first.id)
        claim = await died_with_plan(it, Plan((first.id,), TAGGED))
        second = it.visitor.write("Two?", heard=False)
        record = await it.outcome(claim)
        assert record.message_ids == (first.id,)
        assert it.mailbox.pending_ids == (second.id,)
        assert it.turns == []

    attempt(story)


def test_what_is_seen_while_a_plan_is_finished_is_taken_next() -> None:
    """It was written after the conversation was read, and nobody heard it."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        it.answer(first.id)
        closing = reply("Hello!", actions=(AddTag("one"), Close()))
        claim = await died_with_plan(it, Plan((first.id,), closing))
        written: list[str] = []

        def write_on() -> None:
            if not written:
                written.append(it.visitor.write("Two?", heard=False).id)

        it.parts.store.on_asked["checkpoint"] = write_on
        await it.outcome(claim)
        assert list(it.mailbox.pending_ids) == written
        assert len(written) == 1

    attempt(story)


def test_an_answer_of_another_than_the_plans_is_just_found() -> None:
    """What the plan decided was not said to this message."""

    async def story(it: Attempting) -> None:
        first, second = await it.hear("One?"), await it.hear("Two?")
        others = it.answer(second.id, body="Another's.")
        claim = await died_with_plan(it, Plan((first.id,), TAGGED))
        ours = it.answer(first.id)
        await it.run(claim)
        one, two = it.parts.settled
        assert (one.message_ids, one.reply_id) == ((first.id,), ours.id)
        assert one.reason_code == REASON.code
        assert (two.message_ids, two.reply_id) == ((second.id,), others.id)
        assert two.reason_code == "already_answered"

    attempt(story)


def test_another_answer_without_the_plans_text_does_not_finish_the_plan() -> None:
    """Its actions belong to a text that nobody got."""

    async def story(it: Attempting) -> None:
        first, second = await it.hear("One?"), await it.hear("Two?")
        it.answer(second.id, body="Another's.")
        await it.run(await died_with_plan(it, Plan((first.id,), TAGGED)))
        assert it.tags == set()

    attempt(story)


def test_an_answer_that_may_be_under_way_is_waited_for() -> None:
    """An earlier process may have sent it just before it died."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        claim = await died_with_plan(it, Plan((asked.id,), TAGGED))
        it.in_seconds(1.9, lambda: it.answer(asked.id))
        began = now()
        await it.outcome(claim)
        assert took(began) == 2.0
        assert it.texts == ["Hello!"]

    attempt(story)


def test_what_may_be_under_way_is_waited_for_once() -> None:
    """The turn that is taken anew is read at once."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        claim = await died_with_plan(it, Plan((asked.id,), TAGGED))
        it.parts.responder.script = thinking(3, reply())
        it.hear_in(3)
        began = now()
        await it.outcome(claim)
        assert took(began) == 2 + 1 + 3

    attempt(story)


def test_a_first_attempt_waits_for_nothing() -> None:
    """Nobody else can have sent an answer."""

    async def story(it: Attempting) -> None:
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 0.0

    attempt(story)
