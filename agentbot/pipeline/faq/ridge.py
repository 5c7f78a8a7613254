"""Which entry a question belongs to: kernel ridge regression on the phrasings.

In closed form, so that what it would say of a phrasing that it had not learnt from costs next to
nothing (`HeldBack`). From more phrasings than `_LANDMARKS` on, some of them stand for all in the
kernel (the Nyström method, Williams and Seeger 2001), while all are learnt from. No library beyond
numpy. Deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.faq.phrasings import Ints, Kernel, Phrasings, Texts

Array = npt.NDArray[np.float64]

_LANDMARKS = 1200
"""Phrasings that span the kernel at most: the work grows with their square, and these take a second
or two."""
_PAIRED = 200
"""Phrasings that are compared with all others to find what is unrelated: a mean needs no more."""
_TOGETHER = 1000
"""Phrasings whose kernel is made in one go: with all landmarks it takes 5 MB."""
_PENALTY = 0.3
"""What is added to the kernel of a phrasing with itself (1): the share of chance in a wording. From
0.1 to 1 it finds the right entry about as often."""
_JITTER = 1e-5
"""What is added as well, so that equal phrasings can be told apart at all."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """A classifier that has learnt. Make it with `fit`.

    ``weights`` has the shape (landmarks, entries): what each landmark says for each entry.
    """

    kernel: Kernel
    landmarks: Texts
    weights: Floats

    def scores(self, texts: Texts) -> Floats:
        """Return about 1 for the entry that a text belongs to and 0 for others; (texts, entries).

        All are about 0 for a text that is like no phrasing.
        """
        return np.asarray(self.kernel(texts, self.landmarks) @ self.weights)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What the classifier would say of phrasings had it not learnt from them.

    ``mapped`` holds the phrasings as the regression sees them, shape (n, m), ``inverse`` is that of
    their penalized products, (m, m), and ``coefficients`` are its own, (m, entries).
    """

    owners: Ints
    mapped: Floats
    inverse: Array
    coefficients: Floats

    def without_phrasing(self, places: Ints) -> Array:
        """Return the scores of phrasings, each without itself, shape (places, entries)."""
        rows = self.mapped[places].astype(np.float64)
        leverage = ((rows @ self.inverse) * rows).sum(axis=1)
        fitted = self.mapped[places] @ self.coefficients
        fitted[np.arange(len(places)), self.owners[places]] -= leverage
        return np.asarray(fitted / (1 - leverage)[:, None])

    def without_entry(self, places: Ints) -> Array:
        """Return the scores of phrasings, each without its whole entry, shape (places, entries)."""
        found = [self._without_entry(place) for place in places.tolist()]
        return np.array(found).reshape(len(places), self.coefficients.shape[1])

    def _without_entry(self, place: int) -> Array:
        owner = self.owners[place]
        mine = np.flatnonzero(self.owners == owner)
        rows = self.mapped[mine].astype(np.float64)
        leverage = rows @ self.inverse @ rows.T
        fitted = (self.mapped[mine] @ self.coefficients).astype(np.float64)
        fitted[:, owner] -= leverage.sum(axis=1)
        held = np.linalg.solve(np.eye(len(mine)) - leverage, fitted)
        return np.asarray(held[int(np.flatnonzero(mine == place)[0])])


def fit(phrasings: Phrasings, *, most: int = _LANDMARKS, seed: int = 0) -> tuple[Ridge, HeldBack]:
    """Learn from all phrasings. ``most`` of them, drawn by ``seed``, span the kernel."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(phrasings))[:most]
    kernel = Kernel(phrasings.unrelated(drawn[:_PAIRED]))
    landmarks = phrasings.own.at(np.sort(drawn))
    own = kernel(landmarks, landmarks).astype(np.float64)
    root = np.linalg.cholesky(own + _JITTER * np.eye(len(own)))
    back = np.linalg.inv(root).T
    parts = np.array_split(np.arange(len(phrasings)), len(phrasings) // _TOGETHER + 1)
    mapped = np.concatenate(
        [
            np.asarray(kernel(phrasings.own.at(part), landmarks) @ back, dtype=np.float32)
            for part in parts
        ]
    )
    products: Array = (mapped.T @ mapped).astype(np.float64)
    penalized = products + _PENALTY * np.eye(len(products))
    inverse: Array = np.asarray(np.linalg.inv(penalized), dtype=np.float64)
    starts = np.searchsorted(phrasings.owners, np.arange(phrasings.entries))
    # With thousands of entries these two are the largest of all: half the precision is enough.
    coefficients = inverse.astype(np.float32) @ np.add.reduceat(mapped, starts, axis=0).T
    ridge = Ridge(kernel, landmarks, back.astype(np.float32) @ coefficients)
    return ridge, HeldBack(phrasings.owners, mapped, inverse, coefficients)
