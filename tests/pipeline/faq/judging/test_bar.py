"""The bar keeps the precision that was asked for, by what was rehearsed and what is usual."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.judging.bar import Rehearsal, bar_for, least_score
from agentbot.pipeline.faq.judging.features import Background, Feature
from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH, PRECISIONS, Judge, Verdicts, Weighting

USUAL = Judge.of(
    {Feature.SCORE: Weighting(0.0, 1.0, 1.0)},
    {Background.ENTRIES: Weighting(0.0, 1.0, 0.0)},
    constant=0.0,
    usual_bars={precision: precision - 0.1 for precision in PRECISIONS},
)


def rehearsal(answerable: list[float], unanswerable: list[float]) -> Rehearsal:
    """Return what came of phrasings held back; all of those that have an answer were right."""
    return Rehearsal(
        Verdicts(np.array(answerable), np.ones(len(answerable), dtype=np.bool_)),
        Verdicts(np.array(unanswerable), np.zeros(len(unanswerable), dtype=np.bool_)),
    )


def test_the_least_score_that_keeps_the_precision() -> None:
    """By the mean of all answers from there on; none, where it is never kept."""
    scores, right = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([1.0, 1, 0, 1, 0])
    assert least_score(scores, right, np.ones(5), 0.75) == pytest.approx(0.55)
    assert least_score(scores, right, np.ones(5), 0.6) == pytest.approx(0.25)
    assert least_score(scores, right, np.ones(5), 0.99) == pytest.approx(0.75)
    assert least_score(scores, 1 - right, np.ones(5), 0.99) == OUT_OF_REACH
    assert least_score(scores, right, np.array([1.0, 1, 3, 1, 1]), 0.75) == pytest.approx(0.75)


@pytest.mark.parametrize("kind", [0, 1])
def test_what_cannot_be_rehearsed_goes_by_what_is_usual(kind: int) -> None:
    """Phrasings that are the only ones of their entries, or a FAQ of one entry."""
    scores = [[0.5] * 30, [0.5] * 30]
    scores[kind] = []
    assert bar_for(0.9, USUAL, rehearsal(*scores)) == pytest.approx(0.8)
    assert bar_for(0.999, USUAL, rehearsal([0.9] * 50, [0.1] * 50)) == OUT_OF_REACH


def test_a_faq_that_is_told_apart_well_has_a_lower_bar() -> None:
    """And one in which nothing tells them apart a higher one, both within reason."""
    clear = bar_for(0.9, USUAL, rehearsal([0.95] * 200, [0.05] * 200))
    vague = bar_for(0.9, USUAL, rehearsal([0.6] * 200, [0.6] * 200))
    assert 0.3 < clear < 0.8 < vague < 0.97


def test_few_phrasings_move_it_little() -> None:
    """They are too few to tell."""
    few, many = (bar_for(0.9, USUAL, rehearsal([0.95] * size, [0.05] * size)) for size in (4, 400))
    assert many < few < 0.8


def test_the_bar_rises_with_the_precision() -> None:
    """Whatever was rehearsed."""
    rng = np.random.default_rng(0)
    some = rehearsal(rng.beta(4, 2, 100).tolist(), rng.beta(2, 4, 100).tolist())
    bars = [bar_for(precision, USUAL, some) for precision in PRECISIONS]
    assert bars == sorted(bars)
