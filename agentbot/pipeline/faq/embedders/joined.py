"""Vectors of two models joined: MiniLM's, which reads English best, and USE's of many languages.

Where both texts are English, both models say how alike they are. Where one is not, USE alone says
it: MiniLM sees in such texts only words that happen to be alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, Floats, cosines, minilm, use
from agentbot.pipeline.faq.embedders.english import is_foreign

_MINILM_SHARE = 0.85
"""MiniLM's share of the similarity of two English texts (0 to 1); the rest is USE's. In seven FAQs
of the public benchmark both together find the right entry for 0.728 of the questions, MiniLM alone
for 0.721, and answer as many at each precision; with a share of 0.7 they answer a few less."""
_STRETCH = 1.05
"""What USE's distances (1 less the similarity) are multiplied by to be as those of both models, by
which the judge has learnt: these are so much longer in the benchmark's FAQs, on average over
unrelated phrasings, and over the nearest ones of other entries."""
_OF_PAIRS = np.array(
    [[1, _STRETCH / np.sqrt(1 - _MINILM_SHARE)], [_STRETCH / np.sqrt(1 - _MINILM_SHARE), _STRETCH]],
    dtype=np.float32,
)
"""What the product of two vectors is multiplied by, where none, one or both are foreign."""
_TOLD_BY = 8
"""Numbers of MiniLM's by which it is told whether there are any: they are never all zero."""


class JoinedEmbedder:
    """The `Embedder` that runs in this process.

    A vector holds MiniLM's numbers, none (zeros) for a text that is not English, and then USE's.
    Raises `ConfigurationError` where a package is not installed. ``folder`` keeps what need not be
    in memory.
    """

    def __init__(
        self,
        english: Embedder | None = None,
        multilingual: Embedder | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        self._english = english or minilm.MiniLmEmbedder()
        self._multilingual = multilingual or use.UseEmbedder(folder)
        self.name = f"{self._english.name}:{_MINILM_SHARE}+{self._multilingual.name}"

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return both models' vectors side by side, by the roots of their shares."""
        is_english = np.array([not is_foreign(text) for text in texts], dtype=np.bool_)
        # First of the two: loading it takes much memory for a moment, which the other then uses.
        english = self._english.embed(
            [texts[place] for place in np.flatnonzero(is_english).tolist()]
        )
        many = self._multilingual.embed(texts)
        both = np.zeros((len(texts), minilm.DIMENSIONS + many.shape[1]), dtype=np.float32)
        both[:, minilm.DIMENSIONS :] = many
        both[is_english] *= np.sqrt(1 - _MINILM_SHARE)
        both[is_english, : minilm.DIMENSIONS] = np.sqrt(_MINILM_SHARE) * english
        return both

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the joined similarities, and where a text is not English USE's alone."""
        alike = cosines(vectors, others)
        mine, theirs = _are_foreign(vectors), _are_foreign(others)
        if not mine.any() and not theirs.any():
            return alike
        pairs = mine[:, None].astype(np.int8), theirs[None, :].astype(np.int8)
        either = mine[:, None] | theirs[None, :]
        return np.asarray(alike * _OF_PAIRS[pairs] + (1 - _STRETCH) * either, dtype=np.float32)


def _are_foreign(vectors: Floats) -> npt.NDArray[np.bool_]:
    """Return which vectors lack MiniLM's part, shape (vectors,)."""
    return np.asarray(~vectors[:, :_TOLD_BY].any(axis=1))
