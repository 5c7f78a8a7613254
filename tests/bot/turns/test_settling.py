"""Closing a turn: tables of its outcome and of what is remembered, and where both are written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.plan import Skipped, decision_to_json
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.proof import mark
from agentbot.bot.turns.settling import Outcome, OutcomeKind, Settler, remember
from agentbot.ops.redaction import use_secrets
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import AddTag, Close, Decision, Reason, Snooze
from agentbot.pipeline.guards import assigned_by_bot
from agentbot.pipeline.turn import Author, Conversation, Turn
from agentbot.state.store import Claim, ConversationMemory, TurnRecord
from tests.support.bot_parts import REASON, Parts, handoff, perform, reply, silence
from tests.support.turns import history, message, turn

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)
CAME_UP = Reason("closed", "closed meanwhile")

CONFIRMED = DeliveryResult(DeliveryStatus.CONFIRMED, "r1")
NOTHING_TO_SAY = DeliveryResult(DeliveryStatus.NOTHING_TO_SAY)
WITHHELD = DeliveryResult(DeliveryStatus.WITHHELD, reason=CAME_UP)
UNCONFIRMED = DeliveryResult(DeliveryStatus.UNCONFIRMED, reason=CAME_UP)


# The outcome


@pytest.mark.parametrize(
    ("decision", "result", "kind", "took_effect", "answer"),
    [
        (reply("Hi"), CONFIRMED, "replied", True, "Hi"),
        (handoff("Bye"), CONFIRMED, "handed_off", True, "Bye"),
        (handoff(None), NOTHING_TO_SAY, "handed_off", True, None),
        (silence(), NOTHING_TO_SAY, "silent", True, None),
        (reply("Hi"), WITHHELD, "silent", False, None),
        (handoff("Bye"), WITHHELD, "silent", False, None),
        (silence(), WITHHELD, "silent", True, None),
        (reply("Hi"), UNCONFIRMED, "left", False, None),
        (handoff("Bye"), UNCONFIRMED, "left", False, None),
        (silence(), UNCONFIRMED, "left", False, None),
    ],
)
def test_the_outcome_follows_from_decision_and_delivery(
    decision: Decision,
    result: DeliveryResult,
    kind: str,
    took_effect: bool,  # noqa: FBT001 - a column
    answer: str | None,
) -> None:
    """What came up is the reason where there is no answer; what was said stands where there is."""
    outcome = Outcome.of(decision, result)
    assert outcome.kind == kind
    assert outcome.reason == (result.reason or REASON)
    assert outcome.decision == decision
    assert outcome.took_effect is took_effect
    assert outcome.answer == answer
    assert outcome.reply_id == result.reply_id
    assert outcome.spoken == (decision if answer is not None else None)


def test_an_answer_that_the_server_holds_already_is_a_reply_that_nobody_decided_here() -> None:
    """The journal has its text and its id; who said it, and what it fired, is not known."""
    metadata = mark(["m1"], by="rule", source="r")
    found = Message(
        id="r1", conversation_id="c", created_at=NOW, type="bot", body="Hi", metadata=metadata
    )
    outcome = Outcome.found(found)
    assert (outcome.kind, outcome.reason.code) == ("replied", "already_answered")
    assert (outcome.answer, outcome.reply_id) == ("Hi", "r1")
    assert outcome.spoken is None
    assert remember(ConversationMemory(), outcome, NOW) is None


def test_a_turn_that_needs_no_answer_is_left() -> None:
    """For the reason that was found."""
    outcome = Outcome.left("gone", "not there any more")
    assert outcome.kind is OutcomeKind.LEFT
    assert outcome.reason == Reason("gone", "not there any more")
    assert not outcome.took_effect
    assert remember(ConversationMemory(), outcome, NOW) is None


# What is remembered

BEFORE = ConversationMemory({"old": EARLIER, "limit": EARLIER}, EARLIER, EARLIER)
FIRED = {"old": EARLIER, "limit": NOW}


def snooze(*minutes: int) -> dict[str, Any]:
    """Return the actions of these snoozes, among others."""
    return {"actions": (AddTag("x"), *(Snooze(timedelta(minutes=one)) for one in minutes))}


@pytest.mark.parametrize(
    ("decision", "result", "memory"),
    [
        # What took effect is remembered, each part for itself …
        (reply(), CONFIRMED, None),
        (reply(fires=("limit",)), CONFIRMED, ConversationMemory(FIRED, EARLIER, EARLIER)),
        (
            reply(**snooze(5, 30, 10)),
            CONFIRMED,
            ConversationMemory(BEFORE.fired, NOW + timedelta(minutes=30), EARLIER),
        ),
        (handoff(), CONFIRMED, ConversationMemory(BEFORE.fired, EARLIER, NOW)),
        (handoff(None), NOTHING_TO_SAY, ConversationMemory(BEFORE.fired, EARLIER, NOW)),
        (
            handoff(fires=("limit",), **snooze(5)),
            CONFIRMED,
            ConversationMemory(FIRED, NOW + timedelta(minutes=5), NOW),
        ),
        # … a silent rule's too: it was silent on purpose …
        (silence(), NOTHING_TO_SAY, None),
        (
            silence(fires=("limit",), **snooze(5)),
            NOTHING_TO_SAY,
            ConversationMemory(FIRED, NOW + timedelta(minutes=5), EARLIER),
        ),
        # … and nothing of what was withheld or lost.
        (reply(fires=("limit",), **snooze(5)), WITHHELD, None),
        (handoff(fires=("limit",), **snooze(5)), WITHHELD, None),
        (reply(fires=("limit",), **snooze(5)), UNCONFIRMED, None),
        (handoff(fires=("limit",), **snooze(5)), UNCONFIRMED, None),
        (silence(fires=("limit",)), UNCONFIRMED, None),
    ],
)
def test_what_took_effect_is_remembered(
    decision: Decision, result: DeliveryResult, memory: ConversationMemory | None
) -> None:
    """None: nothing has changed, and nothing need be written."""
    assert remember(BEFORE, Outcome.of(decision, result), NOW) == memory


def test_our_own_closing_is_remembered_until_the_next_one() -> None:
    """By the server's clock, not by ours."""
    closed_at = NOW - timedelta(seconds=7)
    closing = DeliveryResult(DeliveryStatus.CONFIRMED, "r1", closed_at=closed_at)
    memory = remember(BEFORE, Outcome.of(reply(), closing), NOW)
    assert memory is not None
    assert memory.closed_at == closed_at
    later = remember(memory, Outcome.of(handoff(), CONFIRMED), NOW)
    assert later is not None
    assert later.closed_at == closed_at


def test_whom_the_bot_has_given_it_to_is_remembered() -> None:
    """They may not know of it yet; whoever took it themselves does."""
    memory = remember(BEFORE, Outcome.of(reply(), replace(CONFIRMED, assigned_to=7)), NOW)
    assert memory is not None
    assert memory.fired == {**BEFORE.fired, assigned_by_bot(7): NOW}
    assert remember(BEFORE, Outcome.of(reply(), CONFIRMED), NOW) is None


# Where it is written


class Settling:
    """A settler, and a claimed turn of two messages."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settler = Settler(
            parts.store,
            metrics=parts.metrics,
            clock=parts.now,
            on_settled=parts.services.on_settled,
        )
        self.turn = turn(
            now=NOW,
            messages=(message("One", at=EARLIER, id="m1"), message("Two", at=NOW, id="m2")),
            conversation=Conversation(id="c", source="email", inbox_id="inbox"),
            agents_online=3,
        )

    async def claim(self) -> Claim:
        """Claim the turn's messages."""
        claim = await self.parts.store.claim("c", ("m1", "m2"))
        assert isinstance(claim, Claim)
        return claim

    async def settle(
        self, outcome: Outcome, turn: Turn | None = None, claim: Claim | None = None
    ) -> TurnRecord:
        """Settle; return the record that was told."""
        await self.settler.settle(
            claim or await self.claim(),
            outcome,
            customer_id="customer",
            turn=turn,
            memory=ConversationMemory(),
            prompts_version="v1",
            seconds=1.23456,
        )
        return self.parts.settled[-1]


def test_the_journal_holds_all_of_the_turn() -> None:
    """What came in, what was decided and why, what was sent, and what it cost."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        decision = reply("Hi", by="faq", source="shipping", cost={"seconds": 0.5})
        record = await settling.settle(Outcome.of(decision, CONFIRMED), settling.turn)
        assert [one.reply_id async for one in parts.store.records()] == ["r1"]
        assert record == TurnRecord(
            conversation_id="c",
            customer_id="customer",
            message_ids=("m1", "m2"),
            outcome="replied",
            reason_code="scripted",
            reason=REASON.text,
            by="faq",
            source="shipping",
            question="One\nTwo",
            answer="Hi",
            reply_id="r1",
            received_at=EARLIER,
            settled_at=parts.now().replace(microsecond=record.settled_at.microsecond),
            turn={
                "prompts_version": "v1",
                "source": "email",
                "inbox_id": "inbox",
                "agents_online": 3,
                "is_first": True,
                "now": NOW.isoformat(),
            },
            decision=decision_to_json(decision),
            cost={"seconds": 0.5},
        )

    perform(story, listening=False)


def test_no_secret_in_use_gets_into_the_journal() -> None:
    """An error's text may hold one, and so may what was asked and said."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        reason = Reason("llm_failed", "401: no such key: sk-verysecretkey123")
        decision = reply("It is sk-verysecretkey123", reason=reason)
        record = await settling.settle(Outcome.of(decision, CONFIRMED), settling.turn)
        assert record.reason == "401: no such key: [redacted]"
        assert record.answer == "It is [redacted]"
        assert "sk-very" not in repr(record)

    use_secrets(["sk-verysecretkey123"])
    try:
        perform(story, listening=False)
    finally:
        use_secrets(())


def test_a_later_turn_is_not_the_first() -> None:
    """As the responders saw it."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        later = turn("And now?", history=history((Author.CUSTOMER, 5.0)))
        record = await settling.settle(Outcome.of(reply(), CONFIRMED), later)
        assert record.turn["is_first"] is False

    perform(story, listening=False)


def test_what_nobody_said_is_nobodys_in_the_journal() -> None:
    """A withheld answer counts for no responder; the decision is kept all the same."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        decision = reply("Hi")
        record = await settling.settle(Outcome.of(decision, WITHHELD), settling.turn)
        assert (record.by, record.source, record.answer) == (None, None, None)
        assert (record.outcome, record.reason_code) == ("silent", "closed")
        assert record.decision == decision_to_json(decision)

    perform(story, listening=False)


def test_a_turn_that_was_never_read_has_its_record_too() -> None:
    """The conversation was gone, say: there is no question and no decision."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        record = await settling.settle(Outcome.left("gone", "not there any more"))
        assert (record.outcome, record.question) == ("left", "")
        assert (record.turn, record.decision, record.cost) == ({}, {}, {})
        assert record.received_at == record.settled_at

    perform(story, listening=False)


def test_memory_is_written_with_the_outcome() -> None:
    """What the turn used up is known to the next one."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        await settling.settle(Outcome.of(reply(fires=("limit",)), CONFIRMED), settling.turn)
        memory = await parts.store.memory_of("c")
        assert set(memory.fired) == {"limit"}

    perform(story, listening=False)


def test_a_store_that_is_away_is_waited_for() -> None:
    """An outcome that is not durable would let the turn be answered again."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        parts.store.failures["settle"] = 3
        await settling.settle(Outcome.of(reply(), CONFIRMED), settling.turn)
        assert await parts.store.settled(("m1", "m2")) == {"m1", "m2"}
        assert len(parts.settled) == 1

    perform(story, listening=False)


def test_the_log_and_the_metrics_say_it() -> None:
    """One line and one count a turn, with the journal's own words."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        await settling.settle(Outcome.of(reply("Hi"), CONFIRMED), settling.turn)
        labels = {"outcome": "replied", "by": "rule", "reason": "scripted"}
        assert parts.metric("turns_total", **labels) == 1
        assert parts.metric("turn_seconds_count") == 1
        assert parts.metric("turn_seconds_sum") == 1.23456
        assert parts.seconds == [1.23456]
        assert parts.metric("llm_tokens_total", kind="prompt") == 0

    with capture_logs() as said:
        perform(story, listening=False)
    [line] = [line for line in said if line["event"] == "turn.settled"]
    assert line == {
        "event": "turn.settled",
        "log_level": "info",
        "conversation_id": "c",
        "outcome": "replied",
        "by": "rule",
        "source": "greeting",
        "reason_code": "scripted",
        "seconds": 1.235,
    }


def test_why_nobody_was_answered_is_said_in_the_log() -> None:
    """A reply's reason stands in the journal; a line a turn has no room for it."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        await settling.settle(Outcome.of(silence(), NOTHING_TO_SAY), settling.turn)

    with capture_logs() as said:
        perform(story, listening=False)
    [line] = [line for line in said if line["event"] == "turn.settled"]
    assert (line["outcome"], line["reason"]) == ("silent", REASON.text)


def test_a_claim_that_was_lost_is_said_in_the_log() -> None:
    """Another replica has the turn: the record is not in the journal."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        claim = await settling.claim()
        parts.clock_error = timedelta(seconds=60)
        await (await parts.colleague()).claim("c", ("m1", "m2"))
        await settling.settle(Outcome.of(reply("Hi"), CONFIRMED), settling.turn, claim)
        assert [one async for one in parts.store.records()] == []

    with capture_logs() as said:
        perform(story, listening=False)
    [line] = [line for line in said if line["event"] == "turn.settled"]
    assert (line["kept"], line["message_ids"]) == (False, ("m1", "m2"))


def test_the_language_models_cost_and_failures_are_counted() -> None:
    """Tokens by kind, failures by the model's own word."""

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        used = reply(by="llm", cost={"prompt_tokens": 120.0, "completion_tokens": 40.0})
        await settling.settle(Outcome.of(used, CONFIRMED), settling.turn)
        assert parts.metric("llm_tokens_total", kind="prompt") == 120
        assert parts.metric("llm_tokens_total", kind="completion") == 40
        assert parts.metric("llm_failures_total", kind="timeout") == 0

    async def cut_off(parts: Parts) -> None:
        settling = Settling(parts)
        used = reply(by="llm", cost={"prompt_tokens": 120.0})
        await settling.settle(Outcome.of(used, CONFIRMED), settling.turn)
        assert parts.metric("llm_tokens_total", kind="prompt") == 120
        assert parts.metric("llm_tokens_total", kind="completion") == 0

    async def failed(parts: Parts) -> None:
        settling = Settling(parts)
        late = handoff(failure="timeout")
        await settling.settle(Outcome.of(late, CONFIRMED), settling.turn)
        assert parts.metric("llm_failures_total", kind="timeout") == 1

    async def undecided(parts: Parts) -> None:
        await Settling(parts).settle(Outcome.left("gone", "not there any more"))
        assert parts.metric("turns_total", outcome="left", by="none", reason="gone") == 1

    for each in (story, cut_off, failed, undecided):
        perform(each, listening=False)


@pytest.mark.parametrize("decision", [reply(actions=(Close(),)), silence(actions=(Close(),))])
def test_what_was_skipped_stands_in_the_record(decision: Decision) -> None:
    """With the action and the reason."""
    skipped = (Skipped(0, Reason("person", "a person has written meanwhile")),)
    result = DeliveryResult(DeliveryStatus.CONFIRMED, "r1", skipped=skipped)

    async def story(parts: Parts) -> None:
        settling = Settling(parts)
        record = await settling.settle(Outcome.of(decision, result), settling.turn)
        assert record.decision["skipped"] == [
            {"action": "close", "code": "person", "text": "a person has written meanwhile"}
        ]

    perform(story, listening=False)
