"""The remembering embedder: a question that is asked again at once is not embedded again."""

from __future__ import annotations

import numpy as np

from agentbot.pipeline.faq.embedders.remembering import RememberingEmbedder
from tests.support.faq import WordEmbedder


def test_a_question_is_embedded_once() -> None:
    """And gets the same vector, in whatever order its parts come."""
    inner = WordEmbedder()
    embedder = RememberingEmbedder(inner)
    first = embedder.embed(["ship to norway", "cups"])
    again = embedder.embed(["cups", "oven", "ship to norway"])
    assert inner.texts == ["ship to norway", "cups", "oven"]
    assert np.array_equal(again[[2, 0]], first)
    assert embedder.name == inner.name
    assert np.array_equal(embedder.compare(first, again), inner.compare(first, again))


def test_what_is_learnt_is_not_kept() -> None:
    """Only questions are, the last 256 of them."""
    inner = WordEmbedder()
    embedder = RememberingEmbedder(inner)
    texts = [f"text {number}" for number in range(9)]
    embedder.embed(texts)
    embedder.embed(texts[:1])
    assert inner.texts == [*texts, "text 0"]
    for number in range(300):
        embedder.embed([f"question {number}"])
    before = len(inner.texts)
    embedder.embed(["question 299"])
    assert len(inner.texts) == before
    embedder.embed(["question 0"])
    assert len(inner.texts) == before + 1


def test_nothing_is_asked_for_nothing() -> None:
    """As of the inner one."""
    assert len(RememberingEmbedder(WordEmbedder()).embed(["x"])) == 1
