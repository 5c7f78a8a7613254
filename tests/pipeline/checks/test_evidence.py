"""Proves `agentbot.pipeline.checks.evidence`: what is seen of a claim beside its source."""

from __future__ import annotations

import numpy as np

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
