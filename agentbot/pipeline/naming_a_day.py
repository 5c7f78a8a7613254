"""Answers that tell the usual hours to a question that names a day: that day's hours go first.

"Are you open on 25 December?" is answered by a rule, an entry or a model that knows the usual week
alone. What holds on that day is computed; where nobody can say, people answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agentbot.pipeline.decision import Decision, Handoff, Reason, Silence, TraceStep
from agentbot.pipeline.facts import Facts

_NAME = "hours"
_IN_HOURS = "\N{EN DASH}"
"""What stands in every text that tells hours: the others need no look at them."""


def with_days_hours(
    decision: Decision, facts: Facts, hand_off: Callable[[Reason], Handoff]
) -> Decision:
    """Return the decision so that it does not tell the usual hours of a day with other ones."""
    text = None if isinstance(decision, Silence) else decision.text
    if isinstance(decision, Silence) or not text or _IN_HOURS not in text:
        return decision
    usual = facts.usual_hours()
    if not usual or usual not in text:
        return decision
    on_day: str = facts["hours_on_day"]
    if on_day:
        if on_day in text:
            return decision
        reason = Reason("hours_on_day", f"the question names a day: {on_day}")
        step = TraceStep(_NAME, "told", reason)
        return replace(decision, text=f"{on_day}\n\n{text}", trace=(*decision.trace, step))
    if not facts["day_unclear"] or isinstance(decision, Handoff):
        return decision
    reason = Reason("hours_unclear", "the question names a day, and its hours are not known")
    return replace(
        hand_off(reason),
        by=decision.by,
        actions=decision.actions,
        fires=decision.fires,
        trace=(*decision.trace, TraceStep(_NAME, "unclear", decision.reason)),
        cost=decision.cost,
        gap=True,
    )
