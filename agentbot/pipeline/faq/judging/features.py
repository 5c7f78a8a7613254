"""What the judge goes by: one row of numbers for each entry that may answer, one for none of them.

The unit of nearness is the FAQ's own: how near its phrasings are to those of other entries, so
that the numbers mean the same whatever the model, the field and the number of entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.similarity.lexical import LeftOut, words
from agentbot.pipeline.faq.similarity.phrasings import Ints, Phrasings, Similarities
from agentbot.pipeline.faq.similarity.ridge import HeldBack

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CANDIDATES = 12
"""Entries that are looked at for a question, the classifier's first ones: the right one is hardly
ever further down."""
_NEAREST = 3
"""Phrasings of an entry that its nearness rests on: a single one may be near by chance."""
_TOGETHER = 50
"""Phrasings that are held back in one go: with 5,000 entries of three their numbers take 10 MB."""
_GONE = -2.0
"""The similarity of what is left out: below every similarity there is."""
_MANY_ENTRIES = 200
"""Entries from which on more of them say nothing more: the judge has seen as many at most."""


class Feature(StrEnum):
    """What is known of an entry that may answer a question.

    ``SCORE`` is the classifier's, also squared and by the log of the entry's phrasings; ``WORDS``
    and ``MEANING`` are the mean similarities of its three nearest phrasings; ``LIKELIER`` and
    ``COVERED`` are `agentbot.pipeline.faq.similarity.lexical.Evidence`'s.
    """

    SCORE = "score"
    SCORE_SQUARED = "score_squared"
    SCORE_BY_PHRASINGS = "score_by_phrasings"
    WORDS = "words"
    MEANING = "meaning"
    LIKELIER = "likelier"
    COVERED = "covered"


class Background(StrEnum):
    """What speaks for no entry at all.

    The log of the number of entries, the question's length in words (log of one more), the share
    of its words that the FAQ does not have, the greatest of the entries' scores and similarities,
    and for words and meaning how near phrasings of different entries are in this FAQ (``…_USUAL``)
    and by how much that differs (``…_SPREAD``).
    """

    ENTRIES = "entries"
    LENGTH = "length"
    UNKNOWN = "unknown"
    BEST_SCORE = "best_score"
    BEST_WORDS = "best_words"
    WORDS_USUAL = "words_usual"
    WORDS_SPREAD = "words_spread"
    BEST_MEANING = "best_meaning"
    MEANING_USUAL = "meaning_usual"
    MEANING_SPREAD = "meaning_spread"


OF_MEANING = frozenset(
    {
        Feature.MEANING,
        Background.BEST_MEANING,
        Background.MEANING_USUAL,
        Background.MEANING_SPREAD,
    }
)
"""What is not known where words alone are compared."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of q questions.

    ``entries``, shape (q, c), are the numbers of those that may answer, the classifier's first one
    first, and ``missing`` marks those of them that are left out of the FAQ. ``features`` has the
    shape (q, c, features) and ``background`` (q, backgrounds), in the order of the two classes,
    without those of meaning where it was not compared.
    """

    entries: Ints
    missing: Flags
    features: Array
    background: Array

    @classmethod
    def joined(cls, parts: Sequence[Observation]) -> Observation:
        """Return all questions of ``parts``, which observe the same FAQ."""
        return cls(
            np.concatenate([part.entries for part in parts]),
            np.concatenate([part.missing for part in parts]),
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.background for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Usual:
    """How near phrasings of different entries are in a FAQ at their nearest: mean and spread."""

    mean: float
    spread: float

    @classmethod
    def of(cls, nearest: npt.NDArray[np.floating], guess: Usual) -> Usual:
        """Estimate it by some phrasings, drawn towards a ``guess`` where they are few."""
        if not len(nearest):
            return guess
        trust = len(nearest) / (len(nearest) + _FEW)
        return cls(
            trust * float(nearest.mean()) + (1 - trust) * guess.mean,
            trust * float(nearest.std()) + (1 - trust) * guess.spread,
        )


_FEW = 10
"""Phrasings that a guess counts as much as."""
_WORDS_GUESS = Usual(0.12, 0.08)
_MEANING_GUESS = Usual(0.45, 0.12)
"""What small FAQs of the benchmarks have, by the vectors of `embedders.joined` as for meaning."""


@dataclass(frozen=True, slots=True)
class _Hidden:
    """What is not to be seen by each question: its phrasings, shape (q, n), and what they are."""

    phrasings: Flags
    left_out: Sequence[LeftOut]


class Sample:
    """Some of a FAQ's phrasings, by their ``places`` in order, and how near they are to all.

    Where the FAQ is large, that is found again each time: at once it would take 50 MB.
    """

    def __init__(self, phrasings: Phrasings, places: Ints) -> None:
        self.places = places
        self._phrasings = phrasings
        self._kept = None
        if len(places) * len(phrasings) <= _MOST_KEPT:
            self._kept = phrasings.similar_at(places)

    def similar(self, rows: Ints) -> Similarities:
        """Return how near some of them are, the ``rows`` of the sample."""
        if self._kept is None:
            return self._phrasings.similar_at(self.places[rows])
        meaning = self._kept.meaning
        return Similarities(self._kept.words[rows], None if meaning is None else meaning[rows])


_MOST_KEPT = 400 * 4000
"""Similarities of a kind that are kept: 6 MB, those of 4,000 phrasings."""


class Observatory:
    """The place from which questions to one FAQ are looked at.

    By ``sample`` the units are found.
    """

    def __init__(self, phrasings: Phrasings, sample: Sample) -> None:
        self._phrasings = phrasings
        self._starts = np.searchsorted(phrasings.owners, np.arange(phrasings.entries))
        parts = [
            self._nearest_others(sample, rows)
            for rows in np.array_split(
                np.arange(len(sample.places)), len(sample.places) // _TOGETHER + 1
            )
        ]
        words, meanings = zip(*parts, strict=True)
        self._words = Usual.of(_there(words), _WORDS_GUESS)
        self._meaning = (
            None if phrasings.vectors is None else Usual.of(_there(meanings), _MEANING_GUESS)
        )

    def _nearest_others(
        self, sample: Sample, rows: Ints
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return how near the nearest phrasing of another entry is, by words and in meaning."""
        owners, similar = self._phrasings.owners, sample.similar(rows)
        mine = owners[sample.places[rows]][:, None] == owners[None, :]
        words = np.where(mine, _GONE, similar.words).max(axis=1)
        if similar.meaning is None:
            return words, words
        return words, np.where(mine, _GONE, similar.meaning).max(axis=1)

    def observe(
        self, texts: Sequence[str], similar: Similarities, scores: npt.NDArray[np.floating]
    ) -> Observation:
        """Observe questions, ``scores`` being the classifier's, shape (q, entries)."""
        return self._observe(texts, similar, scores)

    def hold_back(self, sample: Sample, held: HeldBack, *, whole: bool) -> tuple[Observation, Ints]:
        """Observe a sample as if each phrasing, or its ``whole`` entry, were not in the FAQ.

        Returns their entries' numbers too, -1 where it is left out. A phrasing that is the only
        one of its entry is passed over where phrasings are held back.
        """
        rows = np.arange(len(sample.places))
        if not whole:
            rows = rows[self._phrasings.sizes[self._phrasings.owners[sample.places]] > 1]
        parts = [
            self._held_back(sample, part, held, whole=whole)
            for part in np.array_split(rows, len(rows) // _TOGETHER + 1)
        ]
        owners = self._phrasings.owners[sample.places[rows]]
        return Observation.joined(parts), np.full(len(rows), -1) if whole else owners

    def _held_back(self, sample: Sample, rows: Ints, held: HeldBack, *, whole: bool) -> Observation:
        places = sample.places[rows]
        owners = self._phrasings.owners[places]
        scores = held.without_entry(places) if whole else held.without_phrasing(places)
        hidden = np.arange(len(self._phrasings))[None, :] == places[:, None]
        if whole:
            hidden = self._phrasings.owners[None, :] == owners[:, None]
        return self._observe(
            [self._phrasings.texts[place] for place in places],
            sample.similar(rows),
            scores,
            _Hidden(hidden, tuple(LeftOut(owner, whole=whole) for owner in owners.tolist())),
        )

    def _observe(
        self,
        texts: Sequence[str],
        similar: Similarities,
        scores: npt.NDArray[np.floating],
        hidden: _Hidden | None = None,
    ) -> Observation:
        sizes = np.tile(self._phrasings.sizes, (len(texts), 1))
        left_out: Sequence[LeftOut | None] = [None] * len(texts)
        if hidden is not None:
            left_out = hidden.left_out
            owners = [out.entry for out in hidden.left_out]
            sizes[np.arange(len(texts)), owners] -= hidden.phrasings.sum(axis=1)
        rows = np.arange(len(texts))[:, None]
        entries = _first(np.where(sizes == 0, -np.inf, scores), CANDIDATES)
        sizes = sizes[rows, entries]
        score = np.where(sizes == 0, 0.0, scores[rows, entries])
        evidence = [
            self._phrasings.counts.evidence(text, mine, out)
            for text, mine, out in zip(texts, entries.tolist(), left_out, strict=True)
        ]
        near, best = self._near(similar.words, entries, hidden, self._words)
        features = {
            Feature.SCORE: score,
            Feature.SCORE_SQUARED: score**2,
            Feature.SCORE_BY_PHRASINGS: score * np.log(np.maximum(sizes, 1)),
            Feature.WORDS: near,
            Feature.LIKELIER: np.array([one.likelier for one in evidence]).reshape(score.shape),
            Feature.COVERED: np.array([one.covered for one in evidence]).reshape(score.shape),
        }
        count = self._phrasings.entries - any(out is not None and out.whole for out in left_out)
        background: dict[Background, Array | float] = {
            Background.ENTRIES: float(np.log(np.clip(count, 1, _MANY_ENTRIES))),
            Background.LENGTH: np.log1p([len(words(text)) for text in texts]),
            Background.UNKNOWN: np.array([one.unknown for one in evidence]),
            Background.BEST_SCORE: score.max(axis=1, initial=0.0),
            Background.BEST_WORDS: best,
            Background.WORDS_USUAL: self._words.mean,
            Background.WORDS_SPREAD: self._words.spread,
        }
        if similar.meaning is not None and self._meaning is not None:
            features[Feature.MEANING], background[Background.BEST_MEANING] = self._near(
                similar.meaning, entries, hidden, self._meaning
            )
            background[Background.MEANING_USUAL] = self._meaning.mean
            background[Background.MEANING_SPREAD] = self._meaning.spread
        ordered = [background[one] for one in Background if one in background]
        return Observation(
            entries,
            sizes == 0,
            np.stack([features[one] for one in Feature if one in features], axis=2),
            np.stack([np.broadcast_to(value, len(texts)) for value in ordered], axis=1),
        )

    def _near(
        self,
        similar: npt.NDArray[np.float32],
        entries: Ints,
        hidden: _Hidden | None,
        usual: Usual,
    ) -> tuple[Array, Array]:
        """Return how near each of ``entries`` is, shape (q, c), and the nearest phrasing, (q,)."""
        gone = np.float32(_GONE)
        seen = similar if hidden is None else np.where(hidden.phrasings, gone, similar)
        sizes = self._phrasings.sizes[entries][:, :, None]
        steps = np.arange(sizes.max(initial=1))
        # An entry's phrasings stand side by side; where it has fewer than others, the last counts
        # as gone from then on.
        places = self._starts[entries][:, :, None] + np.minimum(steps, sizes - 1)
        of_entry = seen[np.arange(len(seen))[:, None, None], places]
        of_entry = np.where(steps < sizes, of_entry, gone)
        if of_entry.shape[2] > _NEAREST:
            of_entry = np.partition(of_entry, -_NEAREST, axis=2)[:, :, -_NEAREST:]
        is_there = of_entry > gone
        count = is_there.sum(axis=2)
        total = np.where(is_there, of_entry, 0).sum(axis=2, dtype=np.float64)
        near = np.where(count > 0, total / np.maximum(count, 1), usual.mean)
        best = np.maximum(seen.max(axis=1), -1).astype(np.float64)
        return (near - usual.mean) / usual.spread, (best - usual.mean) / usual.spread


def _there(parts: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Return the similarities of all parts that are any: in a FAQ of one entry there is none."""
    nearest = np.concatenate(parts)
    return nearest[nearest > _GONE]


def _first(scores: npt.NDArray[np.floating], most: int) -> Ints:
    """Return the columns of the ``most`` highest scores in each row, best first."""
    most = min(most, scores.shape[1])
    found = np.argpartition(-scores, most - 1, axis=1)[:, :most]
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)
