"""How much of a question's telling words each of some texts holds: BM25, brought to 0 to 1.

Okapi BM25 (Robertson and Zaragoza 2009) over words without common English endings, of which those
that stand in questions of any kind hardly count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.similarity.lexical import Counted, Floats, words
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.words import SPACELESS

_SATURATED = 1.2
"""BM25's k1: how soon a word that comes again adds nothing more. The field's usual value."""
_BY_LENGTH = 0.75
"""BM25's b: how much a long text counts less (0 to 1). The field's usual value."""
_TWICE = 2 * (_SATURATED + 1) / (2 + _SATURATED)
"""BM25's weight of a word that stands twice in a text of the mean length: then it is all there."""
_COMMON = 0.25
"""The weight of words that stand in questions of any kind. With none, "can I" tells nothing of two
texts that both are near; with all of it "do you have dogs" is near to whatever begins so."""
_LEAST_TEXTS = 20
"""Texts that there are taken to be at least: of a single page, each word would stand in all."""
_ENDINGS = ("ing", "ed", "es", "ly", "s", "e")
_LEAST_STEM = 3
"""Letters that a word keeps at least without its ending."""
_KEPT = 20_000
"""Words that are kept with what was made of them: a large help centre's, in two megabytes."""


def telling_words(text: str) -> list[str]:
    """Return the words of ``text`` without common English endings, those in ASCII first."""
    return [_stem(word) for word in _folded(text)]


def _folded(text: str) -> list[str]:
    """Return the words of ``text``, folded: a page is folded in a tenth of the time.

    Only its words with letters beyond ASCII take long, and most of those it has more than once.
    """
    if text.isascii():
        return words(text)
    tokens = text.split()
    found = words(" ".join(token for token in tokens if token.isascii()))
    for token in tokens:
        if not token.isascii():
            found += _words_of(token)
    return found


@lru_cache(maxsize=_KEPT)
def _words_of(token: str) -> tuple[str, ...]:
    """Return a token's words, and of one in a script without spaces each two signs."""
    found: list[str] = []
    for word in words(token):
        is_spaceless = len(word) > 1 and SPACELESS.search(word) is not None
        found += map("".join, pairwise(word)) if is_spaceless else (word,)
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


class WordIndex:
    """An inverted index over texts; ``before`` has counted others: what both have it keeps."""

    def __init__(self, texts: Sequence[str], before: WordIndex | None = None) -> None:
        common = {_stem(word) for word in asking().common | asking().contracted}
        self._common = common
        self._size = len(texts)
        self.counted: Counted = Counted(texts, telling_words, before.counted if before else None)
        counted = self.counted
        holding = np.bincount(counted.numbers, minlength=counted.size)
        size = max(self._size, _LEAST_TEXTS)
        self._rarity = _rarity(holding, size)
        self._unknown = float(_rarity(np.zeros(1), size)[0])
        owners = np.repeat(np.arange(self._size, dtype=np.int32), np.diff(counted.ends))
        lengths = np.bincount(owners, counted.times, minlength=self._size)
        relative = lengths / (lengths.mean() or 1.0) if self._size else lengths
        damping = _SATURATED * (1 - _BY_LENGTH + _BY_LENGTH * relative)
        weights = counted.times * (_SATURATED + 1) / (counted.times + damping[owners])
        order = np.argsort(counted.numbers, kind="stable")
        self._owners = owners[order]
        self._weights: Floats = weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(holding)])

    def scores(self, question: str) -> npt.NDArray[np.float64]:
        """Return for each text how much of the question's words it holds, 0 to 1; shape (texts,).

        A word that no text has counts as the rarest: what is asked besides the known words counts
        against every text.
        """
        total = np.zeros(self._size)
        most = 0.0
        for word in dict.fromkeys(telling_words(question)):
            number = self.counted.number(word)
            weight = _COMMON if word in self._common else 1.0
            weight *= self._unknown if number is None else float(self._rarity[number])
            most += weight * _TWICE
            if number is not None:
                found = slice(self._starts[number], self._starts[number + 1])
                total[self._owners[found]] += weight * self._weights[found]
        return np.minimum(total / (most or 1.0), 1.0)


def _rarity(holding: npt.NDArray[np.integer | np.floating], texts: int) -> npt.NDArray[np.float64]:
    """Return how much words tell that stand in so many of the texts: never less than nothing."""
    return np.log1p((texts - holding + 0.5) / (holding + 0.5))
