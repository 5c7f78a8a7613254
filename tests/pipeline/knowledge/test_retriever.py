"""The retriever: a model is shown the passages that are nearest to the question."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.retriever import retriever_from
from tests.support.faq import FakeMatcher

SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of *Europe*.")
RETURNS = FaqEntry("returns", "Can I return it?", "Yes.")
LONG = FaqEntry("long", "Is it long?", "It is.")
ANSWER = FaqAnswer(SHIPPING, 0.95, "sure")
BOTH = FaqAnswers((LONG, SHIPPING), (), 0.9, "sure", "long")
NOTHING = FaqAbstention((Candidate("returns", "Can I return it?", 0.1),), 0.1, "far")


@pytest.mark.parametrize(
    ("outcome", "ids"),
    [
        (ANSWER, ["shipping", "returns", "long"]),
        (BOTH, ["long", "shipping", "returns"]),
        (FaqSuggestions((RETURNS, LONG), 0.5, "unsure"), ["returns", "long", "shipping"]),
        (NOTHING, ["returns", "shipping", "long"]),
    ],
)
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_model_is_shown_the_nearest_entries_first(
    outcome: FaqOutcome, ids: list[str], *, in_thread: bool
) -> None:
    """Then the others, in the order of the files."""
    matcher = CachedMatcher(FakeMatcher(outcome), in_thread=in_thread)
    found = await retriever_from((SHIPPING, RETURNS, LONG), matcher)("x")
    assert [passage.id for passage in found] == ids


async def test_a_model_is_shown_as_much_as_there_is_room_for() -> None:
    """And without a matcher the entries come as they stand in the files."""
    big = FaqEntry("big", "Big?", "x" * 11_996)
    found = await retriever_from((big,), None)("x")
    assert [passage.id for passage in found] == ["big"]
    found = await retriever_from((SHIPPING, big, RETURNS), None)("x")
    assert [passage.id for passage in found] == ["shipping"]
