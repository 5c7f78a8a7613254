"""Embedders: vectors from elsewhere fit in."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import PooledEmbedder


def test_vectors_from_elsewhere() -> None:
    """Brought to length 1; one of zeros stays so."""
    table = {"a": [3.0, 4.0], "b": [0.0, 0.0]}
    embedder = PooledEmbedder("x", lambda texts: [table[text] for text in texts])
    vectors = embedder.embed(["a", "b"])
    assert vectors.tolist() == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
    assert embedder.compare(vectors, vectors).tolist() == pytest.approx(np.array([[1, 0], [0, 0]]))
