"""Closing a turn: its outcome into the journal, the log and the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog

from agentbot.bot.delivery.plan import Skipped, decision_to_json, skipped_to_json
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.services import OnSettled
from agentbot.ops.metrics import Metrics
from agentbot.ops.redaction import redact, redact_json
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import Decision, Handoff, Reason, Reply, Silence, Snooze
from agentbot.pipeline.guards import UNANSWERED_AGAIN, assigned_by_bot
from agentbot.pipeline.turn import Turn
from agentbot.retry import retry_while_away
from agentbot.state.store import Claim, ConversationMemory, Store, TurnRecord

_log = structlog.get_logger("agentbot.turn")


class OutcomeKind(StrEnum):
    """How a turn ended. The values stand in the journal, the log and the metrics."""

    REPLIED = "replied"
    HANDED_OFF = "handed_off"
    SILENT = "silent"
    """On purpose: a decision, or something that came up."""
    LEFT = "left"
    """Without an answer of ours: none was needed any more, or none could be delivered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended, and why. ``answer`` and ``reply_id`` are the stored reply's.

    ``skipped`` are the decision's actions that no longer fitted; ``closed_at`` is when we closed
    the conversation, by the server's clock, even where we have opened it again; ``assigned_to`` is
    the user whom we assigned it to.
    """

    kind: OutcomeKind
    reason: Reason
    decision: Decision | None = None
    answer: str | None = None
    reply_id: str | None = None
    skipped: tuple[Skipped, ...] = ()
    closed_at: datetime | None = None
    assigned_to: int | None = None

    @classmethod
    def left(cls, code: str, text: str) -> Outcome:
        """Return the outcome of a turn that needs no answer of ours: nothing was decided."""
        return cls(OutcomeKind.LEFT, Reason(code, text))

    @classmethod
    def found(cls, reply: Message) -> Outcome:
        """Return the outcome of a turn whose answer the server holds already."""
        reason = Reason("already_answered", "the server holds the answer already")
        return cls(OutcomeKind.REPLIED, reason, answer=reply.body, reply_id=reply.id)

    @classmethod
    def of(cls, decision: Decision, result: DeliveryResult) -> Outcome:
        """Return the outcome of a decision, as far as it could be delivered."""
        reason = result.reason or decision.reason
        acted: dict[str, Any] = {
            "skipped": result.skipped,
            "closed_at": result.closed_at,
            "assigned_to": result.assigned_to,
        }
        if result.status is DeliveryStatus.UNCONFIRMED:
            return cls(OutcomeKind.LEFT, reason, decision)
        if result.status is DeliveryStatus.WITHHELD or isinstance(decision, Silence):
            return cls(OutcomeKind.SILENT, reason, decision, **acted)
        kind = OutcomeKind.REPLIED if isinstance(decision, Reply) else OutcomeKind.HANDED_OFF
        return cls(kind, reason, decision, decision.text, result.reply_id, **acted)

    @property
    def took_effect(self) -> bool:
        """Whether what was decided was done, and not withheld or lost."""
        if self.kind is OutcomeKind.SILENT:
            return isinstance(self.decision, Silence)
        return self.kind is not OutcomeKind.LEFT

    @property
    def spoken(self) -> Reply | Handoff | None:
        """The decision whose text the customer got, if they got one."""
        if self.answer is None or not isinstance(self.decision, Reply | Handoff):
            return None
        return self.decision


class Settler:
    """Writes outcomes down, durably, and says them."""

    def __init__(
        self,
        store: Store,
        *,
        metrics: Metrics,
        clock: Callable[[], datetime],
        on_settled: OnSettled,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._on_settled = on_settled

    async def settle(
        self,
        claim: Claim,
        outcome: Outcome,
        *,
        customer_id: str | None,
        turn: Turn | None,
        memory: ConversationMemory,
        prompts_version: str,
        seconds: float,
    ) -> bool:
        """Settle the turn; return False where the claim was lost, and nothing is written.

        ``seconds`` have passed since it was heard. A store that is away is waited for.
        """
        now = self._clock()
        record = _record(
            claim,
            outcome,
            customer_id=customer_id,
            turn=turn,
            prompts_version=prompts_version,
            now=now,
        )
        changed = remember(memory, outcome, now)
        kept = await retry_while_away(
            lambda: self._store.settle(claim, record, changed), what="settle"
        )
        _say_settled(record, seconds=seconds, kept=kept)
        self._metrics.turn_settled(
            outcome=record.outcome, by=record.by, reason_code=record.reason_code
        )
        self._metrics.turn_took(seconds)
        self._count_model(outcome.decision)
        self._on_settled(record, seconds)
        return kept

    def _count_model(self, decision: Decision | None) -> None:
        """Count what the language model has cost, or how it failed."""
        if decision is None:
            return
        if "prompt_tokens" in decision.cost:
            self._metrics.llm_used(
                prompt_tokens=int(decision.cost["prompt_tokens"]),
                completion_tokens=int(decision.cost.get("completion_tokens", 0)),
            )
        if "usd" in decision.cost:
            self._metrics.llm_paid(decision.cost["usd"])
        if decision.failure is not None:
            self._metrics.llm_failed(decision.failure)


def _say_settled(record: TurnRecord, *, seconds: float, kept: bool) -> None:
    """Log the turn's one line: the journal has the rest, where it has the record."""
    said: dict[str, object] = {"source": record.source} if record.source else {}
    if record.by is None or not kept:
        said |= {"reason": record.reason}
    if not kept:
        said |= {"kept": False, "message_ids": record.message_ids}
    _log.info(
        "turn.settled",
        conversation_id=record.conversation_id,
        outcome=record.outcome,
        by=record.by,
        reason_code=record.reason_code,
        seconds=round(seconds, 3),
        **said,
    )


def _record(
    claim: Claim,
    outcome: Outcome,
    *,
    customer_id: str | None,
    turn: Turn | None,
    prompts_version: str,
    now: datetime,
) -> TurnRecord:
    decision, spoken = outcome.decision, outcome.spoken
    return TurnRecord(
        conversation_id=claim.conversation_id,
        customer_id=customer_id,
        message_ids=claim.message_ids,
        outcome=outcome.kind.value,
        reason_code=outcome.reason.code,
        # An error's text may hold anything, and the journal is kept, exported and shown.
        reason=redact(outcome.reason.text),
        by=spoken.by if spoken else None,
        source=spoken.source if spoken else None,
        question=redact(turn.text) if turn else "",
        answer=redact(outcome.answer) if outcome.answer is not None else None,
        reply_id=outcome.reply_id,
        received_at=turn.messages[0].at if turn else now,
        settled_at=now,
        turn=_turn_to_json(turn, prompts_version) if turn else {},
        decision=redact_json(_decision_to_json(decision, outcome.skipped)) if decision else {},
        cost=decision.cost if decision else {},
    )


def _decision_to_json(decision: Decision, skipped: tuple[Skipped, ...]) -> dict[str, Any]:
    """Return what was decided, and which of its actions were not carried out, if any."""
    data = decision_to_json(decision)
    return {**data, "skipped": skipped_to_json(decision, skipped)} if skipped else data


def _turn_to_json(turn: Turn, prompts_version: str) -> dict[str, object]:
    """Return what a later look at the decision needs besides question and answer."""
    return {
        "prompts_version": prompts_version,
        "source": turn.conversation.source,
        "inbox_id": turn.conversation.inbox_id,
        "agents_online": turn.agents_online,
        "is_first": turn.is_first,
        "now": turn.now.isoformat(),
    }


def remember(
    memory: ConversationMemory, outcome: Outcome, now: datetime
) -> ConversationMemory | None:
    """Return the conversation's new memory; None where nothing has changed.

    What was withheld has not taken effect, and uses up no limit.
    """
    decision = outcome.decision
    if decision is None or not outcome.took_effect:
        return None
    # What is added while people are waited for does not make them wait for anew.
    is_handoff = isinstance(decision, Handoff) and UNANSWERED_AGAIN not in decision.fires
    fires = decision.fires
    if outcome.assigned_to is not None:
        fires += (assigned_by_bot(outcome.assigned_to),)
    snoozes = [action.duration for action in decision.actions if isinstance(action, Snooze)]
    changed = replace(
        memory,
        fired={**memory.fired, **dict.fromkeys(fires, now)},
        snoozed_until=now + max(snoozes) if snoozes else memory.snoozed_until,
        handed_off_at=now if is_handoff else memory.handed_off_at,
        closed_at=outcome.closed_at or memory.closed_at,
    )
    return None if changed == memory else changed
