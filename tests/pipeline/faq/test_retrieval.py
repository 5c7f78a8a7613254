"""Retrieval: a question is matched once, and what the matcher said is kept."""

from __future__ import annotations

import threading

import pytest

from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from tests.support.faq import ANSWER, BOTH, LONG, NOTHING, RETURNS, FakeMatcher


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
