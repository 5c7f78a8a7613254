"""The bar: how sure the judge must be of an answer, so that answers are as precise as asked.

The mean precision of all answers is what an operator asks for; so the bar lies below it, and how
far depends on how sure the judge usually is in this very FAQ. That is rehearsed: each phrasing is
asked as if it were not in the FAQ (a question with an answer), and as if its whole entry were not
(a question without one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agentbot.pipeline.faq.judging.judge import (
    OUT_OF_REACH,
    Array,
    Judge,
    Verdicts,
    log_odds,
    logistic,
)

_UNANSWERABLE = {0.8: 0.55, 0.9: 0.4, 0.95: 0.3, 0.99: 0.2}
"""Assumed share of a FAQ's questions (0 to 1) that no entry answers, by the precision asked for.
Where fewer are, answers are more precise than asked, and where more are, less. The lower a bar, the
more of these questions pass it: with 0.4 at each, 59 of 315 precisions by meanings (as below) fell
short by more than 3 points, and 40 times less than three quarters of the possible was answered; so
48 and 30."""

_BELIEF = 0.6
"""How far the judge's own promise for a phrasing held back counts beside what came of it (1 in
all): phrasings are more alike than customers' questions, or harder, and the judge knows neither."""
_FEW = 20
"""Phrasings held back that the usual bar counts as much as."""
_FARTHEST = 2.0
"""Log odds by which the rehearsal moves the usual bar at most: where entries left out look like
those that stay, it would let nothing be answered. Of 315 precisions (35 FAQs cut out of the public
ones and asked by meanings for 0.8, 0.9 and 0.95, with none, a fifth and half of the questions
unanswerable, each set left out where it was judged) 74 fell short by more than 3 points of 100 with
1, and 60 with 2, while as much was answered."""


def unanswerable_share(precision: float) -> float:
    """Return the share of questions without an answer (0 to 1) that a precision is kept at."""
    return float(np.interp(precision, list(_UNANSWERABLE), list(_UNANSWERABLE.values())))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of the phrasings held back: ``answerable`` ones, and those without their entry."""

    answerable: Verdicts
    unanswerable: Verdicts


def bar_for(precision: float, judge: Judge, rehearsal: Rehearsal) -> float:
    """Return the least probability at which answers are right with at least ``precision``.

    `OUT_OF_REACH` where nothing does so in any FAQ.
    """
    usual = judge.usual_bar(precision)
    rehearsed = len(rehearsal.answerable.scores)
    if usual >= OUT_OF_REACH or not rehearsed or not len(rehearsal.unanswerable.scores):
        return usual
    middle = float(log_odds(np.array(usual)))
    own = float(log_odds(np.array(_promised(precision, rehearsal))))
    trust = rehearsed / (rehearsed + _FEW)
    return float(logistic(middle + trust * np.clip(own - middle, -_FARTHEST, _FARTHEST)))


def bar_among(bars: Mapping[float, float | None], precision: float) -> float:
    """Return the bar for a precision by those of some precisions, None where nothing is enough."""
    reached = sorted((asked, bar) for asked, bar in bars.items() if bar is not None)
    if not reached or precision > reached[-1][0]:
        return OUT_OF_REACH
    asked, kept = zip(*reached, strict=True)
    return float(np.interp(precision, asked, kept))


def _promised(precision: float, rehearsal: Rehearsal) -> float:
    """Return the least score of the rehearsal from which on ``precision`` is kept."""
    known, unknown = rehearsal.answerable, rehearsal.unanswerable
    scores = np.concatenate([known.scores, unknown.scores])
    came = np.concatenate([known.right, unknown.right])
    share = unanswerable_share(precision)
    counts = np.concatenate(
        [
            np.full(len(known.scores), (1 - share) / len(known.scores)),
            np.full(len(unknown.scores), share / len(unknown.scores)),
        ]
    )
    return least_score(scores, _BELIEF * scores + (1 - _BELIEF) * came, counts, precision)


def least_score(scores: Array, right: Array, counts: Array, precision: float) -> float:
    """Return the least score from which on the mean of ``right`` is ``precision``.

    It lies in the middle between the last of ``scores`` that keeps it and the next one;
    `OUT_OF_REACH` if none keeps it. ``counts`` says how often each counts.
    """
    order = np.argsort(-scores, kind="stable")
    kept = np.cumsum((counts * right)[order]) / np.cumsum(counts[order])
    passing = np.flatnonzero(kept >= precision)
    if not len(passing):
        return OUT_OF_REACH
    around = np.append(scores[order], 0.0)[passing[-1] : passing[-1] + 2]
    return float(around.mean())
