"""The measures of FAQ triage: pure functions on arrays, one number a question.

``scores`` are confidences, higher is surer; ``right`` marks questions whose nearest entry is the
right one, ``answerable`` those that an entry answers (a question that is right is answerable), and
``weights`` says how often each question counts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def weights_for(answerable: Flags, share: float | None) -> Floats:
    """Return weights with which ``share`` (0 to below 1) of the questions is unanswerable.

    An answerable question counts once. None leaves the questions as they are. Raises
    ``ValueError`` where there are no unanswerable questions to make up the share, or no others.
    """
    if share is None:
        return np.ones(len(answerable))
    present = float(answerable.mean()) if len(answerable) else 0.0
    if present == 0 or (present == 1 and share > 0):
        raise ValueError("questions of both kinds are needed")
    other = 0.0 if share == 0 else share / (1 - share) * present / (1 - present)
    return np.where(answerable, 1.0, other)


def right_share(right: Flags, answerable: Flags) -> float:
    """Return the share of the answerable questions whose nearest entry is the right one."""
    return float(right[answerable].mean())


def auroc(scores: Floats, positive: Flags, weights: Floats | None = None) -> float:
    """Return the probability that a positive scores above a negative; a tie counts half.

    nan without any of the two.
    """
    weights = np.ones(len(scores)) if weights is None else weights
    values, places = np.unique(scores, return_inverse=True)
    high = np.bincount(places, weights * positive, len(values))
    low = np.bincount(places, weights * ~positive, len(values))
    if high.sum() == 0 or low.sum() == 0:
        return float("nan")
    below = np.cumsum(low) - low / 2
    return float((high * below).sum() / (high.sum() * low.sum()))


def precision(answered: Flags, right: Flags, weights: Floats) -> float:
    """Return the share of the answers that are right; nan without an answer."""
    given = float(weights[answered].sum())
    return float(weights[answered & right].sum()) / given if given else float("nan")


def coverage(answered: Flags, right: Flags, answerable: Flags) -> float:
    """Return the share of the answerable questions that are answered rightly."""
    return float((answered & right)[answerable].mean())


def possible(
    scores: Floats, right: Flags, answerable: Flags, weights: Floats, *, asked: float
) -> float:
    """Return the greatest coverage that any threshold gives at a precision of at least ``asked``.

    The threshold is chosen with hindsight, so nobody can do better by the same scores. A score of
    minus infinity is below every threshold.
    """
    values, places = np.unique(scores, return_inverse=True)
    given = np.cumsum(np.bincount(places, weights, len(values))[::-1])[::-1]
    hits = np.cumsum(np.bincount(places, weights * right, len(values))[::-1])[::-1]
    # The sums of many fractions miss a round number by a little.
    kept = (hits >= (asked - 1e-9) * given) & (given > 0) & np.isfinite(_lifted(values))
    if not kept.any():
        return 0.0
    return coverage(scores >= values[kept][0], right, answerable)


def answers(answered: Flags, weights: Floats) -> float:
    """Return how many answers were given, counted by weight."""
    return float(weights[answered].sum())


def _lifted(values: Floats) -> Floats:
    """Return ``values`` with infinity as a number: an answer that is always given is one."""
    return np.minimum(values, np.finfo(np.float64).max)
