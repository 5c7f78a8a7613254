"""Who is asked, and what counts as surely known, where people were asked and nobody comes."""

from __future__ import annotations

from collections.abc import Mapping

from agentbot.pipeline.decision import Decision, Reason, Reply, Silence
from agentbot.pipeline.llm.responder import LLMResponder
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Author, Turn


def is_asked(responder: Responder, turn: Turn, reserved: Reason | None) -> bool:
    """Say whether a responder may have something to say to the turn."""
    if turn.is_blank:  # a file without a word: only rules can know what it is for
        return responder.name == "rules"
    return reserved is None or not isinstance(responder, LLMResponder)


def is_sure(decision: Decision, turn: Turn) -> bool:
    """Say whether a decision is one that a person who is away would not have to look at first.

    It is the operator's own words, and no offer of questions that may be meant. That a rule hands
    off counts once: where the same one spoke last, the customer has its words already.
    """
    if isinstance(decision, Silence):
        return True
    if isinstance(decision, Reply):
        return not decision.gap and decision.by in {"rule", "faq"}
    if decision.by == "faq":
        return True
    is_rules = decision.by == "rule" and not decision.gap
    return is_rules and decision.source != _last_source(turn)


def _last_source(turn: Turn) -> str | None:
    """Return the id of the rule or FAQ entry that spoke last, by the mark of its message."""
    for message in reversed(turn.history):
        if message.author is Author.BOT:
            mark = message.metadata.get("agentbot")
            source = mark.get("source") if isinstance(mark, Mapping) else None
            return source if isinstance(source, str) else None
    return None
