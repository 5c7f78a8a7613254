"""By meaning: vectors are made once, kept, and done without while they are not to be had."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.knowledge.by_meaning import MeaningIndex, Vectors
from tests.support.faq import WordEmbedder

TEXTS = ["wash cups", "parcel norway", "open sunday"]


class Counting(WordEmbedder):
    """An embedder that notes what it is asked for, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.fails = False

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the vectors, or fail."""
        if self.fails:
            raise LLMError("unreachable", "no network")
        self.asked += texts
        return super().embed(texts)


def test_the_nearest_text_is_the_one_that_means_it(tmp_path: Path) -> None:
    """As soon as the vectors have been learnt."""
    index = MeaningIndex(TEXTS, Counting(), tmp_path)
    assert index.scores(["norway"]) is None
    assert index.missing() == 3
    assert index.learn()
    assert index.missing() == 0
    scores = index.scores(["parcel", "sunday"])
    assert scores is not None
    assert scores.argmax(axis=1).tolist() == [1, 2]


def test_no_text_is_embedded_twice(tmp_path: Path) -> None:
    """Neither after an edit, nor after a start."""
    first = MeaningIndex(TEXTS, Counting(), None)
    first.learn()
    embedder = Counting()
    edited = MeaningIndex([*TEXTS[1:], "new"], embedder, tmp_path, first)
    assert edited.missing() == 1
    edited.learn()
    edited.learn()
    assert embedder.asked == ["new"]
    again = MeaningIndex(["new", "wash cups"], embedder, tmp_path)
    again.learn()
    assert embedder.asked == ["new", "wash cups"]


def test_learning_can_be_stopped_and_goes_on(tmp_path: Path) -> None:
    """What was made until then is kept."""
    embedder, texts = Counting(), [f"text {number}" for number in range(100)]
    stops = iter([False, True])
    index = MeaningIndex(texts, embedder, tmp_path)
    assert not index.learn(is_stopped=lambda: next(stops))
    assert index.scores(["text"]) is None
    assert 0 < len(embedder.asked) < 100
    assert MeaningIndex(texts, embedder, tmp_path).learn()
    assert len(embedder.asked) == 100


def test_where_a_question_has_no_vector_words_go_on(tmp_path: Path) -> None:
    """And for a minute nobody waits for the next failure."""
    embedder, now = Counting(), [0.0]
    told: list[str | None] = []
    index = MeaningIndex(TEXTS, embedder, tmp_path, report=told.append, clock=lambda: now[0])
    index.learn()
    assert index.scores(["cups"]) is not None
    embedder.fails = True
    for _ in range(2):
        assert index.scores(["cups"]) is None
        now[0] += 61.0
    embedder.fails = False
    assert index.scores(["cups"]) is not None
    assert told == ["unreachable: no network", None]


def test_who_learns_is_told_what_fails(tmp_path: Path) -> None:
    """They may try again."""
    embedder = Counting()
    embedder.fails = True
    index = MeaningIndex(TEXTS, embedder, tmp_path)
    with pytest.raises(LLMError):
        index.learn()
    embedder.fails = False
    assert index.learn()


def test_of_many_texts_the_nearest_are_compared_exactly() -> None:
    """As if all were; those of another language among them."""
    rng = np.random.default_rng(1)
    themes = unit(rng.normal(size=(40, 64)).astype(np.float32))
    noise = 0.1 * rng.normal(size=(3_000, 64)).astype(np.float32)
    vectors = unit(themes[rng.integers(0, 40, 3_000)] + noise)
    vectors[:300, :8] = 0
    vectors = vectors.astype(np.float16).astype(np.float32)
    asked = vectors[[5, 700]]
    exact = cosines(asked, vectors)
    found = Vectors(vectors).compared(asked, cosines)
    for row, theirs in zip(found, exact, strict=True):
        nearest = np.argsort(-theirs)[:20]
        assert np.allclose(row[nearest], theirs[nearest])
        assert set(np.argsort(-row)[:20].tolist()) == set(nearest.tolist())


def test_few_texts_are_all_compared_exactly() -> None:
    """There is nothing to save."""
    vectors = unit(np.eye(4, dtype=np.float32))
    assert np.array_equal(Vectors(vectors).compared(vectors, cosines), np.eye(4))


def test_what_fails_rests_for_a_minute(tmp_path: Path) -> None:
    """Nobody asks meanwhile; then it is asked again."""
    embedder, now = Counting(), [100.0]
    index = MeaningIndex(TEXTS, embedder, tmp_path, clock=lambda: now[0])
    index.learn()
    embedder.fails = True
    assert index.scores(["cups"]) is None
    embedder.fails = False
    now[0] = 159.9
    assert index.scores(["cups"]) is None
    now[0] = 160.0
    assert index.scores(["cups"]) is not None


def test_an_index_may_begin_before_the_one_before_it_was_learnt() -> None:
    """It embeds all itself, and says that it has learnt, however often it is asked."""
    before = MeaningIndex(TEXTS, Counting(), None)
    embedder = Counting()
    index = MeaningIndex(TEXTS, embedder, None, before)
    assert index.learn() is True
    assert index.learn() is True
    assert embedder.asked == TEXTS


def test_far_texts_are_compared_roughly_and_near_ones_exactly() -> None:
    """Five hundred of each kind."""
    rng = np.random.default_rng(2)
    vectors = unit(rng.normal(size=(1_500, 300)).astype(np.float32))
    vectors = vectors.astype(np.float16).astype(np.float32)
    asked = vectors[[3]]
    compared: list[int] = []

    def compare(mine: Floats, theirs: Floats) -> Floats:
        compared.append(len(theirs))
        return cosines(mine, theirs)

    found = Vectors(vectors).compared(asked, compare)[0]
    exact = cosines(asked, vectors)[0]
    assert compared == [500]
    assert np.isclose(found, exact, atol=1e-6).sum() >= 500
    assert not np.allclose(found, exact, atol=1e-3)
    assert found.argmax() == 3
    few = Vectors(vectors[:1_000]).compared(asked, compare)[0]
    assert compared == [500, 1_000]
    assert np.allclose(few, exact[:1_000])
