"""Vectors that are asked for again at once: FAQ and pages look for the same question."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from agentbot.latest import Latest
from agentbot.pipeline.faq.embedders import Embedder, Floats

_MOST = 256
"""Vectors that are kept: of as many questions as are decided on at the same time, at 4 kB each."""
_FEW = 8
"""Texts up to which a call is a question's, with its parts; more are learnt, and kept elsewhere."""


class RememberingEmbedder:
    """An `Embedder` that does not embed the last questions again. Threads may share it."""

    def __init__(self, inner: Embedder) -> None:
        self.name = inner.name
        self._inner = inner
        self._known: Latest[str, Floats] = Latest(_MOST)
        self._lock = Lock()

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the inner one's vectors."""
        if not 0 < len(texts) <= _FEW:
            return self._inner.embed(texts)
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found.update(zip(new, self._inner.embed(new), strict=True))
        with self._lock:
            self._known.update(found)
        return np.stack([found[text] for text in texts])

    def close(self) -> None:
        """Close what the inner one holds open, if anything."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return what the inner one says."""
        return self._inner.compare(vectors, others)
