"""A need never asks for more than its condition (agentbot/pipeline/rules/needs.py)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.rules.conditions import ConditionProblem, compile_pattern
from agentbot.pipeline.rules.needs import Need, Where, any_of, in_line, narrowest, pattern_need

LETTERS = "abkKsSßẞ\u017f\u212aéÉiIİ\u0131Σ\u03c3ς\u00b5μжЖ中ォAB19 _-.\u0264"
"""Letters whose other case is another letter's, or two letters, or known to a newer Unicode only"""

_ATOMS = st.one_of(
    st.text(st.sampled_from(LETTERS), min_size=1, max_size=5).map(re.escape),
    st.sampled_from(
        [
            *(".", r"\d", r"\b", "^", "$", "[ab]", "[^]a]", "[[:alpha:]b]", "[a&&[^b]]", r"[\]ab]"),
            *(r"\x61b", r"\x{61}b", r"\u0061b", r"\pLab", r"\p{Greek}ab", r"\.", r"\-", "(?i)"),
            *("(?s-i)", "()", r"\<", r"\b{start}ab"),
        ]
    ),
)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"(?P<n>{one})"),
        inner.map(lambda one: f"(?i:{one})"),
        st.tuples(
            inner,
            st.sampled_from(["?", "*", "+", "+?", "??", "{0,2}", "{2}", "{1,}", "+{0}", "+*"]),
        ).map(lambda two: f"(?:{two[0]}){two[1]}"),
        st.tuples(inner, st.sampled_from(["?", "+", "{0,1}", "{3}"])).map("".join),
    )


PATTERNS = st.recursive(_ATOMS, _wider, max_leaves=8)


@given(PATTERNS, st.lists(st.text(st.sampled_from(LETTERS), max_size=8), max_size=3), st.data())
def test_a_pattern_that_is_found_has_what_it_needs(
    pattern: str, around: list[str], data: st.DataObject
) -> None:
    """Whatever the engine finds a pattern in holds one of the texts that the need names."""
    try:
        is_found = compile_pattern(pattern)
    except ConditionProblem:
        return
    need = pattern_need(pattern)
    if need is None:
        return
    pieces = [*around, *need.texts, *re.findall(r"[^\W\d_]+", pattern)]
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=5)))
    if is_found(text):
        assert any(one in text.casefold() for one in need.texts)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"(?i)\b(order|parcel)\b.{0,40}\d{5}", {"order", "parcel"}),
        (r"(?i)^\s*(hi|hello)( there)?[\s!]*$", {"hi", "hello"}),
        (r"Colou?rs", {"colo"}),
        (r"colou+?r", {"colou"}),
        (r"(abc)*tea pot", {"tea pot"}),
        (r"tea.pot is", {"pot is"}),
        (r"C\+\+ book", {"c++ book"}),
        (r"(?:order)+", {"order"}),
        (r"größe", {"grösse"}),
    ],
)
def test_the_longest_text_that_must_be_there_is_found(pattern: str, texts: set[str]) -> None:
    """Of a choice all of them."""
    assert pattern_need(pattern) == Need(Where.LINE, frozenset(texts))


@pytest.mark.parametrize(
    "pattern",
    [r"\d{5}", "a?b?c?", "(tea|)", "tea|.", "(?x) te a", "(order)?", "(order){0,3}", "e\u0301", ""],
)
def test_nothing_is_asked_for_where_nothing_must_be_there(pattern: str) -> None:
    """Such a pattern is tried on every message."""
    assert pattern_need(pattern) is None


def test_a_choice_of_two_places_is_no_need() -> None:
    """An index looks in one place for each rule."""
    word, letters = Need(Where.FOLDED, frozenset({" tea "})), in_line("tea")
    assert any_of([word, letters]) is None
    assert any_of([letters, None]) is None
    assert any_of([in_line("Tea"), in_line("cup")]) == Need(Where.LINE, frozenset({"tea", "cup"}))
    assert narrowest([]) is None


def test_every_case_of_a_sure_letter_is_found_when_case_folded() -> None:
    """The engine's other cases of a letter are those of Python's case folding."""
    signs = [chr(code) for code in (*range(0x20, 0x180), *range(0x386, 0x460))]
    for sign in signs:
        need = in_line(sign * 2)
        if need is None:
            continue
        is_found = compile_pattern(f"(?i)^{re.escape(sign)}$")
        (wanted,) = need.texts
        for other in {
            sign.upper(),
            sign.lower(),
            sign.swapcase(),
            sign.title(),
            "\u017f",
            "\u212a",
        }:
            if len(other) == 1 and is_found(other):
                assert wanted in (other * 2).casefold(), (sign, other)
