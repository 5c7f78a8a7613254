"""Similarity by words: equal texts are nearest, rare words count more, slips are survived."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.faq.lexical import TfIdf, WordEvidence, character_features, word_features

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
    assert index.similarities("Ship to Norway")[0] == pytest.approx(1.0)
    assert not index.similarities("").any()


def test_rare_words_weigh_more() -> None:
    """A shared rare word brings texts nearer than a shared common one."""
    near = TfIdf(TEXTS, word_features).similarities("norway jacket")
    assert near[0] > near[1]


def test_unknown_words_count_against() -> None:
    """A question that asks for more than a phrasing says is further from it."""
    index = TfIdf(TEXTS, word_features)
    assert index.similarities("ship to norway")[0] > index.similarities("ship to norway today")[0]


def test_evidence_of_words() -> None:
    """A word speaks for the entries that use it, in whatever ending; an unknown one is silent."""
    evidence = WordEvidence(TEXTS[:3], np.array([0, 1, 0]))
    assert evidence.of("ships")[0] > 0 > evidence.of("ships")[1]
    assert evidence.of("returned zebra")[1] == evidence.of("returns")[1] > 0
    assert evidence.of("zebra").tolist() == [0, 0]


def test_pieces_survive_typing_errors() -> None:
    """A misspelt word still resembles itself."""
    assert TfIdf(TEXTS, character_features).similarities("jakcet norwya")[0] > 0.1


@given(st.text())
def test_always_between_zero_and_one(text: str) -> None:
    """Whatever is asked."""
    for features in (word_features, character_features):
        near = TfIdf(TEXTS, features).similarities(text)
        assert ((near >= 0) & (near <= 1.0001)).all()
