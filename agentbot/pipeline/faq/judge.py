"""Whether the nearest entry is the right answer: a calibrated probability, and the bar for it.

The judge is a logistic regression on a handful of scale-free signs (how sure the classifier is,
how near the entry's phrasings are, how far ahead of the next entry). It learns from a rehearsal on
the FAQ alone: entries are taken out in turn, so that their phrasings become questions that no
entry answers, and of the others a part of the phrasings is held back to be asked. The weights are
pulled towards a `Prior` shipped with agentbot, so that a small FAQ is judged well too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.classifier import Array, minimize, train
from agentbot.pipeline.faq.views import Views

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ROUNDS = 10
"""Rounds of the rehearsal; each takes out a tenth of the entries and of the phrasings."""
UNANSWERABLE_SHARE = 0.35
"""Assumed share of questions in the FAQ's own field that no entry answers (far-off questions,
which are told apart easily, come on top)."""
OFFER_HIT_RATE = 0.5
"""How often the right entry must be among those offered."""
OFFERED = 3

_FEWEST = 20
"""Questions that a rehearsal must have to be learnt from."""
_CAUTION = 0.5
"""Standard errors by which a precision counted on few answers is rated down."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A judge learnt elsewhere: scales of the signs, and weights that end with the constant.

    ``optimism`` is how many times as often real questions are answered wrongly as rehearsed ones.
    ``trust`` is how many labelled answers a judge's own promise weighs as much as: few where the
    surest answers are wrong more often than the form of the judge can say.
    """

    centre: Array
    spread: Array
    weights: Array
    optimism: float
    trust: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """How far questions may lead a judge away from its prior.

    ``scales`` (0 to 1) is the prior's share in the scales of the signs, ``pull`` and
    ``constant_pull`` are inverse variances of the weights and of the constant about the prior's,
    ``trust`` is how many counted answers the judge's own promise weighs as much as.
    """

    scales: float
    pull: float
    constant_pull: float
    trust: float


REHEARSED = Lesson(scales=0.5, pull=1000.0, constant_pull=20.0, trust=10_000.0)
"""A FAQ's own phrasings: many questions about few entries, each of which leads the same way."""


def labelled(prior: Prior) -> Lesson:
    """Real questions, many of them: they know better than the prior."""
    return Lesson(scales=0.0, pull=20.0, constant_pull=1e-3, trust=prior.trust)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known about q questions: ``values`` of shape (q, signs), and ranked entries."""

    values: Array
    best: Ints
    top: Ints
    """The entries most believed in, shape (q, at most 3), best first."""


def signs(views: Views, logs: Array, owners: Ints, lengths: npt.NDArray[np.floating]) -> Signs:
    """Signs of questions from their views, log shares (q, entries) and lengths in words.

    ``owners`` maps the views' columns to entry numbers 0 to entries - 1, each with at least one.
    """
    rows = np.arange(len(logs))
    order = np.argsort(-logs, axis=1, kind="stable")
    best = order[:, 0]
    first = logs[rows, best]
    second = logs[rows, order[:, 1]] if logs.shape[1] > 1 else first - 10.0
    share = np.exp(first)
    found = [np.log(share) - np.log(np.maximum(1 - share, 1e-3)), first - second]
    layout = _Layout.of(owners, logs.shape[1])
    for view in views.all:
        for table in layout.nearest_and_overall(view):
            own = table[rows, best].copy()
            table[rows, best] = -1.0
            found += [own, own - table.max(axis=1)]
    found.append(np.log1p(lengths))
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


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Questions asked of a FAQ with parts left out.

    ``asked`` are the numbers of the phrasings that were asked, ``nearest`` of the entries that
    came nearest. ``answerable``: the right entry was there; ``right``: and it was the nearest;
    ``offered``: and it was among the first three.
    """

    asked: Ints
    nearest: Ints
    values: Array
    answerable: Flags
    right: Flags
    offered: Flags


def unrehearsed(width: int) -> Rehearsal:
    """A rehearsal of no questions, with ``width`` signs each."""
    numbers, flags = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    return Rehearsal(numbers, numbers, np.zeros((0, width)), flags, flags, flags)


def joined(*rehearsals: Rehearsal) -> Rehearsal:
    """Several rehearsals as one."""
    return Rehearsal(
        np.concatenate([one.asked for one in rehearsals]),
        np.concatenate([one.nearest for one in rehearsals]),
        np.concatenate([one.values for one in rehearsals]),
        np.concatenate([one.answerable for one in rehearsals]),
        np.concatenate([one.right for one in rehearsals]),
        np.concatenate([one.offered for one in rehearsals]),
    )


def rehearse(views: Views, owners: Ints, spoken: Flags, lengths: Array, seed: int = 0) -> Rehearsal:
    """Ask a FAQ its own phrasings. ``views``: of the n phrasings on themselves.

    ``spoken`` marks the phrasings that sound like questions of customers; the others (ids) only
    train. ``seed`` shuffles phrasings and entries over the rounds.
    """
    rng = np.random.default_rng(seed)
    entries = int(owners.max()) + 1
    turn_of_entry = rng.permutation(entries) % ROUNDS
    turn = np.full(len(owners), -1)
    for entry in range(entries):
        mine = np.flatnonzero((owners == entry) & spoken)
        turn[mine] = (rng.permutation(len(mine)) + rng.integers(ROUNDS)) % ROUNDS
    parts = [unrehearsed(3 + 4 * len(views.all))]
    for number in range(ROUNDS):
        absent = turn_of_entry == number
        kept = np.flatnonzero(~absent[owners] & (turn != number))
        asked = np.flatnonzero(spoken & (absent[owners] | (turn == number)))
        present, labels = np.unique(owners[kept], return_inverse=True)
        if len(present) < 2 or not len(asked):
            continue
        renumber = np.full(entries, -1)
        renumber[present] = np.arange(len(present))
        truth = renumber[owners[asked]]
        seen = views.at(asked, kept)
        classifier = train(views.at(kept, kept).kernel(), labels, len(present))
        found = signs(seen, classifier.log_shares(seen.kernel()), labels, lengths[asked])
        offered = (found.top == truth[:, None]).any(axis=1)
        nearest = present[found.best]
        hit = found.best == truth
        parts.append(Rehearsal(asked, nearest, found.values, truth >= 0, hit, offered))
    return joined(*parts)


@dataclass(frozen=True, slots=True)
class Judge:
    """``centre`` and ``spread`` scale the signs; ``weights`` ends with the constant.

    ``rehearsed`` are the scores that the rehearsal's questions got from judges that had not
    learnt from them, beside what came out; the bars are read from them.
    """

    centre: Array
    spread: Array
    weights: Array
    rehearsed: Array
    right: Flags
    offered: Flags
    counts: Array
    trust: float

    def scores(self, values: Array) -> Array:
        """The probability (0 to 1) that the nearest entry is the right answer."""
        scaled = (values - self.centre) / self.spread
        return np.asarray(_logistic(scaled @ self.weights[:-1] + self.weights[-1]))

    def answer_bar(self, precision: float) -> float:
        """The least score at which answers are right with at least ``precision``; 1.01 if none."""
        order = np.argsort(-self.rehearsed, kind="stable")
        counts, scores = self.counts[order], self.rehearsed[order]
        weight = np.cumsum(counts)
        promised = np.cumsum(counts * scores) / np.maximum(weight, 1e-9)
        # Counted precision swings where few answers were given; promised precision is smooth,
        # but only as good as the judge's form. Each has the say that its numbers give it.
        counted = np.cumsum(counts * self.right[order])
        precision_at = (counted + self.trust * promised) / (weight + self.trust)
        error = np.sqrt(precision_at * (1 - precision_at) / (weight + self.trust))
        passing = np.flatnonzero(precision_at - _CAUTION * error >= precision)
        return float(scores[passing[-1]]) if len(passing) else 1.01

    def offer_bar(self) -> float:
        """The least score at which the right entry is among those offered often enough."""
        if not self.offered.any() or self.offered.all():  # none rehearsed, or all alike
            return OFFER_HIT_RATE
        logits = np.log(self.rehearsed + 1e-6) - np.log(1 - self.rehearsed + 1e-6)
        line = _fit(logits[:, None], self.offered, self.counts, np.zeros(2), np.array((0.1, 1e-3)))
        if line[0] <= 0:
            return OFFER_HIT_RATE
        return float(_logistic(-line[1:] / line[0])[0])


def learn(
    rehearsal: Rehearsal, prior: Prior, share: float = UNANSWERABLE_SHARE, *, lesson: Lesson
) -> Judge:
    """Fit a judge, with ``share`` of the questions in the field unanswerable.

    A FAQ too small to rehearse gets the prior's judge, which offers but never answers.
    """
    values, right = rehearsal.values, rehearsal.right
    if len(right) < _FEWEST or right.all() or not right.any():
        none = np.zeros(0)
        gone = np.zeros(0, dtype=np.bool_)
        return Judge(prior.centre, prior.spread, prior.weights, none, gone, gone, none, 0.0)
    present = rehearsal.answerable.mean()
    counts = np.ones(len(right))
    if present < 1:
        counts = np.where(rehearsal.answerable, (1 - share) / present, share / (1 - present))
    own, theirs = 1 - lesson.scales, lesson.scales
    centre = own * values.mean(axis=0) + theirs * prior.centre
    spread = np.maximum(values.std(axis=0), 1e-6) ** own * prior.spread**theirs
    scaled = (values - centre) / spread
    pulls = np.append(np.full(len(centre), lesson.pull), lesson.constant_pull)
    rehearsed = np.empty(len(right))
    part = np.arange(len(right)) % 5
    for number in range(5):
        mine = part == number
        others = _fit(scaled[~mine], right[~mine], counts[~mine], prior.weights, pulls)
        rehearsed[mine] = _logistic(scaled[mine] @ others[:-1] + others[-1])
    weights = _fit(scaled, right, counts, prior.weights, pulls)
    return Judge(centre, spread, weights, rehearsed, right, rehearsal.offered, counts, lesson.trust)


def _fit(values: Array, right: Flags, counts: Array, middle: Array, pulls: Array) -> Array:
    """Logistic regression, weights and constant (the last) pulled towards ``middle``."""
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
