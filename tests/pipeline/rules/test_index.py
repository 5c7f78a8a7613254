"""The index yields every rule that holds, in order (agentbot/pipeline/rules/index.py)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.rules.cel import compile_cel
from agentbot.pipeline.rules.conditions import Condition, Flag, KeywordsIn, MatchInput, PatternIn
from agentbot.pipeline.rules.index import RuleIndex
from agentbot.pipeline.rules.rule import KeepSilent, Rule
from agentbot.pipeline.turn import Author, Customer, Message
from tests.support.rules import compiled
from tests.support.tools import tool
from tests.support.turns import MONDAY_NOON, message, turn
from tests.support.words import WORDS

_WORDS = (
    "tea",
    "Tea",
    "cup",
    "cups",
    "don't",
    "größe",
    "GRÖSSE",
    "茶",
    "ティー",
    "don\u2019t",
    "ship",
)
_KEYWORDS = ("tea", "cup*", "tea cup", "größe", "茶", "ship*", "don't", "cup tea")
_PATTERNS = (
    "(?i)TEA cup",
    "cup(s|ped)?$",
    r"\bship",
    "^(tea|cup)",
    "Größe",
    "茶|cup",
    r"\d",
    "a.u",
)
_CEL = (
    "text.contains('tea')",
    "text.matches('(?i)cups?')",
    "customer.page == '/tea'",
    "'/cup' == customer.page || text.startsWith('cup')",
    "customer.metadata.plan == 'pro' && first_message",
    "(text.contains('cup') || text.contains('tea')) && agents_online == 0",
    "customer.metadata.plan == 'pro' ? text.contains('ship') : text.contains('cup')",
    "!(text == 'tea')",
    "reply_action == ''",
    "text.size() > 9",
    "customer.metadata.visits > 3",
    r"text.contains('don\'t')",
    "text.contains('cup\\ntea')",
)


def _keywords(words: list[str], kind: int) -> KeywordsIn:
    any_of, all_of = (words[:1], words[1:]) if kind % 2 else (words, [])
    return KeywordsIn(any_of, all_of, words[2:], unless_denied=kind > 1)


_CONDITIONS = st.one_of(
    st.builds(
        _keywords, st.lists(st.sampled_from(_KEYWORDS), min_size=1, max_size=3), st.integers(0, 3)
    ),
    st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2).map(PatternIn),
    st.sampled_from(_CEL).map(compile_cel),
    st.builds(Flag, st.just("first_message"), wanted=st.booleans()),
)
_RULES = st.lists(st.lists(_CONDITIONS, max_size=3), max_size=12)
_METADATA: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"plan": st.sampled_from(["pro", "", 1, None]), "visits": st.integers(0, 9)}
)


def _rule(number: int, conditions: list[Condition]) -> Rule:
    place = f"rules.yaml:{number}"
    return Rule(id=f"r{number}", place=place, effect=KeepSilent(), conditions=tuple(conditions))


def _matched(
    text: str,
    page: str = "",
    metadata: dict[str, Any] | None = None,
    last: Message | None = None,
) -> MatchInput:
    asked = turn(
        text,
        customer=Customer(id="k", page=page, metadata=metadata or {}),
        history=() if last is None else (last,),
    )
    denied = Negations(load_pack("en")).denied
    return MatchInput.of(Facts(asked, FactSources(words=WORDS, denied=denied)))


@given(
    _RULES,
    st.lists(st.sampled_from(_WORDS), max_size=5),
    st.sampled_from([" ", "\n", ", "]),
    st.sampled_from(["", "/tea", "/cup"]),
    _METADATA,
)
def test_the_index_and_a_plain_loop_agree(
    conditions: list[list[Condition]],
    words: list[str],
    joined_by: str,
    page: str,
    metadata: dict[str, Any],
) -> None:
    """Those that hold are the same rules in the same order, whatever is asked and said."""
    rules = [_rule(number, each) for number, each in enumerate(conditions)]
    text = joined_by.join(words)
    looped = [rule for rule in rules if rule.holds(_matched(text, page, metadata))]
    matched = _matched(text, page, metadata)
    found = [rule for rule in RuleIndex(rules).candidates(matched) if rule.holds(matched)]
    assert found == looped


def test_only_rules_that_may_hold_are_tried() -> None:
    """Of 300 rules with a word of their own, the one whose word was said, and one without words."""
    rules = [_rule(number, [KeywordsIn([f"word{number}"], [])]) for number in range(300)]
    rules.append(_rule(300, [Flag("first_message", wanted=True)]))
    found = RuleIndex(rules).candidates(_matched("Is word7 tea?"))
    assert [rule.id for rule in found] == ["r7", "r300"]


def test_a_rule_is_found_by_the_word_that_it_shares_with_the_fewest() -> None:
    """All ask for "shipping"; what tells them apart is the country."""
    rules = [_rule(number, [KeywordsIn([], ["shipping", f"land{number}"])]) for number in range(9)]
    assert [rule.id for rule in RuleIndex(rules).candidates(_matched("shipping to land4"))] == [
        "r4"
    ]


def test_a_fact_is_computed_only_when_a_rule_that_asks_for_it_has_its_turn() -> None:
    """A rule before it that decides saves a look into the FAQ."""
    rules = [
        _rule(0, [KeywordsIn(["tea"], [])]),
        _rule(1, [compile_cel("faq.id == 'shipping'")]),
    ]
    matched = _matched("tea")
    candidates = RuleIndex(rules).candidates(matched)
    assert next(candidates).id == "r0"
    assert "faq" not in matched.facts
    assert list(candidates) == []
    assert "faq" in matched.facts


@pytest.mark.parametrize("spoke", ["order", "tea, order", "tea", ""])
def test_a_rule_that_spoke_last_is_tried_without_its_words(spoke: str) -> None:
    """Its question for an order's number is answered by the number alone."""
    rules = compiled(
        """
        rules:
          - id: order
            keywords: where is my order
            look_up: order_status
            reply: 'It is {{ result.status }}.'
            on_failure: {missing: 'Which order?'}
        """,
        tools=(tool(),),
    ).first
    last = message(
        "Which order is it?",
        author=Author.BOT,
        at=MONDAY_NOON - timedelta(minutes=1),
        metadata={"agentbot": {"source": spoke}},
    )
    found = list(RuleIndex(rules).candidates(_matched("NO123456", last=last)))
    assert bool(found) is ("order" in spoke)
