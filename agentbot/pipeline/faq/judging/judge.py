"""How likely each entry answers a question, and how likely none of them does.

The judge is a conditional logit (McFadden 1974): each entry that may answer has a value, and so has
the answer of none of them; the values' exponentials, divided by their sum, are the probabilities.
So the judge sees in one whether an entry is near enough and whether others are as near. It comes
ready with agentbot (`prior`), learnt on many FAQs cut out of several public ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.judging.features import Background, Feature, Observation

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.99)
"""The precisions (shares, 0 to 1) that a judge has usual bars for; between them they are
interpolated."""
OUT_OF_REACH = 1.01
"""A bar that no score reaches: scores are probabilities."""

_STEPS = 200
"""Iterations of a fit at most, whether it has converged or not: a fit must end."""
_MEMORY = 8
"""Steps whose curvature is remembered: between 3 and 20 is usual (Nocedal and Wright 2006, 7.2)."""
_SUFFICIENT_DECREASE = 1e-4
"""The share of the promised decrease that a step must bring (Nocedal and Wright 2006, 3.1)."""
_LEAST_STEP = 1e-10
"""A step, as a share of the direction, below which no decrease is to be found by halving."""
_TOLERANCE = 1e-6
"""The decrease, as a share of the value, below which it has converged."""
_LEAST_CURVATURE = 1e-12
"""Curvature along a step below which it is left out: it would be divided by."""
_MISSING = -1e3
"""The value of an entry that is left out: its probability is nothing."""


class Weighting(NamedTuple):
    """How a judge takes a feature: ``weight`` times its distance from ``centre`` in ``spread``."""

    centre: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True)
class Judge:
    """What gives probabilities. Make it with `Judge.of`.

    ``features`` and ``background`` have the shape (features, 3), a `Weighting` each, in the order
    of the observation's columns; ``constant`` is the value of no answer before anything is seen.
    ``usual_bars`` are the least probabilities of an answer, one for each of `PRECISIONS`, that keep
    it over many FAQs. ``slope`` and ``shift`` bend the log odds of the best entry; 1 and 0 leave
    them.
    """

    features: Array
    background: Array
    constant: float
    usual_bars: Array
    slope: float = 1.0
    shift: float = 0.0

    @classmethod
    def of(
        cls,
        features: Mapping[Feature, Weighting],
        background: Mapping[Background, Weighting],
        *,
        constant: float,
        usual_bars: Mapping[float, float],
    ) -> Judge:
        """Make a judge of numbers by name; ``usual_bars`` holds one for each of `PRECISIONS`."""
        return cls(
            np.array([features[one] for one in Feature if one in features]),
            np.array([background[one] for one in Background if one in background]),
            constant,
            np.array([usual_bars[precision] for precision in PRECISIONS]),
        )

    @property
    def mark(self) -> str:
        """Eight hex digits that are others where the judge, but for how it is bent, is another."""
        numbers = (self.features, self.background, np.array(self.constant), self.usual_bars)
        return sha256(b"".join(one.astype(np.float64).tobytes() for one in numbers)).hexdigest()[:8]

    def probabilities(self, seen: Observation) -> Array:
        """Return the probability (0 to 1) that each entry answers; shape (q, c), as the entries."""
        values = self._values(seen)
        top = values.max(axis=1, keepdims=True)
        shares = np.exp(values - top)
        shares /= shares.sum(axis=1, keepdims=True)
        return self._bent(shares[:, :-1])

    def _values(self, seen: Observation) -> Array:
        entries = scaled(seen.features, self.features) @ self.features[:, 2]
        none = scaled(seen.background, self.background) @ self.background[:, 2] + self.constant
        entries = np.where(seen.missing, _MISSING, entries)
        return np.concatenate([entries, none[:, None]], axis=1)

    def _bent(self, shares: Array) -> Array:
        """Return the shares with the best one's log odds bent, the others in proportion."""
        if (self.slope, self.shift) == (1.0, 0.0):
            return shares
        best = shares.max(axis=1, keepdims=True)
        bent = logistic(self.slope * log_odds(best) + self.shift)
        return np.asarray(shares * (bent / np.maximum(best, 1e-12)))

    def usual_bar(self, precision: float) -> float:
        """Return the least probability at which answers are usually right with ``precision``."""
        if precision > PRECISIONS[-1]:
            return OUT_OF_REACH
        return float(np.interp(precision, PRECISIONS, self.usual_bars))


def scaled(values: Array, weightings: Array) -> Array:
    """Return the values, each about 0 and of spread 1; ``weightings`` as in `Judge`."""
    return np.asarray((values - weightings[:, 0]) / weightings[:, 1])


def log_odds(shares: Array) -> Array:
    """Return log(p / (1 - p)), finite for 0 and 1 too."""
    shares = np.clip(shares, _LEAST_SHARE, 1 - _LEAST_SHARE)
    return np.asarray(np.log(shares) - np.log1p(-shares))


_LEAST_SHARE = 1e-9
"""The probability that counts for 0, and its distance from 1 for 1: logarithms need some."""


def logistic(logits: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    # Beyond 500 exp() would overflow, and the result is 0 or 1 to the last digit anyway.
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))


class Lesson(NamedTuple):
    """Questions to one FAQ that a judge learns from: ``counts``, (q,), says how often each counts.

    ``right`` is the number of each question's entry, -1 where none answers it.
    """

    seen: Observation
    right: Ints
    counts: Array


def learn(lessons: Sequence[Lesson], penalty: float) -> Judge:
    """Return a judge, without usual bars, that has learnt from questions to several FAQs.

    ``penalty`` weighs the squares of the weights against a log loss of 1 in all. Questions whose
    entry is not among those looked at teach nothing.
    """
    picked = [_picked(lesson) for lesson in lessons]
    features = _centred(np.concatenate([one.features[~one.missing] for one, _, _ in picked]))
    background = _centred(np.concatenate([one.background for one, _, _ in picked]))
    taught: list[tuple[Array, Array, Flags, Ints, Array]] = [
        (
            scaled(one.features, features),
            scaled(one.background, background),
            one.missing,
            place,
            counts,
        )
        for one, place, counts in picked
    ]
    many, all_counts = len(features), sum(float(counts.sum()) for _, _, counts in picked)

    def loss(point: Array) -> tuple[float, Array]:
        value, gradient = penalty / 2 * float(point @ point), penalty * point
        for ours, none, missing, place, counts in taught:
            values = np.concatenate(
                [
                    np.where(missing, _MISSING, ours @ point[:many]),
                    (none @ point[many:-1] + point[-1])[:, None],
                ],
                axis=1,
            )
            values -= values.max(axis=1, keepdims=True)
            shares = np.exp(values)
            shares /= shares.sum(axis=1, keepdims=True)
            rows = np.arange(len(place))
            weights = counts / all_counts
            value -= float((weights * np.log(np.maximum(shares[rows, place], 1e-12))).sum())
            shares[rows, place] -= 1
            shares *= weights[:, None]
            gradient[:many] += np.einsum("qc,qcf->f", shares[:, :-1], ours)
            gradient[many:-1] += none.T @ shares[:, -1]
            gradient[-1] += shares[:, -1].sum()
        return value, gradient

    point = minimize(loss, np.zeros(many + len(background) + 1), steps=_STEPS)
    return Judge(
        np.column_stack([features[:, :2], point[:many]]),
        np.column_stack([background[:, :2], point[many:-1]]),
        float(point[-1]),
        np.full(len(PRECISIONS), OUT_OF_REACH),
    )


def _picked(lesson: Lesson) -> tuple[Observation, Ints, Array]:
    """Return the questions that teach something, and the column of each one's answer."""
    seen, right, counts = lesson
    is_it = (seen.entries == right[:, None]) & ~seen.missing
    place = np.where(right < 0, seen.entries.shape[1], is_it.argmax(axis=1))
    useful = (right < 0) | is_it.any(axis=1)
    part = Observation(
        seen.entries[useful],
        seen.missing[useful],
        seen.features[useful],
        seen.background[useful],
    )
    return part, place[useful], counts[useful]


def _centred(values: Array) -> Array:
    """Return centre and spread of each column, and a weight of 0."""
    spread = values.std(axis=0) + _LEAST_SPREAD
    return np.column_stack([values.mean(axis=0), spread, np.zeros(values.shape[1])])


_LEAST_SPREAD = 1e-6
"""What is added to the spread of a feature: it is divided by, and may be constant."""


class Verdicts(NamedTuple):
    """The best entry's probability for each question, and whether it was right; shape (q,)."""

    scores: Array
    right: Flags


def bend(judge: Judge, known: Verdicts, counts: Array) -> Judge:
    """Return the judge with its odds bent by labelled questions, however few (Platt scaling).

    ``counts`` says how often each question counts. A few dozen bend it and do not turn it.
    """
    odds = log_odds(known.scores)

    def loss(point: Array) -> tuple[float, Array]:
        logits = point[0] * odds + point[1]
        value = float((counts * (np.logaddexp(0, logits) - known.right * logits)).sum())
        residual = counts * (logistic(logits) - known.right)
        away = point - (1.0, 0.0)
        value += float((_BEND * away**2).sum()) / 2
        return value, np.array([residual @ odds, residual.sum()]) + _BEND * away

    slope, shift = minimize(loss, np.array([1.0, 0.0]), steps=_STEPS)
    return replace(
        judge, slope=judge.slope * float(slope), shift=judge.shift * float(slope) + float(shift)
    )


_BEND = np.array([20.0, 5.0])
"""The inverse variances of slope and shift about 1 and 0. How often questions are answerable at all
differs most from shop to shop, so that the shift is freer: it takes what twenty questions say."""


def minimize(loss: Callable[[Array], tuple[float, Array]], start: Array, *, steps: int) -> Array:
    """Return the point where a smooth convex ``loss`` (value, gradient) is least, by L-BFGS.

    Stops after ``steps`` iterations or when the value falls by less than one part in a million.
    """
    point = start
    value, gradient = loss(point)
    moves: list[tuple[Array, Array, float]] = []
    for _ in range(steps):
        direction = -_inverse_curvature(moves, gradient)
        step = 1.0 if moves else 1.0 / max(1.0, float(np.abs(gradient).sum()))
        descent = float(gradient @ direction)
        while True:
            new = point + step * direction
            new_value, new_gradient = loss(new)
            if new_value <= value + _SUFFICIENT_DECREASE * step * descent or step < _LEAST_STEP:
                break
            step /= 2
        moved, turned = new - point, new_gradient - gradient
        done = value - new_value <= _TOLERANCE * max(1.0, abs(value))
        if (curvature := float(moved @ turned)) > _LEAST_CURVATURE:
            moves = [*moves[1 - _MEMORY :], (moved, turned, 1.0 / curvature)]
        point, value, gradient = new, new_value, new_gradient
        if done and moves:
            break
    return point


def _inverse_curvature(moves: list[tuple[Array, Array, float]], gradient: Array) -> Array:
    """Return the gradient times the estimate of the inverse Hessian.

    By the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4).
    """
    result = gradient.copy()
    factors: list[float] = []
    for moved, turned, scale in reversed(moves):
        factors.append(scale * float(moved @ result))
        result -= factors[-1] * turned
    if moves:
        _, turned, scale = moves[-1]
        result *= 1.0 / (scale * float(turned @ turned))
    for (moved, turned, scale), factor in zip(moves, reversed(factors), strict=True):
        result += (factor - scale * float(turned @ result)) * moved
    return result
