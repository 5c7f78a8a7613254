"""The features of a question by which the judge goes, each with a name.

How sure the classifier is, how near the entry's phrasings are, how far ahead of the next entry it
is, what the single words say, and how many entries and phrasings there are. All are free of scale:
they mean the same whatever the FAQ and the embedder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.classifier import Array
from agentbot.pipeline.faq.views import View, Views

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OFFERED = 3
"""Entries that are kept as candidates: as many as there are buttons at most."""

_NEAREST = 3
"""Phrasings of an entry that count as its nearest: one alone may be like the question by chance."""
_ENTRIES = (5, 100)
"""Numbers of entries, least and most, with which the judge was tried; outside them it takes a FAQ
for the nearest size that it knows."""
_PHRASINGS = (2, 15)
"""The same for the phrasings of an entry."""
_ENTRIES_MIDDLE = 3.0
"""About the mean of the logarithm of the number of entries (20): products with it are about 0."""
_PHRASINGS_MIDDLE = 2.0
"""About the mean of the logarithm of the number of phrasings (7.4)."""
_LEAST_DOUBT = 1e-3
"""The least probability left to all other entries together, so that sureness stays below 7."""
_NO_SECOND = 10.0
"""How far ahead, in log probability, the only entry of a FAQ is: as far as if the next had 1 in
22,000."""


class Feature(StrEnum):
    """What is observed of a question and the entry nearest to it.

    ``SURENESS``: log odds of the entry's probability; ``LEAD``: its log probability ahead of the
    second; ``DOUBT``: entropy of the probabilities of all entries, in nats; ``EVIDENCE``: what the
    words one by one say for the entry.

    For each view (words, meaning, tokens) ``…_NEAREST`` is the mean similarity with the entry's
    three nearest phrasings, ``…_OVERALL`` with all of them, in units of what phrasings of one entry
    have; ``…_LEAD`` is how far ahead of the next entry that is.

    ``A_BY_ENTRIES`` and ``A_BY_PHRASINGS`` are products: the same probability says more where many
    entries share it, the same nearness more where few phrasings can be near.

    ``LENGTH``, ``ENTRIES``, ``PHRASINGS``: logarithms of the question's words (and one), of the
    number of entries, and of the entry's phrasings.
    """

    SURENESS = "sureness"
    LEAD = "lead"
    DOUBT = "doubt"
    EVIDENCE = "evidence"
    WORDS_NEAREST = "words_nearest"
    WORDS_NEAREST_LEAD = "words_nearest_lead"
    WORDS_OVERALL = "words_overall"
    WORDS_OVERALL_LEAD = "words_overall_lead"
    MEANING_NEAREST = "meaning_nearest"
    MEANING_NEAREST_LEAD = "meaning_nearest_lead"
    MEANING_OVERALL = "meaning_overall"
    MEANING_OVERALL_LEAD = "meaning_overall_lead"
    TOKENS_NEAREST = "tokens_nearest"
    TOKENS_NEAREST_LEAD = "tokens_nearest_lead"
    TOKENS_OVERALL = "tokens_overall"
    TOKENS_OVERALL_LEAD = "tokens_overall_lead"
    SURENESS_BY_ENTRIES = "sureness_by_entries"
    SURENESS_BY_PHRASINGS = "sureness_by_phrasings"
    DOUBT_BY_ENTRIES = "doubt_by_entries"
    DOUBT_BY_PHRASINGS = "doubt_by_phrasings"
    WORDS_NEAREST_BY_ENTRIES = "words_nearest_by_entries"
    WORDS_NEAREST_BY_PHRASINGS = "words_nearest_by_phrasings"
    LENGTH = "length"
    ENTRIES = "entries"
    PHRASINGS = "phrasings"


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of q questions: the columns by name, each of shape (q,)."""

    columns: Mapping[Feature, Array]

    def matrix(self, wanted: Sequence[Feature]) -> Array:
        """Return the ``wanted`` columns in that order, shape (q, wanted). Raises ``KeyError``."""
        return np.stack([self.columns[feature] for feature in wanted], axis=1)

    def where(self, flags: Flags) -> Features:
        """Return the features of the questions that ``flags``, shape (q,), marks."""
        return Features({feature: column[flags] for feature, column in self.columns.items()})

    @classmethod
    def joined(cls, parts: Sequence[Features]) -> Features:
        """Return the features of all questions of ``parts``, which have the same columns."""
        return cls(
            {
                feature: np.concatenate([part.columns[feature] for part in parts])
                for feature in parts[0].columns
            }
        )


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of q questions: their features, and the entries most believed in.

    ``top`` has the shape (q, at most 3), best first.
    """

    features: Features
    top: Ints

    @property
    def best(self) -> Ints:
        """The entry most believed in, shape (q,)."""
        return self.top[:, 0]


def observe(
    views: Views,
    log_probs: Array,
    owners: Ints,
    *,
    evidence: Array,
    lengths: Array,
    reach: Mapping[View, float],
) -> Observation:
    """Observe questions by their views, and by log probabilities and word evidence (q, entries).

    ``owners`` maps the views' columns to entry numbers 0 to entries - 1, each with at least one;
    ``lengths`` are in words; ``reach`` holds the unit of each view's similarities.
    """
    order = np.argsort(-log_probs, axis=1, kind="stable")
    best = order[:, 0]
    columns = dict(_beliefs(log_probs, order))
    columns[Feature.EVIDENCE] = evidence[np.arange(len(best)), best]
    layout = _Layout.of(owners, log_probs.shape[1])
    for view, similarities in views.by_name.items():
        columns.update(_nearness(view, similarities, layout, best, reach[view]))
    entries = np.full(len(best), np.log(np.clip(log_probs.shape[1], *_ENTRIES)))
    phrasings = np.log(np.clip(np.bincount(owners)[best], *_PHRASINGS))
    for by_entries, by_phrasings, feature in _PRODUCTS:
        columns[by_entries] = columns[feature] * (entries - _ENTRIES_MIDDLE)
        columns[by_phrasings] = columns[feature] * (phrasings - _PHRASINGS_MIDDLE)
    columns[Feature.LENGTH] = np.log1p(lengths)
    columns[Feature.ENTRIES] = entries
    columns[Feature.PHRASINGS] = phrasings
    return Observation(Features(columns), order[:, :OFFERED])


_PRODUCTS = (
    (Feature.SURENESS_BY_ENTRIES, Feature.SURENESS_BY_PHRASINGS, Feature.SURENESS),
    (Feature.DOUBT_BY_ENTRIES, Feature.DOUBT_BY_PHRASINGS, Feature.DOUBT),
    (
        Feature.WORDS_NEAREST_BY_ENTRIES,
        Feature.WORDS_NEAREST_BY_PHRASINGS,
        Feature.WORDS_NEAREST,
    ),
)


def _beliefs(log_probs: Array, order: Ints) -> Iterator[tuple[Feature, Array]]:
    """Yield what the classifier's probabilities say; ``order`` sorts them, best first."""
    rows = np.arange(len(log_probs))
    first = log_probs[rows, order[:, 0]]
    second = log_probs[rows, order[:, 1]] if log_probs.shape[1] > 1 else first - _NO_SECOND
    prob = np.exp(first)
    yield Feature.SURENESS, np.log(prob) - np.log(np.maximum(1 - prob, _LEAST_DOUBT))
    yield Feature.LEAD, first - second
    yield Feature.DOUBT, -(np.exp(log_probs) * log_probs).sum(axis=1)


def _nearness(
    view: View, similarities: npt.NDArray[np.float32], layout: _Layout, best: Ints, unit: float
) -> Iterator[tuple[Feature, Array]]:
    """Yield how near the phrasings of ``best`` are in one view, and how far ahead."""
    rows = np.arange(len(best))
    nearest, overall = layout.nearest_and_overall(similarities)
    for name, table in (("nearest", nearest), ("overall", overall)):
        own = table[rows, best].copy()
        table[rows, best] = -1.0  # below every other, so that the maximum is another entry's
        yield Feature(f"{view}_{name}"), own / unit
        yield Feature(f"{view}_{name}_lead"), (own - table.max(axis=1)) / unit


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each entry's phrasings stand: ``places`` of shape (entries, most phrasings)."""

    places: Ints
    missing: Flags

    @classmethod
    def of(cls, owners: Ints, entries: int) -> _Layout:
        """Lay out the phrasings of ``entries`` entries; ``owners[i]`` is that of phrasing i."""
        sizes = np.bincount(owners, minlength=entries)
        order = np.argsort(owners, kind="stable")
        starts = np.cumsum(sizes) - sizes
        steps = np.arange(int(sizes.max()))[None, :]
        missing = steps >= sizes[:, None]
        return cls(order[np.where(missing, 0, starts[:, None] + steps)], missing)

    def nearest_and_overall(self, view: npt.NDArray[np.float32]) -> tuple[Array, Array]:
        """Return mean similarities with each entry's three nearest phrasings, and with all."""
        spread = np.where(self.missing, -np.inf, view[:, self.places].astype(np.float64))
        sizes = (~self.missing).sum(axis=1)
        ranked = -np.sort(-spread, axis=2)
        ranked[np.isneginf(ranked)] = 0.0
        nearest = ranked[:, :, :_NEAREST].sum(axis=2) / np.minimum(sizes, _NEAREST)
        return nearest, ranked.sum(axis=2) / sizes
