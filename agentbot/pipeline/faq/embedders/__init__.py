"""Vectors of meaning: where they come from, and how two of them are compared.

An `Embedder` turns each text into one vector, which depends on nothing but the text. `joined` is
what runs in this process: it joins `minilm`, which reads English, and `use`, which reads fifteen
languages. `provider` asks the language model's provider, and `PooledEmbedder` wraps whatever gives
one vector a text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_LEAST_LENGTH = 1e-12
"""The length of a vector below which it counts as zeros: it would be divided by."""


class Embedder(Protocol):
    """What turns texts into vectors, one a text, and compares them."""

    @property
    def name(self) -> str:
        """The model and all that changes its vectors: those kept on disk go by it."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the texts' vectors in order, each of length 1 or nothing; shape (texts, d)."""

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return how alike texts are in meaning (1: equal) by their vectors.

        Shape (vectors, others).
        """


class PooledEmbedder:
    """An `Embedder` made of a callable, such as a table.

    ``embed(texts)`` gives one vector of the same length for each text, in order.
    """

    def __init__(
        self, name: str, embed: Callable[[Sequence[str]], Sequence[Sequence[float]]]
    ) -> None:
        self.name = name
        self._embed = embed

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the callable's vectors, brought to length 1."""
        return unit(np.asarray(self._embed(list(texts)), dtype=np.float32))

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)


def unit(vectors: Floats) -> Floats:
    """Return the vectors, shape (n, d), each brought to length 1; a vector of zeros stays one."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, _LEAST_LENGTH), dtype=np.float32)


def cosines(vectors: Floats, others: Floats) -> Floats:
    """Return the cosines of vectors of length 1, shape (vectors, others)."""
    return np.asarray(vectors @ others.T, dtype=np.float32)
