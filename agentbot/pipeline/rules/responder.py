"""The responder of rules: the first whose conditions all hold decides, at once, without a task."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from inspect import isawaitable

from agentbot.pipeline.contact import ASKED_EMAIL
from agentbot.pipeline.decision import (
    Action,
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
    TraceStep,
)
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.guards import UNANSWERED
from agentbot.pipeline.lookups import Lookup
from agentbot.pipeline.responder import Later
from agentbot.pipeline.rules.conditions import MatchInput
from agentbot.pipeline.rules.index import RuleIndex
from agentbot.pipeline.rules.looking_up import in_turn, instead_of, is_answered, why
from agentbot.pipeline.rules.rule import (
    ONCE,
    Answer,
    GoOn,
    KeepSilent,
    LeaveToPeople,
    LookUp,
    Rule,
)
from agentbot.pipeline.rules.small_talk import SOURCE, SmallTalk
from agentbot.pipeline.tools.journal import cost, step
from agentbot.pipeline.tools.toolbox import LookedUp, Toolbox
from agentbot.pipeline.turn import Turn
from agentbot.pipeline.words import say_duration


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The texts of texts.yaml that rules fall back to."""

    handoff: Template
    ask_email: Template


@dataclass(frozen=True, slots=True)
class _GoneOn:
    """What rules that go on have left to whatever decides later."""

    actions: tuple[Action, ...] = ()
    fires: tuple[str, ...] = ()

    def plus(self, rule: Rule, facts: Facts) -> _GoneOn:
        """Return it with what another rule leaves. Raises ``TemplateProblem``."""
        return _GoneOn(self.actions + rule.acts(facts), self.fires + rule.fires)


_NOTHING = _GoneOn()


class RulesResponder:
    """The responder that tries rules in order.

    One that goes on adds its actions to whatever is decided later.
    """

    def __init__(
        self,
        rules: tuple[Rule, ...],
        *,
        name: str,
        sources: FactSources,
        texts: RuleTexts,
        small_talk: SmallTalk | None = None,
        last_resort: bool = False,
        toolbox: Toolbox | None = None,
    ) -> None:
        """``small_talk`` answers what no rule does; ``toolbox`` has the tools that rules ask.

        ``last_resort``: these rules speak only where nobody had an answer. So what they decide is
        a gap, and a handoff by them does not keep the bot from answering the next question.
        """
        self.name = name
        self._rules = rules
        self._index = RuleIndex(rules)
        self._sources = sources
        self._texts = texts
        self._small_talk = small_talk
        self._last_resort = last_resort
        self._toolbox = toolbox or Toolbox((), {})
        self._nothing = Reason("no_rule", f"none of {len(rules)} rules in {name} applies")
        self._reasons = {
            rule.id: Reason("rule", f"rule {rule.id!r} ({rule.place})") for rule in rules
        }
        looked_up: tuple[tuple[str, Lookup | None], ...] = (
            ("faq", sources.faq),
            ("passage", sources.passages),
        )
        self._lookups = {
            name: lookup
            for name, lookup in looked_up
            if lookup is not None and any(rule.uses(name) for rule in rules)
        }

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Return the decision of the first rule that holds, or a pass.

        An awaitable of it only where a rule looks something up, or rests on the FAQ or on pages,
        and these have to work for their answer.
        """
        if not self._lookups:
            return self._respond(turn)
        asked = {"faq": turn.text, "passage": turn.question}
        waiting = [
            partial(lookup.prepare, asked[name])
            for name, lookup in self._lookups.items()
            if not lookup.is_ready(asked[name])
        ]
        return self._respond_later(turn, waiting) if waiting else self._respond(turn)

    async def _respond_later(
        self, turn: Turn, waiting: Sequence[Callable[[], Awaitable[None]]]
    ) -> Decision | Pass:
        for prepare in waiting:
            await prepare()
        answer = self._respond(turn)
        return await answer if isawaitable(answer) else answer

    def _respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision]:
        matched = MatchInput.of(Facts(turn, self._sources))
        memory, now = turn.memory, turn.now
        left, failed = _NOTHING, ""
        for rule in self._index.candidates(matched):
            if not (rule.holds(matched) or is_answered(rule, matched)):
                continue
            if rule.used_up(memory, now):
                continue
            try:
                if rule.goes_on:
                    left = left.plus(rule, matched.facts)
                decision = self._begin(rule, matched, left)
            except TemplateProblem as error:
                failed = f"; rule {rule.id!r} was skipped: {error.problem}"
                continue
            if decision is not None:
                return decision
        if self._small_talk and (talk := self._small_talk.decide(matched.facts)):
            return replace(talk, actions=left.actions, fires=left.fires)
        reason = Reason("rule_failed", self._nothing.text + failed) if failed else self._nothing
        return Pass(reason, left.actions, left.fires)

    def _begin(
        self, rule: Rule, matched: MatchInput, left: _GoneOn
    ) -> Decision | Awaitable[Decision] | None:
        """Return what the rule decides, which takes a while where it looks something up."""
        look_up, facts = rule.look_up, matched.facts
        if look_up is None:
            return self._decide(rule, facts, left)
        try:
            arguments = look_up.arguments(matched)
        except ValueError:
            if look_up.missing is None:
                return None
            return self._decide(instead_of(rule, look_up.missing), facts, left)
        look = partial(self._toolbox.look_up, look_up.tool.name, arguments)
        return Later(rule.id, partial(self._look_up, look, rule, facts, left))

    async def _look_up(
        self,
        look: Callable[[], Awaitable[LookedUp]],
        rule: Rule,
        facts: Facts,
        left: _GoneOn,
    ) -> Decision:
        """Decide by what comes of a look-up: nobody is left without a word."""
        looked = await look()
        facts["result"] = looked.values
        decided: Decision | None = None
        for one in in_turn(rule, looked):
            with suppress(TemplateProblem):
                decided = self._decide(one, facts, left)
            if decided is not None:
                decided = decided if one is rule else replace(decided, reason=why(rule, looked))
                break
        if decided is None:
            reason = why(rule, looked)
            decided = Handoff(reason=reason, actions=left.actions, fires=left.fires)
        return replace(decided, trace=(step(looked),), cost=cost(looked))

    def _decide(self, rule: Rule, facts: Facts, left: _GoneOn) -> Decision | None:
        """Return what the rule decides, after others that went on.

        None where it goes on, or only asks for an address that it is of no use to ask for.
        """
        effect = rule.effect
        if isinstance(effect, GoOn):
            return None
        reason = self._reasons[rule.id]
        actions = left.actions + rule.acts(facts)
        if isinstance(effect, KeepSilent):
            fires = left.fires + rule.fires
            return Silence(reason=reason, actions=actions, fires=fires, gap=self._last_resort)
        text, asked = self._words(rule.id, effect, facts)
        fires = left.fires + asked + rule.fires
        if isinstance(effect, LeaveToPeople):
            return Handoff(
                reason=reason,
                text=text or None,
                by="rule",
                source=rule.id,
                actions=actions,
                fires=fires + (UNANSWERED,) * self._last_resort,
                gap=self._last_resort,
            )
        if not text:
            return None
        return Reply(
            reason=reason,
            text=text,
            by="rule",
            source=rule.id,
            quick_replies=effect.quick_replies,
            actions=actions,
            fires=fires,
            gap=self._last_resort,
        )

    def _words(
        self, rule_id: str, effect: Answer | LeaveToPeople, facts: Facts
    ) -> tuple[str, tuple[str, ...]]:
        """Return what is said, and the key that asking for an address uses up, if it is asked."""
        text = self._variant(rule_id, effect, facts)
        turn = facts.turn
        if not effect.ask_email or turn.customer.email or ASKED_EMAIL in turn.memory.fired:
            return text, ()
        question = self._texts.ask_email.render(facts)
        return f"{text}\n\n{question}" if text else question, (ASKED_EMAIL,)

    def _variant(self, rule_id: str, effect: Answer | LeaveToPeople, facts: Facts) -> str:
        if len(effect.variants) == 1:
            return effect.variants[0].render(facts)
        if effect.variants:
            # By the conversation, not by chance: who reloads the page is told the same again.
            seed = f"{facts.turn.conversation.id}:{rule_id}".encode()
            return effect.variants[zlib.crc32(seed) % len(effect.variants)].render(facts)
        if isinstance(effect, LeaveToPeople) and not effect.silently:
            return self._texts.handoff.render(facts)
        return ""

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """Say of every rule, in order, whether it fires and if not, why."""
        matched = MatchInput.of(Facts(turn, self._sources))
        steps = []
        decided = ""
        for rule in self._rules:
            outcome, why = self._explain(rule, matched)
            if decided:
                outcome, why = "not_reached", f"rule {decided!r} decides before"
            elif outcome == "fires":
                decided = rule.id
            steps.append(TraceStep(f"{self.name}/{rule.id}", outcome, Reason("rule", why)))
        if self._small_talk is not None and not decided:
            outcome, why = self._small_talk.explain(matched.facts)
            steps.append(TraceStep(SOURCE, outcome, Reason(SOURCE, why)))
        return tuple(steps)

    def _explain(self, rule: Rule, matched: MatchInput) -> tuple[str, str]:
        for condition in rule.conditions if not is_answered(rule, matched) else ():
            if not condition.holds(matched):
                return "no", condition.why_not(matched)
        if rule.limit is not None and rule.used_up(
            matched.facts.turn.memory, matched.facts.turn.now
        ):
            every = "conversation" if rule.limit is ONCE else say_duration(rule.limit)
            return "no", f"its limit is reached: once per {every}"
        if rule.goes_on:
            return "goes_on", f"its actions are taken ({rule.place})"
        if rule.look_up is not None:
            return _explain_look_up(rule, rule.look_up, matched)
        return self._explain_effect(rule, matched)

    def _explain_effect(self, rule: Rule, matched: MatchInput) -> tuple[str, str]:
        try:
            decision = self._decide(rule, matched.facts, _NOTHING)
        except TemplateProblem as error:
            return "no", error.problem
        if decision is None:
            return "no", "the e-mail address is known or was asked for before"
        return "fires", f"all conditions hold ({rule.place})"


def _explain_look_up(rule: Rule, look_up: LookUp, matched: MatchInput) -> tuple[str, str]:
    """Say what it would look up, without doing so."""
    try:
        look_up.arguments(matched)
    except (ValueError, TemplateProblem) as error:
        missing = f"{look_up.tool.name} cannot be asked: {error}"
        return "no" if look_up.missing is None else "fires", missing
    return "fires", f"all conditions hold, and {look_up.tool.name} is asked ({rule.place})"
