"""A rule, compiled: the conditions under which it holds, and what it then does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agentbot.pipeline.decision import Action, Note, Notify, QuickReply
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.rules.conditions import Condition, MatchInput
from agentbot.pipeline.rules.groups import Groups
from agentbot.pipeline.tools.parameter import Value
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.tools.toolbox import Outcome
from agentbot.pipeline.turn import Memory

ONCE = timedelta.max
"""The limit of a rule that takes effect once per conversation: no time is long enough."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, after which nobody else is asked.

    ``variants`` are the texts of which a conversation gets one. With ``ask_email`` the question
    for an e-mail address follows where it is of use; without variants it is all that is said, and
    where it is of no use the rule does not decide.
    """

    variants: tuple[Template, ...] = ()
    ask_email: bool = False
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveToPeople:
    """A handoff: with one of ``variants``, with the usual words, or silently.

    Without variants the usual words of texts.yaml are said; ``silently`` leaves them out. With
    ``ask_email`` the question for an e-mail address follows where it is of use.
    """

    variants: tuple[Template, ...] = ()
    ask_email: bool = False
    silently: bool = False


@dataclass(frozen=True, slots=True)
class KeepSilent:
    """Silence: nothing is said, and nobody else is asked."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """No decision: the actions go to whatever is decided later."""


Effect = Answer | LeaveToPeople | KeepSilent | GoOn
"""What a rule does once its conditions hold, its actions apart."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a rule asks another system before it answers, and what is done where nothing comes.

    ``given`` is what the tool is told, by parameter; ``missing`` of None: where a parameter is not
    known, the rule does not hold.
    """

    tool: Tool
    given: Mapping[str, Template]
    groups: Groups
    not_found: Answer | LeaveToPeople
    timed_out: Answer | LeaveToPeople
    failed: Answer | LeaveToPeople
    missing: Answer | LeaveToPeople | None = None

    def arguments(self, matched: MatchInput, *, earlier: bool = True) -> dict[str, Value]:
        """Return what the tool is asked with; texts may use ``match`` from then on.

        ``earlier``: what the customer wrote in earlier messages counts too.
        Raises ``ValueError`` where a parameter is not known, or is no value of its type.
        """
        facts = matched.facts
        facts["match"] = self.groups.found_in(matched)
        given = {name: text.render(facts) for name, text in self.given.items()}
        return self.tool.arguments(given, facts, earlier=earlier)

    def after(self, outcome: Outcome) -> Answer | LeaveToPeople:
        """Return what is done where nothing was found, or what was found is of no use."""
        cases = {"not_found": self.not_found, "timed_out": self.timed_out}
        return cases.get(outcome, self.failed)

    @property
    def templates(self) -> tuple[Template, ...]:
        """Its texts."""
        cases = (self.not_found, self.timed_out, self.failed, self.missing)
        said = (text for case in cases if case is not None for text in case.variants)
        return (*self.given.values(), *said)


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule. ``limit`` is the least time between two uses; :data:`ONCE`: one use only.

    ``place`` is where it stands (``rules.yaml:12``). ``actions`` go with any effect; so do ``note``
    and ``notify``, whose words may hold facts (:meth:`acts`). With a ``look_up`` the effect is
    what follows once something was found.
    """

    id: str
    place: str
    effect: Effect
    conditions: tuple[Condition, ...] = ()
    limit: timedelta | None = None
    actions: tuple[Action, ...] = ()
    note: Template | None = None
    notify: Template | None = None
    look_up: LookUp | None = None

    def acts(self, facts: Mapping[str, Any]) -> tuple[Action, ...]:
        """Return its actions, with the words for people. Raises ``TemplateProblem``."""
        note = self.note.render(facts) if self.note is not None else ""
        told = () if self.notify is None else (Notify(self.notify.render(facts)),)
        return (*((Note(note),) if note else ()), *told, *self.actions)

    @property
    def goes_on(self) -> bool:
        """Whether the next rule is tried although this one holds."""
        return isinstance(self.effect, GoOn)

    @property
    def fires(self) -> tuple[str, ...]:
        """The keys of limits that it uses up when it takes effect: its id, if it has a limit."""
        return () if self.limit is None else (self.id,)

    @property
    def decides_always(self) -> bool:
        """Whether nothing after it is tried once its conditions hold."""
        if self.limit is not None or self.look_up is not None:
            return False
        match self.effect:
            case GoOn():
                return False
            case Answer(variants=variants):
                return bool(variants)
            case LeaveToPeople() | KeepSilent():
                return True

    def implies(self, other: Rule) -> bool:
        """Say whether the other's conditions surely hold wherever its own do."""
        return all(any(own.implies(one) for own in self.conditions) for one in other.conditions)

    def uses(self, fact: str) -> bool:
        """Say whether a condition or a text needs the fact of this root name."""
        needed = {name for condition in self.conditions for name in condition.names}
        match self.effect:
            case Answer(variants=variants) | LeaveToPeople(variants=variants):
                needed = needed.union(*(variant.names for variant in variants))
            case KeepSilent() | GoOn():
                pass
        needed = needed.union(*(one.names for one in (self.note, self.notify) if one is not None))
        if self.look_up is not None:
            needed = needed.union(*(one.names for one in self.look_up.templates))
        return fact in needed

    def used_up(self, memory: Memory, now: datetime) -> bool:
        """Say whether its limit forbids to use it again now."""
        if self.limit is None:
            return False
        last = memory.fired.get(self.id)
        return last is not None and (self.limit is ONCE or now - last < self.limit)

    def holds(self, matched: MatchInput) -> bool:
        """Say whether all conditions hold."""
        for condition in self.conditions:  # noqa: SIM110 - a generator costs more on the hot path
            if not condition.holds(matched):
                return False
        return True
