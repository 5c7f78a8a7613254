"""How near each of some texts is to a question in meaning, as far as their vectors are there.

They take half a minute for a thousand long texts when they are made for the first time, and come
from a provider that may fail: so whoever searches goes on by words until they are there.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder, Floats
from agentbot.pipeline.faq.embedders.cache import Halves, VectorCache

_PAUSE = 60.0
"""Seconds without meanings after they have failed, so that not every customer waits for the next
failure."""
_NEAREST = 500
"""Texts that are compared exactly with a question, of each kind: twenty are found at most."""
_ROUGH = 128
"""Numbers of a vector that are compared roughly, a seventh: with them 99.8 % of the nearest twenty
of 16,000 texts were among the nearest 500."""
_ROUNDS = 3
"""Rounds of the iteration that finds them: the usual two, and one more."""
_DRAWN = 5_000
"""Vectors that tell the main directions."""
_TOLD_BY = 8
"""Numbers by which it is seen that a vector lacks those of one model: see `JoinedEmbedder`."""
_PORTION = 64
"""Texts that are embedded in one go: a second or two of work, after which it can be stopped."""


class Vectors:
    """Vectors of texts, compared in two steps where there are many: roughly, then the nearest.

    ``all`` holds them in half the precision, in which they are kept, shape (texts, d).
    """

    def __init__(self, vectors: Floats) -> None:
        self.all: Halves = vectors.astype(np.float16)
        self._rough: Floats | None = None
        if len(vectors) > 2 * _NEAREST:
            # The main directions of all, by which most of what two vectors share is seen.
            drawn = vectors[:: max(len(vectors) // _DRAWN, 1)]
            self._directions = _main_directions(drawn)
            self._rough = vectors @ self._directions
            # Those of one model alone, which have no numbers of the other, are far from the rest.
            told = ~vectors[:, :_TOLD_BY].any(axis=1)
            self._groups = [group for group in map(np.flatnonzero, (told, ~told)) if len(group)]

    def compared(self, asked: Floats, compare: Callable[[Floats, Floats], Floats]) -> Floats:
        """Return how near each is to what is ``asked``, as ``compare`` says it of the nearest."""
        if self._rough is None:
            return compare(asked, self.all.astype(np.float32))
        rough = (asked @ self._directions) @ self._rough.T
        for row, vector in zip(rough, asked, strict=True):
            for group in self._groups:
                some = min(_NEAREST, len(group))
                nearest = group[np.argpartition(-row[group], some - 1)[:some]]
                row[nearest] = compare(vector[None], self.all[nearest].astype(np.float32))[0]
        return np.asarray(rough, dtype=np.float32)


def _main_directions(vectors: Floats) -> Floats:
    """Return the directions in which vectors differ most, shape (d, `_ROUGH`).

    By subspace iteration from random ones (Halko et al. 2011): of 3,000 numbers, such as some
    providers' vectors have, it takes a tenth of a second, all of them ten.
    """
    size = min(_ROUGH, vectors.shape[1])
    found = np.random.default_rng(0).normal(size=(vectors.shape[1], size)).astype(np.float32)
    for _ in range(_ROUNDS):
        found = np.linalg.qr(vectors.T @ (vectors @ found))[0]
    return np.asarray(found, dtype=np.float32)


class MeaningIndex:
    """The vectors of some texts. Threads may share it.

    ``before`` has those of other texts: what both have is not embedded again.
    """

    def __init__(
        self,
        texts: Sequence[str],
        embedder: Embedder,
        cache_dir: Path | None,
        before: MeaningIndex | None = None,
        *,
        report: Callable[[str | None], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``report`` is told what has failed when a question's vector cannot be had, once, and
        None when it can again.
        """
        self.texts = tuple(texts)
        self.embedder = embedder
        self.vectors: Vectors | None = None
        self._cache = VectorCache(embedder, cache_dir)
        self._known: dict[str, Floats] = {}
        if before is not None and before.embedder.name == embedder.name:
            known = before.vectors.all if before.vectors is not None else ()
            self._known = dict(zip(before.texts, known, strict=False))
        self._report = report
        self._clock = clock
        self._is_down = False
        self._learning = Lock()
        self._resting_until = -math.inf

    def learn(self, *, is_stopped: Callable[[], bool] = lambda: False) -> bool:
        """Make the vectors, and say whether they are there: not, where it was stopped.

        Raises what the embedder raises.
        """
        with self._learning:
            if self.vectors is not None:
                return True
            wanted = self._cache.missing(self.texts, self._known)
            for start in range(0, len(wanted), _PORTION):
                if is_stopped():
                    return False
                part = wanted[start : start + _PORTION]
                self._known.update(zip(part, self._cache.embed(part), strict=True))
            self.vectors = Vectors(self._cache.embed(self.texts, self._known))
            self._known = {}
            return True

    def missing(self) -> int:
        """Return how many texts have no vectors yet, neither here nor in the cache."""
        return 0 if self.vectors is not None else len(self._cache.missing(self.texts, self._known))

    def scores(self, questions: Sequence[str]) -> Floats | None:
        """Return how near each text is to each question (1: the same), shape (questions, texts).

        None where the vectors are not there, or that of a question cannot be had.
        """
        vectors = self.vectors
        if vectors is None or self._clock() < self._resting_until:
            return None
        try:
            asked = self.embedder.embed(questions)
            near = vectors.compared(asked, self.embedder.compare)
            if not np.isfinite(near).all():
                raise ValueError("the embeddings lead to no score")
        except Exception as error:  # noqa: BLE001 - whatever a provider's answer leads to
            self._resting_until = self._clock() + _PAUSE
            self._tell(str(error) or type(error).__name__)
            return None
        self._tell(None)
        return near

    def _tell(self, problem: str | None) -> None:
        if self._is_down is not (problem is not None):
            self._is_down = problem is not None
            self._report(problem)
