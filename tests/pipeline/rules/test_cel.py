"""Proves :mod:`agentbot.pipeline.rules.cel`: each function and word that a condition may use."""

from __future__ import annotations

import pytest

from agentbot.pipeline.rules.cel import compile_cel
from agentbot.pipeline.rules.conditions import ConditionProblem

NOON = "timestamp('2026-11-23T12:34:56.789Z')"

USES = [
    "conversation.tags.all(t, t != 'vip')",
    "conversation.tags.exists(t, t == 'vip')",
    "conversation.tags.exists_one(t, t == 'vip')",
    "size(conversation.tags.filter(t, t == 'vip')) > 0",
    "size(conversation.tags.map(t, t + '!')) > 0",
    "has(customer.metadata.plan)",
    "customer.metadata.plan == null",
    "first_message == true || first_message == false",
    "'vip' in conversation.tags",
    "size(bytes(text)) > 3",
    "double(agents_online) > 0.5",
    "int('7') > turns",
    "uint(turns) > uint(3)",
    "string(turns) == '3'",
    "text.contains('ship')",
    "text.startsWith('ship')",
    "text.endsWith('ship')",
    "text.matches('ship')",
    r"text.matches(r'a\\')",
    r"""text.matches('[\"]') || text.matches("[\']")""",
    "text.contains('(')",
    "text == '('",
    "size(customer) > 0",
    "duration('1h') > duration('59m')",
    f"{NOON}.getFullYear() == 2026",
    f"{NOON}.getMonth() == 10",
    f"{NOON}.getDate() == 23",
    f"{NOON}.getDayOfMonth() == 22",
    f"{NOON}.getDayOfWeek() == 1",
    f"{NOON}.getDayOfYear() == 326",
    f"{NOON}.getHours() == 12",
    f"{NOON}.getMinutes() == 34",
    f"{NOON}.getSeconds() == 56",
    f"{NOON}.getMilliseconds() == 789",
]


@pytest.mark.parametrize("source", USES)
def test_what_the_language_knows_may_stand_in_a_condition(source: str) -> None:
    """An operator who has read CEL's own documentation need not find out what is left out."""
    compile_cel(source)


@pytest.mark.parametrize("name", ["bool", "max", "min"])
def test_a_function_that_the_engine_lacks_is_unknown(name: str) -> None:
    """Though other engines of the language have it."""
    with pytest.raises(ConditionProblem, match=rf"unknown function {name}\(\)"):
        compile_cel(f"{name}(turns) == 1")


@pytest.mark.parametrize("quoted", ["'[a-'", '"[a-"', "r'[a-'", 'R"[a-"'])
def test_a_pattern_is_looked_at_in_whichever_quotes_it_stands(quoted: str) -> None:
    """When the rules load, and not when the first customer writes."""
    with pytest.raises(ConditionProblem):
        compile_cel(f"text.matches({quoted})")
    compile_cel(f"text.matches({quoted.replace('[a-', '[a-z]')})")


@pytest.mark.parametrize("quoted", ["'(?=x)'", "r'(?=x)'"])
def test_a_pattern_that_is_refused_is_told_why(quoted: str) -> None:
    """In our words, whose engine it is at last."""
    with pytest.raises(ConditionProblem, match="look-around") as caught:
        compile_cel(f"text.matches({quoted})")
    assert "into another rule" in caught.value.remedy


@pytest.mark.parametrize("source", ["turns > moon", "moon > turns", "moon"])
def test_an_unknown_name_is_found_wherever_it_stands(source: str) -> None:
    """At the end too."""
    with pytest.raises(ConditionProblem, match="unknown fact 'moon'"):
        compile_cel(source)


@pytest.mark.parametrize("literal", ["true", "false"])
def test_a_fact_is_not_compared_with_a_yes_or_no_that_it_never_is(literal: str) -> None:
    """CEL would call that false, and the rule would never fire."""
    for name, kind in (("text", "string"), ("turns", "int"), ("faq.score", "double")):
        with pytest.raises(ConditionProblem) as caught:
            compile_cel(f"{name} == {literal}")
        assert caught.value.problem == f"{name} is of type {kind} and never equals {literal}"


@pytest.mark.parametrize("name", ["all", "exists", "exists_one", "filter", "map", "has"])
def test_a_misspelt_function_is_told_its_name(name: str) -> None:
    """The engine's own macros too, which it knows by other means."""
    with pytest.raises(ConditionProblem) as caught:
        compile_cel(f"{name}z(turns) == 1")
    assert f"{name!r}" in caught.value.remedy


def test_the_engines_words_are_cut_down_to_what_is_wrong_and_where() -> None:
    """An operator sees neither its file names nor its drawing of the place."""
    with pytest.raises(ConditionProblem, match=r"^the condition cannot be read: mismatched input"):
        compile_cel("text ==")


@pytest.mark.parametrize("sign", ["==", "!="])
def test_a_fact_is_compared_with_what_it_can_be(sign: str) -> None:
    """Of another type it would never be equal, which CEL takes for an answer."""
    with pytest.raises(ConditionProblem, match="turns is of type int and never equals 'three'"):
        compile_cel(f"turns {sign} 'three'")


def test_only_a_macro_binds_a_name() -> None:
    """Whatever else stands in brackets must be a fact."""
    with pytest.raises(ConditionProblem, match="unknown fact 'nonsense'"):
        compile_cel("text.contains(nonsense)")
