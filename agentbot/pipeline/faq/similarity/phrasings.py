"""The phrasings of a FAQ, as what questions are compared with: by their words and their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Floats, cosines
from agentbot.pipeline.faq.similarity.lexical import (
    Terms,
    TfIdf,
    WordCounts,
    character_features,
    word_features,
)

Ints = npt.NDArray[np.int64]
Compare = Callable[[Floats, Floats], Floats]
"""Says how alike in meaning texts are by their vectors: `Embedder.compare`."""

_BLUR = 2.0
"""How fast the kernel falls with distance in meaning: exp(-2) for unrelated texts."""
_LEXICAL_SHARE = 0.3
"""The share of the kernel that is lost where no word is shared, of the whole (1)."""
_UNRELATED = 0.15
"""The similarity in meaning of two phrasings of different entries, on average."""
_FEW_PAIRS = 50
"""Pairs of phrasings that `_UNRELATED` counts as much as: with fewer, their mean says little."""
_COMPARED = 50
"""Texts that are compared with all in one go: with 15,000 phrasings it takes 3 MB a copy."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts as the kernel compares them.

    ``vectors``, of shape (texts, d), are None where words alone are compared; ``sketches`` of their
    words have the shape (texts, s).
    """

    vectors: Floats | None
    sketches: Floats


@dataclass(frozen=True, slots=True)
class Similarities:
    """How near q texts are to n phrasings (1: equal), by words and in meaning; shape (q, n) each.

    ``meaning`` is None where words alone are compared.
    """

    words: Floats
    meaning: Floats | None


class Phrasings:
    """All phrasings of a FAQ. ``owners[i]`` is the number of the entry that phrasing i belongs to.

    Entries are numbered from 0, and the phrasings stand in their order. ``vectors`` are the
    phrasings' own, shape (n, d), which ``compare`` compares; None: words alone are compared.
    ``before`` are other phrasings, such as those of a FAQ before its edit: what both have is not
    counted again.
    """

    def __init__(
        self,
        texts: Sequence[str],
        owners: Ints,
        vectors: Floats | None,
        before: Phrasings | None = None,
        *,
        compare: Compare = cosines,
    ) -> None:
        self.compare = compare
        self.texts = tuple(texts)
        self.owners = owners
        self.vectors = vectors
        self.entries = int(owners.max()) + 1
        self.sizes = np.bincount(owners)
        self.counts: WordCounts = WordCounts(
            texts, owners, None if before is None else before.counts
        )
        self.words: TfIdf = TfIdf(texts, word_features, None if before is None else before.words)
        self.pieces: TfIdf = TfIdf(
            texts, character_features, None if before is None else before.pieces
        )

    def at(self, places: Ints) -> Texts:
        """Return some of them as the kernel compares them, in the order of ``places``."""
        return Texts(
            None if self.vectors is None else self.vectors[places],
            _joined(self.words.sketches_at(places), self.pieces.sketches_at(places)),
        )

    @property
    def own(self) -> Texts:
        """All of them, as the kernel compares them."""
        return self.at(np.arange(len(self)))

    def __len__(self) -> int:
        return len(self.owners)

    def look(self, texts: Sequence[str], vectors: Floats | None) -> tuple[Texts, Similarities]:
        """Return texts as the kernel compares them, and how near they are to each phrasing.

        ``vectors`` are theirs, shape (texts, d).
        """
        words = [self.words.terms(text) for text in texts]
        pieces = [self.pieces.terms(text) for text in texts]
        similar = self._similarities(words, pieces, vectors)
        sketches = _joined(self.words.sketch(words), self.pieces.sketch(pieces))
        return Texts(None if similar.meaning is None else vectors, sketches), similar

    def similar_at(self, places: Ints) -> Similarities:
        """Return how near some of the phrasings are to each, as `look` does for other texts."""
        words = [self.words.terms_at(place) for place in places.tolist()]
        pieces = [self.pieces.terms_at(place) for place in places.tolist()]
        vectors = None if self.vectors is None else self.vectors[places]
        return self._similarities(words, pieces, vectors)

    def _similarities(
        self, words: Sequence[Terms], pieces: Sequence[Terms], vectors: Floats | None
    ) -> Similarities:
        alike = np.empty((len(words), len(self)), dtype=np.float32)
        for row, whole, part in zip(alike, words, pieces, strict=True):
            row[:] = (self.words.similarities(whole) + self.pieces.similarities(part)) / 2
        if vectors is None or self.vectors is None:
            return Similarities(alike, None)
        return Similarities(alike, self._compared(vectors, self.vectors))

    def _compared(self, vectors: Floats, all_vectors: Floats) -> Floats:
        """Compare vectors with all, a part at a time: comparing may take several copies."""
        if len(vectors) <= _COMPARED:
            return self.compare(vectors, all_vectors)
        made = np.empty((len(vectors), len(all_vectors)), dtype=np.float32)
        for start in range(0, len(vectors), _COMPARED):
            part = slice(start, start + _COMPARED)
            made[part] = self.compare(vectors[part], all_vectors)
        return made

    def unrelated(self, sample: Ints) -> float:
        """Return how alike in meaning phrasings of different entries are, by a sample of them."""
        if self.vectors is None:
            return 0.0
        apart = self.owners[sample][:, None] != self.owners[None, :]
        alike = self._compared(self.vectors[sample], self.vectors)[apart]
        return (float(alike.sum()) + _UNRELATED * _FEW_PAIRS) / (len(alike) + _FEW_PAIRS)


def in_any_order(count: int, *, enough: int, seed: int = 0) -> Ints:
    """Return the numbers from 0 on in an order drawn by ``seed``, or their own where all are taken.

    ``enough`` are all that is taken of them: few need no draw, and numpy's takes 7 MB.
    """
    if count <= enough:
        return np.arange(count)
    return np.random.default_rng(seed).permutation(count)


def _joined(words: Floats, pieces: Floats) -> Floats:
    """Return sketches whose products are the means of both."""
    return np.asarray(np.concatenate([words, pieces], axis=1) / np.sqrt(2), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Kernel:
    """One similarity of texts for the classifier, 1 for equal ones: in meaning, less without words.

    ``unrelated`` is what two texts without a connection have in meaning.
    """

    unrelated: float
    compare: Compare = cosines

    def __call__(self, texts: Texts, others: Texts) -> Floats:
        """Return the similarity of each text with each of the others, shape (texts, others)."""
        words = texts.sketches @ others.sketches.T
        if texts.vectors is None or others.vectors is None:
            return np.asarray(words, dtype=np.float32)
        meaning = self.compare(texts.vectors, others.vectors)
        near = np.exp(_BLUR / (1 - self.unrelated) * (meaning - 1))
        return np.asarray(near * (1 - _LEXICAL_SHARE + _LEXICAL_SHARE * words), dtype=np.float32)
