"""What of a plan goes over the wire: its words, and the metadata that bears its mark."""

from __future__ import annotations

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.proof import mark
from agentbot.pipeline.decision import Reply, Silence

_SUGGESTION = "Suggested reply:"


def words_of(plan: Plan, *, is_chat: bool) -> str:
    """Return what is said. Only the chat window makes buttons of quick replies."""
    text, decision = plan.text or "", plan.decision
    if not is_chat and isinstance(decision, Reply):
        text = _with_list(text, [button.text for button in decision.quick_replies])
    return storable(text)


def _with_list(text: str, items: list[str]) -> str:
    """Return ``text`` with a list of ``items``, those apart that it lists itself."""
    lines = text.splitlines() or [""]
    missing = [line for line in (f"- {item}" for item in items) if line not in lines]
    if not missing:
        return text
    gap = "\n" if lines[-1].startswith("- ") else "\n\n"  # a list of its own goes on
    return text + gap + "\n".join(missing)


def suggestion_of(plan: Plan) -> str:
    """Return what people are shown in place of a reply."""
    return storable(f"{_SUGGESTION}\n\n{plan.text}")


def metadata_of(plan: Plan) -> dict[str, object]:
    """Return the metadata of the plan's text: its mark, and its buttons."""
    decision = plan.decision
    assert not isinstance(decision, Silence)  # noqa: S101 - a silent plan has no text to send
    sources = decision.sources if isinstance(decision, Reply) else ()
    metadata = mark(plan.message_ids, by=decision.by, source=decision.source, sources=sources)
    if isinstance(decision, Reply) and decision.quick_replies:
        metadata["quick_replies"] = [
            {"text": reply.text, "action": reply.action} for reply in decision.quick_replies
        ]
    return metadata


def storable(text: str) -> str:
    """Return ``text`` without what the server's PostgreSQL refuses (NUL), and JSON (half of a pair
    of surrogates): a language model may write anything."""
    return text.replace("\0", "").encode(errors="replace").decode()
