"""Files of labelled questions are read, and mistakes in them named with file and line."""

from __future__ import annotations

from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.quality.evaluation import evaluate, trade_offs
from tests.support.faq import small_faq


def test_other_precisions_are_compared_without_learning_anew() -> None:
    """Each as if it had been asked for: more answers below, and only the FAQ's own words above."""
    matcher = FaqMatcher.fit(small_faq())
    questions = [
        LabelledQuestion("is post possible", "shipping"),
        LabelledQuestion("how is parcel delivery done by courier", "shipping"),
        LabelledQuestion("an exchange with a label perhaps", "returns"),
        LabelledQuestion("zebra quantum violin", None),
    ]
    found = trade_offs(matcher, questions, (0.5, 0.9, 0.999))
    assert [one.asked for one in found] == [0.5, 0.9, 0.999]
    for one in found:
        report = evaluate(FaqMatcher.fit(small_faq(), precision=one.asked), questions)
        assert (one.answers, one.precision, one.coverage) == (
            report.answers,
            report.precision,
            report.coverage,
        )
    assert found[0].answers > found[2].answers == 1
    assert found[2].bar == OUT_OF_REACH
    assert found[2].precision == 1


def test_no_answers_have_no_precision() -> None:
    """And no questions no coverage."""
    matcher = FaqMatcher.fit(small_faq())
    (found,) = trade_offs(matcher, [LabelledQuestion("zebra quantum violin", None)], (0.9,))
    assert (found.answers, found.precision, found.coverage) == (0, None, None)


def test_answers_to_several_questions_are_counted() -> None:
    """They are right where one of their entries is, and some answer but in part."""
    matcher = FaqMatcher.fit(small_faq())
    report = evaluate(
        matcher,
        [
            LabelledQuestion("Is post possible? Is paypal possible?", "payment"),
            LabelledQuestion("Is large possible? And do you sell zebras?", "sizes"),
            LabelledQuestion("Is large possible? And do you sell zebras?", None),
            LabelledQuestion("is large possible", "sizes"),
        ],
    )
    assert (report.answers, report.right_answers) == (4, 3)
    assert (report.several, report.in_part) == (3, 2)
    assert report.unanswerable_answered == 1
