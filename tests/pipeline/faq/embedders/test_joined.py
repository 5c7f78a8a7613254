"""Two models joined: both compare English texts, and the one of many languages all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import Floats, cosines
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.embedders.minilm import DIMENSIONS

ENGLISH, OTHER = "where is my order", "can I return the teapot"
GERMAN, FRENCH = "wo ist meine Bestellung", "où est ma commande"


class Fixed:
    """An embedder of two numbers, or as many as MiniLM has, given as an angle by text."""

    def __init__(self, name: str, size: int, angles: Mapping[str, float]) -> None:
        self.name = name
        self.asked: list[str] = []
        self._size = size
        self._angles = angles

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return vectors at these angles, in degrees."""
        self.asked += texts
        found = np.zeros((len(texts), self._size), dtype=np.float32)
        for row, text in zip(found, texts, strict=True):
            angle = np.radians(self._angles[text])
            row[:2] = np.cos(angle), np.sin(angle)
        return found

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)


@pytest.fixture
def english() -> Fixed:
    """A model that finds the two English texts unrelated."""
    return Fixed("english", DIMENSIONS, {ENGLISH: 0, OTHER: 90})


@pytest.fixture
def joined(english: Fixed) -> JoinedEmbedder:
    """Joined with one that finds the German one half like the first, and all but OTHER alike."""
    angles = {ENGLISH: 0, OTHER: 60, GERMAN: 60, FRENCH: 60}
    return JoinedEmbedder(english, Fixed("many", 2, angles))


def test_both_compare_english_texts(joined: JoinedEmbedder) -> None:
    """By their shares: 0.85 of nothing, and 0.15 of a half."""
    vectors = joined.embed([ENGLISH, OTHER])
    found = joined.compare(vectors, vectors)
    assert np.diag(found) == pytest.approx(1.0)
    assert found[0, 1] == pytest.approx(0.075)


def test_one_compares_what_is_not_english(joined: JoinedEmbedder, english: Fixed) -> None:
    """On either side; its distances are stretched to those of both, equal texts staying equal."""
    vectors = joined.embed([ENGLISH, GERMAN, FRENCH])
    found = joined.compare(vectors, vectors)
    assert found[0, 1] == found[1, 0] == pytest.approx(1 - 1.05 * 0.5)
    assert found[1, 2] == pytest.approx(1.0)
    assert found[0, 0] == pytest.approx(1.0)
    assert english.asked == [ENGLISH]


def test_vectors_are_of_length_one(joined: JoinedEmbedder) -> None:
    """Of either kind; no text gives none. Another model, or another share, has another name."""
    vectors = joined.embed([ENGLISH, GERMAN])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)
    assert joined.embed([]).shape == (0, DIMENSIONS + 2)
    assert joined.name == "english:0.85+many"
