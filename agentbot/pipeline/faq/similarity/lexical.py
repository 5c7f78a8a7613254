"""Words and pieces of words: how much a question has in common with each phrasing.

Two kinds of features are kept apart and averaged: words and pairs of words, which tell topics,
and character 3- to 5-grams inside words, which survive typing errors and endings.

Not SQLite's FTS5: among the 50 nearest of 550 phrasings of the public benchmark it has the right
entry as often (0.975 by words, 0.977 by trigrams; this index 0.977), but takes 1.4 ms and 3.6 ms a
question to 1.2 ms here, and only for candidates: the classifier wants the similarity with every
phrasing, and of the phrasings with each other, so that this index would be needed anyway.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.words import fold

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]

_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|ly|s|e)$")


def words(text: str) -> list[str]:
    """Return the words of ``text``, folded."""
    return fold(text).split()


def word_features(text: str) -> Iterable[str]:
    """Yield words and pairs of neighbouring words."""
    found = words(text)
    yield from found
    for first, second in pairwise(found):
        yield f"{first} {second}"


def character_features(text: str) -> Iterable[str]:
    """Yield character 3- to 5-grams of each word with a space at both ends."""
    for word in words(text):
        padded = f" {word} "
        for size in (3, 4, 5):
            if len(padded) <= size:
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a text that an index knows.

    Their numbers, and their part of the text's vector of unit length, both of shape (terms,).
    """

    numbers: Ints
    weights: Floats


class Counted:
    """How often each term stands in each of some texts, one text after the other.

    ``numbers`` are the terms' and ``times`` how often, shape (all terms of all texts,); those of
    text i are `of` it. Terms have numbers in the order in which they came. Of texts that ``before``
    has counted nothing is counted again: it shares its vocabulary, which only grows, so that other
    threads may go on reading it.
    """

    def __init__(
        self,
        texts: Sequence[str],
        features: Callable[[str], Iterable[str]],
        before: Counted | None = None,
    ) -> None:
        if before is not None and len(before.vocabulary) > _WORN * max(before.used, _LEAST_USED):
            before = None
        self.texts = tuple(texts)
        self.vocabulary: dict[str, int] = {} if before is None else before.vocabulary
        known = {} if before is None else {text: i for i, text in enumerate(before.texts)}
        numbers, times = [_NO_TERMS], [_NO_TERMS]
        for text in texts:
            if before is not None and (place := known.get(text)) is not None:
                found = before.of(place)
                numbers.append(before.numbers[found])
                times.append(before.times[found])
                continue
            count = Counter(features(text))
            new = [self.vocabulary.setdefault(t, len(self.vocabulary)) for t in count]
            numbers.append(np.array(new, dtype=np.int32))
            times.append(np.array(list(count.values()), dtype=np.int32))
        self.numbers: Int32s = np.concatenate(numbers)
        self.times: Int32s = np.concatenate(times)
        self.ends = np.cumsum([len(one) for one in numbers])
        """Where each text's terms end; the first number is 0, where the first text's begin."""
        self.size = len(self.vocabulary)
        self.used: int = int(np.count_nonzero(np.bincount(self.numbers)))

    def of(self, place: int) -> slice:
        """Return where the terms of a text stand."""
        return slice(int(self.ends[place]), int(self.ends[place + 1]))

    def at(self, places: Ints) -> tuple[Ints, Ints]:
        """Return where the terms of some texts stand, and of which of ``places`` each is."""
        lengths = self.ends[places + 1] - self.ends[places]
        rows = np.repeat(np.arange(len(places)), lengths)
        shifts = self.ends[places] - np.concatenate([[0], np.cumsum(lengths)[:-1]])
        return np.arange(len(rows)) + shifts[rows], rows

    def number(self, term: str) -> int | None:
        """Return the number of a term; None for one that came later or never."""
        number = self.vocabulary.get(term)
        return None if number is None or number >= self.size else number


_NO_TERMS = np.zeros(0, dtype=np.int32)
_WORN = 2
"""Terms for each one in use from which on a vocabulary is made anew: so edits do not swell it."""
_LEAST_USED = 10_000
"""Terms in use that it is taken to have at least: a megabyte is not worth the work."""


class TfIdf:
    """An inverted index over phrasings: cosine similarity of TF-IDF vectors, term by term.

    Term frequency is damped to ``1 + ln tf``, document frequency smoothed to
    ``1 + ln((1 + n) / (1 + df))``. A term that no phrasing has takes its full part of a
    question's length: what is asked besides the known words counts against every phrasing.
    ``before`` is the index of other phrasings: what both have is not counted again.
    """

    def __init__(
        self,
        texts: Sequence[str],
        features: Callable[[str], Iterable[str]],
        before: TfIdf | None = None,
    ) -> None:
        self._features = features
        self._size = len(texts)
        self.counted: Counted = Counted(texts, features, None if before is None else before.counted)
        numbers = self.counted.numbers
        frequency = np.bincount(numbers, minlength=self.counted.size)
        self._unknown = 1.0 + float(np.log(1 + len(texts)))
        self._rarity = self._unknown - np.log(1 + frequency)
        self._is_used = frequency > 0
        self._damped = 1 + np.log(np.maximum(np.arange(1 + self.counted.times.max(initial=0)), 1))
        weights = self._plain_weights(slice(None))
        places = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(self.counted.ends))
        self._lengths = np.sqrt(np.bincount(places, weights**2, minlength=len(texts)))
        self.checksums: Ints = _NONE
        if before is not None and before.counted.vocabulary is self.counted.vocabulary:
            self.checksums = before.checksums
        new = islice(self.counted.vocabulary, len(self.checksums), self.counted.size)
        added = np.array([crc32(_bytes(term)) for term in new], dtype=np.int64)
        self.checksums = np.concatenate([self.checksums, added])
        self._buckets = self.checksums % SKETCH
        self._signs = np.where(self.checksums & _SIGN, 1.0, -1.0)
        order = np.argsort(numbers, kind="stable")
        self._places = places[order]
        weights /= self._lengths[places]
        self._weights = weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequency)])

    def _plain_weights(self, where: slice | Ints) -> npt.NDArray[np.float64]:
        weights: npt.NDArray[np.float64] = self._damped[self.counted.times[where]]
        weights *= self._rarity[self.counted.numbers[where]]
        return weights

    def sketches_at(self, places: Ints) -> Floats:
        """Return sketches of some of the phrasings, shape (places, `SKETCH`)."""
        where, rows = self.counted.at(places)
        weights = self._plain_weights(where) / self._lengths[places][rows]
        return self._sketched(rows, self.counted.numbers[where], weights, len(places))

    @property
    def sketches(self) -> Floats:
        """The phrasings' own sketches, shape (phrasings, `SKETCH`)."""
        return self.sketches_at(np.arange(self._size))

    def terms(self, text: str) -> Terms:
        """Return the known terms of ``text``."""
        numbers, weights, square = [], [], 0.0
        for term, times in Counter(self._features(text)).items():
            number = self.counted.number(term)
            if number is not None and not self._is_used[number]:
                number = None
            rarity = self._unknown if number is None else self._rarity[number]
            weight = (1.0 + float(np.log(times))) * float(rarity)
            square += weight * weight
            if number is not None:
                numbers.append(number)
                weights.append(weight)
        length = square**0.5 or 1.0
        return Terms(
            np.asarray(numbers, dtype=np.int64), np.asarray(weights, dtype=np.float32) / length
        )

    def terms_at(self, place: int) -> Terms:
        """Return the terms of one of the phrasings: what `terms` says of its text."""
        found = self.counted.of(place)
        weights = self._plain_weights(found) / (self._lengths[place] or 1.0)
        return Terms(self.counted.numbers[found].astype(np.int64), weights.astype(np.float32))

    def similarities(self, terms: Terms) -> Floats:
        """Return the cosine similarity (0 to 1) with each phrasing, shape (phrasings,)."""
        starts = self._starts[terms.numbers]
        lengths = self._starts[terms.numbers + 1] - starts
        shifts = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        found = np.arange(len(shifts)) + shifts
        weights = np.repeat(terms.weights, lengths) * self._weights[found]
        total = np.bincount(self._places[found], weights, minlength=self._size)
        return total.astype(np.float32)

    def sketch(self, texts: Sequence[Terms]) -> Floats:
        """Return vectors of `SKETCH` numbers whose products are about the texts' similarities.

        Each term is added to, or taken from, one of the numbers, chosen by its checksum (feature
        hashing, Weinberger et al. 2009): so texts with thousands of different terms are compared
        by a product of small matrices. Shape (texts, `SKETCH`).
        """
        places = np.repeat(np.arange(len(texts)), [len(terms.numbers) for terms in texts])
        numbers = np.concatenate([_NONE, *(terms.numbers for terms in texts)])
        weights = np.concatenate([_NONE, *(terms.weights for terms in texts)])
        return self._sketched(places, numbers, weights, len(texts))

    def _sketched(
        self, places: Ints, terms: Ints | Int32s, weights: npt.NDArray[np.floating], texts: int
    ) -> Floats:
        cells = places * SKETCH + self._buckets[terms]
        summed = np.bincount(cells, self._signs[terms] * weights, minlength=texts * SKETCH)
        return summed.reshape(texts, SKETCH).astype(np.float32)


def _bytes(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


SKETCH = 512
"""Numbers in a sketch: with them the classifier finds the right entry as often as with the words
themselves."""
_SIGN = 1 << 31
"""The bit of a checksum that says whether a term is added or taken: the highest, which hardly
matters for the remainder."""
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out of a FAQ for a while: a phrasing of ``entry``, or all of them."""

    entry: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a question's words, taken one by one, say for some entries; arrays of shape (entries,).

    ``likelier``: the mean, over the words that are known, of the log of how much likelier each is
    in the entry's phrasings than in all. ``covered``: the share of the question's words that the
    entry has, and ``unknown`` the share that no entry has, rare words weighing more (0 to 1).
    """

    likelier: npt.NDArray[np.float64]
    covered: npt.NDArray[np.float64]
    unknown: float


class WordCounts:
    """How many phrasings of each entry have which word, without common English endings.

    ``owners[i]`` is the entry of ``texts[i]``, numbered from 0, each with at least one.
    """

    def __init__(
        self, texts: Sequence[str], owners: Ints, before: WordCounts | None = None
    ) -> None:
        """``before`` has counted other phrasings: what both have is not counted again."""
        self._sizes = np.bincount(owners)
        self._texts = len(texts)
        self.counted: Counted = Counted(texts, stems, None if before is None else before.counted)
        self._totals = np.bincount(self.counted.numbers, minlength=self.counted.size)
        of_text = np.repeat(owners, np.diff(self.counted.ends))
        # One number for a stem and an entry, so that all that is asked for is found in one go.
        self._keys, self._counts = np.unique(
            self.counted.numbers.astype(np.int64) * len(self._sizes) + of_text, return_counts=True
        )

    def evidence(
        self, text: str, entries: Sequence[int], left_out: LeftOut | None = None
    ) -> Evidence:
        """Return what the words say for ``entries``, all or all but what is ``left_out``.

        A phrasing that is left out is ``text`` itself.
        """
        asked = np.asarray(entries, dtype=np.int64)
        numbers = [self.counted.number(stem) for stem in stems(text)]
        known = np.array([number for number in numbers if number is not None], dtype=np.int64)
        sizes, texts = self._sizes[asked].astype(np.float64), float(self._texts)
        totals = self._totals[known].astype(np.float64)
        found = self._found(known[:, None], asked[None, :])
        if left_out is not None:
            is_it = asked == left_out.entry
            gone = int(self._sizes[left_out.entry]) if left_out.whole else 1
            texts -= gone
            sizes[is_it] -= gone
            gone_of = self._found(known, np.array(left_out.entry)) if left_out.whole else 1.0
            totals -= gone_of
            found -= np.where(is_it, np.broadcast_to(gone_of, len(known))[:, None], 0.0)
        rarity = 1.0 + np.log((1 + texts) / (1 + totals))
        never = (len(numbers) - len(known)) * (1.0 + float(np.log(1 + texts)))
        is_there = totals > 0
        unknown = float(rarity[~is_there].sum()) + never
        whole = float(rarity.sum()) + never or 1.0
        found, rarity, totals = found[is_there], rarity[is_there], totals[is_there]
        # Half an occurrence more, in one phrasing more: what was never seen is not impossible.
        odds = (found + 0.5) / (sizes + 1) / ((totals + 0.5) / (texts + 1))[:, None]
        likelier = np.log(odds).sum(axis=0) / max(len(found), 1)
        covered = (rarity[:, None] * (found > 0)).sum(axis=0)
        return Evidence(likelier, covered / whole, unknown / whole)

    def _found(self, numbers: Ints, entries: Ints) -> npt.NDArray[np.float64]:
        """Return in how many phrasings of which entries stems stand."""
        keys = numbers * len(self._sizes) + entries
        if not len(self._keys):
            return np.zeros(keys.shape)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._counts[places], 0).astype(np.float64)


def stems(text: str) -> list[str]:
    """Return the different words of ``text`` without common English endings, in order."""
    return list(dict.fromkeys(_ENDING.sub("", word) for word in words(text)))
