"""Offers: what may be meant is said only where no responder that is asked later knows the answer.

"Did you mean …?" is worth less than an answer. So it waits for the language model, which is shown
what would be offered, and goes out where the model is not there, fails, or does not know either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentbot.pipeline.decision import Decision, Handoff, Reply
from agentbot.pipeline.responder import Responder

LAST_RESORT = "otherwise"
"""The responder that is asked last: it has excuses and no answers, so nothing waits for it."""
_KNOWS_NOTHING = frozenset({"llm_failed", "llm_checks", "llm_unclear", "llm_silence"})
"""The reasons for which a model's handoff says nothing about the question: no answer came, or none
that could be said. Where the model itself wants people to answer, they do."""


@dataclass(frozen=True, slots=True)
class WaitingOffer:
    """An offer, and the responder that made it."""

    name: str
    reply: Reply

    def after(self, decision: Decision) -> WaitingOffer:
        """Return the offer as it is said in the place of a decision: that one was paid for."""
        cost = {**self.reply.cost, **decision.cost}
        return replace(self, reply=replace(self.reply, cost=cost, failure=decision.failure))


def waiting(name: str, decision: Decision, later: Sequence[Responder]) -> WaitingOffer | None:
    """Return a decision as an offer that waits for ``later`` responders; None where it decides."""
    knowing = any(one.name != LAST_RESORT for one in later)
    if not (knowing and isinstance(decision, Reply) and decision.offer):
        return None
    return WaitingOffer(name, replace(decision, trace=()))  # its trace is told with the wait


def gives_way(decision: Decision) -> bool:
    """Say whether a decision is made only where there is no offer."""
    if isinstance(decision, Reply):
        return decision.offer
    return isinstance(decision, Handoff) and decision.reason.code in _KNOWS_NOTHING
