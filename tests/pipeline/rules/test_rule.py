"""A compiled rule: the keys as written become one effect, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agentbot.pipeline.decision import AddTag, QuickReply
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.yaml import YamlFile
from agentbot.pipeline.known_facts import ROOTS
from agentbot.pipeline.rules.compiler import compile_rules
from agentbot.pipeline.rules.conditions import Flag, KeywordsIn, MatchInput
from agentbot.pipeline.rules.rule import (
    ONCE,
    Answer,
    Effect,
    GoOn,
    KeepSilent,
    LeaveToPeople,
    Rule,
)
from agentbot.pipeline.turn import Memory
from tests.support.turns import MONDAY_NOON, turn
from tests.support.words import WORDS


def compiled(**keys: Any) -> Rule:
    """Return a rule of these keys, compiled."""
    problems = Problems()
    model = RulesFile.model_validate({"rules": [{"id": "a", **keys}]})
    rules = compile_rules(model, YamlFile("rules.yaml", {}), problems)
    assert not problems.found
    (rule,) = rules.first
    return rule


def shape(effect: Effect) -> tuple[object, ...]:
    """Return an effect as plain values: its kind, its texts, and its options."""
    match effect:
        case Answer(variants=variants, ask_email=ask_email, quick_replies=buttons):
            return "answer", [one.source for one in variants], ask_email, len(buttons)
        case LeaveToPeople(variants=variants, ask_email=ask_email, silently=silently):
            return "leave", [one.source for one in variants], ask_email, silently
        case KeepSilent():
            return ("silent",)
        case GoOn():
            return ("go on",)


@pytest.mark.parametrize(
    ("keys", "effect"),
    [
        ({"reply": "A"}, ("answer", ["A"], False, 0)),
        ({"reply": "A", "ask_email": True}, ("answer", ["A"], True, 0)),
        ({"ask_email": True}, ("answer", [], True, 0)),
        ({"choose": ["A", "B"]}, ("answer", ["A", "B"], False, 0)),
        ({"reply": "A", "quick_replies": ["x", "y"]}, ("answer", ["A"], False, 2)),
        ({"hand_over": True}, ("leave", [], False, False)),
        ({"hand_over": True, "reply": "A"}, ("leave", ["A"], False, False)),
        ({"hand_over": True, "choose": ["A", "B"]}, ("leave", ["A", "B"], False, False)),
        ({"hand_over": True, "ask_email": True}, ("leave", [], True, False)),
        ({"hand_over": True, "silent": True}, ("leave", [], False, True)),
        ({"silent": True}, ("silent",)),
        ({"tag": "x", "continue": True}, ("go on",)),
    ],
)
def test_the_keys_become_one_effect(keys: dict[str, Any], effect: tuple[object, ...]) -> None:
    """All that can stand together; what cannot is refused when the file is read."""
    assert shape(compiled(**keys).effect) == effect


def test_buttons_have_actions_of_their_own() -> None:
    """The rule's id and their number, where none is named."""
    rule = compiled(reply="A", quick_replies=["x", {"text": "y", "action": "why"}, "z"])
    assert isinstance(rule.effect, Answer)
    assert rule.effect.quick_replies == (
        QuickReply("x", "rule:a:1"),
        QuickReply("y", "why"),
        QuickReply("z", "rule:a:3"),
    )


TEXT = (Template("Hi {{ customer.name }}", ROOTS),)


def rule(effect: Effect = KeepSilent(), **options: Any) -> Rule:  # noqa: B008 - frozen
    """Return a rule that does this."""
    return Rule(id="a", place="rules.yaml:2", effect=effect, **options)


@pytest.mark.parametrize(
    ("one", "always"),
    [
        (rule(Answer(TEXT)), True),
        (rule(Answer(TEXT, ask_email=True)), True),
        (rule(Answer(ask_email=True)), False),
        (rule(LeaveToPeople()), True),
        (rule(LeaveToPeople(ask_email=True)), True),
        (rule(KeepSilent()), True),
        (rule(GoOn()), False),
        (rule(Answer(TEXT), limit=timedelta(hours=1)), False),
        (rule(KeepSilent(), limit=ONCE), False),
    ],
)
def test_what_always_decides_leaves_nothing_to_later_rules(one: Rule, *, always: bool) -> None:
    """A limit, going on, and asking for an address that may be known leave something."""
    assert one.decides_always is always


def test_only_going_on_goes_on() -> None:
    """Every other effect ends the search, unless it has nothing to say."""
    assert rule(GoOn()).goes_on
    assert not any(rule(one).goes_on for one in (Answer(TEXT), LeaveToPeople(), KeepSilent()))


@pytest.mark.parametrize(
    ("one", "facts"),
    [
        (rule(Answer(TEXT)), {"customer"}),
        (rule(LeaveToPeople(TEXT)), {"customer"}),
        (rule(LeaveToPeople()), set()),
        (rule(KeepSilent(), conditions=(Flag("away", wanted=True),)), {"away"}),
        (rule(GoOn(), conditions=(KeywordsIn(["tea"], []),)), set()),
        (rule(Answer(TEXT), conditions=(Flag("away", wanted=True),)), {"away", "customer"}),
    ],
)
def test_a_rule_uses_the_facts_of_its_conditions_and_texts(one: Rule, facts: set[str]) -> None:
    """So that a FAQ that has to work is asked only where a rule rests on it."""
    assert {name for name in ROOTS if one.uses(name)} == facts


@pytest.mark.parametrize(
    ("limit", "minutes_ago", "used_up"),
    [
        (None, 0, False),
        (ONCE, 100_000, True),
        (ONCE, None, False),
        (timedelta(minutes=60), 59, True),
        (timedelta(minutes=60), 60, False),
        (timedelta(minutes=60), None, False),
    ],
)
def test_a_limit_is_used_up_until_its_time_is_over(
    limit: timedelta | None, minutes_ago: float | None, *, used_up: bool
) -> None:
    """By what the conversation remembers of the rule's own last use."""
    fired = {"other": MONDAY_NOON}
    if minutes_ago is not None:
        fired["a"] = MONDAY_NOON - timedelta(minutes=minutes_ago)
    assert rule(limit=limit).used_up(Memory(fired=fired), MONDAY_NOON) is used_up


def test_only_a_limit_is_remembered() -> None:
    """Other rules leave no trace in the conversation's memory."""
    assert rule(limit=ONCE).fires == ("a",)
    assert rule().fires == ()


def test_all_conditions_must_hold() -> None:
    """One that does not is enough; without any a rule always holds."""
    matched = MatchInput.of(Facts(turn("green tea"), FactSources(words=WORDS)))
    tea, cup = KeywordsIn(["tea"], []), KeywordsIn(["cup"], [])
    assert rule().holds(matched)
    assert rule(conditions=(tea,)).holds(matched)
    assert not rule(conditions=(tea, cup)).holds(matched)
    assert not rule(conditions=(cup, tea)).holds(matched)


def test_more_conditions_imply_fewer() -> None:
    """Not the other way round; and no conditions are implied by any."""
    tea, away = KeywordsIn(["tea"], []), Flag("away", wanted=True)
    narrow, wide, free = rule(conditions=(tea, away)), rule(conditions=(tea,)), rule()
    assert narrow.implies(wide)
    assert not wide.implies(narrow)
    assert wide.implies(free)
    assert not free.implies(wide)


def test_actions_go_with_any_effect() -> None:
    """Also where nothing is said."""
    assert compiled(silent=True, tag="x").actions == (AddTag("x"),)
    assert compiled(tag="x", **{"continue": True}).actions == (AddTag("x"),)


def test_an_effect_does_no_more_than_it_names() -> None:
    """It asks for no address and leaves no words out by itself."""
    assert Answer() == Answer((), ask_email=False, quick_replies=())
    assert LeaveToPeople() == LeaveToPeople((), ask_email=False, silently=False)
