"""The judge's probabilities: learnt from questions, bent by labelled ones, in sum never above 1."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.judging.features import OF_MEANING, Background, Feature, Observation
from agentbot.pipeline.faq.judging.judge import (
    OUT_OF_REACH,
    PRECISIONS,
    Judge,
    Lesson,
    Verdicts,
    Weighting,
    bend,
    learn,
    minimize,
)
from agentbot.pipeline.faq.judging.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.support.faq import WordEmbedder, small_faq

BARS = dict(zip(PRECISIONS, np.linspace(0.3, 0.9, len(PRECISIONS)), strict=True))


def judge(weight: float, constant: float = 1.0) -> Judge:
    """Return a judge that goes by one feature, and by one of the background."""
    return Judge.of(
        {Feature.SCORE: Weighting(0.0, 1.0, weight)},
        {Background.ENTRIES: Weighting(0.0, 1.0, 0.0)},
        constant=constant,
        usual_bars=BARS,
    )


def seen(scores: list[list[float]]) -> Observation:
    """Return questions of which one number is known for each of some entries."""
    features = np.array(scores)[:, :, None]
    entries = np.tile(np.arange(features.shape[1]), (len(features), 1))
    missing = np.zeros(entries.shape, dtype=np.bool_)
    return Observation(entries, missing, features, np.zeros((len(features), 1)))


def drawn(size: int, seed: int) -> Lesson:
    """Return questions to three entries: the right one scores 2 more, and a third have none."""
    rng = np.random.default_rng(seed)
    right = rng.integers(-1, 3, size=size)
    scores = rng.normal(0.0, 1.0, (size, 3))
    known = np.flatnonzero(right >= 0)
    scores[known, right[known]] += 2.0
    return Lesson(seen(scores.tolist()), right, np.ones(size))


def test_probabilities_are_those_of_a_conditional_logit() -> None:
    """The exponentials' shares, none of the entries having its own."""
    found = judge(2.0).probabilities(seen([[1.0, 0.5]]))
    expected = np.exp([2.0, 1.0]) / (np.exp([2.0, 1.0]).sum() + np.exp(1.0))
    assert found[0] == pytest.approx(expected)


def test_an_entry_that_is_left_out_has_none() -> None:
    """Whatever its features say."""
    whole = seen([[9.0, 0.5]])
    part = Observation(whole.entries, np.array([[True, False]]), whole.features, whole.background)
    assert judge(2.0).probabilities(part)[0, 0] == 0


def test_learnt_probabilities_are_true() -> None:
    """Among questions of about one probability, that share has the entry."""
    taught = learn([drawn(6000, 1)], 1e-4)
    fresh, right, _ = drawn(30_000, 2)
    found = taught.probabilities(fresh)
    best = found.max(axis=1)
    hit = fresh.entries[np.arange(len(best)), found.argmax(axis=1)] == right
    for low in (0.3, 0.5, 0.7, 0.85):
        mine = (best >= low) & (best < low + 0.1)
        assert hit[mine].mean() == pytest.approx(best[mine].mean(), abs=0.04)


def test_questions_whose_entry_was_not_looked_at_teach_nothing() -> None:
    """They have no column to be right in."""
    lesson = drawn(500, 1)
    with_others = Lesson(
        Observation.joined([lesson.seen, seen([[5.0, 5.0, 5.0]] * 50)]),
        np.append(lesson.right, np.full(50, 7)),
        np.ones(550),
    )
    first, second = learn([lesson], 0.01), learn([with_others], 0.01)
    assert first.features == pytest.approx(second.features)
    assert first.constant == pytest.approx(second.constant)


def test_usual_bars_lie_between_those_of_the_next_precisions() -> None:
    """Any number may be asked for; beyond the last nothing is known."""
    low, middle, high = (judge(1.0).usual_bar(precision) for precision in (0.9, 0.91, 0.925))
    assert low < middle < high
    assert judge(1.0).usual_bar(0.999) == OUT_OF_REACH


def test_labelled_questions_bend_the_odds() -> None:
    """Down where fewer were right than promised; a handful less than hundreds."""
    promised = np.full(400, 0.8)
    right = np.arange(400) % 2 == 0
    some = judge(1.0)
    few, many = (
        bend(some, Verdicts(promised[:size], right[:size]), np.ones(size)) for size in (10, 400)
    )
    at = seen([[3.0, 0.0]])
    before, after_few, after_many = (one.probabilities(at)[0, 0] for one in (some, few, many))
    assert before > after_few > after_many
    assert after_few > before - 0.1


def test_bent_odds_keep_the_others_in_proportion() -> None:
    """And in sum below 1."""
    bent = bend(judge(1.0), Verdicts(np.full(50, 0.4), np.ones(50, dtype=np.bool_)), np.ones(50))
    plain, raised = (one.probabilities(seen([[2.0, 1.0]]))[0] for one in (judge(1.0), bent))
    assert raised[0] > plain[0]
    assert raised[1] / raised[0] == pytest.approx(plain[1] / plain[0])


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
        steps=100,
    )
    assert found == pytest.approx(bottom, abs=0.05)


@pytest.mark.parametrize(
    ("shipped", "embedder", "without"),
    [(WORDS_ONLY, None, OF_MEANING), (WITH_VECTORS, WordEmbedder(), frozenset())],
    ids=["words", "vectors"],
)
def test_the_shipped_judges_know_what_is_observed(
    shipped: Judge, embedder: Embedder | None, without: frozenset[object]
) -> None:
    """A weighting for each column, in the order of the names."""
    found = FaqMatcher.fit(small_faq(), embedder=embedder).observe(["card", "parcel"])
    assert shipped.features.shape == (len([one for one in Feature if one not in without]), 3)
    assert shipped.background.shape == (len([one for one in Background if one not in without]), 3)
    assert found.features.shape == (2, 8, len(shipped.features))
    assert found.background.shape == (2, len(shipped.background))
    assert (shipped.usual_bars[1:] >= shipped.usual_bars[:-1]).all()


def test_the_order_of_names_does_not_matter() -> None:
    """A judge takes weightings by name, and each meets its own column."""
    weightings = {one: Weighting(0.0, 1.0, float(place)) for place, one in enumerate(Feature)}
    background = {Background.ENTRIES: Weighting(0.0, 1.0, 0.0)}
    forth, back = (
        Judge.of(dict(order), background, constant=0.0, usual_bars=BARS)
        for order in (weightings.items(), reversed(weightings.items()))
    )
    assert (
        forth.features[:, 2].tolist() == back.features[:, 2].tolist() == list(range(len(Feature)))
    )
