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

from agentbot.pipeline.faq.cache import VectorCache
from agentbot.pipeline.faq.embedders import Embedder, Floats

_PAUSE = 60.0
"""Seconds without meanings after they have failed, so that not every customer waits for the next
failure."""
_PORTION = 16
"""Texts that are embedded in one go: a second's work, after which it can be stopped."""


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
        self.vectors: Floats | None = None
        self._cache = VectorCache(embedder, cache_dir)
        self._known: dict[str, Floats] = {}
        if before is not None and before.embedder.name == embedder.name:
            known = before.vectors if before.vectors is not None else ()
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
            wanted = [text for text in dict.fromkeys(self.texts) if text not in self._known]
            for start in range(0, len(wanted), _PORTION):
                if is_stopped():
                    return False
                part = wanted[start : start + _PORTION]
                self._known.update(zip(part, self._cache.embed(part), strict=True))
            self.vectors = self._cache.embed(self.texts, self._known)
            self._known = {}
            return True

    def missing(self) -> int:
        """Return how many texts have no vectors yet, neither here nor in the cache."""
        return 0 if self.vectors is not None else self._cache.missing(self.texts, self._known)

    def scores(self, questions: Sequence[str]) -> Floats | None:
        """Return how near each text is to each question (1: the same), shape (questions, texts).

        None where the vectors are not there, or that of a question cannot be had.
        """
        vectors = self.vectors
        if vectors is None or self._clock() < self._resting_until:
            return None
        try:
            asked = self.embedder.embed(questions)
            near = self.embedder.compare(asked, vectors)
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
