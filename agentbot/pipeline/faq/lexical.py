"""Words and pieces of words: TF-IDF similarity of a question with every phrasing.

Two kinds of features are kept apart and averaged: words and pairs of words, which tell topics,
and character 3- to 5-grams inside words, which survive typing errors and endings.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of ``text`` in lower case."""
    return _WORD.findall(text.lower())


def word_features(text: str) -> Iterable[str]:
    """Words and pairs of neighbouring words."""
    found = words(text)
    yield from found
    for first, second in pairwise(found):
        yield f"{first} {second}"


def character_features(text: str) -> Iterable[str]:
    """Character 3- to 5-grams of each word with a space at both ends."""
    for word in words(text):
        padded = f" {word} "
        for size in (3, 4, 5):
            if len(padded) <= size:
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


class TfIdf:
    """An inverted index over phrasings: cosine similarity of TF-IDF vectors, term by term.

    Term frequency is damped to ``1 + ln tf``, document frequency smoothed to
    ``1 + ln((1 + n) / (1 + df))``.
    """

    def __init__(self, texts: Sequence[str], features: Callable[[str], Iterable[str]]) -> None:
        self._features = features
        self._size = len(texts)
        counts = [Counter(features(text)) for text in texts]
        frequency = Counter(term for count in counts for term in count)
        self._idf = {
            term: 1.0 + float(np.log((1 + len(texts)) / (1 + df))) for term, df in frequency.items()
        }
        postings: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for place, count in enumerate(counts):
            for term, weight in self._weights(count).items():
                places, weights = postings[term]
                places.append(place)
                weights.append(weight)
        self._postings = {
            term: (np.asarray(places, dtype=np.int64), np.asarray(weights, dtype=np.float32))
            for term, (places, weights) in postings.items()
        }

    def similarities(self, text: str) -> npt.NDArray[np.float32]:
        """Cosine similarity (0 to 1) of ``text`` with each phrasing."""
        total = np.zeros(self._size, dtype=np.float32)
        for term, weight in self._weights(Counter(self._features(text))).items():
            if term in self._postings:
                places, weights = self._postings[term]
                total[places] += weight * weights
        return total

    def _weights(self, count: Counter[str]) -> dict[str, float]:
        """Unit-length weights of the known terms."""
        raw = {
            term: (1.0 + float(np.log(times))) * self._idf[term]
            for term, times in count.items()
            if term in self._idf
        }
        norm = sum(weight * weight for weight in raw.values()) ** 0.5
        return {term: weight / norm for term, weight in raw.items()}
