"""The judge keeps the precision that was asked for, whatever the share of the unanswerable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agentbot.pipeline.faq.classifier import minimize, train
from agentbot.pipeline.faq.judge import REHEARSED, Prior, Rehearsal, labelled, learn

PRIOR = Prior(np.zeros(1), np.ones(1), np.array([1.0, 0.0]), 1.0, 200.0)
LESSON = labelled(PRIOR)


def rehearsal(size: int, unanswerable: float, seed: int) -> Rehearsal:
    """Questions whose one sign is two spreads higher where the nearest entry is right."""
    rng = np.random.default_rng(seed)
    answerable = rng.random(size) >= unanswerable
    right = answerable & (rng.random(size) < 0.85)
    values = rng.normal(2.0 * right, 1.0)[:, None]
    numbers = np.zeros(size, dtype=np.int64)
    return Rehearsal(numbers, numbers, values, answerable, right, right)


@pytest.mark.parametrize("precision", [0.8, 0.9, 0.95])
def test_precision_is_kept_at_another_share(precision: float) -> None:
    """Rehearsed with half of the questions unanswerable, used with the assumed third."""
    judge = learn(rehearsal(2000, 0.5, 1), PRIOR, share=0.35, lesson=LESSON)
    fresh = rehearsal(20_000, 0.35, 2)
    answered = judge.scores(fresh.values) >= judge.answer_bar(precision)
    assert precision - 0.02 <= fresh.right[answered].mean() <= precision + 0.05


def test_more_unanswerable_questions_raise_the_bar() -> None:
    """The higher the assumed share, the fewer answers."""
    practice = rehearsal(1000, 0.5, 1)
    fresh = rehearsal(2000, 0.35, 2).values
    given = [
        int((judge.scores(fresh) >= judge.answer_bar(0.9)).sum())
        for judge in (learn(practice, PRIOR, s, lesson=LESSON) for s in (0.1, 0.5, 0.9))
    ]
    assert given[0] > given[1] > given[2]


def test_nothing_rehearsed_nothing_answered() -> None:
    """Without evidence there is no bar low enough to reach."""
    assert learn(rehearsal(5, 0.5, 1), PRIOR, lesson=LESSON).answer_bar(0.5) > 1


def test_the_prior_holds_where_few_entries_speak() -> None:
    """A rehearsal that says the opposite bends the judge less than labelled questions do."""
    practice = rehearsal(300, 0.35, 1)
    opposite = replace(practice, values=-practice.values)
    bent, turned = (learn(opposite, PRIOR, lesson=one) for one in (REHEARSED, LESSON))
    assert bent.weights[0] > 0.5
    assert turned.weights[0] < 0


def test_scores_are_probabilities() -> None:
    """Among questions of about one score, that share is right."""
    judge = learn(rehearsal(4000, 0.35, 1), PRIOR, share=0.35, lesson=LESSON)
    fresh = rehearsal(40_000, 0.35, 2)
    scores = judge.scores(fresh.values)
    for low in (0.2, 0.4, 0.6, 0.8):
        mine = (scores >= low) & (scores < low + 0.1)
        assert fresh.right[mine].mean() == pytest.approx(scores[mine].mean(), abs=0.05)


def test_classifier_learns_what_can_be_told_apart() -> None:
    """Two clouds of points, one label each."""
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 0.3, (20, 2)), rng.normal(2, 0.3, (20, 2))])
    labels = np.repeat([0, 1], 20)
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    kernel = np.exp(-distance)
    logs = train(kernel, labels, 2).log_shares(kernel)
    assert (logs.argmax(axis=1) == labels).all()
    assert np.exp(logs).sum(axis=1) == pytest.approx(1.0)


def test_minimize_finds_the_bottom() -> None:
    """A long narrow valley."""
    steep = np.array([1.0, 100.0, 10_000.0])
    bottom = np.array([3.0, -2.0, 1.0])
    found = minimize(
        lambda at: (
            float((steep * (at - bottom) ** 2).sum()) + 1.0,
            2 * steep * (at - bottom),
        ),
        np.zeros(3),
    )
    assert found == pytest.approx(bottom, abs=0.05)
