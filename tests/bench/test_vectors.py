"""``vectors.py``: a text is embedded once, whoever asks again, and vectors come back unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Floats
from tests.bench.vectors import RememberedEmbedder


class _Counting:
    """An embedder that notes what it is asked: a text's length, and half of it."""

    def __init__(self, name: str = "letters", scale: float = 1.0) -> None:
        self.name = name
        self.asked: list[str] = []
        self._scale = scale

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the texts' lengths, and their halves."""
        self.asked += texts
        lengths = np.array([len(text) for text in texts], dtype=np.float32) * self._scale
        return np.stack([lengths, lengths / 2], axis=1).astype(np.float32)

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the differences in length."""
        return np.asarray(vectors[:, :1] - others[:, 0], dtype=np.float32)


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
    np.testing.assert_array_equal(new, kept)
    assert embedder.compare(kept[:1], kept).tolist() == [[0.0, 1.0, 0.0, 1.0]]
    embedder.close()


def test_another_embedder_has_another_file(tmp_path: Path) -> None:
    """By its name, and by what it makes of a text."""
    RememberedEmbedder(_Counting(), tmp_path).embed(["ab"])
    for other in (_Counting(name="others"), _Counting(scale=2.0)):
        embedder = RememberedEmbedder(other, tmp_path)
        embedder.embed(["ab"])
        assert embedder.embedded == 1
        embedder.close()
