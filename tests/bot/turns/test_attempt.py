"""One attempt at a claimed turn: read, decided, delivered and settled, or handed back.

What may speak against an answer is tested with ``turns/watch.py``, how a text is sent with
``delivery/delivery.py``, and what is written down with ``turns/settling.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.proof import Identity, mark
from agentbot.bot.turns.attempt import TurnAttempt
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.devserver.store import records
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import AddTag, Decision, Reason, Snooze
from agentbot.pipeline.turn import Account, Author, Turn
from agentbot.state.store import Claim, TurnRecord
from tests.simulation.stage import Stage
from tests.simulation.stage import perform as perform_simulated
from tests.simulation.world import metrics
from tests.support.bot_parts import (
    REASON,
    Parts,
    handoff,
    perform,
    pipeline_of,
    reply,
    silence,
    thinking,
)
from tests.support.devserver import SocketClient


class Attempting:
    """A conversation whose customer has the chat window open, and one attempt at its turn."""

    def __init__(self, parts: Parts, *, source: str) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.ann = parts.account.ann
        self.bot = parts.account.bot
        self.visitor = parts.visitor(source=source)
        self.visitor.open_window()
        self.mailbox = Mailbox(self.visitor.id)

    async def hear(self, body: str = "Hi?", *, path: str = LIVE) -> records.Message:
        """Write, and hear it, or find it."""
        record = self.visitor.write(body, heard=False)
        self.mailbox.hear(await self.parts.message(record), path=path)
        return record

    async def claim(self, *message_ids: str) -> Claim:
        """Claim these messages, or all that are heard."""
        claim = await self.parts.services.leases.claim(
            self.visitor.id, message_ids or self.mailbox.pending_ids, on_lost=self.mailbox.wake
        )
        assert isinstance(claim, Claim)
        return claim

    async def run(self, claim: Claim | None = None) -> None:
        """Make one attempt; nothing takes longer than some minutes."""
        attempt = TurnAttempt(self.mailbox, self.parts.services, claim or await self.claim())
        async with asyncio.timeout(600):
            await attempt.run()

    async def outcome(self, claim: Claim | None = None) -> TurnRecord:
        """Make one attempt, which settles its turn; return the one record."""
        before = len(self.parts.settled)
        await self.run(claim)
        [record] = self.parts.settled[before:]
        return record

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    def hear_in(self, seconds: float, body: str = "And?") -> None:
        """Let the customer write, and be heard, by then."""

        def write() -> None:
            record = self.visitor.write(body, heard=False)
            self.mailbox.hear(as_heard(record), path=LIVE)

        self.in_seconds(seconds, write)

    def person_in(self, seconds: float) -> None:
        """Let a person answer, and be heard, by then."""

        def write() -> None:
            self.mailbox.person_wrote(as_heard(self.visitor.is_answered_by(self.ann)))

        self.in_seconds(seconds, write)

    def answer(self, *message_ids: str, body: str = "Hello!") -> records.Message:
        """Have a bot's answer to these messages on the server, unheard."""
        return self.server.store.add_message(
            {
                "account_id": self.parts.account.account.id,
                "conversation_id": self.visitor.id,
                "body": body,
                "type": "bot",
                "metadata": mark(message_ids, by="rule", source="greeting"),
            }
        )

    @property
    def texts(self) -> list[str | None]:
        """What the customer was told."""
        return [message.body for message in self.visitor.said]

    @property
    def answered(self) -> list[Any]:
        """The marks of what the customer was told."""
        return [(message.metadata or {})["agentbot"] for message in self.visitor.said]

    @property
    def turns(self) -> list[list[str]]:
        """The texts of each turn that was decided."""
        return [[one.text for one in turn.messages] for turn in self.parts.responder.turns]

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.visitor.conversation.tag_ids}


def as_heard(record: records.Message) -> Message:
    """Return a message as a shout brings it."""
    return Message(
        id=record.id,
        conversation_id=record.conversation_id,
        created_at=record.created_at,
        body=record.body,
        customer_id=record.customer_id,
        user_id=record.user_id,
    )


def attempt(
    story: Callable[[Attempting], Awaitable[None]],
    *,
    source: str = "chat",
    delay: float = 0.0,
    **options: Any,
) -> None:
    """Play a story of one attempt; a fresh visitor's first reply waits for ``delay`` seconds."""

    async def main(parts: Parts) -> None:
        renewing = asyncio.create_task(parts.services.leases.run())
        await story(Attempting(parts, source=source))
        renewing.cancel()

    perform(main, reply={"first_delay_seconds": delay}, **options)


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


def took(began: float) -> float:
    """Return the seconds since then, to a tenth."""
    return round(now() - began, 1)


# The plain way


def test_a_turn_is_answered_and_settled() -> None:
    """Nothing of it is left: the claim is settled, not released, and its lease dropped."""

    async def story(it: Attempting) -> None:
        await asyncio.sleep(11)
        asked = await it.hear("How much?")
        claim = await it.claim()
        await asyncio.sleep(2)
        record = await it.outcome(claim)
        assert it.texts == ["Hello!"]
        assert (record.outcome, record.reply_id) == ("replied", it.visitor.said[0].id)
        assert (record.question, record.customer_id) == ("How much?", it.visitor.customer.id)
        assert record.message_ids == (asked.id,)
        assert record.turn["prompts_version"] == it.parts.services.current.pipeline.version
        assert it.parts.seconds[0] == pytest.approx(2, abs=0.1)
        assert not it.mailbox
        assert not it.parts.services.leases.is_good(claim)
        assert it.parts.store.asked == ["claim", "memory_of", "settle"]

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.decided"]
    assert (line["kind"], line["reason"]) == ("Reply", str(REASON))


def test_the_turn_is_as_the_world_is_now() -> None:
    """Who is there, whose hours they are, who is a bot, and how long the customer has waited."""

    async def story(it: Attempting) -> None:
        token = it.server.backend.tokens.issue(it.ann.id).token
        SocketClient(it.server, {"token": token, "vsn": "2.0.0"}).join(
            f"notification:{it.parts.account.account.id}"
        )
        await it.parts.until(lambda: it.parts.session.agents_online)
        current = it.parts.services.current
        current.account = Account(id="a", name="Fjord & Fern")
        current.identity = Identity(frozenset({99}))
        it.visitor.conversation.assignee_id = it.bot.id
        for text in ("One", "Two", "Three"):
            await it.hear(text)
            await asyncio.sleep(1)
        await it.outcome()
        [turn] = it.parts.responder.turns
        assert turn.agents_online == 1
        assert turn.account is current.account
        assert turn.bot_tracked
        assert turn.conversation.assignee_id is None, "it is ours"
        assert turn.now <= it.parts.now()
        assert turn.waited is not None
        assert turn.waited.total_seconds() == pytest.approx(1, abs=0.1)

    attempt(story)


def test_off_duty_the_turn_says_so() -> None:
    """The chat window then shows its away message."""

    async def story(it: Attempting) -> None:
        it.parts.session.set_present(False)
        await it.hear()
        await it.outcome()
        assert not it.parts.responder.turns[0].bot_tracked

    attempt(story)


def test_a_store_and_a_server_that_are_away_are_waited_for() -> None:
    """The customer gets their answer all the same."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.parts.store.failures["memory_of"] = 2
        away = it.faults.answer(status=503, path="/api/conversations/")
        it.in_seconds(30, away.remove)
        record = await it.outcome()
        assert record.outcome == "replied"
        assert len(it.texts) == 1

    attempt(story)


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(reply(), "replied"), (handoff(), "handed_off"), (silence(), "silent")],
)
def test_the_decision_makes_the_outcome(decision: Decision, outcome: str) -> None:
    """And it is known to the next turn, where something is to be remembered."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: decision
        await it.hear()
        assert (await it.outcome()).outcome == outcome
        memory = await it.parts.store.memory_of(it.visitor.id)
        assert (memory.handed_off_at is not None) is (outcome == "handed_off")

    attempt(story)


def test_what_was_remembered_stays_when_more_is() -> None:
    """The new memory is the old one's successor."""

    async def story(it: Attempting) -> None:
        for fires in (("first",), ("second",)):
            decision = reply(fires=fires)
            it.parts.responder.script = lambda _turn, decision=decision: decision  # type: ignore[misc]
            await it.hear()
            await it.outcome()
        assert set((await it.parts.store.memory_of(it.visitor.id)).fired) == {"first", "second"}
        assert set(it.parts.responder.turns[1].memory.fired) == {"first"}

    attempt(story)


def test_a_text_that_is_given_up_leaves_the_turn() -> None:
    """It is said in the journal, and the turn is done with."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.faults.drop_shout(topic="conversation:", times=3)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "unconfirmed")

    attempt(story)


# What is found when the conversation is read


def test_a_conversation_that_is_gone_is_left() -> None:
    """There is nobody to answer."""

    async def story(it: Attempting) -> None:
        await it.hear()
        del it.server.store.conversations[it.visitor.id]
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "gone")
        assert record.customer_id is None
        assert not it.mailbox

    attempt(story)


def test_what_a_person_has_answered_is_left() -> None:
    """Whether their message was heard or not."""

    async def story(it: Attempting) -> None:
        await it.hear()
        await asyncio.sleep(1)
        it.visitor.is_answered_by(it.ann, heard=False)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "person")
        assert record.customer_id == it.visitor.customer.id
        assert (it.turns, it.texts) == ([], [])

    attempt(story)


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


def test_a_plan_of_an_earlier_answer_is_finished_before_the_next_one() -> None:
    """The customer has written more since: that is answered besides."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        it.answer(first.id, body="First.")
        second = await it.hear("Two?")
        await it.outcome(await died_with_plan(it, Plan((first.id,), TAGGED)))
        assert it.tags == {"one", "two"}
        assert it.turns == [["Two?"]]
        assert it.texts == ["First.", "Hello!"]
        assert it.answered[1]["in_reply_to"] == second.id

    attempt(story)


def test_an_answer_of_another_than_the_plans_is_just_found() -> None:
    """What the plan decided was not said to this message."""

    async def story(it: Attempting) -> None:
        first, second = await it.hear("One?"), await it.hear("Two?")
        others = it.answer(second.id, body="Another's.")
        claim = await died_with_plan(it, Plan((first.id,), TAGGED))
        it.answer(first.id)
        record = await it.outcome(claim)
        assert record.message_ids == (first.id, second.id)
        assert record.reason_code in {"already_answered", REASON.code}
        found = {others.id: "already_answered"}.get(str(record.reply_id), REASON.code)
        assert record.reason_code == found

    attempt(story)


def test_another_answer_without_the_plans_text_does_not_finish_the_plan() -> None:
    """Its actions belong to a text that nobody got."""

    async def story(it: Attempting) -> None:
        first, second = await it.hear("One?"), await it.hear("Two?")
        it.answer(second.id, body="Another's.")
        await it.outcome(await died_with_plan(it, Plan((first.id,), TAGGED)))
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


def test_what_was_heard_but_is_not_read_yet_belongs_to_the_turn() -> None:
    """A reading may be older than a broadcast."""

    async def story(it: Attempting) -> None:
        await it.hear("One?")
        later = it.visitor.write("Two?", heard=False)
        it.visitor.conversation.messages.remove(later)
        it.mailbox.hear(as_heard(later), path=LIVE)
        await it.outcome()
        assert it.turns == [["One?", "Two?"]]
        assert it.answered[0]["in_reply_to"] == later.id

    attempt(story)


def test_what_nobody_heard_belongs_to_the_turn() -> None:
    """It is claimed with the rest."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        claim = await it.claim()
        second = it.visitor.write("Two?", heard=False)
        record = await it.outcome(claim)
        assert it.turns == [["One?", "Two?"]]
        assert record.message_ids == (first.id, second.id)
        assert await it.parts.store.settled(record.message_ids) == {first.id, second.id}

    attempt(story)


def test_what_was_answered_unheard_is_no_news_to_wait_for() -> None:
    """Another replica's reply was not heard: its message is done with, and not waited for."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        it.answer(first.id)
        await asyncio.sleep(2)
        await it.hear("Two?")
        began = now()
        await it.outcome()
        assert it.turns == [["Two?"]]
        assert took(began) == 0.0
        assert not it.mailbox

    attempt(story)


def test_what_has_its_outcome_is_no_news_to_wait_for() -> None:
    """It was left unanswered on purpose: heard again, it is in no turn."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: silence()
        first = await it.hear("One?")
        await it.outcome()
        it.parts.responder.script = lambda _turn: reply()
        await it.hear("Two?")
        claim = await it.claim()
        it.mailbox.hear(as_heard(first), path=LIVE)
        began = now()
        await it.outcome(claim)
        assert it.turns == [["One?"], ["Two?"]]
        assert took(began) == 0.0
        assert not it.mailbox

    attempt(story)


def test_a_turn_that_another_replica_has_by_now_is_handed_back() -> None:
    """What else waits cannot be claimed: the other answers all of it."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        claim = await it.claim()
        it.visitor.write("Two?", heard=False)
        it.parts.clock_error = timedelta(seconds=60)
        other = await it.parts.colleague()
        assert isinstance(await other.claim(it.visitor.id, (asked.id,)), Claim)
        await it.run(claim)
        assert (it.parts.settled, it.texts) == ([], [])
        assert it.mailbox

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.handed_back"]
    assert line["reason"].startswith("lease_lost")


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


class Stalled:
    """A script that never decides, and knows whether it was given up."""

    def __init__(self) -> None:
        self.given_up = 0

    async def __call__(self, _turn: Turn) -> Decision:
        """Never return."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        raise AssertionError


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


# Handing back


async def is_free(it: Attempting, asked: records.Message) -> bool:
    """Say whether another replica can have the turn at once."""
    store = await it.parts.colleague()
    return isinstance(await store.claim(it.visitor.id, (asked.id,)), Claim)


@pytest.mark.parametrize("thought_out_for", [0.0, 10.0])
def test_a_bot_that_drains_hands_the_turn_back(thought_out_for: float) -> None:
    """Nothing is said, and another replica may take it at once."""

    async def story(it: Attempting) -> None:
        if thought_out_for:
            it.parts.responder.script = thinking(thought_out_for, reply())
        asked = await it.hear()
        claim = await it.claim()
        it.in_seconds(1, it.parts.services.draining.set)
        it.in_seconds(1, it.mailbox.wake)
        began = now()
        await it.run(claim)
        assert took(began) == 1.0
        assert (it.parts.settled, it.texts) == ([], [])
        assert await is_free(it, asked)
        assert not it.parts.services.leases.is_good(claim)

    with capture_logs() as said:
        attempt(story, delay=30.0)
    assert [line["reason"] for line in said if line["event"] == "turn.handed_back"] == [
        "draining: the bot is stopping"
    ]


def test_a_turn_whose_lease_is_lost_before_its_answer_leaves_is_handed_back() -> None:
    """Whoever has it now will answer."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        claim = await it.claim()
        it.in_seconds(3, lambda: it.parts.services.leases.drop(claim))
        await it.run(claim)
        assert (it.parts.settled, it.texts) == ([], [])

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.handed_back"]
    assert line["reason"].startswith("lease_lost")


def test_a_claim_that_cannot_be_given_back_runs_out() -> None:
    """The store is away: that is said, and stops nothing."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        it.parts.store.failures["release"] = 1
        it.parts.services.draining.set()
        await it.run()

    with capture_logs() as said:
        attempt(story)
    assert "claim.not_released" in {line["event"] for line in said}


def test_an_attempt_that_is_cancelled_gives_its_claim_back() -> None:
    """Even while the store takes its time."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = Stalled()
        asked = await it.hear()
        it.parts.store.late = 1.0
        claim = await it.claim()
        task = asyncio.create_task(it.run(claim))
        await asyncio.sleep(2)
        task.cancel()
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(1.5)
        assert await is_free(it, asked)
        assert not it.parts.services.leases.is_good(claim)

    attempt(story)


# A fresh visitor's window


async def says_after(it: Attempting, *, window_after: float | None) -> float:
    """Have the window open again after so many seconds; return when the answer was there."""
    it.visitor.close_window()
    if window_after is not None:
        it.in_seconds(window_after, it.visitor.open_window)
    began = now()
    await it.outcome()
    assert len(it.texts) == 1
    return took(began)


@pytest.mark.parametrize(
    ("window_after", "said_after"), [(1.0, 1.5), (2.5, 2.5), (3.3, 3.3), (None, 3.5)]
)
def test_a_fresh_visitors_window_is_waited_for(
    window_after: float | None, said_after: float
) -> None:
    """Until it has rejoined, and no longer than that takes: then nobody is there."""

    async def story(it: Attempting) -> None:
        await it.hear()
        assert await says_after(it, window_after=window_after) == pytest.approx(
            said_after, abs=0.11
        )

    attempt(story, delay=1.5)


@pytest.mark.parametrize(("age", "said_after"), [(30, 2.0), (55, 2.0), (65, 0.0), (110, 0.0)])
def test_a_visitor_who_left_some_time_ago_is_not_waited_for(age: float, said_after: float) -> None:
    """Found a minute later, they are away, and not between leaving and rejoining."""

    async def story(it: Attempting) -> None:
        await it.hear(path="periodic")
        await asyncio.sleep(age)
        assert await says_after(it, window_after=None) == pytest.approx(said_after, abs=0.11)

    attempt(story, delay=1.5)


def test_whoever_has_written_before_has_a_window_that_stays() -> None:
    """Only the first message makes the widget rejoin."""

    async def story(it: Attempting) -> None:
        await it.hear()
        await it.outcome()
        it.visitor.close_window()
        await it.hear("And?")
        began = now()
        await it.outcome()
        assert took(began) == 0.0

    attempt(story, delay=1.5)


def test_an_email_has_no_window() -> None:
    """It is answered at once."""

    async def story(it: Attempting) -> None:
        await it.hear()
        assert await says_after(it, window_after=None) == 0.0

    attempt(story, source="email", delay=1.5)


def test_nothing_is_waited_for_where_nothing_is_said() -> None:
    """Silence needs no window; people's texts do."""

    async def silent(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: silence()
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 0.0

    async def handed_off(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: handoff()
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 1.5

    attempt(silent, delay=1.5)
    attempt(handed_off, delay=1.5)


@pytest.mark.parametrize("seconds", [1.0, 2.5])
def test_what_comes_up_while_the_window_is_waited_for_ends_the_wait(seconds: float) -> None:
    """A person writes meanwhile."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.visitor.close_window()
        it.person_in(seconds)
        began = now()
        record = await it.outcome()
        assert record.reason_code == "person"
        assert now() - began == pytest.approx(seconds, abs=0.11)

    attempt(story, delay=1.5)


# The customer's receipt


def unseen(it: Attempting) -> records.Message:
    """Have an older message of an agent's in the conversation, which the customer has not seen."""
    return it.server.store.add_message(
        {
            "account_id": it.parts.account.account.id,
            "conversation_id": it.visitor.id,
            "body": "Welcome!",
            "user_id": it.bot.id,
            "type": "bot",
        }
    )


@pytest.mark.parametrize("is_joined", [True, False])
@pytest.mark.parametrize(
    ("source", "options", "is_seen"),
    [
        ("chat", {}, True),
        ("email", {}, False),
        ("chat", {"mode": "suggest"}, False),
        ("chat", {"mode": "dry_run"}, False),
        ("chat", {"receipts": {"seen": False}}, False),
    ],
)
def test_what_agents_wrote_is_marked_seen_as_the_turn_is_taken_up(
    source: str,
    options: dict[str, Any],
    is_seen: bool,  # noqa: FBT001 - a column
    is_joined: bool,  # noqa: FBT001 - a column
) -> None:
    """In a chat, where the customer's window shows it, and where the settings want it."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        if is_joined:
            await it.parts.session.joined(it.visitor.id)
        await it.hear()
        it.parts.responder.script = thinking(5, reply())
        it.in_seconds(4, lambda: stamps.append(message.seen_at is not None))
        await it.outcome()

    stamps: list[bool] = []
    attempt(story, source=source, **options)
    assert stamps == [is_seen]


def test_the_receipt_is_sent_once_a_turn() -> None:
    """Taken anew, the turn sends none: what was written since may not have been seen."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        await it.hear()
        it.parts.responder.script = thinking(5, reply())
        it.in_seconds(2, lambda: setattr(message, "seen_at", None))
        it.hear_in(3)
        await it.outcome()
        assert len(it.turns) == 2
        assert message.seen_at is None

    attempt(story)


def test_a_topic_that_is_joined_late_costs_the_receipt_alone() -> None:
    """Two seconds are waited for it; the answer comes as soon as it can."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        await it.hear()
        it.faults.delay(5, topic=f"conversation:{it.visitor.id}", event="phx_reply", times=1)
        began = now()
        decided: list[float] = []

        def decide(_turn: Turn) -> Decision:
            decided.append(took(began))
            return reply()

        it.parts.responder.script = decide
        record = await it.outcome()
        assert decided == [2.0]
        assert message.seen_at is None
        assert record.outcome == "replied"

    attempt(story)


def test_a_topic_that_is_refused_costs_the_receipt_alone() -> None:
    """The conversation was deleted since it was read: the delivery finds that too."""

    async def story(it: Attempting) -> None:
        await it.hear()
        claim = await it.claim()
        it.faults.slow(1.0, answer=True, path="/api/conversations/", times=1)
        it.in_seconds(0.5, lambda: it.server.store.conversations.pop(it.visitor.id))
        record = await it.outcome(claim)
        assert (record.outcome, record.reason_code) == ("left", "refused")

    attempt(story)


# Modes


@pytest.mark.parametrize(("mode", "notes"), [("suggest", 1), ("dry_run", 0)])
def test_in_a_mode_without_replies_the_customer_is_told_nothing(mode: str, notes: int) -> None:
    """The turn is settled silent, and uses up no limit."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: reply(fires=("limit",), actions=(AddTag("x"),))
        await it.hear()
        record = await it.outcome()
        assert (record.outcome, it.texts, it.tags) == ("silent", [], set())
        assert record.reason_code == ("suggested" if notes else "dry_run")
        assert len(it.visitor.notes) == notes
        assert it.parts.store.memories == [None]

    attempt(story, mode=mode)


def test_in_a_mode_without_replies_silence_is_what_it_is() -> None:
    """There is nothing to suggest."""

    async def story(it: Attempting) -> None:
        quiet = Reason("quiet", "the rule says so")
        it.parts.responder.script = lambda _turn: silence(reason=quiet)
        await it.hear()
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("silent", "quiet")
        assert it.visitor.notes == []

    attempt(story, mode="suggest")


def test_a_note_that_cannot_be_left_is_no_suggestion() -> None:
    """Writing it is tried again while the server is away."""

    async def story(it: Attempting) -> None:
        await it.hear()
        lost: list[str] = []

        def is_cut(request: httpx2.Request) -> bool:
            if request.method == "POST" and len(lost) < 3:
                lost.append(request.method)
                return True
            return False

        it.parts.network.is_cut = is_cut
        await it.outcome()
        assert (len(lost), len(it.visitor.notes)) == (3, 1)

    attempt(story, mode="suggest")


def test_people_and_bots_are_told_apart_in_the_history() -> None:
    """As the account has them."""

    async def story(it: Attempting) -> None:
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(1)
        it.parts.services.current.identity = Identity(frozenset({it.ann.id}))
        await it.hear()
        await it.outcome()
        assert [one.author for one in it.parts.responder.turns[0].history] == [Author.BOT]

    attempt(story)


# In a simulated world


def orphans_in_simulation() -> float:
    """Return how many messages all simulated bots have taken over from dead ones."""
    value = metrics().registry.get_sample_value
    return value("agentbot_catch_up_found_total", {"path": "orphan"}) or 0.0


def test_a_message_that_was_answered_before_does_not_hold_up_the_next_one() -> None:
    """The customer waits for the answer alone, not for the turn's deadline.

    A life that died between a reply and its settling leaves the answered message claimed. The
    next one finds it again, together with what the customer has written since.
    """

    async def scene(stage: Stage) -> None:
        first = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        first.process.kill()
        stage.world.bury_bot(first, lingers=False)
        before = orphans_in_simulation()
        await stage.bot()
        await stage.until(lambda: orphans_in_simulation() > before)
        assert len(visitor.conversation.messages) == 2, "it is the answered one that is found"
        await visitor.say("think 3 ?")
        await asyncio.sleep(15)
        assert len(stage.replies(visitor)) == 2

    perform_simulated(scene)


def test_a_clock_that_was_wrong_at_the_start_does_not_make_messages_old() -> None:
    """What seems to be from before the start is looked at on the server, and answered."""

    async def scene(stage: Stage) -> None:
        await stage.bot(clock_error=7_200.0)
        visitor = stage.visitor()
        await asyncio.sleep(10)  # what is fresh is read in any case
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_message_that_was_heard_is_not_too_old_whatever_the_clock_says() -> None:
    """A wall clock that is days ahead silences nobody who writes now."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        running.process.clock_error = 3 * 86_400.0
        await visitor.say("hello ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_clock_that_is_set_does_not_make_the_bot_talk_over_a_person() -> None:
    """A person wrote a minute ago by the server's clock: that counts, and not the bot's own."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        stage.person_writes(stage.person(), visitor)
        await asyncio.sleep(60)
        visitor.conversation.assignee_id = None  # or that alone would keep the bot out
        running.process.clock_error = 86_400.0
        await visitor.say("and now ?")
        await asyncio.sleep(10)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_settled_message_that_is_heard_late_does_not_hold_up_the_next_one() -> None:
    """A turn is not taken again and again for the sake of what has its outcome already."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        stage.world.server.faults.mute_shout(topic="conversation:")
        await visitor.say("silent ?")
        await stage.until(lambda: stage.world.database.ledger.records)
        await visitor.say("think 3 ?")
        await asyncio.sleep(2)
        stage.world.server.backend.announce_message(visitor.conversation.messages[0])
        await asyncio.sleep(5)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)


def test_a_customer_who_left_some_time_ago_is_not_waited_for() -> None:
    """Who is away is not between leaving and rejoining, and catching up need not be slow."""

    async def scene(stage: Stage) -> None:
        visitor = stage.visitor()
        stage.world.server_error = -120
        await visitor.say("hello ?")
        stage.world.server_error = 0
        visitor.wire.close()
        await stage.bot()
        await asyncio.sleep(3)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)
