"""USE in this process: a sentence is near its translation, and one thread does the work."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders.use import UseEmbedder
from tests.support.optional import requires_meanings

pytestmark = requires_meanings

TRANSLATED = {
    "nl": "waar is mijn bestelling",
    "it": "dove si trova il mio ordine",
    "pl": "gdzie jest moje zamówienie",
    "ru": "где мой заказ",
    "tr": "siparişim nerede",
    "ja": "私の注文はどこですか",
    "ar": "أين طلبي",
}


@pytest.fixture(scope="module")
def use() -> UseEmbedder:
    """The real model."""
    return UseEmbedder()


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_sentence_is_near_its_translation(use: UseEmbedder, code: str) -> None:
    """Nearer than to what another entry of a shop's FAQ asks."""
    asked = use.embed([TRANSLATED[code]])
    same, other, far = use.compare(
        asked, use.embed(["where is my order", "can I cancel my order", "do you sell tea"])
    )[0]
    assert same > other + 0.1 > far


def test_a_text_is_embedded_alike_in_any_company(use: UseEmbedder) -> None:
    """One vector of length 1 a text, which depends on no other text but for rounding."""
    alone, company = use.embed(["Hello, world"]), use.embed(["x", "Hello, world"])
    np.testing.assert_allclose(alone[0], company[1], atol=1e-5)
    assert np.linalg.norm(alone, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert use.embed([]).shape == (0, 512)


def test_odd_texts(use: UseEmbedder) -> None:
    """Nothing gives a vector, as half a character does; what is far too long is cut."""
    empty, half, long, longer = use.embed(["", "\ud800", "word " * 200, "word " * 200 + "other"])
    assert np.linalg.norm([empty, half], axis=1) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(long, longer, atol=1e-5)


def test_it_never_spreads_over_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what limits its threads it is not loaded at all."""
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(ConfigurationError, match="threadpoolctl"):
        UseEmbedder()
