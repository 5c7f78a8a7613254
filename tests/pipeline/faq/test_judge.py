"""The judge keeps the precision that was asked for, whatever the share of the unanswerable."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.classifier import Array, held_out, minimize, train
from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.features import Feature, Features
from agentbot.pipeline.faq.judge import (
    OUT_OF_REACH,
    PRECISIONS,
    Flags,
    Judge,
    Weighting,
    learn,
)
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.faq.prior import WITH_VECTORS, WORDS_ONLY
from tests.support.faq import WordEmbedder, small_faq

THRESHOLDS = np.linspace(0.3, 0.9, len(PRECISIONS))
PRIOR = Judge(
    (Feature.LEAD,), np.zeros(1), np.ones(1), np.array([1.0, 0.0]), THRESHOLDS, offer_threshold=0.5
)


def features(lead: Array) -> Features:
    """Return questions of which one thing is known."""
    return Features({Feature.LEAD: lead})


def asked(size: int, unanswerable: float, seed: int) -> tuple[Features, Flags, Flags]:
    """Questions whose one feature is two spreads higher where the nearest entry is right."""
    rng = np.random.default_rng(seed)
    answerable = rng.random(size) >= unanswerable
    right = answerable & (rng.random(size) < 0.85)
    return features(rng.normal(2.0 * right, 1.0)), answerable, right


@pytest.mark.parametrize("precision", [0.8, 0.9, 0.95])
def test_precision_is_kept_at_another_share(precision: float) -> None:
    """Taught with half of the questions unanswerable, used with the assumed third."""
    judge = learn(*asked(2000, 0.5, 1), PRIOR, share=0.35)
    values, _, right = asked(20_000, 0.35, 2)
    answered = judge.scores(values) >= judge.answer_threshold(precision)
    assert precision - 0.02 <= right[answered].mean() <= precision + 0.05


def test_more_unanswerable_questions_raise_the_threshold() -> None:
    """The higher the assumed share, the fewer answers."""
    practice = asked(1000, 0.5, 1)
    fresh = asked(2000, 0.35, 2)[0]
    given = [
        int((judge.scores(fresh) >= judge.answer_threshold(0.9)).sum())
        for judge in (learn(*practice, PRIOR, share) for share in (0.1, 0.5, 0.9))
    ]
    assert given[0] > given[1] > given[2]


def test_a_precision_that_is_never_reached_gets_no_answers() -> None:
    """Neither one beyond the judge's thresholds, nor one that the questions do not show."""
    assert PRIOR.answer_threshold(0.999) == OUT_OF_REACH
    values, answerable, right = asked(1000, 0.35, 1)
    luck = right[::-1]
    assert learn(values, answerable, luck, PRIOR).answer_threshold(0.95) == OUT_OF_REACH


def test_thresholds_lie_between_those_of_the_next_precisions() -> None:
    """Any number may be asked for."""
    low, middle, high = (PRIOR.answer_threshold(precision) for precision in (0.9, 0.91, 0.925))
    assert low < middle < high


def test_the_prior_holds_where_few_questions_speak() -> None:
    """A few dozen labelled questions bend the judge and leave its bars; hundreds turn it."""
    few, many = (
        learn(features(-seen.columns[Feature.LEAD]), answerable, right, PRIOR)
        for seen, answerable, right in (asked(40, 0.35, 1), asked(1000, 0.35, 1))
    )
    assert 0 < few.weights[0] < 1
    assert few.thresholds is PRIOR.thresholds
    assert many.weights[0] < 0


def test_questions_of_one_kind_alone_teach_too() -> None:
    """Where no question has an answer, every score falls."""
    values = features(np.zeros(40))
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
    log_probs = train(kernel, labels, 2).log_probs(kernel)
    assert (log_probs.argmax(axis=1) == labels).all()
    assert np.exp(log_probs).sum(axis=1) == pytest.approx(1.0)


def test_held_out_phrasings_go_where_the_others_lead() -> None:
    """A mislabelled phrasing goes to those that it resembles; an entry of one goes elsewhere."""
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


@pytest.mark.parametrize(
    ("embedder", "scores"),
    [
        (None, [0.980134, 0.995478, 0.861533, 0.005448, 0.885597]),
        (WordEmbedder(), [0.988042, 0.936271, 0.154571, 0.291094, 0.997651]),
    ],
    ids=["words", "vectors"],
)
def test_the_shipped_judges_score_as_they_did_by_position(
    embedder: Embedder | None, scores: list[float]
) -> None:
    """Recorded when the features were columns without names: no weight has met another feature."""
    asked = [
        "how is parcel delivery done by courier",
        "exchange or refund with a label",
        "refund and label for the size",
        "zebra quantum violin",
        "may i pay by card",
    ]
    matcher = FaqMatcher.fit(small_faq(), embedder=embedder)
    assert matcher.scores(asked) == pytest.approx(scores, abs=1e-4)


def test_the_order_of_the_features_does_not_matter() -> None:
    """A judge takes them by name, and refuses to go without one that it knows."""
    known = {Feature.LEAD: Weighting(1.0, 2.0, 3.0), Feature.DOUBT: Weighting(0.0, 1.0, -1.0)}
    thresholds = dict.fromkeys(PRECISIONS, 0.5)
    judges = [
        Judge.of(dict(order), constant=0.5, thresholds=thresholds, offer_threshold=0.1)
        for order in (known.items(), reversed(known.items()))
    ]
    lead, doubt = np.array([1.0, 5.0]), np.array([0.5, -0.5])
    seen = Features({Feature.EVIDENCE: lead, Feature.DOUBT: doubt, Feature.LEAD: lead})
    expected = 1 / (1 + np.exp(-(3.0 * (lead - 1.0) / 2.0 - doubt + 0.5)))
    for judge in judges:
        assert judge.scores(seen) == pytest.approx(expected)
    with pytest.raises(KeyError):
        judges[0].scores(features(lead))


def test_the_shipped_judges_know_every_feature_that_is_observed() -> None:
    """With vectors all of them, without vectors all but those of the vectors' views."""
    assert set(WITH_VECTORS.columns) == set(Feature)
    vectors = {one for one in Feature if one.startswith(("meaning", "tokens"))}
    assert set(WORDS_ONLY.columns) == set(Feature) - vectors
    for judge, embedder in ((WORDS_ONLY, None), (WITH_VECTORS, WordEmbedder())):
        seen = FaqMatcher.fit(small_faq(), embedder=embedder).observe(["card", "parcel"])
        assert set(seen.features.columns) == set(judge.columns)
        assert all(column.shape == (2,) for column in seen.features.columns.values())
