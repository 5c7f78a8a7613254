"""Answers that tell the usual hours to a question that names a day: that day's hours go first.

"Are you open on 25 December?" is answered by a rule, an entry or a model that knows the usual week
alone. What holds on that day is computed; where nobody can say, people answer. "And on Sunday?",
right after hours were told, is answered so too where nobody else knew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agentbot.pipeline.decision import Decision, Handoff, Reason, Reply, Silence, TraceStep
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.faq.questions.keywords import telling
from agentbot.pipeline.own_messages import source_of
from agentbot.pipeline.turn import Author

_NAME = "hours"
_MOST_OTHERS = 5
"""Words beside a day's name in a question for its hours: "and what about on Sunday?"."""
_IN_HOURS = "\N{EN DASH}"
"""What stands in every text that tells hours: the others need no look at them."""


def with_days_hours(
    decision: Decision, facts: Facts, hand_off: Callable[[Reason], Handoff]
) -> Decision:
    """Return the decision so that it does not tell the usual hours of a day with other ones."""
    if decision.gap and (source := _told_before(facts)) is not None:
        return _of_another_day(decision, facts, source, hand_off)
    text = None if isinstance(decision, Silence) else decision.text
    if isinstance(decision, Silence) or not text or not _tells_hours(text, facts):
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
    return _unclear(decision, hand_off)


def _tells_hours(text: str, facts: Facts) -> bool:
    """Say whether a text has the usual week's hours in it."""
    return _IN_HOURS in text and bool(usual := facts.usual_hours()) and usual in text


def _told_before(facts: Facts) -> str | None:
    """Return the source of the hours that were told last, where only another day is named now.

    None where something else was said, or is asked: "and a refund on Monday?".
    """
    turn = facts.turn
    before = turn.so_far
    if not before or before[-1].author is not Author.BOT:
        return None
    source = source_of(before[-1])
    by_bot = (one for one in before if one.author is Author.BOT and source_of(one) == source)
    if not any(_tells_hours(one.text, facts) for one in by_bot):
        return None
    named = facts.days_named()
    is_alone = named.is_any and not telling(" ".join(named.others))
    return source if is_alone and len(named.others) <= _MOST_OTHERS else None


def _of_another_day(
    decision: Decision, facts: Facts, source: str, hand_off: Callable[[Reason], Handoff]
) -> Decision:
    """Tell the hours of the day that a follow-up names, in the place of what nobody knew."""
    on_day: str = facts["hours_on_day"]
    if not on_day:
        return _unclear(decision, hand_off)
    reason = Reason("hours_on_day", f"hours were told, and a day is named: {on_day}")
    return Reply(
        reason=reason,
        text=on_day,
        by="rule",
        source=source,
        actions=decision.actions,
        trace=(*decision.trace, TraceStep(_NAME, "told", reason)),
        cost=decision.cost,
    )


def _unclear(decision: Decision, hand_off: Callable[[Reason], Handoff]) -> Handoff:
    reason = Reason("hours_unclear", "the question names a day, and its hours are not known")
    return replace(
        hand_off(reason),
        by="fallback" if isinstance(decision, Silence) else decision.by,
        actions=decision.actions,
        fires=decision.fires,
        trace=(*decision.trace, TraceStep(_NAME, "unclear", decision.reason)),
        cost=decision.cost,
        gap=True,
    )
