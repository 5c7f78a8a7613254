"""How near a question is to each phrasing, seen in several ways.

A *view* is one notion of similarity, 1 for equal texts: ``words`` (TF-IDF), ``meaning`` (cosine of
pooled vectors, tokens weighted by the root of their rarity) and ``tokens`` (late interaction:
each token's best match on the other side, weighted by rarity, averaged over both directions; the
idea of ColBERT, Khattab and Zaharia 2020). Vector views are shifted so that 0 is what two
phrasings of different entries have on average, whatever the model and the FAQ's breadth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, TokenVectors
from agentbot.pipeline.faq.lexical import TfIdf, character_features, word_features

Floats = npt.NDArray[np.float32]

_BLUR = 2.0
"""How fast the kernel falls with distance in meaning: exp(-2) for unrelated texts."""
_AXES = 96
"""Principal axes on which tokens are compared: as good as all 384 of MiniLM, in a third of the
time."""
_REACH = 0.42
"""The similarity that MiniLM gives phrasings of one entry on average, in narrow FAQs and broad
ones."""
_FEW_PAIRS = 50
"""Pairs of phrasings that `_REACH` counts as much as: with fewer, their own mean says little."""
_LEXICAL_SHARE = 0.3
"""The share of the kernel that is lost where no word is shared, of the whole (1)."""


class View(StrEnum):
    """The names of the views."""

    WORDS = "words"
    MEANING = "meaning"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Views:
    """Similarities of q questions with n phrasings; each array has the shape (q, n)."""

    words: Floats
    meaning: Floats | None = None
    tokens: Floats | None = None

    @property
    def by_name(self) -> dict[View, Floats]:
        """The views there are."""
        named = {View.WORDS: self.words, View.MEANING: self.meaning, View.TOKENS: self.tokens}
        return {view: seen for view, seen in named.items() if seen is not None}

    def kernel(self) -> Floats:
        """Return one similarity for the classifier, 1 for equal texts; shape (q, n)."""
        if self.meaning is None or self.tokens is None:
            return self.words
        near = np.exp(_BLUR * ((self.meaning + self.tokens) / 2 - 1))
        return np.asarray(near * (1 - _LEXICAL_SHARE + _LEXICAL_SHARE * self.words), np.float32)

    def at(self, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Views:
        """Return the views of some questions on some phrasings."""
        grid = np.ix_(rows, columns)
        return Views(
            self.words[grid],
            None if self.meaning is None else self.meaning[grid],
            None if self.tokens is None else self.tokens[grid],
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """What phrasings have on average in the vector views, ``meaning`` and ``tokens``.

    ``ground``: two of different entries, before the shift; ``reach``: two of one entry, after it.
    """

    ground: tuple[float, ...] = (0.0, 0.0)
    reach: tuple[float, ...] = (_REACH, _REACH)


class Observer:
    """The point of view of a fixed list of phrasings, from which questions are looked at.

    ``vectors`` are the phrasings' own, from ``embedder``; both are None without one.
    """

    def __init__(
        self,
        phrasings: Sequence[str],
        embedder: Embedder | None,
        vectors: Sequence[TokenVectors] | None,
        scale: Scale | None = None,
    ) -> None:
        self._size = len(phrasings)
        self._words = TfIdf(phrasings, word_features)
        self._characters = TfIdf(phrasings, character_features)
        self._embedder = embedder
        self._index = None if vectors is None else _VectorIndex(vectors)
        self.scale = scale or Scale()

    @property
    def reach(self) -> dict[View, float]:
        """The unit of each view, for features that mean the same whatever the model."""
        meaning, tokens = self.scale.reach
        return {View.WORDS: 1.0, View.MEANING: meaning, View.TOKENS: tokens}

    @classmethod
    def of(
        cls,
        phrasings: Sequence[str],
        owners: npt.NDArray[np.int64],
        embedder: Embedder | None,
        vectors: Sequence[TokenVectors] | None,
        *,
        rows: npt.NDArray[np.int64],
    ) -> tuple[Observer, Views]:
        """Return an observer that has found its scale, and its views of the phrasings ``rows``.

        ``owners[i]`` is the number of the entry that phrasing i belongs to.
        """
        bare = cls(phrasings, embedder, vectors)
        seen = bare._look(
            [phrasings[i] for i in rows], None if vectors is None else [vectors[i] for i in rows]
        )
        apart = owners[rows][:, None] != owners[None, :]
        if seen.meaning is None or seen.tokens is None or not apart.any():
            return bare, seen
        ground = (float(seen.meaning[apart].mean()), float(seen.tokens[apart].mean()))
        shifted = _shifted(seen, ground)
        together = ~apart & (rows[:, None] != np.arange(len(owners))[None, :])
        reach = tuple(
            _mean_reach(view[together])
            for name, view in shifted.by_name.items()
            if name is not View.WORDS
        )
        return cls(phrasings, embedder, vectors, Scale(ground, reach)), shifted

    def look(self, questions: Sequence[str]) -> Views:
        """Return the views of each question on each phrasing."""
        vectors = None if self._embedder is None else self._embedder.embed(questions)
        return _shifted(self._look(questions, vectors), self.scale.ground)

    def _look(self, questions: Sequence[str], vectors: Sequence[TokenVectors] | None) -> Views:
        words: Floats = np.empty((len(questions), self._size), dtype=np.float32)
        for row, text in enumerate(questions):
            whole, pieces = self._words.similarities(text), self._characters.similarities(text)
            words[row] = (whole + pieces) / 2
        if self._index is None or vectors is None:
            return Views(words)
        pairs = [self._index.look(seen) for seen in vectors]
        return Views(words, np.stack([m for m, _ in pairs]), np.stack([t for _, t in pairs]))


class _VectorIndex:
    """The phrasings' vectors, laid out so that one product compares a question with all."""

    def __init__(self, phrasings: Sequence[TokenVectors]) -> None:
        self._size = len(phrasings)
        self._frequency = Counter(token for seen in phrasings for token in set(seen.ids.tolist()))
        self._pooled = np.stack([self._pool(seen) for seen in phrasings])
        whole = np.concatenate([_unit(seen.vectors) for seen in phrasings])
        # eigh sorts upwards: the last axes are those along which the tokens vary most.
        self._axes = np.linalg.eigh(whole.T @ whole)[1][:, -_AXES:]
        self._tokens = _unit(whole @ self._axes)
        self._starts = np.cumsum([0, *(len(seen.ids) for seen in phrasings[:-1])])
        self._rarity = np.concatenate([self._rarities(seen) for seen in phrasings])
        self._totals = np.add.reduceat(self._rarity, self._starts)

    def look(self, seen: TokenVectors) -> tuple[Floats, Floats]:
        """Return the similarity in meaning and in tokens with each phrasing."""
        meaning = np.asarray(self._pooled @ self._pool(seen), dtype=np.float32)
        matches = _unit(seen.vectors @ self._axes) @ self._tokens.T
        rarity = self._rarities(seen)
        there = rarity @ np.maximum.reduceat(matches, self._starts, axis=1) / rarity.sum()
        back = np.add.reduceat(matches.max(axis=0) * self._rarity, self._starts) / self._totals
        tokens = (there + back) / 2
        return meaning, np.asarray(tokens, dtype=np.float32)

    def _rarities(self, seen: TokenVectors) -> Floats:
        ratios = [self._size / (self._frequency[token] + 1) for token in seen.ids.tolist()]
        return np.asarray(np.log1p(ratios), dtype=np.float32)

    def _pool(self, seen: TokenVectors) -> Floats:
        pooled = np.sqrt(self._rarities(seen)) @ seen.vectors
        return np.asarray(_unit(pooled[None, :])[0], dtype=np.float32)


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # A vector of zeros stays one: it is divided by something, however small.
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def _mean_reach(similarities: Floats) -> float:
    """Return their mean, drawn towards what is usual where they are few."""
    mean = (float(similarities.sum()) + _REACH * _FEW_PAIRS) / (len(similarities) + _FEW_PAIRS)
    return max(mean, _REACH / 4)  # it is divided by: never nearly nothing, nor negative


def _shifted(views: Views, ground: tuple[float, ...]) -> Views:
    if views.meaning is None or views.tokens is None:
        return views
    meaning, tokens = ground
    return Views(
        views.words,
        np.asarray((views.meaning - meaning) / (1 - meaning), dtype=np.float32),
        np.asarray((views.tokens - tokens) / (1 - tokens), dtype=np.float32),
    )
