"""The judge keeps the precision that was asked for, whatever the share of the unanswerable."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.classifier import Array, held_out, minimize, train
from agentbot.pipeline.faq.judge import OUT_OF_REACH, PRECISIONS, Flags, Judge, learn

BARS = np.linspace(0.3, 0.9, len(PRECISIONS))
PRIOR = Judge(np.zeros(1), np.ones(1), np.array([1.0, 0.0]), BARS, 0.5)


def asked(size: int, unanswerable: float, seed: int) -> tuple[Array, Flags, Flags]:
    """Questions whose one sign is two spreads higher where the nearest entry is right."""
    rng = np.random.default_rng(seed)
    answerable = rng.random(size) >= unanswerable
    right = answerable & (rng.random(size) < 0.85)
    return rng.normal(2.0 * right, 1.0)[:, None], answerable, right


@pytest.mark.parametrize("precision", [0.8, 0.9, 0.95])
def test_precision_is_kept_at_another_share(precision: float) -> None:
    """Taught with half of the questions unanswerable, used with the assumed third."""
    judge = learn(*asked(2000, 0.5, 1), PRIOR, share=0.35)
    values, _, right = asked(20_000, 0.35, 2)
    answered = judge.scores(values) >= judge.answer_bar(precision)
    assert precision - 0.02 <= right[answered].mean() <= precision + 0.05


def test_more_unanswerable_questions_raise_the_bar() -> None:
    """The higher the assumed share, the fewer answers."""
    practice = asked(1000, 0.5, 1)
    fresh = asked(2000, 0.35, 2)[0]
    given = [
        int((judge.scores(fresh) >= judge.answer_bar(0.9)).sum())
        for judge in (learn(*practice, PRIOR, share) for share in (0.1, 0.5, 0.9))
    ]
    assert given[0] > given[1] > given[2]


def test_a_precision_that_is_never_reached_gets_no_answers() -> None:
    """Neither one beyond the judge's bars, nor one that the questions do not show."""
    assert PRIOR.answer_bar(0.999) == OUT_OF_REACH
    values, answerable, right = asked(1000, 0.35, 1)
    luck = right[::-1]
    assert learn(values, answerable, luck, PRIOR).answer_bar(0.95) == OUT_OF_REACH


def test_bars_lie_between_those_of_the_next_precisions() -> None:
    """Any number may be asked for."""
    low, middle, high = (PRIOR.answer_bar(precision) for precision in (0.9, 0.91, 0.925))
    assert low < middle < high


def test_the_prior_holds_where_few_questions_speak() -> None:
    """A few dozen labelled questions bend the judge and leave its bars; hundreds turn it."""
    few, many = (
        learn(-values, answerable, right, PRIOR)
        for values, answerable, right in (asked(40, 0.35, 1), asked(1000, 0.35, 1))
    )
    assert 0 < few.weights[0] < 1
    assert few.bars is PRIOR.bars
    assert many.weights[0] < 0


def test_questions_of_one_kind_alone_teach_too() -> None:
    """Where no question has an answer, every score falls."""
    values = np.zeros((40, 1))
    none = np.zeros(40, dtype=np.bool_)
    assert learn(values, none, none, PRIOR).scores(values)[0] < PRIOR.scores(values)[0]


def test_scores_are_probabilities() -> None:
    """Among questions of about one score, that share is right."""
    judge = learn(*asked(4000, 0.35, 1), PRIOR, share=0.35)
    values, _, right = asked(40_000, 0.35, 2)
    scores = judge.scores(values)
    for low in (0.2, 0.4, 0.6, 0.8):
        mine = (scores >= low) & (scores < low + 0.1)
        assert right[mine].mean() == pytest.approx(scores[mine].mean(), abs=0.05)


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


def test_held_out_phrasings_go_where_the_others_lead() -> None:
    """A phrasing labelled amiss goes to those that it resembles; an entry of one goes elsewhere."""
    labels = np.array([0, 0, 0, 1, 1, 1, 0, 2])
    place = np.array([0.0, 0.1, 0.2, 3.0, 3.1, 3.2, 3.05, 0.15])
    kernel = np.exp(-((place[:, None] - place[None]) ** 2))
    assert held_out(kernel, labels, np.array([0, 4, 6, 7])).tolist() == [0, 1, 1, 0]


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
