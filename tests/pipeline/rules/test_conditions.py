"""Conditions hold or say why not, in linear time; mistakes in them are found at loading."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.known_facts import FACTS
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.rules.cel import compile_cel, split_top
from agentbot.pipeline.rules.conditions import (
    CelCondition,
    Condition,
    ConditionProblem,
    Flag,
    KeywordsIn,
    MatchInput,
    PatternIn,
)
from agentbot.pipeline.rules.engine import Variables
from agentbot.pipeline.turn import Conversation, Customer
from tests.support.turns import turn
from tests.support.words import WORDS


def matched(
    text: str = "Do you ship?", *, agents_online: int = 0, tags: tuple[str, ...] = ()
) -> MatchInput:
    """Return what conditions match where a customer writes ``text``."""
    asked = turn(
        text,
        agents_online=agents_online,
        conversation=Conversation(id="c", tags=tags),
        customer=Customer(id="k", email="vera@example.com", metadata={"plan": "pro"}),
    )
    return MatchInput.of(Facts(asked, FactSources(words=WORDS)))


@pytest.mark.parametrize(
    ("condition", "text", "holds"),
    [
        (KeywordsIn(["ship*", "send"], []), "Any shipping?", True),
        (KeywordsIn(["ship*", "send"], []), "Any tea?", False),
        (KeywordsIn([], ["ship", "norway"]), "ship to Norway", True),
        (KeywordsIn(["now"], ["ship", "norway"]), "ship to Norway", False),
        (PatternIn([r"\d{5}", "(?i)order"]), "my ORDER", True),
        (PatternIn([r"^\d{5}$"]), "123456", False),
        (PatternIn(["(?i)can't log"]), "I can\u2019t\u00a0log in", True),
        (PatternIn(["(?i)can\u2019t log"]), "I can't log in", True),
        (PatternIn(["Cafe\u0301"]), "ein Café", True),
        (PatternIn([r"number is.{0,3}\d{5}"]), "the number is\n12345", True),
        (PatternIn([r"number is \d{5}"]), "the number is\n12345", True),
        (PatternIn([r"(?m)^\d{5}$"]), "the number is\n12345", True),
        (PatternIn([r"^.{0,5}$"]), "ab\ncdef", False),
        (Flag("nobody_online", wanted=True), "x", True),
        (Flag("nobody_online", wanted=False), "x", False),
    ],
)
def test_a_shorthand_holds_or_not(condition: Condition, text: str, *, holds: bool) -> None:
    """Keywords, patterns, flags."""
    assert condition.holds(matched(text)) is holds


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("agents_online == 0 && first_message", True),
        ("agents_online > 0 || text.contains('ship')", True),
        ("minutes_since_person > 30", True),
        ("minutes_since_person < 30", False),
        ("customer.email.endsWith('@example.com')", True),
        ("customer.metadata.plan == 'pro'", True),
        ("customer.metadata.age > 3", False),
        ("has(customer.metadata.age) && customer.metadata.age > 3", False),
        ("'vip' in conversation.tags", False),
        ("conversation.tags.exists(t, t == 'vip' || t == 'new')", True),
        ("text.matches('(?i)SHIP')", True),
        ("faq.id == '' && faq.score < 0.5", True),
        ("!(inside_hours && agents_online == 0)", False),
        ("size(text) > 3 ? first_message : false", True),
        ("(agents_online > 0) || ((first_message) && (turns < 2))", True),
        ("customer.email.size() > 3 && text.matches(r'[?]$')", True),
    ],
)
def test_an_expression_holds_or_not(source: str, *, holds: bool) -> None:
    """What cannot be evaluated, such as a metadata key that is missing, does not hold."""
    assert compile_cel(source).holds(matched(tags=("new",))) is holds


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("agents_online == 0 && turns > 2", "turns > 2 is false (turns is 1)"),
        ("agents_online > 2 && turns > 2", "agents_online > 2 is false (agents_online is 0)"),
        ("customer.metadata.age > 3 && turns > 0", "customer.metadata.age > 3 cannot be evaluated"),
        ("turns > 2 || agents_online > 2", "turns > 2 || agents_online > 2 is false"),
        ("text.contains(' && ') && turns > 0", "text.contains(' && ') is false"),
    ],
)
def test_an_explanation_names_the_false_part(source: str, why: str) -> None:
    """Of a conjunction the first part that is not true, with the numbers it rests on."""
    assert compile_cel(source).why_not(matched()).startswith(why)


class FailingProgram:
    """An expression that the engine cannot evaluate, and the error that it says so with."""

    source = "moon == 1"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def execute(self, context: Variables | dict[str, Any]) -> object:  # noqa: ARG002 - the protocol has it
        """Fail."""
        raise self._error

    def variables(self) -> list[str]:
        """Return the names that it refers to."""
        return []

    def functions(self) -> list[str]:
        """Return the functions that it uses."""
        return []


@pytest.mark.parametrize(
    "error", [RuntimeError, TypeError, ValueError, KeyError, IndexError, OverflowError]
)
def test_what_the_engine_fails_at_does_not_hold(error: type[Exception]) -> None:
    """It does not say which errors it raises: no turn fails with any of them."""
    program = FailingProgram(error("no moon"))
    condition = CelCondition(program, (program,), ())
    assert condition.holds(matched()) is False
    assert condition.why_not(matched()) == "moon == 1 cannot be evaluated"


def test_shorthands_explain_themselves_too() -> None:
    """What is missing, or what a fact is."""
    assert "norway" in KeywordsIn([], ["Norway"]).why_not(matched())
    assert "send" in KeywordsIn(["send"], []).why_not(matched())
    many = KeywordsIn([f"word{number}" for number in range(44)], []).why_not(matched())
    assert many.endswith("word6, word7 and 36 more")
    assert "abc" in PatternIn(["abc"]).why_not(matched())
    assert Flag("nobody_online", wanted=False).why_not(matched()) == "nobody_online is true"
    assert compile_cel("turns > 0").why_not(matched()) == "it holds"


@pytest.mark.parametrize(
    ("source", "problem", "remedy"),
    [
        ("agent_online == 0", "unknown fact 'agent_online'", "did you mean 'agents_online'?"),
        ("false && agent_online == 0", "unknown fact 'agent_online'", "agents_online"),
        ("customer.nmae == ''", "unknown fact 'customer.nmae'", "customer.name"),
        ("text.lenght == 3", "the fact 'text' has no parts", "text alone"),
        ("text.contain('x')", "unknown function contain()", "did you mean 'contains'?"),
        ("agents_online ==", "cannot be read", "&&"),
        ("agents_online = 0", "cannot be read", "=="),
        ("agents_online + 'x' == 'y'", "types do not fit", "numbers"),
        ("first_message || agents_online > 'x'", "types do not fit", "numbers"),
        ("agents_online", "not a yes or no", "compare"),
        ("agents_online == '0'", "agents_online is of type int", "compare it with a int"),
        ("text == 3", "text is of type string", "string"),
        ("nobody_online == 'true'", "nobody_online is of type bool", "bool"),
        ("text.matches('(?=x)')", "look-around", "another rule"),
        (r"text.matches('(a)\\1')", "backreferences", "write the alternatives"),
        ("text.matches('(')", "unclosed group", "backslash"),
        ("tags.exists(t, t == 'x')", "unknown fact 'tags'", ""),
        ("(first_message && (turns))", "'turns' is not a yes or no", "compare"),
        ("text.getHours() > 3", "getHours() does not work", ""),
        ("int(text) > 3", "'int(text) > 3' fails", ""),
        ("(" * 500 + "first_message" + ")" * 500, "cannot be read", ""),
    ],
)
def test_what_is_wrong_with_an_expression_is_found_at_loading(
    source: str, problem: str, remedy: str
) -> None:
    """Also behind an operator that would never evaluate it."""
    with pytest.raises(ConditionProblem) as caught:
        compile_cel(source)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("pattern", ["(?=x)", r"(a)\1", "(", "a{1000}{1000}{9}"])
def test_a_pattern_that_could_be_slow_or_is_malformed_is_refused(pattern: str) -> None:
    """With what to do instead."""
    with pytest.raises(ConditionProblem) as caught:
        PatternIn([pattern])
    assert caught.value.remedy


def test_a_pattern_that_kills_backtracking_engines_is_linear_here() -> None:
    """It would take others longer than the universe is old."""
    assert not PatternIn(["^(a+)+$", "(x+x+)+y"]).holds(matched("a" * 5000 + "b" + "x" * 5000))


def test_facts_are_computed_only_where_a_rule_asks() -> None:
    """The FAQ is not asked by a condition on the text."""

    class Untouchable:
        def nearest(self, text: str) -> tuple[str, float, bool]:
            raise AssertionError(text)

        def is_ready(self, _text: str) -> bool:
            return True

        async def prepare(self, text: str) -> None:
            raise AssertionError(text)

    facts = Facts(turn("x"), FactSources(words=WORDS, faq=Untouchable()))
    assert compile_cel("text == 'x' && agents_online == 0").holds(MatchInput.of(facts))
    with pytest.raises(AssertionError):
        compile_cel("faq.score > 0.5").holds(MatchInput.of(facts))


def test_every_fact_has_a_value_of_its_type() -> None:
    """The table, its samples and what is computed agree."""
    facts = Facts(turn("x"), FactSources(words=WORDS))
    types = {
        "string": str,
        "bool": bool,
        "int": int,
        "double": float,
        "list": list,
        "map": dict,
    }
    for fact in FACTS:
        root, _, field = fact.name.partition(".")
        value = facts[root][field] if field else facts[root]
        assert type(value) is types[fact.type], fact.name
        assert type(fact.sample) is types[fact.type], fact.name
        assert fact.about


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("a && b", ["a ", " b"]),
        ("a && (b && c)", ["a ", " (b && c)"]),
        ("a && b || c", ["a && b || c"]),
        ("a && b ? c : d", ["a && b ? c : d"]),
        ('"x && y" == z', ['"x && y" == z']),
    ],
)
def test_an_expression_is_split_only_where_that_keeps_its_meaning(
    source: str, parts: list[str]
) -> None:
    """Not within brackets or text, not below an or, not within a choice."""
    assert split_top(source, "&&") == parts


ENGLISH = FactSources(words=WORDS, denied=Negations(load_pack("en")).denied)


@pytest.mark.parametrize(
    ("keywords", "text", "why"),
    [
        (KeywordsIn(["open"], [], ["open source"]), "are you open", ""),
        (KeywordsIn(["open"], [], ["open source"]), "are you open source", "holds open source"),
        (KeywordsIn(["call me"], [], unless_denied=True), "call me", ""),
        (KeywordsIn(["call me"], []), "don't call me", ""),
        (KeywordsIn(["call me"], [], unless_denied=True), "don't call me", "denies it"),
        (KeywordsIn(["call me"], [], unless_denied=True), "don't call me. No, call me!", ""),
        (KeywordsIn(["call", "mail"], [], unless_denied=True), "don't call, mail", ""),
        (KeywordsIn(["order"], ["norway"], unless_denied=True), "no norway. my order", "denies it"),
        (KeywordsIn([], ["norway"], unless_denied=True), "norway please", ""),
    ],
)
def test_keywords_may_have_exceptions(keywords: KeywordsIn, text: str, why: str) -> None:
    """Words beside which they mean something else, and negations."""
    asked = MatchInput.of(Facts(turn(text), ENGLISH))
    assert keywords.holds(asked) is (why == "")
    if why:
        assert why in keywords.why_not(asked)


def test_exceptions_make_keywords_narrower() -> None:
    """More of them hold more seldom."""
    plain = KeywordsIn(["a"], [])
    picky = KeywordsIn(["a"], [], ["b"], unless_denied=True)
    assert picky.implies(plain)
    assert not plain.implies(picky)
    assert not plain.implies(KeywordsIn(["a"], [], ["b"]))
    assert not plain.implies(KeywordsIn(["a"], [], unless_denied=True))
    assert picky.implies(KeywordsIn(["a"], [], ["b"]))
    assert picky.names == ("denied",)
