"""By meaning: vectors are made once, kept, and done without while they are not to be had."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.knowledge.by_meaning import MeaningIndex
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
    embedder, texts = Counting(), [f"text {number}" for number in range(40)]
    stops = iter([False, True])
    index = MeaningIndex(texts, embedder, tmp_path)
    assert not index.learn(is_stopped=lambda: next(stops))
    assert index.scores(["text"]) is None
    assert 0 < len(embedder.asked) < 40
    assert MeaningIndex(texts, embedder, tmp_path).learn()
    assert len(embedder.asked) == 40


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
