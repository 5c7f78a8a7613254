"""What is learnt after an edit is what would have been learnt anew, at less work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.judging.learnt import Learnt
from tests.support.faq import WordEmbedder, small_faq

ASKED = ["where is my parcel", "may i pay with shells", "zebra"]


def edited() -> tuple[FaqEntry, ...]:
    """Return the small FAQ without its last entry, a phrasing added to its first."""
    first, *others = small_faq()
    return (replace(first, phrasings=(*first.phrasings, "sent by shells")), *others[:-1])


@pytest.mark.parametrize("vectors", [False, True], ids=["words", "vectors"])
def test_an_edit_is_learnt_as_if_it_had_always_been_so(vectors: bool) -> None:  # noqa: FBT001 - a parameter
    """To the last digit: what the bot says does not depend on how the FAQ came to be."""
    embedder = WordEmbedder() if vectors else None
    before = Learnt.of(small_faq(), embedder, None)
    found = Learnt.of(edited(), embedder, None, before)
    anew = Learnt.of(edited(), embedder, None)
    for (one, owners), (other, others) in (
        (found.without_phrasing, anew.without_phrasing),
        (found.without_entry, anew.without_entry),
        ((found.observe(ASKED), np.zeros(3)), (anew.observe(ASKED), np.zeros(3))),
    ):
        np.testing.assert_array_equal(one.entries, other.entries)
        np.testing.assert_array_equal(one.features, other.features)
        np.testing.assert_array_equal(one.background, other.background)
        np.testing.assert_array_equal(owners, others)


def test_only_new_phrasings_are_embedded(tmp_path: Path) -> None:
    """Not even without a folder that keeps vectors; another model embeds them all."""
    embedder = WordEmbedder()
    before = Learnt.of(small_faq(), embedder, None)
    embedder.texts.clear()
    Learnt.of(edited(), embedder, tmp_path, before)
    assert embedder.texts == ["sent by shells"]
    other = WordEmbedder()
    other.name = "another"
    Learnt.of(edited(), other, None, before)
    assert len(other.texts) == sum(len(entry.wordings) for entry in edited())


def test_what_was_learnt_by_words_helps_meanings() -> None:
    """And the other way round: its words are the same."""
    by_words = Learnt.of(small_faq(), None, None)
    by_meaning = Learnt.of(small_faq(), WordEmbedder(), None, by_words)
    assert by_meaning.phrasings.vectors is not None
    assert Learnt.of(small_faq(), None, None, by_meaning).phrasings.vectors is None


def test_an_edited_answer_is_nothing_to_learn() -> None:
    """Nor is an edit of another file; another model is."""
    embedder = WordEmbedder()
    before = Learnt.of(small_faq(), embedder, None)
    reworded = tuple(replace(entry, answer="Another.") for entry in small_faq())
    assert Learnt.of(reworded, embedder, None, before) is before
    assert Learnt.of(reworded, None, None, before) is not before
    assert Learnt.of(edited(), embedder, None, before) is not before
