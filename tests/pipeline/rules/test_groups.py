"""Named groups: what they hold, and that no pattern takes for ever to tell."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.rules.conditions import ConditionProblem, MatchInput
from agentbot.pipeline.rules.groups import Groups, _pieces
from tests.support.tools import facts

_ORDER = r"(?i)\b(?P<order>[A-Z]{2}\d{6})\b"


def _found(pattern: str, text: str) -> dict[str, str]:
    return Groups([pattern]).found_in(MatchInput.of(facts(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "order"),
    [
        (_ORDER, "Where is FF123456?", "FF123456"),
        (_ORDER, "where is ff123456, FF654321?", "ff123456"),
        (_ORDER, "nothing", ""),
        (_ORDER, "FF1234567", ""),
        (r"(?i)order\s*(?:no\.?)?\s*#?(?P<order>\d+)", "my Order no. #4711 please", "4711"),
        (r"order (?P<order>\d+)", "my order\n4711", "4711"),
        (r"order(?P<order> \d+)?", "my order", ""),
        (r"it's (?P<order>\d+)", "it\u2019s 12", "12"),
        (r"(?P<order>[)+]+)x", "a)+)x", ")+)"),
        (r"(?P<order>\d+)\)+", "(12))", "12"),
    ],
)
def test_a_group_holds_what_it_found(pattern: str, text: str, order: str) -> None:
    """In the message's lines, or in all of it as one; "" where it found nothing."""
    assert _found(pattern, text) == {"order": order}


def test_the_first_pattern_that_is_found_counts() -> None:
    """The groups of the others are empty."""
    groups = Groups([r"order (?P<order>\d+)", r"parcel (?P<parcel>\d+)", r"no groups"])
    assert groups.names == {"order", "parcel"}
    found = groups.found_in(MatchInput.of(facts("parcel 12")))
    assert found == {"order": "", "parcel": "12"}


@given(
    before=st.text(alphabet="ab \n", max_size=3000), after=st.text(alphabet="ab \n", max_size=900)
)
def test_it_is_found_anywhere_in_a_long_text(before: str, after: str) -> None:
    """A text is looked at in pieces, none of which begins or ends within a word."""
    assert _found(_ORDER, f"{before} FF123456 {after}") == {"order": "FF123456"}


@given(st.text(alphabet="F0123456789 ", max_size=1000))
def test_a_piece_makes_no_number_of_a_longer_one(text: str) -> None:
    """What is found stands alone in the whole text too."""
    order = _found(r"\b(?P<order>F\d{3})\b", text)["order"]
    assert not order or order in text.split()


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<order>(a+)+)b",
        r"(?P<order>(?:a|a)*)b",
        r"(?P<order>a+){2,}b",
        r"((?P<order>a+)b?)*",
        "(?x)(?P<order>(a+) # twice\n+)b",
    ],
)
def test_a_repeated_group_is_refused(pattern: str) -> None:
    """Beside one with a name: it could take for ever on a short text."""
    with pytest.raises(ConditionProblem, match="repeats a group"):
        Groups([pattern])


@pytest.mark.parametrize(
    "pattern", [r"(?<order>\d+)", r"(?P<order>\p{Lu}+)", r"(?P<order>[[:alpha:]]+)"]
)
def test_what_one_engine_alone_reads_is_refused(pattern: str) -> None:
    """It would find nothing, or something else."""
    with pytest.raises(ConditionProblem, match="has a named group, and cannot be read"):
        Groups([pattern])


def test_patterns_without_names_are_none_of_its_business() -> None:
    """They may repeat what they want."""
    assert Groups([r"(a+)+b"]).names == frozenset()


def test_a_text_made_to_take_long_does_not() -> None:
    """Ten thousand characters in which all but the end fits, and then once the whole."""
    text = "order " + " \n" * 4_900 + "x order 4711"
    began = time.perf_counter()
    assert _found(r"order\s*(?:no)?\s*#?\s*(?P<order>\d+)", text) == {"order": "4711"}
    assert time.perf_counter() - began < 1


_WORDS = st.lists(st.text(alphabet="ab1", min_size=1, max_size=60), max_size=60)


@given(_WORDS, st.sampled_from([" ", "\n", "  "]))
def test_each_short_span_of_words_is_in_a_piece(words: list[str], blank: str) -> None:
    """And no piece is long, or holds half a word."""
    text = blank.join(words)
    pieces = list(_pieces(text))
    assert all(len(piece) <= 300 for piece in pieces)
    assert all(set(piece.split()) <= set(words) for piece in pieces)
    starts = [
        sum(len(word) + len(blank) for word in words[:number]) for number in range(len(words))
    ]
    for number, start in enumerate(starts):
        span = ""
        for word in words[number:]:
            longer = f"{span}{blank}{word}" if span else word
            if len(longer) > 150:
                break
            span = longer
        assert any(span in piece for piece in pieces), (start, span)


def test_a_text_is_looked_at_in_as_few_pieces_as_that_takes() -> None:
    """A short one whole, from its first word on; a long one in steps of 150 characters."""
    assert list(_pieces(" a b")) == [" a b".strip()]
    assert list(_pieces("")) == []
    assert list(_pieces(" ")) == []
    text = " ".join(["abcd"] * 120)
    assert [len(piece) for piece in _pieces(text)] == [300, 300, 289, 134]
    assert list(_pieces("x" * 301)) == [""]
    assert next(_pieces("x" * 300 + " y")) == "x" * 300
