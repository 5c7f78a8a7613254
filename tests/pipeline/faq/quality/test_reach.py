"""A precision that a FAQ cannot reach is told, with one that it can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agentbot.pipeline.faq.judging.bar import Rehearsal
from agentbot.pipeline.faq.judging.judge import Verdicts
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.faq.quality.reach import out_of_reach, reach_at
from tests.support.faq import small_faq


def rehearsed(score: float, *, precision: float, count: int = 400) -> FaqMatcher:
    """Return a matcher whose phrasings held back all had this score, and were right."""
    held_back = Verdicts(np.full(count, score), np.ones(count, dtype=np.bool_))
    unknown = Verdicts(np.full(count, score), np.zeros(count, dtype=np.bool_))
    matcher = FaqMatcher.fit(small_faq(), precision=precision)
    return replace(matcher, rehearsal=Rehearsal(held_back, unknown))


def test_what_can_be_had_is_not_told() -> None:
    """Nor is anything of a FAQ without entries."""
    assert out_of_reach(rehearsed(0.97, precision=0.8)) is None
    assert out_of_reach(FaqMatcher.fit([])) is None


def test_what_answers_next_to_nothing_is_told() -> None:
    """With the highest precision that can be had, and how much of the FAQ it lets be answered."""
    found = out_of_reach(rehearsed(0.7, precision=0.99))
    assert found is not None
    assert found.asked.answered == 0
    assert found.instead is not None
    assert 0.5 <= found.instead.precision < 0.99
    assert found.instead.answered == 1
    said = str(found)
    assert "99% of right answers (faq.precision)" in said
    assert f"{100 * found.instead.precision:g}% can be had" in said
    assert "100% would be answered" in said


def test_where_nothing_can_be_had_nothing_is_promised() -> None:
    """Not even half of the answers would be right."""
    found = out_of_reach(rehearsed(0.001, precision=0.9))
    assert found is not None
    assert found.instead is None
    assert "can be had" not in str(found)


def test_few_phrasings_say_nothing() -> None:
    """Only a precision that no FAQ has is told then."""
    few = rehearsed(0.001, precision=0.9, count=10)
    assert reach_at(few, 0.9).answered is None
    assert out_of_reach(few) is None
    found = out_of_reach(replace(few, precision=0.999))
    assert found is not None
    assert found.instead is not None
    assert found.instead.precision == 0.99
    assert "would be answered" not in str(found)
