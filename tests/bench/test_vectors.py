"""``vectors.py``: a text is embedded once, whoever asks again, and vectors come back unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import TokenVectors
from tests.bench.vectors import RememberedEmbedder


class _Counting:
    """An embedder that notes what it is asked: a token a letter, of two numbers each."""

    def __init__(self, name: str = "letters", scale: float = 1.0) -> None:
        self.name = name
        self.asked: list[str] = []
        self._scale = scale

    def embed(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the letters' codes, and their halves."""
        self.asked += texts
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> TokenVectors:
        ids = np.array([ord(letter) for letter in text], dtype=np.int64)
        return TokenVectors(ids, np.stack([ids, ids / 2], axis=1).astype(np.float32) * self._scale)


def test_a_second_run_embeds_nothing(tmp_path: Path) -> None:
    """But the probe; and the vectors are the same, in the order asked for."""
    first, second = _Counting(), _Counting()
    embedder = RememberedEmbedder(first, tmp_path)
    new = embedder.embed(["ab", "c", "ab", "\ud800"])
    assert embedder.embedded == 3
    embedder.close()
    embedder = RememberedEmbedder(second, tmp_path)
    kept = embedder.embed(["ab", "c", "ab", "\ud800"])
    assert (embedder.embedded, len(second.asked)) == (0, 1)
    for one, other in zip(new, kept, strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)
        np.testing.assert_array_equal(one.vectors, other.vectors)
    embedder.close()


def test_another_embedder_has_another_file(tmp_path: Path) -> None:
    """By its name, and by what it makes of a text."""
    RememberedEmbedder(_Counting(), tmp_path).embed(["ab"])
    for other in (_Counting(name="others"), _Counting(scale=2.0)):
        embedder = RememberedEmbedder(other, tmp_path)
        embedder.embed(["ab"])
        assert embedder.embedded == 1
        embedder.close()
