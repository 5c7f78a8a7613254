"""What a rule does with what it has looked up, or where it has found nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agentbot.pipeline.decision import Reason
from agentbot.pipeline.files.templates import TemplateProblem
from agentbot.pipeline.own_messages import source_of
from agentbot.pipeline.rules.conditions import MatchInput
from agentbot.pipeline.rules.rule import Answer, LeaveToPeople, Rule
from agentbot.pipeline.tools.toolbox import LookedUp

_SAID = {"found": "was not told", "not_found": "found nothing", "timed_out": "took too long"}
"""What came of a look-up that led to no answer, by its outcome."""


def is_answered(rule: Rule, matched: MatchInput) -> bool:
    """Say whether the customer tells a rule that spoke last what it has to look up.

    "What is your order's number?" is answered by the number alone, without the words that made the
    rule ask; and another order's number after an answer is meant in the same way.
    """
    if rule.look_up is None:
        return False
    last = matched.facts.turn.last_said
    if last is None or rule.id not in source_of(last).split(", "):
        return False
    try:
        rule.look_up.arguments(matched, earlier=False)
    except (ValueError, TemplateProblem):
        return False
    return True


def in_turn(rule: Rule, looked: LookedUp) -> Iterator[Rule]:
    """Yield what is tried one after the other: the rule, what is done instead, the usual words."""
    if looked.outcome == "found":
        yield rule
    if rule.look_up is not None:
        yield instead_of(rule, rule.look_up.after(looked.outcome))
    yield instead_of(rule, LeaveToPeople())


def instead_of(rule: Rule, effect: Answer | LeaveToPeople) -> Rule:
    """Return a rule that only does this: what else it does belongs to its own answer."""
    return replace(rule, effect=effect, actions=(), note=None, notify=None, limit=None)


def why(rule: Rule, looked: LookedUp) -> Reason:
    """Return the reason of what is done instead of the rule's answer."""
    code = "failed" if looked.outcome == "found" else looked.outcome
    said = _SAID.get(looked.outcome, "failed")
    problem = looked.problem or "the reply cannot be made of it"
    text = f"the look-up {looked.tool} {said}: {problem} (rule {rule.id!r}, {rule.place})"
    return Reason(f"look_up_{code}", text)
