"""What is done about a reply that has just been given, word for word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agentbot.pipeline.decision import Decision, Handoff, Reason, Silence, TraceStep
from agentbot.pipeline.turn import Author, Turn


def not_word_for_word(
    decision: Decision,
    turn: Turn,
    *,
    again: str | None,
    handoff: Callable[[], str | None],
) -> Decision:
    """Return the decision so that it does not say what was said last as if it were new.

    The second time ``again`` stands before the text ("As I wrote above:"). Whoever asks a third
    time is not helped by it, and is left to people with the words of ``handoff``; a handoff that
    was said twice is made without a word. ``again`` of None: replies may be repeated.
    """
    last = turn.last_said
    if again is None or last is None or last.author is not Author.BOT:
        return decision
    if isinstance(decision, Silence) or not (text := decision.text):
        return decision
    marked = f"{again} {text}"
    if _is_same(last.text, text):
        step = TraceStep("same_again", "marked", Reason("same_again", "it was the last thing said"))
        return replace(decision, text=marked, trace=(*decision.trace, step))
    if not _is_same(last.text, marked):
        return decision
    reason = Reason("same_again", "it was said twice in a row and has not helped")
    trace = (*decision.trace, TraceStep("same_again", "handoff", reason))
    if isinstance(decision, Handoff):
        return replace(decision, text=None, trace=trace)
    return Handoff(
        reason=reason,
        text=handoff(),
        by=decision.by,
        source=decision.source,
        actions=decision.actions,
        fires=decision.fires,
        trace=trace,
        cost=decision.cost,
        gap=True,
    )


def _is_same(one: str, other: str) -> bool:
    """Say whether two texts have the same words, whatever a server made of their spaces."""
    return one == other or one.split() == other.split()
