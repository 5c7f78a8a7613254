"""Proves `agentbot.pipeline.checks.judging.evidence`: what is seen of a claim beside its source."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from agentbot.pipeline.checks.judging.evidence import (
    OF_MEANING,
    OF_WORDS,
    Feature,
    Floats,
    Source,
    of_meaning,
    of_words,
)
from agentbot.pipeline.checks.parsing.wording import Wording, tongue

EN = tongue("en")
SHOP = Source(
    "Green tea ships to Norway within a week. Black tea is sold in tins. "
    "Returns are free for members.",
    EN,
)
SOURCE = Source(
    "The United Kingdom has 4 parts. Tea is grown there. It joined no union in 1950.", EN
)


def test_a_sentence_of_the_source_is_covered_whole() -> None:
    """In order, without a word that is new."""
    seen = of_words("The United Kingdom has 4 parts.", SOURCE)
    assert set(seen) == set(OF_WORDS)
    assert seen[Feature.COVERED] == seen[Feature.IN_ORDER] == 1
    assert seen[Feature.NOVEL] == seen[Feature.OTHER] == seen[Feature.NUMBERS] == 0


def test_what_is_new_is_counted() -> None:
    """Words, numbers, denials, words of the speaker, questions."""
    seen = of_words("I think the United Kingdom has not 5 castles?", SOURCE)
    assert seen[Feature.NOVEL] >= 1
    assert seen[Feature.NUMBERS] == 1
    assert seen[Feature.DENIED] == 1
    assert seen[Feature.FIRST] == seen[Feature.QUESTION] == 1


def test_forms_of_words_and_first_letters_are_known() -> None:
    """ "Kingdoms" and "UK" are not new."""
    assert of_words("The UK grows tea.", SOURCE)[Feature.NOVEL] == 0
    assert of_words("kingdoms", SOURCE)[Feature.NOVEL] == 0
    town = Source("The capital is Zubrowkaville.", EN)
    assert of_words("The capital is Zubrowkaburg.", town)[Feature.NOVEL] == 1


def test_a_claim_without_words_is_seen_too() -> None:
    """Nothing is divided by nothing."""
    assert set(of_words("?!", SOURCE)) == set(of_words("the", Source("", EN))) == set(OF_WORDS)


def test_the_place_is_where_most_of_the_claim_stands() -> None:
    """A window of two sentences."""
    place = SOURCE.best_place(Wording.of("Tea is grown", EN))
    assert "Tea is grown there." in place.text


def _letters(text: str) -> tuple[tuple[str, ...], Floats]:
    """Return vectors by which words of one first letter are the same."""
    words = tuple(text.lower().rstrip(".?").split())
    rows = np.zeros((len(words), 26), dtype=np.float32)
    rows[range(len(words)), [ord(word[0]) - 97 for word in words]] = 1
    return words, rows


def test_vectors_show_how_near_each_word_is() -> None:
    """To the place."""
    seen = of_meaning("cold tea", "tea kettle", _letters, EN)
    assert seen == {Feature.LEAST_MEANING: 0, Feature.LEAST_OF_ALL: 0}
    assert set(seen) == set(OF_MEANING)
    assert set(of_meaning("tea", "tea kettle", _letters, EN).values()) == {1}
    assert not any(of_meaning("", "tea", _letters, EN).values())


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (
            "To Norway green tea ships within a week.",
            {
                Feature.COVERED: 1,
                Feature.IN_ORDER: (6 / 8) ** 2,  # six of eight words are in the place's order
                **dict.fromkeys([Feature.OTHER, Feature.SPAN, Feature.NOVEL], 0),
                **dict.fromkeys([Feature.LAST_NOVEL, Feature.DENIED], 0),
                **dict.fromkeys([Feature.PRONOUNS, Feature.AUXILIARIES], 0),
            },
        ),
        (
            "Green tea ships to Oslo. Black tea is sold in tins.",
            {
                # words weigh by the root of their length, and one of four letters is new
                Feature.COVERED: 1 - 2 / (3 * sqrt(5) + 2 * sqrt(3) + 3 * 2),
                Feature.IN_ORDER: (10 / 11) ** 2,
                **dict.fromkeys([Feature.OTHER, Feature.SPAN, Feature.NOVEL], 1),
                Feature.LAST_NOVEL: 0,
            },
        ),
        (
            "No, returns are not free for nonmembers.",
            {
                Feature.IN_ORDER: (4 / 7) ** 2,
                Feature.OTHER: 3,
                **dict.fromkeys([Feature.SPAN, Feature.DENIED], 1),
                **dict.fromkeys([Feature.NOVEL, Feature.LAST_NOVEL], 1),
            },
        ),
        (
            "Silver spoons are sold. I think 42, and 43, and 44 are not!",
            # what counts of words is cut: two of three new numbers
            {Feature.NUMBERS: 2, Feature.FIRST: 1, Feature.DENIED: 1},
        ),
        (
            "I know I think I hope they may be with us, who or when?? Why?",
            {
                **dict.fromkeys([Feature.FIRST, Feature.QUESTION, Feature.PRONOUNS], 2),
                Feature.AUXILIARIES: 2,
                Feature.OTHER: 12,
                Feature.SPAN: 8,
            },
        ),
        (
            "It is what they had, which who could have done.",
            {Feature.PRONOUNS: 3, Feature.AUXILIARIES: 3},
        ),
        ("To us!", {Feature.COVERED: 0, Feature.LAST_NOVEL: 0}),
        ("Tea.", {Feature.IN_ORDER: 1, Feature.DENIED: 0}),
        ("Wild wide wise wine ways were won: what wit!", {Feature.NOVEL: 6}),
    ],
)
def test_each_feature_is_what_its_words_say(claim: str, expected: dict[Feature, float]) -> None:
    """Counted by hand: what is seen must stay what the judge's weights were learnt on."""
    seen = of_words(claim, SHOP)
    assert {one: seen[one] for one in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("word", "likeness"),
    [
        ("transport", 1.0),
        ("transporter", 0.75),
        ("kolor", 0.6),
        ("1951", 0.0),
        ("shop", 0.0),
    ],
)
def test_a_word_is_as_near_as_the_nearest_of_the_source(word: str, likeness: float) -> None:
    """One that the source has is no farther than itself, and a number has no forms."""
    assert Source("transport color 1950", EN).nearness(word) == pytest.approx(likeness)


def test_runs_are_taken_from_left_to_right() -> None:
    """The longest one at each word, wherever in the place it stands."""
    source = Source("red tea and red tea cups are here", EN)
    assert of_words("red tea cups and mugs", source)[Feature.OTHER] == 1
    assert of_words("mugs red tea mugs tea cups", source)[Feature.OTHER] == 2


_VECTORS = {
    "apple": (1.0, 0.0),
    "bread": (0.8, 0.6),
    "cake": (0.6, 0.8),
    "the": (0.0, 1.0),
    "zero": (0.0, 0.0),
}


def _known(text: str) -> tuple[tuple[str, ...], Floats]:
    words = tuple(text.split())
    return words, np.array([_VECTORS[word] for word in words], dtype=np.float32).reshape(-1, 2)


def test_each_likeness_is_what_the_vectors_say() -> None:
    """A common word counts among all words alone."""
    seen = of_meaning("apple apple bread cake the", "apple zero", _known, EN)
    assert seen == pytest.approx({Feature.LEAST_MEANING: 0.6, Feature.LEAST_OF_ALL: 0}, abs=1e-6)


def test_common_words_are_compared_where_there_are_no_others() -> None:
    """A claim of them alone is as near as the least of them."""
    seen = of_meaning("the", "cake", _known, EN)
    assert list(seen.values()) == pytest.approx([0.8, 0.8])
