"""``measures.py``: every figure is what a table small enough to count by hand says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench import measures
from tests.bench.measures import Flags, Floats

SCORES: Floats = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
RIGHT: Flags = np.array([True, True, False, True, False, False])
ANSWERABLE: Flags = np.array([True, True, True, True, False, False])
"""Surest first: two right, a wrong one, one right, and two that no entry answers."""
ONES = np.ones(6)


def test_weights_make_up_the_share_of_unanswerable_questions() -> None:
    """Of four answerable and two others, none, a fifth, and a half."""
    for share, other in ((0.0, 0.0), (0.2, 0.5), (0.5, 2.0)):
        weights = measures.weights_for(ANSWERABLE, share)
        np.testing.assert_allclose(weights, [1, 1, 1, 1, other, other])
        assert weights[4:].sum() / weights.sum() == pytest.approx(share)
    np.testing.assert_array_equal(measures.weights_for(ANSWERABLE, None), ONES)


def test_a_share_needs_questions_of_both_kinds() -> None:
    """Without unanswerable ones there is the share 0 alone, without others none."""
    everything = np.ones(3, dtype=np.bool_)
    np.testing.assert_array_equal(measures.weights_for(everything, 0.0), [1, 1, 1])
    for answerable, share in ((everything, 0.2), (~everything, 0.0), (~everything, 0.5)):
        with pytest.raises(ValueError, match="both kinds"):
            measures.weights_for(answerable, share)


def test_the_right_entry_is_counted_among_answerable_questions() -> None:
    """Three of four."""
    assert measures.right_share(RIGHT, ANSWERABLE) == 0.75


def test_auroc_counts_pairs() -> None:
    """Of nine pairs of a right and another question one stands the wrong way round."""
    assert measures.auroc(SCORES, RIGHT) == pytest.approx(8 / 9)
    assert measures.auroc(-SCORES, RIGHT) == pytest.approx(1 / 9)


def test_a_tie_counts_half() -> None:
    """Equal scores tell nothing, also at infinity."""
    assert measures.auroc(np.full(6, 0.5), RIGHT) == 0.5
    scores = np.array([np.inf, 0.5, -np.inf, -np.inf])
    right = np.array([True, True, True, False])
    assert measures.auroc(scores, right) == pytest.approx(2.5 / 3)


def test_auroc_goes_by_weight() -> None:
    """The wrong one counts once, both others half: one and a half of six pairs' weight is lost."""
    weights = measures.weights_for(ANSWERABLE, 0.2)
    assert measures.auroc(SCORES, RIGHT, weights) == pytest.approx(5 / 6)


def test_auroc_of_one_kind_is_no_number() -> None:
    """There are no pairs, or none that counts."""
    assert np.isnan(measures.auroc(SCORES, np.ones(6, dtype=np.bool_)))
    assert np.isnan(measures.auroc(SCORES, ~RIGHT & RIGHT))
    assert np.isnan(measures.auroc(SCORES, RIGHT, RIGHT.astype(float)))


def test_precision_and_coverage_of_answers() -> None:
    """Five answers, of which three are right, to three of the four that can be answered."""
    answered = SCORES >= 0.5
    assert measures.precision(answered, RIGHT, ONES) == 0.6
    assert measures.precision(answered, RIGHT, measures.weights_for(ANSWERABLE, 0.5)) == 0.5
    assert measures.coverage(answered, RIGHT, ANSWERABLE) == 0.75
    assert measures.answers(answered, measures.weights_for(ANSWERABLE, 0.5)) == 6


def test_without_an_answer_precision_is_no_number() -> None:
    """And coverage nothing."""
    none = np.zeros(6, dtype=np.bool_)
    assert np.isnan(measures.precision(none, RIGHT, ONES))
    assert measures.coverage(none, RIGHT, ANSWERABLE) == 0


@pytest.mark.parametrize(
    ("asked", "expected"), [(0.5, 0.75), (0.75, 0.75), (0.76, 0.5), (0.95, 0.5), (1.0, 0.5)]
)
def test_the_possible_is_the_best_that_hindsight_finds(asked: float, expected: float) -> None:
    """Down to 0.6 three of four answers are right, down to 0.8 both, and nothing lies between."""
    found = measures.possible(SCORES, RIGHT, ANSWERABLE, ONES, asked=asked)
    assert found == expected


def test_the_possible_may_lie_beyond_worse_thresholds() -> None:
    """The surest is wrong, and still four of five are right."""
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([False, True, True, True, True])
    all_of_them = np.ones(5, dtype=np.bool_)
    assert measures.possible(scores, right, all_of_them, np.ones(5), asked=0.8) == 0.8
    assert measures.possible(scores, right, all_of_them, np.ones(5), asked=0.9) == 0


def test_equal_scores_are_answered_together() -> None:
    """A right one cannot be had without the wrong one beside it."""
    scores = np.array([0.9, 0.9])
    right = np.array([True, False])
    both = np.ones(2, dtype=np.bool_)
    assert measures.possible(scores, right, both, np.ones(2), asked=0.6) == 0
    assert measures.possible(scores, right, both, np.ones(2), asked=0.5) == 0.5


def test_what_is_never_answered_is_not_possible() -> None:
    """Minus infinity is below every threshold, infinity is a score like others."""
    scores = np.array([np.inf, -np.inf])
    right = np.array([True, True])
    assert measures.possible(scores, right, right, np.ones(2), asked=0.9) == 0.5


def test_the_possible_goes_by_weight() -> None:
    """With a half unanswerable, the two others pull four answers below three quarters."""
    scores = np.array([0.9, 0.5, 0.4, 0.8])
    right = np.array([True, True, True, False])
    weights = measures.weights_for(right, 0.5)
    np.testing.assert_allclose(weights, [1, 1, 1, 3])
    assert measures.possible(scores, right, right, weights, asked=0.5) == 1
    assert measures.possible(scores, right, right, weights, asked=0.6) == pytest.approx(1 / 3)
