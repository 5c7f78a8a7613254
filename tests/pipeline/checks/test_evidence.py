"""Proves `agentbot.pipeline.checks.evidence`: what is seen of a claim beside its source."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from agentbot.pipeline.checks.evidence import (
    OF_MEANING,
    OF_WORDS,
    Feature,
    Floats,
    Source,
    of_meaning,
    of_words,
)
from agentbot.pipeline.checks.wording import Wording, tongue

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
    assert seen[Feature.COVERED] == seen[Feature.IN_ORDER] == seen[Feature.PAIRS] == 1
    assert seen[Feature.NOVEL] == seen[Feature.OTHER] == seen[Feature.NUMBERS] == 0


def test_what_is_new_is_counted() -> None:
    """Words, numbers, denials, opinions, questions."""
    seen = of_words("I think the United Kingdom has not 5 castles?", SOURCE)
    assert seen[Feature.NOVEL] >= 1
    assert seen[Feature.NUMBERS] == 1
    assert seen[Feature.DENIED] == 1
    assert seen[Feature.FIRST] == seen[Feature.OPINION] == seen[Feature.QUESTION] == 1


def test_forms_of_words_and_first_letters_are_known() -> None:
    """ "Kingdoms" and "UK" are not new."""
    seen = of_words("The UK grows tea.", SOURCE)
    assert seen[Feature.SHORT_FORM] == 1
    assert of_words("kingdoms", SOURCE)[Feature.NOVEL] == 0
    town = Source("The capital is Zubrowkaville.", EN)
    assert of_words("The capital is Zubrowkaburg.", town)[Feature.NOVEL] == 1


def test_what_the_question_has_is_told_apart() -> None:
    """A new word that was asked about."""
    seen = of_words("Castles", SOURCE, asked="Are there castles?")
    assert (seen[Feature.NOVEL], seen[Feature.NOT_ASKED]) == (1, 0)


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
    """To the place, and to what was asked."""
    seen = of_meaning("cold tea", "tea kettle", "cold water", _letters, EN)
    assert set(seen) == set(OF_MEANING)
    assert seen[Feature.MEANING] == seen[Feature.ASKED_MEANING] == 0.5
    assert (seen[Feature.LEAST_MEANING], seen[Feature.NEARER_ASKED]) == (0, 1)
    assert not any(of_meaning("", "tea", "", _letters, EN).values())


@pytest.mark.parametrize(
    ("claim", "asked", "expected"),
    [
        (
            "To Norway green tea ships within a week.",
            "",
            {
                # six of eight words are in the place's order, three in one run, five of seven pairs
                **dict.fromkeys([Feature.COVERED, Feature.IN_WINDOW, Feature.IN_WINDOW_SQUARED], 1),
                Feature.IN_ORDER: 6 / 8,
                Feature.IN_ORDER_SQUARED: (6 / 8) ** 2,
                Feature.LEAST_IN_ORDER: 6 / 8,
                Feature.RUN: 3 / 8,
                Feature.PAIRS: 5 / 7,
                **dict.fromkeys([Feature.OTHER, Feature.SPAN, Feature.COMMON_NOVEL], 0),
                **dict.fromkeys([Feature.ANY_NOVEL, Feature.FIRST_NOVEL, Feature.LAST_NOVEL], 0),
                **dict.fromkeys([Feature.DENIED, Feature.SHORT_FORM], 0),
                Feature.SENTENCES: 1,
                Feature.LENGTH: log(1 + 8),
                Feature.LONG: log(1 + 6),
            },
        ),
        (
            "Green tea ships to Oslo. Black tea is sold in tins.",
            "",
            {
                # words weigh by the root of their length, and one of four letters is new
                Feature.COVERED: 1 - 2 / (3 * sqrt(5) + 2 * sqrt(3) + 3 * 2),
                Feature.IN_WINDOW: 1 - 2 / (3 * sqrt(5) + 2 * sqrt(3) + 3 * 2),
                Feature.IN_WINDOW_SQUARED: (1 - 2 / (3 * sqrt(5) + 2 * sqrt(3) + 6)) ** 2,
                Feature.IN_ORDER: 10 / 11,
                Feature.LEAST_IN_ORDER: 4 / 5,
                Feature.RUN: 6 / 11,
                Feature.PAIRS: 8 / 10,
                **dict.fromkeys([Feature.OTHER, Feature.SPAN, Feature.NOVEL, Feature.ANY_NOVEL], 1),
                **dict.fromkeys([Feature.FIRST_NOVEL, Feature.LAST_NOVEL], 0),
                Feature.SENTENCES: 2,
            },
        ),
        (
            "No, returns are not free for nonmembers.",
            "Free for nonmembers?",
            {
                # "no" and "not" deny, and of the sentence without "no" four words of six are there
                Feature.IN_ORDER: 4 / 7,
                Feature.LEAST_IN_ORDER: 4 / 6,
                Feature.RUN: 2 / 7,
                Feature.PAIRS: 2 / 6,
                Feature.OTHER: 3,
                **dict.fromkeys([Feature.SPAN, Feature.COMMON_NOVEL, Feature.DENIED], 1),
                **dict.fromkeys([Feature.NOVEL, Feature.LAST_NOVEL], 1),
                **dict.fromkeys([Feature.NOT_ASKED, Feature.FIRST_NOVEL], 0),
            },
        ),
        (
            "Silver spoons are sold. I think 42, and 43, and 44 are not!",
            "",
            {
                # what counts of words is cut: two of three new numbers
                Feature.NUMBERS: 2,
                Feature.FIRST: 1,
                Feature.OPINION: 1,
                Feature.DENIED: 1,
                Feature.FIRST_NOVEL: 1,
            },
        ),
        (
            "I know I think I hope they may be with us, who or when?? Why?",
            "",
            {
                **dict.fromkeys([Feature.FIRST, Feature.OPINION, Feature.QUESTION], 2),
                Feature.COMMON_NOVEL: 6,
                Feature.OTHER: 12,
                Feature.SPAN: 8,
                Feature.IN_WINDOW: 0,
                Feature.LEAST_IN_ORDER: 0,
            },
        ),
        ("To us!", "", {Feature.LEAST_IN_ORDER: 1, Feature.COVERED: 0, Feature.LONG: 0}),
        ("Tea.", "", {Feature.PAIRS: 0, Feature.IN_ORDER: 1, Feature.SENTENCES: 1}),
        ("Tea. Tea. Tea. Tea. Tea.", "", {Feature.SENTENCES: 4, Feature.DENIED: 0}),
        ("Wild wide wise wine ways were won: what wit!", "", {Feature.NOVEL: 6}),
    ],
)
def test_each_feature_is_what_its_words_say(
    claim: str, asked: str, expected: dict[Feature, float]
) -> None:
    """Counted by hand: what is seen must stay what the judge's weights were learnt on."""
    seen = of_words(claim, SHOP, asked)
    assert {one: seen[one] for one in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("word", "likeness"),
    [
        ("transport", 1.0),
        ("transporte", 0.75),
        ("transporter", 0.75),
        ("transp", 0.75),
        ("transpor", 0.75),
        ("translate", 0.0),  # four letters after the five that both begin with
        ("transportations", 0.0),  # an ending of six letters
        ("kolor", 0.6),  # three of five pieces
        ("1951", 0.0),
        ("x950", 0.0),
    ],
)
def test_forms_are_told_from_words_of_one_beginning(word: str, likeness: float) -> None:
    """By their endings, else by their letters three by three; numbers have no forms."""
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
    "question": (0.0, 1.0),
}


def _known(text: str) -> tuple[tuple[str, ...], Floats]:
    words = tuple(text.split())
    return words, np.array([_VECTORS[word] for word in words], dtype=np.float32).reshape(-1, 2)


def test_each_likeness_is_what_the_vectors_say() -> None:
    """Common words count in the mean of all words alone."""
    seen = of_meaning("apple apple bread cake the", "apple zero", "question", _known, EN)

    assert seen == pytest.approx(
        {
            Feature.MEANING: (1 + 1 + 0.8 + 0.6) / 4,
            Feature.LEAST_MEANING: 0.6,
            Feature.LEAST_TWO: (0.6 + 0.8) / 2,
            Feature.LEAST_THREE: (0.6 + 0.8 + 1) / 3,
            Feature.MISSING_MEANING: 0.2 + 0.4,
            Feature.ALL_MEANING: (1 + 1 + 0.8 + 0.6 + 0) / 5,
            Feature.READ_MEANING: (1 + 0) / 2,
            Feature.ASKED_MEANING: (0 + 0 + 0.6 + 0.8) / 4,
            Feature.NEARER_ASKED: 0.8 - 0.6,
        },
        abs=1e-6,
    )


def test_common_words_are_compared_where_there_are_no_others() -> None:
    """And where nothing was asked, nothing is near to it."""
    seen = of_meaning("the", "cake", "", _known, EN)
    assert seen[Feature.MEANING] == pytest.approx(0.8)
    assert seen[Feature.ASKED_MEANING] == 0
