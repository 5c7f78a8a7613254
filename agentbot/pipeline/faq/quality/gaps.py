"""What to write next: questions that nothing answered, grouped by what they ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, cosines
from agentbot.pipeline.faq.entries import normalized
from agentbot.pipeline.faq.similarity.phrasings import Phrasings

WORDS_ALIKE = 0.2
"""Mean TF-IDF similarity (0 to 1) from which on two groups are one: low, since questions in other
words share few."""
MEANINGS_ALIKE = 0.55
"""The same by the cosine of their vectors (about 0 to 1): higher, since vectors of unrelated
questions are not far apart."""
MOST = 2000
"""Different questions that are looked at, the most frequent, then the latest: grouping takes the
cube of their number, and these take seconds."""
_EXAMPLES = 5
"""Wordings that are shown of a group: enough to write an entry with its phrasings."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask one thing: how many, and different wordings, the most typical first."""

    count: int
    examples: tuple[str, ...]


def group_gaps(texts: Sequence[str], *, embedder: Embedder | None = None) -> tuple[Gap, ...]:
    """Group questions (oldest first) by similarity, largest groups first.

    Equal wordings are counted as one example. Groups are merged while their questions are alike
    on average (average linkage), so that a chain of neighbours does not become one group.
    """
    spoken: dict[str, str] = {}
    for text in texts:
        spoken[normalized(text)] = text.strip()
    spoken.pop("", None)
    tally = Counter(normalized(text) for text in texts)
    latest = {key: place for place, key in enumerate(map(normalized, texts))}
    keys = sorted(spoken, key=lambda key: (-tally[key], -latest[key]))[:MOST]
    if not keys:
        return ()
    similarity = _similarities([spoken[key] for key in keys], embedder)
    limit = WORDS_ALIKE if embedder is None else MEANINGS_ALIKE
    gaps = []
    for members in _linked(similarity, limit):
        typical = similarity[np.ix_(members, members)].sum(axis=1)
        order = [members[i] for i in np.argsort(-typical, kind="stable")]
        gaps.append(
            Gap(
                sum(tally[keys[i]] for i in members),
                tuple(spoken[keys[i]] for i in order[:_EXAMPLES]),
            )
        )
    return tuple(sorted(gaps, key=lambda gap: (-gap.count, gap.examples)))


def _similarities(texts: list[str], embedder: Embedder | None) -> npt.NDArray[np.float64]:
    vectors = None if embedder is None else embedder.embed(texts)
    compare = embedder.compare if embedder else cosines
    _, seen = Phrasings(texts, np.arange(len(texts)), vectors, compare=compare).look(texts, vectors)
    return np.asarray(seen.words if seen.meaning is None else seen.meaning, dtype=np.float64)


def _linked(similarity: npt.NDArray[np.float64], limit: float) -> list[list[int]]:
    """Merge the two groups most alike, on average, until none are alike by ``limit``."""
    between = (similarity + similarity.T) / 2
    np.fill_diagonal(between, -np.inf)
    groups: list[list[int]] = [[i] for i in range(len(between))]
    while True:
        first, second = divmod(int(between.argmax()), len(between))
        if between[first, second] < limit or len(groups) < 2:
            return [group for group in groups if group]
        share = len(groups[first]) / (len(groups[first]) + len(groups[second]))
        mixed = share * between[first] + (1 - share) * between[second]
        groups[first] += groups[second]
        groups[second] = []
        between[first], between[:, first] = mixed, mixed
        between[second], between[:, second] = -np.inf, -np.inf
        between[first, first] = -np.inf
