"""Asking a FAQ its questions: the one place that knows how a matcher is fit, asked and set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH, Judge
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome
from tests.bench.measures import Flags, Floats
from tests.bench.sets import CutOut

PRECISIONS = (0.8, 0.9, 0.95)
"""The precisions that are asked for."""
_CHECKED = 20
"""Questions of each FAQ that are asked twice, to see that a threshold is all that a precision
changes."""


class Disagreement(Exception):
    """A matcher answers otherwise than its score and its threshold say."""


@dataclass(frozen=True, slots=True)
class Replies:
    """What came of q questions; every array has the shape (q,).

    ``right``: the nearest entry is the right one; ``scores``: how sure the matcher was, infinity
    for a question in the FAQ's own words, minus infinity for one that it would not answer at any
    threshold; ``answered``: whether it answers, by the precision asked for.
    """

    answerable: Flags
    right: Flags
    scores: Floats
    answered: Mapping[float, Flags]

    @classmethod
    def joined(cls, parts: Sequence[Replies]) -> Replies:
        """Return the replies of several FAQs as one."""
        return cls(
            np.concatenate([part.answerable for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.scores for part in parts]),
            {
                asked: np.concatenate([part.answered[asked] for part in parts])
                for asked in parts[0].answered
            },
        )


def ask(faq: CutOut, *, embedder: Embedder | None, prior: Judge) -> Replies:
    """Fit the FAQ and ask its questions, each as a customer would, at every precision.

    Raises `Disagreement` where a matcher answers otherwise than score and threshold say: then more
    depends on the precision than a threshold, and this module must learn of it.
    """
    fitted = FaqMatcher.fit(faq.entries, embedder=embedder, judge=prior)
    eager = replace(fitted, bar=0.0)
    reluctant = replace(fitted, bar=OUT_OF_REACH)
    outcomes = [eager.match(question.text) for question in faq.asked]
    scores = np.array([_score(outcome) for outcome in outcomes])
    for place in np.flatnonzero(scores >= 1.0):
        if isinstance(reluctant.match(faq.asked[place].text), FaqAnswer | FaqAnswers):
            scores[place] = np.inf
    for place in np.linspace(0, len(scores) - 1, min(_CHECKED, len(scores))).astype(int):
        outcome = fitted.match(faq.asked[place].text)
        if isinstance(outcome, FaqAnswer | FaqAnswers) != bool(scores[place] >= fitted.bar):
            raise Disagreement(f"{faq.asked[place].text!r}: {outcome.reason}")
    return Replies(
        np.array([question.entry is not None for question in faq.asked]),
        np.array(
            [
                question.entry is not None and outcome.best == question.entry
                for question, outcome in zip(faq.asked, outcomes, strict=True)
            ]
        ),
        scores,
        {asked: np.asarray(scores >= fitted.bar_at(asked)) for asked in PRECISIONS},
    )


def _score(outcome: FaqOutcome) -> float:
    """Return the score of what is an answer where every score is enough, else minus infinity."""
    return outcome.score if isinstance(outcome, FaqAnswer | FaqAnswers) else -np.inf
