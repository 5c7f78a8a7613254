"""Gaps: unanswered questions are grouped by what they ask, the largest group first."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.embedders import Embedder, PooledEmbedder
from agentbot.pipeline.faq.quality.gaps import group_gaps

ASKED = [
    "do you sell gift cards",
    "are there gift cards",
    "can my dog come into the shop",
    "do you sell gift cards",
    "is my dog allowed in the shop",
    "Do you sell gift cards?",
]

SUBJECTS = PooledEmbedder(
    "subjects", lambda texts: [[text.count("gift"), text.count("dog"), 0.1] for text in texts]
)


@pytest.mark.parametrize("embedder", [None, SUBJECTS], ids=["words", "vectors"])
def test_groups_by_subject_largest_first(embedder: Embedder | None) -> None:
    """Equal wordings count, but are shown once."""
    first, second = group_gaps(ASKED, embedder=embedder)
    assert first.count == 4
    assert set(first.examples) == {"Do you sell gift cards?", "are there gift cards"}
    assert second.count == 2


def test_nothing_asked() -> None:
    """No questions, and questions without words, make no groups."""
    assert group_gaps([]) == ()
    assert group_gaps(["?", " "]) == ()


def test_one_question() -> None:
    """One question is a group of its own."""
    (gap,) = group_gaps(["why"])
    assert (gap.count, gap.examples) == (1, ("why",))
