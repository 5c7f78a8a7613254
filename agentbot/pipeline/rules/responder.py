"""Rules: the first whose conditions all hold decides. Decided at once, without a task."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentbot.pipeline.decision import (
    Action,
    Decision,
    Handoff,
    Pass,
    QuickReply,
    Reason,
    Reply,
    Silence,
    TraceStep,
)
from agentbot.pipeline.facts import Facts, FactSources, FaqLookup
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.rules.conditions import Condition, MatchInput
from agentbot.pipeline.turn import Memory, Turn
from agentbot.pipeline.words import say_duration

ASKED_EMAIL = "ask_email"
"""The key under which it is remembered that a conversation was asked for an e-mail address."""
ONCE = timedelta.max


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. ``limit`` is the least time between two uses; :data:`ONCE`: one use only.

    ``place`` is where it stands (``rules.yaml:12``).
    """

    id: str
    place: str
    conditions: tuple[Condition, ...] = ()
    limit: timedelta | None = None
    replies: tuple[Template, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    ask_email: bool = False
    hand_over: bool = False
    silent: bool = False
    goes_on: bool = False
    actions: tuple[Action, ...] = ()

    def implies(self, other: Rule) -> bool:
        """Whether the other's conditions surely hold wherever its own do."""
        return all(any(own.implies(one) for own in self.conditions) for one in other.conditions)

    @property
    def decides_always(self) -> bool:
        """Whether nothing after it is tried once its conditions hold."""
        speaks_only_once = self.ask_email and not self.replies and not self.hand_over
        return not (self.goes_on or self.limit is not None or speaks_only_once)

    def uses(self, fact: str) -> bool:
        """Whether a condition or a text needs the fact of this root name."""
        needed = {name for condition in self.conditions for name in condition.names}
        return fact in needed.union(*(reply.names for reply in self.replies))

    def used_up(self, memory: Memory, now: datetime) -> bool:
        """Whether its limit forbids to use it again now."""
        if self.limit is None:
            return False
        last = memory.fired.get(self.id)
        return last is not None and (self.limit is ONCE or now - last < self.limit)

    def holds(self, scene: MatchInput) -> bool:
        """Whether all conditions hold and the limit leaves room."""
        for condition in self.conditions:  # noqa: SIM110 - a generator costs more on the hot path
            if not condition.holds(scene):
                return False
        return True


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The texts of texts.yaml that rules fall back to."""

    hand_over: Template
    ask_email: Template


class RulesResponder:
    """Tries rules in order. One that goes on adds its actions to whatever is decided later."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        *,
        name: str,
        sources: FactSources,
        texts: RuleTexts,
        hand_over_fires: tuple[str, ...] = (),
    ) -> None:
        """``hand_over_fires`` are the keys that a hand-over by these rules uses up besides."""
        self.name = name
        self._rules = rules
        self._sources = sources
        self._texts = texts
        self._hand_over_fires = hand_over_fires
        self._nothing = Reason("no_rule", f"none of {len(rules)} rules in {name} applies")
        self._faq = sources.faq if any(rule.uses("faq") for rule in rules) else None

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """The decision of the first rule that holds, or a pass.

        At once, but where a rule rests on the FAQ and the FAQ has to work for its answer.
        """
        if self._faq is not None and not self._faq.is_ready(turn.text):
            return self._respond_later(turn, self._faq)
        return self._respond(turn)

    async def _respond_later(self, turn: Turn, faq: FaqLookup) -> Decision | Pass:
        await faq.prepare(turn.text)
        return self._respond(turn)

    def _respond(self, turn: Turn) -> Decision | Pass:
        scene = MatchInput.of(Facts(turn, self._sources))
        memory, now = turn.memory, turn.now
        actions: tuple[Action, ...] = ()
        fires: tuple[str, ...] = ()
        failed = ""
        for rule in self._rules:
            if not rule.holds(scene) or rule.used_up(memory, now):
                continue
            if rule.goes_on:
                actions += rule.actions
                fires += (rule.id,) * (rule.limit is not None)
                continue
            try:
                decision = self._decide(rule, scene.facts, actions, fires)
            except TemplateProblem as error:
                failed = f"; rule {rule.id!r} was skipped: {error.problem}"
                continue
            if decision is not None:
                return decision
        reason = Reason("rule_failed", self._nothing.text + failed) if failed else self._nothing
        return Pass(reason, actions, fires)

    def _decide(
        self, rule: Rule, facts: Facts, actions: tuple[Action, ...], fires: tuple[str, ...]
    ) -> Decision | None:
        """What the rule decides; None where it only asks for an address that is no use to ask."""
        turn = facts.turn
        text = self._text(rule, facts)
        asks = rule.ask_email and not turn.customer.email and ASKED_EMAIL not in turn.memory.fired
        if asks:
            question = self._texts.ask_email.render(facts)
            text = f"{text}\n\n{question}" if text else question
            fires += (ASKED_EMAIL,)
        if rule.limit is not None:
            fires += (rule.id,)
        actions += rule.actions
        reason = Reason("rule", f"rule {rule.id!r} ({rule.place})")
        if rule.hand_over:
            return Handoff(
                reason=reason,
                text=text or None,
                by="rule",
                source=rule.id,
                actions=actions,
                fires=fires + self._hand_over_fires,
            )
        if rule.silent:
            return Silence(reason=reason, actions=actions, fires=fires)
        if not text:
            return None
        return Reply(
            reason=reason,
            text=text,
            by="rule",
            source=rule.id,
            quick_replies=rule.quick_replies,
            actions=actions,
            fires=fires,
        )

    def _text(self, rule: Rule, facts: Facts) -> str:
        if rule.replies:
            pick = 0
            if len(rule.replies) > 1:
                seed = f"{facts.turn.conversation.id}:{rule.id}".encode()
                pick = zlib.crc32(seed) % len(rule.replies)
            return rule.replies[pick].render(facts)
        if rule.hand_over and not rule.silent:
            return self._texts.hand_over.render(facts)
        return ""

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """For every rule, in order, whether it fires and if not, why."""
        scene = MatchInput.of(Facts(turn, self._sources))
        steps = []
        decided = ""
        for rule in self._rules:
            outcome, why = self._explain(rule, scene)
            if decided:
                outcome, why = "not_reached", f"rule {decided!r} decides before"
            elif outcome == "fires" and not rule.goes_on:
                decided = rule.id
            steps.append(TraceStep(f"{self.name}/{rule.id}", outcome, Reason("rule", why)))
        return tuple(steps)

    def _explain(self, rule: Rule, scene: MatchInput) -> tuple[str, str]:
        for condition in rule.conditions:
            if not condition.holds(scene):
                return "no", condition.why_not(scene)
        if rule.used_up(scene.facts.turn.memory, scene.facts.turn.now):
            every = (
                "conversation" if rule.limit in {ONCE, None} else say_duration(rule.limit or ONCE)
            )
            return "no", f"its limit is reached: once per {every}"
        if rule.goes_on:
            return "goes_on", f"its actions are taken ({rule.place})"
        try:
            decision = self._decide(rule, scene.facts, (), ())
        except TemplateProblem as error:
            return "no", error.problem
        if decision is None:
            return "no", "the e-mail address is known or was asked for before"
        return "fires", f"all conditions hold ({rule.place})"
