"""Whether the nearest entry is the right answer: a calibrated probability, and its thresholds.

The judge is a logistic regression on a handful of features (`features`). It comes ready with
agentbot (`prior`), learnt on many FAQs cut out of one, each with questions that no entry answers:
measured on such FAQs, it keeps the precision more evenly than a judge that learns from each FAQ's
own phrasings, which are too few and too much alike. Labelled questions of customers do teach it
(`learn`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.classifier import Array, minimize
from agentbot.pipeline.faq.features import Feature, Features

Flags = npt.NDArray[np.bool_]

UNANSWERABLE_SHARE = 0.35
"""Assumed share of questions in the FAQ's own field that no entry answers. Questions from far off
come on top of it; they are told apart easily."""
PRECISIONS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97)
"""The precisions (shares, 0 to 1) that a judge has thresholds for; between them thresholds are
interpolated. Closer together where a small step in precision costs many answers."""
OUT_OF_REACH = 1.01
"""A threshold that no score reaches: scores are probabilities."""

_PRIOR_PRECISION = 50.0
"""The inverse variance of a weight about the prior's. A question says at most 1/4 of a weight, so
this is as much as 200 questions say: a few dozen bend the judge and do not turn it."""
_CONSTANT_PRIOR_PRECISION = 5.0
"""The same for the constant, which may move further: how often questions are answerable at all
differs most from shop to shop."""
_MANY = 300
"""Labelled questions that are enough to set the thresholds: below, each of the ten would rest on a
handful of answers."""
_FOLDS = 5
"""Parts into which the questions are cut, so that each is scored by a judge that has not seen it:
the usual number, and four fifths of 300 questions still teach."""
_TRUST = 100.0
"""Counted answers that a judge's own promise weighs as much as: at a precision of 0.9 the count of
a hundred answers is sure to about 3 points of a hundred."""
_CAUTION = 0.5
"""Standard errors by which a precision counted on few answers is rated down: enough that a lucky
handful does not lower the threshold, at the price of few answers."""
_FIT_STEPS = 200
"""Iterations of a fit at most, whether it has converged or not: a fit must end."""


class Weighting(NamedTuple):
    """How a judge takes a feature: ``weight`` times its distance from ``centre`` in ``spread``."""

    centre: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True)
class Judge:
    """A logistic regression on named features. Make it with `Judge.of`, or by learning.

    ``columns`` names the features; ``centre`` and ``spread``, in the same order, scale them;
    ``weights`` has one number more, the constant, which comes last. ``thresholds`` are the least
    scores for answers, one for each of `PRECISIONS`; ``offer_threshold`` is the least score at
    which the right entry is among the first three at least every second time.
    """

    columns: tuple[Feature, ...]
    centre: Array
    spread: Array
    weights: Array
    thresholds: Array
    offer_threshold: float

    @classmethod
    def of(
        cls,
        weightings: Mapping[Feature, Weighting],
        *,
        constant: float,
        thresholds: Mapping[float, float],
        offer_threshold: float,
    ) -> Judge:
        """Make a judge of numbers by name; ``thresholds`` holds one for each of `PRECISIONS`."""
        return cls(
            columns=tuple(weightings),
            centre=np.array([one.centre for one in weightings.values()]),
            spread=np.array([one.spread for one in weightings.values()]),
            weights=np.array([*(one.weight for one in weightings.values()), constant]),
            thresholds=np.array([thresholds[precision] for precision in PRECISIONS]),
            offer_threshold=offer_threshold,
        )

    def scores(self, features: Features) -> Array:
        """Return the probability (0 to 1) that the nearest entry is the right answer; shape (q,).

        Raises ``KeyError`` where a feature that the judge knows was not observed.
        """
        return _logistic(self.scaled(features) @ self.weights[:-1] + self.weights[-1])

    def scaled(self, features: Features) -> Array:
        """Return the features that it goes by, each about 0 and of spread 1; (q, columns)."""
        return (features.matrix(self.columns) - self.centre) / self.spread

    def answer_threshold(self, precision: float) -> float:
        """Return the least score at which answers are right with at least ``precision``."""
        if precision > PRECISIONS[-1]:
            return OUT_OF_REACH
        return float(np.interp(precision, PRECISIONS, self.thresholds))


def learn(
    features: Features,
    answerable: Flags,
    right: Flags,
    prior: Judge,
    share: float = UNANSWERABLE_SHARE,
) -> Judge:
    """Return ``prior``, taught by questions of which ``share`` is taken to be unanswerable.

    ``answerable``: an entry answers it; ``right``: and it was the nearest. From 300 questions on
    they set the thresholds too; fewer leave the prior's.
    """
    counts = counted(answerable, share)
    precisions = np.append(np.full(len(prior.columns), _PRIOR_PRECISION), _CONSTANT_PRIOR_PRECISION)
    scaled = prior.scaled(features)
    weights = fit(scaled, right, counts, prior.weights, precisions)
    thresholds = prior.thresholds
    if len(right) >= _MANY:
        scores = np.empty(len(right))
        fold = np.arange(len(right)) % _FOLDS
        for number in range(_FOLDS):
            mine = fold == number
            others = fit(scaled[~mine], right[~mine], counts[~mine], prior.weights, precisions)
            scores[mine] = _logistic(scaled[mine] @ others[:-1] + others[-1])
        thresholds = np.array(
            [_threshold(scores, right, counts, precision) for precision in PRECISIONS]
        )
    return replace(prior, weights=weights, thresholds=thresholds)


def counted(answerable: Flags, share: float) -> Array:
    """Return how often each question counts, once on average, for ``share`` to be unanswerable."""
    present = answerable.mean()
    if present in (0, 1):
        return np.ones(len(answerable))
    return np.asarray(np.where(answerable, (1 - share) / present, share / (1 - present)))


def _threshold(scores: Array, right: Flags, counts: Array, precision: float) -> float:
    """Return the least score from which on ``precision`` is kept; above 1 if there is none."""
    order = np.argsort(-scores, kind="stable")
    weight = np.cumsum(counts[order])
    promised = np.cumsum((counts * scores)[order]) / weight
    # The counted precision swings where few answers were given; the promised one is smooth, but
    # only as good as the judge. The more answers were counted, the more the count decides.
    kept = (np.cumsum((counts * right)[order]) + _TRUST * promised) / (weight + _TRUST)
    error = np.sqrt(kept * (1 - kept) / (weight + _TRUST))
    passing = np.flatnonzero(kept - _CAUTION * error >= precision)
    return float(scores[order][passing[-1]]) if len(passing) else OUT_OF_REACH


def fit(scaled: Array, right: Flags, counts: Array, prior: Array, precisions: Array) -> Array:
    """Fit a logistic regression; the constant is the last of the weights returned.

    ``prior`` holds the weights before anything was seen, ``precisions`` their inverse variances
    about it, and ``scaled`` the features, shape (q, columns).
    """
    design = np.column_stack([scaled, np.ones(len(scaled))])

    def loss(point: Array) -> tuple[float, Array]:
        logits = design @ point
        value = float((counts * (np.logaddexp(0, logits) - right * logits)).sum())
        value += float((precisions * (point - prior) ** 2).sum()) / 2
        residual = counts * (_logistic(logits) - right)
        return value, design.T @ residual + precisions * (point - prior)

    return minimize(loss, prior, steps=_FIT_STEPS)


def _logistic(logits: Array) -> Array:
    # Beyond 500 exp() would overflow, and the result is 0 or 1 to the last digit anyway.
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))
