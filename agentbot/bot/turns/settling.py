"""Closing a turn: its outcome into the journal, the log and the figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from agentbot.bot.delivery.delivery import DeliveryResult, DeliveryStatus
from agentbot.bot.delivery.plan import decision_to_json
from agentbot.bot.services import Services
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import Decision, Handoff, Reason, Reply, Silence, Snooze
from agentbot.pipeline.turn import Turn
from agentbot.retry import retry_while_away
from agentbot.state.store import Claim, ConversationMemory, TurnRecord

_log = structlog.get_logger("agentbot.turn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended: ``replied``, ``handed_off``, ``silent`` or ``left``, and why."""

    name: str
    reason: Reason
    decision: Decision | None = None
    answer: str | None = None
    reply_id: str | None = None

    @classmethod
    def left(cls, code: str, text: str) -> Outcome:
        """Nothing was decided: the turn needs no answer of ours."""
        return cls("left", Reason(code, text))

    @classmethod
    def found(cls, reply: Message) -> Outcome:
        """The server holds the answer already."""
        reason = Reason("already_answered", "the server holds the answer already")
        return cls("replied", reason, answer=reply.body, reply_id=reply.id)

    @classmethod
    def of(cls, decision: Decision, receipt: DeliveryResult) -> Outcome:
        """The outcome of a decision, as far as it could be delivered."""
        reason = receipt.reason or decision.reason
        if receipt.told is DeliveryStatus.UNCONFIRMED:
            return cls("left", reason, decision)
        if receipt.told is DeliveryStatus.WITHHELD or isinstance(decision, Silence):
            return cls("silent", reason, decision)
        name = "replied" if isinstance(decision, Reply) else "handed_off"
        return cls(name, reason, decision, decision.text, receipt.reply_id)

    @property
    def took_effect(self) -> bool:
        """Whether what was decided was done, and not withheld or lost."""
        if self.name == "silent":
            return isinstance(self.decision, Silence)
        return self.name in {"replied", "handed_off"}

    @property
    def by(self) -> str | None:
        """Which responder spoke, if one did."""
        if self.answer is None or self.decision is None or isinstance(self.decision, Silence):
            return None
        return self.decision.by


async def settle(
    services: Services,
    claim: Claim,
    outcome: Outcome,
    *,
    conversation: Conversation | None,
    turn: Turn | None,
    memory: ConversationMemory | None,
    seconds: float,
) -> None:
    """Write the outcome down, durably, and say it. ``seconds`` have passed since it was heard."""
    record = _record(services, claim, outcome, conversation, turn)
    new_memory = (
        _remember(memory or ConversationMemory(), outcome, services) if outcome.decision else None
    )
    kept = await retry_while_away(
        lambda: services.store.settle(claim, record, new_memory), what="settle"
    )
    _log.info(
        "turn.settled",
        conversation_id=claim.conversation_id,
        message_ids=claim.message_ids,
        outcome=outcome.name,
        by=outcome.by,
        source=record.source,
        reason_code=outcome.reason.code,
        reason=outcome.reason.text,
        seconds=round(seconds, 3),
        kept=kept,
    )
    services.metrics.turn_settled(
        outcome=outcome.name, by=outcome.by, reason_code=outcome.reason.code
    )
    services.metrics.turn_took(seconds)
    _count_model(services, record)
    services.on_settled(record, seconds)


def _count_model(services: Services, record: TurnRecord) -> None:
    """Count what the language model has cost, or how it failed."""
    if "prompt_tokens" in record.cost:
        services.metrics.llm_used(
            prompt_tokens=int(record.cost["prompt_tokens"]),
            completion_tokens=int(record.cost.get("completion_tokens", 0)),
        )
    if record.reason_code == "llm_failed":
        services.metrics.llm_failed(record.reason.partition(":")[0])


def _record(
    services: Services,
    claim: Claim,
    outcome: Outcome,
    conversation: Conversation | None,
    turn: Turn | None,
) -> TurnRecord:
    decision = outcome.decision
    said = decision if isinstance(decision, Reply | Handoff) and outcome.answer else None
    now = services.clock()
    return TurnRecord(
        conversation_id=claim.conversation_id,
        customer_id=conversation.customer_id if conversation else None,
        message_ids=claim.message_ids,
        outcome=outcome.name,
        reason_code=outcome.reason.code,
        reason=outcome.reason.text,
        by=said.by if said else None,
        source=said.source if said else None,
        question=turn.text if turn else "",
        answer=outcome.answer,
        reply_id=outcome.reply_id,
        received_at=turn.messages[0].at if turn else now,
        settled_at=now,
        turn=_turn_to_json(turn, services.pipeline.version) if turn else {},
        decision=decision_to_json(decision) if decision else {},
        cost=decision.cost if decision else {},
    )


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


def _remember(
    memory: ConversationMemory, outcome: Outcome, services: Services
) -> ConversationMemory | None:
    """Return the conversation's new memory; None where nothing has changed.

    What was withheld has not taken effect, and uses up no limit.
    """
    decision = outcome.decision
    if decision is None or not outcome.took_effect:
        return None
    now = services.clock()
    fired = {**memory.fired, **dict.fromkeys(decision.fires, now)}
    snoozes = [action.duration for action in decision.actions if isinstance(action, Snooze)]
    changed = replace(
        memory,
        fired=fired,
        snoozed_until=now + max(snoozes) if snoozes else memory.snoozed_until,
        handed_off_at=now if isinstance(decision, Handoff) else memory.handed_off_at,
    )
    return None if changed == memory else changed
