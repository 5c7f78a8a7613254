"""From the rules as written to rules that run, with every problem at its line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    QuickReply,
    SetPriority,
    Snooze,
)
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import Keywords, RuleModel, RulesFile
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.rules.cel import compile_cel
from agentbot.pipeline.rules.conditions import (
    Condition,
    ConditionProblem,
    Flag,
    KeywordsIn,
    PatternIn,
)
from agentbot.pipeline.rules.look_up_compiler import LookUpCompiler
from agentbot.pipeline.rules.place import More, RulePlace
from agentbot.pipeline.rules.rule import (
    ONCE,
    Answer,
    Effect,
    GoOn,
    KeepSilent,
    LeaveToPeople,
    Rule,
)
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.words import fold, listed, lost_signs, parse_duration

# The durations, as parse_duration reads them, of a limit such as "once per day".
_PER = {"hour": "1h", "day": "1d", "week": "1w"}


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """The two lists of a rules file."""

    first: tuple[Rule, ...]
    otherwise: tuple[Rule, ...]


def compile_rules(
    model: RulesFile,
    file: YamlFile,
    problems: Problems,
    *,
    company: Mapping[str, str] | None = None,
    tools: Iterable[Tool] = (),
) -> CompiledRules:
    """Compile both lists; what is wrong is noted in ``problems`` and left out.

    ``company`` holds the facts of company.yaml, which texts may use; ``tools`` are those of
    tools.yaml, which rules may ask.
    """
    by_name = {tool.name: tool for tool in tools}
    lists = []
    seen: dict[str, str] = {}
    before = len(problems.found)
    for key, models in (("rules", model.rules), ("otherwise", model.otherwise)):
        compiled = []
        for index, one in enumerate(models):
            place = RulePlace(file, (key, index), problems, company)
            if one.id in seen:
                place.note(
                    "id",
                    problem=f"the id {one.id!r} is used twice",
                    remedy=f"the first is in {seen[one.id]}; every rule needs its own",
                )
            seen.setdefault(one.id, str(place))
            compiled.append(_RuleCompiler(place, by_name).compile(one))
            for doubt in _keyword_doubts(one):
                problems.doubt(str(place), doubt)
        if len(problems.found) == before:  # without a broken condition two rules may look alike
            _find_unreachable(compiled, problems)
        lists.append(tuple(compiled))
    return CompiledRules(*lists)


def parse_limit(text: str) -> timedelta:
    """Read a limit. Raises ``ValueError``."""
    words = " ".join(text.lower().split())
    if words == "once per conversation":
        return ONCE
    if per := re.fullmatch(r"once (?:per|an?) (hour|day|week)", words):
        return parse_duration(_PER[per[1]])
    if words.startswith("every "):
        return parse_duration(words.removeprefix("every "))
    raise ValueError(f"{text!r} is not a limit")


class _RuleCompiler:
    """The compiler of one rule."""

    def __init__(self, place: RulePlace, tools: Mapping[str, Tool]) -> None:
        self._place = place
        self._tools = tools
        self._more: More = {}

    def compile(self, model: RuleModel) -> Rule:
        look_up = None
        if model.look_up is not None:
            compiler = LookUpCompiler(self._place, self._tools)
            look_up = compiler.compile(model, model.look_up)
            self._more = compiler.more
        return Rule(
            id=model.id,
            place=str(self._place),
            effect=self._effect(model),
            conditions=tuple(self._conditions(model)),
            limit=self._limit(model.limit),
            actions=tuple(_actions(model)),
            note=self._words("note", model.note),
            notify=self._words("notify", "" if model.notify is True else model.notify),
            look_up=look_up,
        )

    def _words(self, key: str, text: str | None) -> Template | None:
        """Return the words for people under ``key``, compiled; None where there are none."""
        return None if text is None else self._place.words(text, key, more=self._more)

    def _effect(self, model: RuleModel) -> Effect:
        """Return what the rule does. Which keys can stand together, the model has checked."""
        if model.go_on:
            return GoOn()
        variants = tuple(self._replies(model))
        if model.hand_over:
            return LeaveToPeople(variants, ask_email=model.ask_email, silently=model.silent)
        if model.silent:
            return KeepSilent()
        quick_replies = tuple(
            # Unique: the window keeps its buttons apart by their actions.
            QuickReply(one.text, one.action or f"rule:{model.id}:{number}")
            for number, one in enumerate(model.quick_replies, start=1)
        )
        return Answer(variants, ask_email=model.ask_email, quick_replies=quick_replies)

    def _conditions(self, model: RuleModel) -> Iterator[Condition]:
        """Yield the conditions, cheapest first."""
        flags = ("first_message", "nobody_online", "outside_hours", "away")
        for name in flags[:2]:
            if (wanted := getattr(model, name)) is not None:
                yield Flag(name, wanted=wanted)
        if (keywords := model.keywords) is not None:
            yield from self._made("keywords", lambda: _keywords(keywords))
        if (patterns := model.matches) is not None:
            yield from self._made("matches", lambda: PatternIn(patterns))
        for name in flags[2:]:
            if (wanted := getattr(model, name)) is not None:
                yield Flag(name, wanted=wanted)
        if (source := model.when) is not None:
            yield from self._made("when", lambda: compile_cel(source))

    def _made(self, key: str, make: Callable[[], Condition]) -> Iterator[Condition]:
        try:
            yield make()
        except ConditionProblem as error:
            self._place.note(key, problem=error.problem, remedy=error.remedy)

    def _limit(self, text: str | None) -> timedelta | None:
        if text is None:
            return None
        try:
            return parse_limit(text)
        except ValueError as error:
            remedy = "write 'once per conversation' or 'every 12h'"
            self._place.note("limit", problem=str(error), remedy=remedy)
            return None

    def _replies(self, model: RuleModel) -> Iterator[Template]:
        texts: list[tuple[Path_, str]] = []
        if model.reply is not None:
            texts.append((("reply",), model.reply))
        texts += ((("choose", index), text) for index, text in enumerate(model.choose or ()))
        for keys, text in texts:
            if (template := self._place.text(text, *keys, more=self._more)) is not None:
                yield template


def _keywords(model: Keywords) -> KeywordsIn:
    return KeywordsIn(model.any, model.all, model.not_, unless_denied=model.unless_denied)


def _keyword_doubts(model: RuleModel) -> Iterator[str]:
    """Yield a doubt for each keyword that finds more, or less, than it seems to."""
    if model.keywords is None:
        return
    for keyword in (*model.keywords.any, *model.keywords.all, *model.keywords.not_):
        if word := lost_signs(keyword):
            yield (
                f"signs do not count in keywords: {word!r} also finds {fold(word).strip()!r};"
                f" to ask for the signs, write matches: '(?i){re.escape(word)}'"
            )
        if len(listed(keyword)) > 1:
            yield (
                f"{keyword!r} is one keyword, found only where its words stand in a row;"
                " write keywords that are meant one by one as a list, and a phrase without comma"
            )


def _actions(model: RuleModel) -> Iterator[Action]:
    yield from (AddTag(name) for name in model.tag)
    if model.assign is not None:
        yield Assign(model.assign)
    if model.priority is not None:
        yield SetPriority(model.priority)
    if model.snooze is not None:
        yield Snooze(model.snooze)
    if model.close:
        yield Close()


def _find_unreachable(rules: list[Rule], problems: Problems) -> None:
    """Note each rule that can never fire: one before it always decides on no more conditions."""
    deciding = _Deciding()
    for rule in rules:
        before = deciding.implied_by(rule)
        if before is not None:
            why = "has no conditions" if not before.conditions else "asks for no more than this one"
            problems.add(
                rule.place,
                f"the rule {rule.id!r} can never fire: {before.id!r} ({before.place}) "
                f"stands before it and {why}",
                "move it up, or give the other one more conditions",
            )
        if rule.decides_always:
            deciding.add(rule)


class _Deciding:
    """Rules that always decide, found by what their conditions are made of.

    Each is kept under one set of marks of a condition, that which fewest others have: comparing
    every rule with all before it took seconds for a thousand rules.
    """

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._unconditional: int | None = None
        self._by_mark: dict[Hashable, list[int]] = defaultdict(list)

    def add(self, rule: Rule) -> None:
        """Add the next rule."""
        number = len(self._rules)
        self._rules.append(rule)
        if not rule.conditions:
            self._unconditional = number if self._unconditional is None else self._unconditional
            return
        marks = min((one for each in rule.conditions for one in each.marks), key=self._crowd)
        for mark in marks:
            self._by_mark[mark].append(number)

    def _crowd(self, marks: frozenset[Hashable]) -> int:
        return sum(len(self._by_mark.get(mark, ())) for mark in marks)

    def implied_by(self, rule: Rule) -> Rule | None:
        """Return the first rule that surely holds wherever ``rule`` does, if there is one."""
        near = {
            number
            for condition in rule.conditions
            for mark in chain.from_iterable(condition.marks)
            for number in self._by_mark.get(mark, ())
        }
        if self._unconditional is not None:
            near.add(self._unconditional)
        candidates = (self._rules[number] for number in sorted(near))
        return next((one for one in candidates if rule.implies(one)), None)
