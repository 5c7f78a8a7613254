"""Whether the nearest entry is the right answer: a calibrated probability, and the bar for it.

The judge is a logistic regression on a handful of signs (how sure the classifier is, how near the
entry's phrasings are, how far ahead of the next entry, what the single words say, how many entries
and phrasings there are). It comes ready with agentbot (`prior`), learnt on many FAQs cut out of
one, each with questions that no entry answers: measured on such FAQs, it keeps the precision more
evenly than a judge that learns from each FAQ's own phrasings, which are too few and too much alike.
Labelled questions of customers do teach it (`learn`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.classifier import Array, minimize
from agentbot.pipeline.faq.views import Views

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNANSWERABLE_SHARE = 0.35
"""Assumed share of questions in the FAQ's own field that no entry answers (far-off questions,
which are told apart easily, come on top)."""
PRECISIONS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97)
"""The precisions that a judge has bars for; between them bars are interpolated."""
OUT_OF_REACH = 1.01
"""A bar that no score reaches."""
OFFERED = 3

_ENTRIES = (5, 100)
_PHRASINGS = (2, 15)
"""Beyond these numbers the judge was not tried: it takes them for the nearest that it knows."""
_PULL = 50.0
_CONSTANT_PULL = 5.0
_MANY = 300
"""Labelled questions that are enough to set the bars."""
_TRUST = 100.0
"""Counted answers that a judge's own promise weighs as much as."""
_CAUTION = 0.5
"""Standard errors by which a precision counted on few answers is rated down."""


@dataclass(frozen=True, slots=True)
class Judge:
    """``centre`` and ``spread`` scale the signs; ``weights`` ends with the constant.

    ``bars`` are the least scores for answers, one for each of `PRECISIONS`; ``offer_bar`` is the
    least score at which the right entry is among the first three at least every second time.
    """

    centre: Array
    spread: Array
    weights: Array
    bars: Array
    offer_bar: float

    def scores(self, values: Array) -> Array:
        """The probability (0 to 1) that the nearest entry is the right answer."""
        scaled = (values - self.centre) / self.spread
        return _logistic(scaled @ self.weights[:-1] + self.weights[-1])

    def answer_bar(self, precision: float) -> float:
        """The least score at which answers are right with at least ``precision``."""
        if precision > PRECISIONS[-1]:
            return OUT_OF_REACH
        return float(np.interp(precision, PRECISIONS, self.bars))


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known about q questions: ``values`` of shape (q, signs), and ranked entries."""

    values: Array
    best: Ints
    top: Ints
    """The entries most believed in, shape (q, at most 3), best first."""


def signs(
    views: Views,
    logs: Array,
    owners: Ints,
    *,
    evidence: Array,
    lengths: Array,
    reach: Sequence[float],
) -> Signs:
    """Signs of questions from their views, log shares and word evidence (both (q, entries)).

    ``owners`` maps the views' columns to entry numbers 0 to entries - 1, each with at least one;
    ``lengths`` are in words; ``reach`` holds the unit of each view's similarities.
    """
    rows = np.arange(len(logs))
    order = np.argsort(-logs, axis=1, kind="stable")
    best = order[:, 0]
    first = logs[rows, best]
    second = logs[rows, order[:, 1]] if logs.shape[1] > 1 else first - 10.0
    share = np.exp(first)
    found = [
        np.log(share) - np.log(np.maximum(1 - share, 1e-3)),
        first - second,
        -(np.exp(logs) * logs).sum(axis=1),
        evidence[rows, best],
    ]
    layout = _Layout.of(owners, logs.shape[1])
    for view, unit in zip(views.all, reach, strict=True):
        for table in layout.nearest_and_overall(view):
            own = table[rows, best].copy()
            table[rows, best] = -1.0
            found += [own / unit, (own - table.max(axis=1)) / unit]
    entries = np.full(len(rows), np.log(np.clip(logs.shape[1], *_ENTRIES)))
    phrasings = np.log(np.clip(np.bincount(owners)[best], *_PHRASINGS))
    # The same belief says more where many entries share it, the same nearness more where few
    # phrasings can be near: the sureness, the doubt and the nearness in words, each by both.
    for sign in (found[0], found[2], found[4]):
        found += [sign * (entries - 3), sign * (phrasings - 2)]
    found += [np.log1p(lengths), entries, phrasings]
    return Signs(np.stack(found, axis=1), best, order[:, :OFFERED])


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each entry's phrasings stand: ``places`` of shape (entries, most phrasings)."""

    places: Ints
    missing: Flags

    @classmethod
    def of(cls, owners: Ints, entries: int) -> _Layout:
        sizes = np.bincount(owners, minlength=entries)
        order = np.argsort(owners, kind="stable")
        starts = np.cumsum(sizes) - sizes
        steps = np.arange(int(sizes.max()))[None, :]
        missing = steps >= sizes[:, None]
        return cls(order[np.where(missing, 0, starts[:, None] + steps)], missing)

    def nearest_and_overall(self, view: npt.NDArray[np.float32]) -> tuple[Array, Array]:
        """Mean similarity with each entry's three nearest phrasings, and with all of them."""
        spread = np.where(self.missing, -np.inf, view[:, self.places].astype(np.float64))
        sizes = (~self.missing).sum(axis=1)
        ranked = -np.sort(-spread, axis=2)
        ranked[np.isneginf(ranked)] = 0.0
        nearest = ranked[:, :, :3].sum(axis=2) / np.minimum(sizes, 3)
        return nearest, ranked.sum(axis=2) / sizes


def learn(
    values: Array, answerable: Flags, right: Flags, prior: Judge, share: float = UNANSWERABLE_SHARE
) -> Judge:
    """A judge taught by questions with the signs ``values``, ``share`` of them unanswerable.

    ``answerable``: an entry answers it; ``right``: and it was the nearest. From 300 questions on
    they set the bars too; fewer leave the prior's.
    """
    counts = counted(answerable, share)
    pulls = np.append(np.full(len(prior.centre), _PULL), _CONSTANT_PULL)
    scaled = (values - prior.centre) / prior.spread
    weights = fit(scaled, right, counts, prior.weights, pulls)
    bars = prior.bars
    if len(right) >= _MANY:
        scores = np.empty(len(right))
        part = np.arange(len(right)) % 5
        for number in range(5):
            mine = part == number
            others = fit(scaled[~mine], right[~mine], counts[~mine], prior.weights, pulls)
            scores[mine] = _logistic(scaled[mine] @ others[:-1] + others[-1])
        bars = np.array([_bar(scores, right, counts, precision) for precision in PRECISIONS])
    return Judge(prior.centre, prior.spread, weights, bars, prior.offer_bar)


def counted(answerable: Flags, share: float) -> Array:
    """How often each question counts, on average once, for ``share`` to be unanswerable."""
    present = answerable.mean()
    if present in (0, 1):
        return np.ones(len(answerable))
    return np.asarray(np.where(answerable, (1 - share) / present, share / (1 - present)))


def _bar(scores: Array, right: Flags, counts: Array, precision: float) -> float:
    """The least score from which on ``precision`` is kept; above 1 if none."""
    order = np.argsort(-scores, kind="stable")
    weight = np.cumsum(counts[order])
    promised = np.cumsum((counts * scores)[order]) / weight
    # Counted precision swings where few answers were given; promised precision is smooth,
    # but only as good as the judge's form. Each has the say that its numbers give it.
    kept = (np.cumsum((counts * right)[order]) + _TRUST * promised) / (weight + _TRUST)
    error = np.sqrt(kept * (1 - kept) / (weight + _TRUST))
    passing = np.flatnonzero(kept - _CAUTION * error >= precision)
    return float(scores[order][passing[-1]]) if len(passing) else OUT_OF_REACH


def fit(values: Array, right: Flags, counts: Array, middle: Array, pulls: Array) -> Array:
    """Logistic regression, weights and constant (the last) pulled towards ``middle``.

    ``pulls`` are the inverse variances of the weights about the middle.
    """
    design = np.column_stack([values, np.ones(len(values))])

    def loss(point: Array) -> tuple[float, Array]:
        logits = design @ point
        value = float((counts * (np.logaddexp(0, logits) - right * logits)).sum())
        value += float((pulls * (point - middle) ** 2).sum()) / 2
        excess = counts * (_logistic(logits) - right)
        return value, design.T @ excess + pulls * (point - middle)

    return minimize(loss, middle, steps=200)


def _logistic(values: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))
