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
from agentbot.pipeline.faq.similarity.phrasings import Ints, Kernel, Phrasings, Texts, in_any_order

Array = npt.NDArray[np.float64]

_LANDMARKS = 1000
"""Phrasings that span the kernel at most: the work grows with their square, and these take a second
or two."""
_PAIRED = 200
"""Phrasings that are compared with all others to find what is unrelated: a mean needs no more."""
_TOGETHER = 1000
"""Phrasings whose kernel is made in one go, and entries whose weights are: with all landmarks they
take 5 and 10 MB."""
_KEPT = 4000
"""Phrasings up to which their kernel is kept until some are held back: 20 MB, and time saved."""
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

    ``inverse``, (landmarks, landmarks), is that of the equations that the classifier has solved.
    ``near`` holds the phrasings' kernel with the landmarks, (phrasings, landmarks), where it is
    small enough to be kept.
    """

    phrasings: Phrasings
    ridge: Ridge
    inverse: Array
    near: Floats | None

    def without_phrasing(self, places: Ints) -> Array:
        """Return the scores of phrasings, each without itself, shape (places, entries)."""
        rows, fitted = self._fitted(places)
        leverage = ((rows.astype(np.float64) @ self.inverse) * rows).sum(axis=1)
        fitted[np.arange(len(places)), self.phrasings.owners[places]] -= leverage
        return np.asarray(fitted / (1 - leverage)[:, None])

    def without_entry(self, places: Ints) -> Array:
        """Return the scores of phrasings, each without its whole entry, shape (places, entries)."""
        owners = self.phrasings.owners
        held = np.zeros((len(places), self.phrasings.entries))
        # Entry by entry, some at a time: their phrasings' products with the inverse are one.
        order = np.argsort(owners[places], kind="stable")
        for part in np.array_split(order, len(order) // _ENTRIES_TOGETHER + 1):
            mine = np.flatnonzero(np.isin(owners, owners[places[part]]))
            rows, fitted = self._fitted(mine)
            pulled = rows.astype(np.float64) @ self.inverse
            for place in part.tolist():
                at = np.flatnonzero(owners[mine] == owners[places[place]])
                leverage = pulled[at] @ rows[at].T
                itself = mine[at] == places[place]
                shares = np.linalg.solve(np.eye(len(at)) - leverage.T, itself.astype(np.float64))
                left = fitted[at]
                left[:, owners[places[place]]] -= leverage.sum(axis=1)
                held[place] = shares @ left
        return held

    def _fitted(self, places: Ints) -> tuple[Floats, Array]:
        """Return phrasings' kernel with the landmarks, and what the classifier says of them."""
        if self.near is not None:
            rows = self.near[places]
        else:
            rows = self.ridge.kernel(self.phrasings.at(places), self.ridge.landmarks)
        return rows, (rows @ self.ridge.weights).astype(np.float64)


_ENTRIES_TOGETHER = 50
"""Phrasings that are held back with their entries in one go: with ten phrasings an entry and 5,000
entries the scores of all of them take 20 MB."""


def fit(phrasings: Phrasings, *, most: int = _LANDMARKS, seed: int = 0) -> tuple[Ridge, HeldBack]:
    """Learn from all phrasings. ``most`` of them, drawn by ``seed``, span the kernel.

    The squared error and `_PENALTY` times the squared length of each entry's function are least
    where the products of the phrasings' kernels, with the penalty, times the weights are the sums
    of each entry's kernels.
    """
    enough = most if phrasings.vectors is None else min(most, _PAIRED)
    drawn = in_any_order(len(phrasings), enough=enough, seed=seed)[:most]
    kernel = Kernel(phrasings.unrelated(drawn[:_PAIRED]), phrasings.compare)
    landmarks = phrasings.at(np.sort(drawn))
    count = len(drawn)
    products = np.zeros((count, count))
    sums = np.zeros((count, phrasings.entries), dtype=np.float32)
    kept: list[Floats] = []
    for part in np.array_split(np.arange(len(phrasings)), len(phrasings) // _TOGETHER + 1):
        near = kernel(phrasings.at(part), landmarks)
        owners = phrasings.owners[part]
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        sums[:, owners[starts]] += np.add.reduceat(near, starts, axis=0).T
        if len(phrasings) <= _KEPT:
            kept.append(near)
        wide = near.astype(np.float64)
        products += wide.T @ wide
    # In place, as far as can be: each of these takes 12 MB, and the sums may take twice as much.
    products += np.float32(_PENALTY) * kernel(landmarks, landmarks)
    products[np.diag_indices(count)] += _PENALTY * _JITTER
    inverse = np.asarray(np.linalg.inv(products), dtype=np.float64)
    del products
    for columns in np.array_split(np.arange(sums.shape[1]), sums.shape[1] // _TOGETHER + 1):
        sums[:, columns] = inverse @ sums[:, columns]
    ridge = Ridge(kernel, landmarks, sums)
    return ridge, HeldBack(phrasings, ridge, inverse, np.concatenate(kept) if kept else None)
