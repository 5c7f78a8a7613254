"""What questions are compared with: similarities by words, in meaning, and the kernel of both."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.similarity.phrasings import Kernel, Phrasings, in_any_order
from tests.support.faq import WordEmbedder

TEXTS = ["ship to norway", "post it abroad", "return the jacket"]
OWNERS = np.array([0, 0, 1])


def phrasings(*, vectors: bool) -> Phrasings:
    """Return three phrasings of two entries."""
    return Phrasings(TEXTS, OWNERS, WordEmbedder().embed(TEXTS) if vectors else None)


def test_a_text_is_nearest_to_itself() -> None:
    """1 by words and in meaning; without vectors there is no meaning."""
    asked = ["Ship to Norway!"]
    _, seen = phrasings(vectors=True).look(asked, WordEmbedder().embed(asked))
    assert seen.meaning is not None
    assert seen.words[0, 0] == pytest.approx(1.0)
    assert seen.meaning[0] == pytest.approx([1.0, 0.0, 0.0], abs=0.3)
    assert phrasings(vectors=False).look(asked, None)[1].meaning is None


def test_sizes_and_entries() -> None:
    """As the owners say."""
    some = phrasings(vectors=False)
    assert (len(some), some.entries, some.sizes.tolist()) == (3, 2, [2, 1])


def test_what_is_unrelated_is_drawn_towards_what_is_usual() -> None:
    """By the few pairs of phrasings of different entries; with one entry it is the usual itself."""
    few = phrasings(vectors=True).unrelated(np.arange(3))
    assert 0.1 < few < 0.2
    alone = Phrasings(TEXTS, np.zeros(3, dtype=np.int64), WordEmbedder().embed(TEXTS))
    assert alone.unrelated(np.arange(3)) == pytest.approx(0.15)
    assert phrasings(vectors=False).unrelated(np.arange(3)) == 0


def test_the_kernel_is_one_for_equal_texts() -> None:
    """It falls with meaning, less where words are shared; by words alone it is these."""
    some = phrasings(vectors=True)
    found = Kernel(0.15)(some.own, some.own)
    assert np.diag(found) == pytest.approx(1.0)
    assert (found[~np.eye(3, dtype=bool)] < 0.4).all()
    by_words = phrasings(vectors=False).own
    assert np.diag(Kernel(0.0)(by_words, by_words)) == pytest.approx(1.0)


def test_some_of_the_texts() -> None:
    """In the order asked for."""
    some = phrasings(vectors=True)
    part, whole = some.at(np.array([2, 0])), some.own
    assert part.vectors is not None
    assert whole.vectors is not None
    np.testing.assert_array_equal(part.vectors, whole.vectors[[2, 0]])
    np.testing.assert_array_equal(part.sketches, whole.sketches[[2, 0]])


def test_all_are_taken_as_they_stand_and_of_many_some_are_drawn() -> None:
    """The same ones each time; a draw loads more of numpy than a small FAQ needs."""
    assert in_any_order(5, enough=5).tolist() == [0, 1, 2, 3, 4]
    drawn = in_any_order(50, enough=49).tolist()
    assert drawn != sorted(drawn) == list(range(50))
    assert in_any_order(50, enough=49).tolist() == drawn
