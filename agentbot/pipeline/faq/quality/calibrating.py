"""Learning from labelled questions how sure the FAQ must be.

Questions in the FAQ's own words teach nothing: they are answered at any bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.judging.bar import least_score
from agentbot.pipeline.faq.judging.calibration import Calibration, marks_of
from agentbot.pipeline.faq.judging.judge import (
    OUT_OF_REACH,
    PRECISIONS,
    Array,
    Verdicts,
    bend,
    log_odds,
    logistic,
)
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers

LEAST = 20
"""Labelled questions from which on they are worth keeping: fewer say less than what ships."""
_MANY = 50
"""Labelled questions that are enough to set the bars: fewer bend the judge, and bars are rehearsed.
On public FAQs with 50 questions, and a third of them unanswerable, answers were then 0.89 to 0.94
right where 0.9 was asked (0.85 where next to nothing can be had), at nearly the coverage that can
be had; with a bar that was rehearsed it was half of that in places."""
_PARTS = 5
"""Parts of the questions of which each is judged by what the others have taught."""
_CERTAIN = 1.0
"""The score of a question in the FAQ's own words."""


def learn(
    matcher: FaqMatcher,
    questions: Sequence[LabelledQuestion],
    seen: Verdicts | None = None,
    *,
    made_on: str,
) -> Calibration:
    """Return what the questions teach, by a ``matcher`` that is not calibrated.

    Some bend its judge; from 50 on they set its bars too. ``seen`` is what `judged` returns of
    them, where it is known. ``made_on`` is the day, as 2026-11-26.
    """
    return _learnt(matcher, questions, seen or judged(matcher, questions), made_on)


def judged(matcher: FaqMatcher, questions: Sequence[LabelledQuestion]) -> Verdicts:
    """Return how sure the matcher is of each question's nearest entry, and whether it is right.

    Minus infinity where it would not be given at any bar.
    """
    eager = replace(matcher, bar=0.0)
    scores = np.full(len(questions), -np.inf)
    right = np.zeros(len(questions), dtype=np.bool_)
    for place, question in enumerate(questions):
        outcome = eager.match(question.text)
        if isinstance(outcome, FaqAnswer | FaqAnswers):
            # Of several only the surest counts: at this bar the others are given however unsure.
            scores[place] = outcome.score
            right[place] = outcome.best == question.entry
    return Verdicts(scores, right)


def held_out(
    matcher: FaqMatcher,
    questions: Sequence[LabelledQuestion],
    seen: Verdicts,
    precisions: Sequence[float],
) -> dict[float, npt.NDArray[np.bool_]]:
    """Return which questions would be answered, by precision, each by what others have taught.

    ``seen`` is what `judged` returns of them.
    """
    answered = {asked: np.zeros(len(questions), dtype=np.bool_) for asked in precisions}
    for mine, others in _parts(len(questions)):
        taught = [questions[place] for place in others.tolist()]
        known = _learnt(matcher, taught, Verdicts(seen.scores[others], seen.right[others]), "")
        bent = matcher.calibrated(known)
        scores = _bent(seen.scores[mine], known)
        for asked, found in answered.items():
            found[mine] = scores >= min(bent.bar_at(asked), _CERTAIN)
    return answered


def _parts(count: int) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield parts of so many questions, drawn by chance, and what is left without each."""
    drawn = np.random.default_rng(0).permutation(count)
    for part in range(_PARTS):
        mine = drawn[part::_PARTS]
        yield mine, np.setdiff1d(drawn, mine)


def _learnt(
    matcher: FaqMatcher, questions: Sequence[LabelledQuestion], seen: Verdicts, made_on: str
) -> Calibration:
    told = np.isfinite(seen.scores) & (seen.scores < _CERTAIN)
    scores, right = seen.scores[told], seen.right[told]
    judge = bend(matcher.judge, Verdicts(scores, right), np.ones(len(scores)))
    bars: dict[float, float | None] = {}
    if len(scores) >= _MANY:
        bent = logistic(judge.slope * log_odds(scores) + judge.shift)
        for asked in PRECISIONS:
            # By what the bent judge promises, not by what came: of some hundred questions one that
            # is sure and wrong would move the bar of a high precision by half of its answers.
            bar = least_score(bent, bent, np.ones(len(bent)), asked)
            bars[asked] = None if bar >= OUT_OF_REACH else bar
    return Calibration(
        made_on=made_on,
        questions=len(questions),
        answerable=sum(question.entry is not None for question in questions),
        search=matcher.search,
        judge=matcher.judge.mark,
        slope=judge.slope,
        shift=judge.shift,
        bars=bars,
        entries=marks_of(matcher.entries),
    )


def _bent(scores: Array, known: Calibration) -> Array:
    """Return scores as the bent judge gives them; what is certain, or never given, stays so."""
    bent = logistic(known.slope * log_odds(scores) + known.shift)
    return np.where(np.isfinite(scores) & (scores < _CERTAIN), bent, scores)
