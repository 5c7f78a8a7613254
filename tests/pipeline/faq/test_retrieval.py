"""Retrieval: a question is matched once, and a model is shown the passages nearest to it."""

from __future__ import annotations

import threading

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
from agentbot.pipeline.faq.retrieval import CachedMatcher, retriever_from
from tests.support.faq import FakeMatcher

SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of *Europe*.")
RETURNS = FaqEntry("returns", "Can I return it?", "Yes.")
LONG = FaqEntry("long", "Is it long?", "It is.")
ANSWER = FaqAnswer(SHIPPING, 0.95, "sure")
BOTH = FaqAnswers((LONG, SHIPPING), (), 0.9, "sure", "long")
NOTHING = FaqAbstention((Candidate("returns", "Can I return it?", 0.1),), 0.1, "far")


async def test_a_match_in_a_thread_is_made_elsewhere_and_kept() -> None:
    """The thread of the caller is not held up, and the second question costs nothing."""
    threads = []

    class Spy(FakeMatcher):
        def match(self, text: str) -> FaqOutcome:
            threads.append(threading.current_thread())
            return super().match(text)

    matcher = CachedMatcher(Spy(ANSWER), in_thread=True)
    assert not matcher.is_ready("x")
    await matcher.prepare("x")
    assert matcher.is_ready("x")
    assert not matcher.is_ready("y")
    await matcher.prepare("x")
    assert matcher.match("x") is ANSWER
    (only,) = threads
    assert only is not threading.current_thread()


def test_a_quick_matcher_is_always_ready() -> None:
    """It is asked where it is needed."""
    assert CachedMatcher(FakeMatcher(ANSWER)).is_ready("x")


@pytest.mark.parametrize(
    ("outcome", "facts"),
    [
        (ANSWER, ("shipping", 0.95, True)),
        (BOTH, ("long", 0.9, True)),
        (FaqSuggestions((RETURNS, LONG), 0.5, "unsure"), ("returns", 0.5, False)),
        (NOTHING, ("returns", 0.1, False)),
        (FaqAbstention((), 0.0, "empty"), ("", 0.0, False)),
    ],
)
def test_rules_are_told_the_nearest_entry(
    outcome: FaqOutcome, facts: tuple[str, float, bool]
) -> None:
    """Its id, its score, and whether the FAQ answers with it."""
    assert CachedMatcher(FakeMatcher(outcome)).nearest("x") == facts


def test_the_last_256_questions_are_kept() -> None:
    """The oldest question is forgotten first."""
    asked = FakeMatcher(ANSWER)
    matcher = CachedMatcher(asked)
    for number in range(257):
        matcher.match(str(number))
    assert len(asked.asked) == 257
    matcher.match("1")
    assert len(asked.asked) == 257
    matcher.match("0")
    assert len(asked.asked) == 258


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
