"""What of a plan goes over the wire: its words, and the metadata that bears its mark."""

from __future__ import annotations

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.proof import mark
from agentbot.pipeline.decision import Reply, Silence

_SUGGESTION = "Suggested reply:"


def words_of(plan: Plan, *, is_chat: bool) -> str:
    """Return what is said. Only the chat window makes buttons of quick replies."""
    text, decision = plan.text or "", plan.decision
    if not is_chat and isinstance(decision, Reply) and decision.quick_replies:
        text = "\n".join((f"{text}\n", *(f"- {one.text}" for one in decision.quick_replies)))
    return storable(text)


def suggestion_of(plan: Plan) -> str:
    """Return what people are shown in place of a reply."""
    return storable(f"{_SUGGESTION}\n\n{plan.text}")


def metadata_of(plan: Plan) -> dict[str, object]:
    """Return the metadata of the plan's text: its mark, and its buttons."""
    decision = plan.decision
    assert not isinstance(decision, Silence)  # noqa: S101 - a silent plan has no text to send
    metadata = mark(plan.message_ids, by=decision.by, source=decision.source)
    if isinstance(decision, Reply) and decision.quick_replies:
        metadata["quick_replies"] = [
            {"text": reply.text, "action": reply.action} for reply in decision.quick_replies
        ]
    return metadata


def storable(text: str) -> str:
    """Return ``text`` without what the server's PostgreSQL refuses (NUL), and JSON (half of a pair
    of surrogates): a language model may write anything."""
    return text.replace("\0", "").encode(errors="replace").decode()
