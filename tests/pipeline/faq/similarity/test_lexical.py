"""Similarity by words: equal texts are nearest, rare words count more, slips are survived."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.similarity import lexical
from agentbot.pipeline.faq.similarity.lexical import (
    Counted,
    Floats,
    LeftOut,
    TfIdf,
    WordCounts,
    character_features,
    word_features,
)


def near(index: TfIdf, text: str) -> Floats:
    """Return the similarity of a text with each phrasing."""
    return index.similarities(index.terms(text))


TEXTS = ["ship to norway", "return the jacket", "ship the jacket", ""]


def test_features() -> None:
    """Words with their neighbours; pieces stay inside a word."""
    assert list(word_features("Ship it!")) == ["ship", "it", "ship it"]
    assert list(word_features("Café_crème")) == ["cafe", "creme", "cafe creme"]
    assert list(character_features("to it")) == [" to", "to ", " to ", " it", "it ", " it "]


@pytest.mark.parametrize("features", [word_features, character_features])
def test_same_text_is_one(features: object) -> None:
    """A text is as near to itself as can be; an empty one is near nothing."""
    index = TfIdf(TEXTS, word_features if features is word_features else character_features)
    assert near(index, "Ship to Norway")[0] == pytest.approx(1.0)
    assert not near(index, "").any()


def test_rare_words_weigh_more() -> None:
    """A shared rare word brings texts nearer than a shared common one."""
    found = near(TfIdf(TEXTS, word_features), "norway jacket")
    assert found[0] > found[1]


def test_unknown_words_count_against() -> None:
    """A question that asks for more than a phrasing says is further from it."""
    index = TfIdf(TEXTS, word_features)
    assert near(index, "ship to norway")[0] > near(index, "ship to norway today")[0]


def test_sketches_compare_about_as_the_words_do() -> None:
    """Products of sketches are the similarities, but for terms that share a place by chance."""
    index = TfIdf(TEXTS, character_features)
    asked = ["ship the jackets", "norway"]
    found = index.sketch([index.terms(text) for text in asked]) @ index.sketches.T
    assert found == pytest.approx(np.array([near(index, text) for text in asked]), abs=0.2)
    assert index.sketch([]).shape == (0, index.sketches.shape[1])


def test_evidence_of_words() -> None:
    """A word speaks for the entries that use it, in whatever ending; an unknown one is silent."""
    counts = WordCounts(TEXTS[:3], np.array([0, 1, 0]))
    ships = counts.evidence("ships", [0, 1])
    assert ships.likelier[0] > 0 > ships.likelier[1]
    assert ships.covered.tolist() == [1, 0]
    returned = counts.evidence("returned zebra", [1])
    assert returned.likelier == counts.evidence("returns", [1]).likelier > 0
    assert 0 < returned.covered[0] < 1
    assert returned.covered[0] == pytest.approx(1 - returned.unknown)
    nothing = counts.evidence("zebra", [0, 1])
    assert nothing.likelier.tolist() == nothing.covered.tolist() == [0, 0]
    assert nothing.unknown == 1
    assert counts.evidence("", [0]).unknown == 0


def test_evidence_without_what_is_left_out() -> None:
    """As it would be in a FAQ without the phrasing, or without its entry."""
    texts, owners = ["ship to norway", "ship it abroad", "return it"], np.array([0, 0, 1])
    whole = WordCounts(texts, owners)
    without_phrasing = WordCounts(texts[1:], owners[1:]).evidence(texts[0], [0, 1])
    found = whole.evidence(texts[0], [0, 1], LeftOut(0, whole=False))
    assert found.likelier == pytest.approx(without_phrasing.likelier)
    assert found.covered == pytest.approx(without_phrasing.covered)
    assert found.unknown == pytest.approx(without_phrasing.unknown)
    without_entry = WordCounts(texts[2:], np.array([0])).evidence(texts[1], [0])
    found = whole.evidence(texts[1], [1], LeftOut(0, whole=True))
    assert found.likelier == pytest.approx(without_entry.likelier)
    assert found.unknown == pytest.approx(without_entry.unknown)


def test_pieces_survive_typing_errors() -> None:
    """A misspelt word still resembles itself."""
    assert near(TfIdf(TEXTS, character_features), "jakcet norwya")[0] > 0.1


@given(st.text())
def test_always_between_zero_and_one(text: str) -> None:
    """Whatever is asked."""
    for features in (word_features, character_features):
        found = near(TfIdf(TEXTS, features), text)
        assert ((found >= 0) & (found <= 1.0001)).all()


@pytest.mark.parametrize("features", [word_features, character_features])
def test_an_index_made_of_another_is_as_one_made_anew(features: object) -> None:
    """What both have is not counted again; words that are gone are as unknown as any."""
    read: list[str] = []
    wanted = word_features if features is word_features else character_features

    def watched(text: str) -> list[str]:
        read.append(text)
        return list(wanted(text))

    before = TfIdf(TEXTS, watched)
    read.clear()
    edited = ["ship to sweden", *TEXTS[1:], "ship the jacket"]
    found, anew = TfIdf(edited, watched, before), TfIdf(edited, wanted)
    assert read == ["ship to sweden"]
    asked = "does it ship to norway or sweden"
    np.testing.assert_array_equal(near(found, asked), near(anew, asked))
    np.testing.assert_array_equal(found.sketches, anew.sketches)
    np.testing.assert_array_equal(
        found.sketch([found.terms(asked)]), anew.sketch([anew.terms(asked)])
    )
    # The one before goes on as if nothing had been added to what they share.
    np.testing.assert_array_equal(
        near(before, "ship to sweden"), near(TfIdf(TEXTS, wanted), "ship to sweden")
    )


def test_counts_made_of_others_are_as_those_made_anew() -> None:
    """Whatever words and entries have come and gone."""
    owners = np.array([0, 1, 0])
    before = WordCounts(TEXTS[:3], owners)
    edited, theirs = ["post it abroad", *TEXTS[:3]], np.array([0, 1, 2, 1])
    found, anew = WordCounts(edited, theirs, before), WordCounts(edited, theirs)
    for asked in ("ship it to norway", "zebra"):
        one, other = found.evidence(asked, [0, 1, 2]), anew.evidence(asked, [0, 1, 2])
        np.testing.assert_array_equal(one.likelier, other.likelier)
        np.testing.assert_array_equal(one.covered, other.covered)
        assert one.unknown == other.unknown


def test_a_text_of_the_index_has_the_terms_that_it_was_read_with() -> None:
    """The same as if it were asked."""
    index = TfIdf(TEXTS, character_features)
    for place, text in enumerate(TEXTS):
        kept, asked = index.terms_at(place), index.terms(text)
        np.testing.assert_array_equal(kept.numbers, asked.numbers)
        assert kept.weights == pytest.approx(asked.weights)


def test_a_worn_vocabulary_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it does not grow with every edit."""
    monkeypatch.setattr(lexical, "_LEAST_USED", 1)
    counted = Counted(["first words of all"], word_features)
    for number in range(10):
        counted = Counted([f"words of edit number {number}"], word_features, counted)
    assert counted.used <= len(counted.vocabulary) <= 3 * counted.used
    assert counted.number("first") is None
