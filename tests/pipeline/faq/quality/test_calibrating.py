"""Labelled questions teach how sure the FAQ must be, and what they taught is found out fairly."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH, PRECISIONS
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.outcomes import FaqAnswer
from agentbot.pipeline.faq.quality.calibrating import held_out, judged, learn
from tests.support.faq import WordEmbedder, small_faq

DAY = "2026-11-26"
MISLEADING = [
    LabelledQuestion(f"parcel {word} {number} delivery", None)
    for word in ("lost", "shop", "point")
    for number in range(15)
]
RIGHT = [LabelledQuestion(f"{number} parcel delivery", "shipping") for number in range(300)]


def test_labelled_questions_bend_the_judge() -> None:
    """Where questions that look like the FAQ's have no answer there, scores fall."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.8)
    asked = ["parcel gone delivery"]
    lower = matcher.calibrated(learn(matcher, MISLEADING, made_on=DAY))
    higher = matcher.calibrated(learn(matcher, RIGHT[:60], made_on=DAY))
    assert lower.scores(asked)[0] < matcher.scores(asked)[0] < higher.scores(asked)[0]


@pytest.mark.parametrize("embedder", [None, WordEmbedder()], ids=["words", "vectors"])
def test_what_is_learnt_says_of_what(embedder: WordEmbedder | None) -> None:
    """Of how many questions, on which day, by which search and judge, for which entries."""
    matcher = FaqMatcher.fit(small_faq(), embedder=embedder)
    found = learn(matcher, [*MISLEADING, *RIGHT[:4]], made_on=DAY)
    assert (found.made_on, found.questions, found.answerable) == (DAY, 49, 4)
    assert found.search == ("words" if embedder is None else "words-by-checksum")
    assert found.judge == matcher.judge.mark
    assert len(found.entries) == 8
    assert found.bars == {}


def test_many_labelled_questions_set_the_bar() -> None:
    """By what the bent judge promises of them; where nothing is right there is none."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.8)
    taught = matcher.calibrated(learn(matcher, RIGHT, made_on=DAY))
    assert (taught.scores([one.text for one in RIGHT]) >= taught.bar).all()
    assert taught.bar == taught.bar_at(0.8) <= taught.bar_at(0.85)
    wrong = [LabelledQuestion(one.text, None) for one in RIGHT]
    nothing = learn(matcher, wrong, made_on=DAY)
    assert nothing.bars == dict.fromkeys(PRECISIONS)
    assert matcher.calibrated(nothing).bar == OUT_OF_REACH
    assert matcher.calibrated(nothing).bar_at(0.5) == OUT_OF_REACH


def test_one_that_is_wrong_hardly_moves_the_bars() -> None:
    """Nor does a lucky one: it is one of many by which the judge is bent."""
    matcher = FaqMatcher.fit(small_faq())
    right = learn(matcher, RIGHT, made_on=DAY)
    slip = learn(matcher, [*RIGHT[1:], LabelledQuestion(RIGHT[0].text, None)], made_on=DAY)
    for asked, bar in right.bars.items():
        assert bar is not None
        assert slip.bars[asked] == pytest.approx(bar, abs=0.05)


def test_fewer_bend_the_bar_that_is_rehearsed() -> None:
    """The bar is that of the bent judge: the rehearsal is judged anew."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.8)
    taught = matcher.calibrated(learn(matcher, MISLEADING, made_on=DAY))
    assert taught.rehearsal is not None
    assert matcher.rehearsal is not None
    assert taught.rehearsal.answerable.scores.mean() < matcher.rehearsal.answerable.scores.mean()
    assert taught.bar == taught.bar_at(0.8)


def test_the_faqs_own_words_teach_nothing() -> None:
    """They are answered at any bar; and what has no word at all is at none."""
    matcher = FaqMatcher.fit(small_faq())
    own = [LabelledQuestion(entry.question, entry.id) for entry in small_faq()]
    found = learn(matcher, [*own, LabelledQuestion("?!", None)], made_on=DAY)
    assert (found.slope, found.shift) == (1, 0)
    seen = judged(matcher, [own[0], LabelledQuestion("?!", None)])
    assert seen.scores.tolist() == [1, -np.inf]
    assert seen.right.tolist() == [True, False]


def test_an_empty_faq_learns_nothing() -> None:
    """It stays as it is."""
    matcher = FaqMatcher.fit(small_faq())
    empty = FaqMatcher.fit([])
    assert empty.calibrated(learn(matcher, MISLEADING, made_on=DAY)) is empty
    assert learn(matcher, [], made_on=DAY).slope == 1


def test_each_question_is_judged_by_what_the_others_have_taught() -> None:
    """So that a question's own label does not speak for it."""
    matcher = FaqMatcher.fit(small_faq())
    questions = [*RIGHT[:40], LabelledQuestion("do you open on sunday", "hours")]
    seen = judged(matcher, questions)
    found = held_out(matcher, questions, seen, (0.5, 0.9, 0.999))
    assert found[0.5].sum() >= found[0.9].sum() > 0
    assert not found[0.999].any()
    own = [LabelledQuestion("is post possible", "shipping")]
    seen = judged(matcher, own)
    assert held_out(matcher, own, seen, (0.999,))[0.999].tolist() == [True]


def test_what_was_learnt_is_what_is_asked() -> None:
    """A calibrated matcher answers those that the bent scores and the bar say it should."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.7)
    taught = matcher.calibrated(learn(matcher, [*MISLEADING, *RIGHT[:30]], made_on=DAY))
    for text in ("parcel gone delivery", "7 parcel delivery", "pay with a card then"):
        is_answered = isinstance(taught.match(text), FaqAnswer)
        assert is_answered == (taught.scores([text])[0] >= taught.bar)
