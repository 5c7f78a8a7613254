"""What is learnt from a FAQ's phrasings, before anybody says how precise answers must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder, Floats, cosines
from agentbot.pipeline.faq.embedders.cache import VectorCache
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.judging.bar import Rehearsal
from agentbot.pipeline.faq.judging.crossing import Crossing
from agentbot.pipeline.faq.judging.features import Observation, Observatory, Sample
from agentbot.pipeline.faq.judging.judge import Judge, Verdicts
from agentbot.pipeline.faq.similarity import ridge
from agentbot.pipeline.faq.similarity.phrasings import Ints, Phrasings, in_any_order
from agentbot.pipeline.faq.similarity.ridge import Ridge
from agentbot.pipeline.words import plain

_LONGEST = 1000
"""Characters of a phrasing that are looked at: no question needs more."""
_REHEARSED = 400
"""Phrasings that are held back at most to find the bar: as many questions tell a precision to about
two points of a hundred, and take a second or two."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt from the phrasings of a FAQ that is not empty.

    ``without_phrasing`` and ``without_entry`` are what was seen of some phrasings held back, and
    the numbers of their entries.
    """

    phrasings: Phrasings
    observatory: Observatory
    ridge: Ridge
    embedder: Embedder | None
    crossing: Crossing | None
    without_phrasing: tuple[Observation, Ints]
    without_entry: tuple[Observation, Ints]

    @classmethod
    def of(
        cls,
        entries: Sequence[FaqEntry],
        embedder: Embedder | None,
        cache_dir: Path | None,
        before: Learnt | None = None,
    ) -> Learnt:
        """Learn from the phrasings of ``entries``; ``cache_dir`` keeps their vectors.

        ``before`` is what was learnt before the entries were edited: what stays of them is neither
        read nor embedded again, and all comes out as it would without.
        """
        texts, owners = _phrasings(entries)
        if before is not None and before.is_of(texts, owners, embedder):
            return before
        vectors = None if embedder is None else _vectors(texts, embedder, cache_dir, before)
        phrasings = Phrasings(
            texts,
            owners,
            vectors,
            None if before is None else before.phrasings,
            compare=embedder.compare if embedder else cosines,
        )
        classifier, held_back = ridge.fit(phrasings)
        drawn = in_any_order(len(texts), enough=_REHEARSED)[:_REHEARSED]
        sample = Sample(phrasings, np.sort(drawn))
        observatory = Observatory(phrasings, sample)
        asked, unasked = (
            observatory.hold_back(sample, held_back, whole=whole) for whole in (False, True)
        )
        crossing = Crossing(texts) if embedder else None
        return cls(phrasings, observatory, classifier, embedder, crossing, asked, unasked)

    def is_of(self, texts: Sequence[str], owners: Ints, embedder: Embedder | None) -> bool:
        """Say whether there is nothing new to learn of phrasings: only answers were edited."""
        mine, theirs = (None if one is None else one.name for one in (self.embedder, embedder))
        known = self.phrasings
        return (
            mine == theirs and known.texts == tuple(texts) and np.array_equal(known.owners, owners)
        )

    def observe(self, texts: Sequence[str]) -> Observation:
        """Return what is seen of questions."""
        vectors: Floats | None = None if self.embedder is None else self.embedder.embed(texts)
        asked, similar = self.phrasings.look(texts, vectors)
        seen = self.observatory.observe(texts, similar, self.ridge.scores(asked))
        return seen if self.crossing is None else self.crossing.heard(texts, seen)

    def rehearse(self, judge: Judge) -> Rehearsal:
        """Return what a judge makes of the phrasings held back."""
        return Rehearsal(
            verdicts_of(judge, *self.without_phrasing), verdicts_of(judge, *self.without_entry)
        )

    def held_out(self) -> list[tuple[str, int, int]]:
        """Return what `FaqMatcher.held_out` does."""
        places = np.flatnonzero(self.phrasings.sizes[self.phrasings.owners] > 1)
        held_back = ridge.fit(self.phrasings)[1]
        found: list[tuple[str, int, int]] = []
        for part in np.array_split(places, len(places) // _TOGETHER + 1):
            nearest = held_back.without_phrasing(part).argmax(axis=1)
            found += [
                (self.phrasings.texts[place], int(self.phrasings.owners[place]), int(near))
                for place, near in zip(part.tolist(), nearest.tolist(), strict=True)
            ]
        return found


_TOGETHER = 500
"""Phrasings that are held back in one go: with 5,000 entries their scores take 20 MB."""


def verdicts_of(judge: Judge, seen: Observation, right: Ints) -> Verdicts:
    """Return what the judge makes of questions whose entries are ``right``, -1 for none."""
    if not len(right):
        return Verdicts(np.zeros(0), np.zeros(0, dtype=np.bool_))
    found = judge.probabilities(seen)
    rows, best = np.arange(len(found)), found.argmax(axis=1)
    return Verdicts(found[rows, best], seen.entries[rows, best] == right)


def _phrasings(entries: Sequence[FaqEntry]) -> tuple[list[str], Ints]:
    """Return all wordings, and their entries' numbers."""
    texts = [plain(text[:_LONGEST]) for entry in entries for text in entry.wordings]
    owners = np.repeat(np.arange(len(entries)), [len(entry.wordings) for entry in entries])
    return texts, owners


def _vectors(
    texts: Sequence[str], embedder: Embedder, cache_dir: Path | None, before: Learnt | None
) -> Floats:
    """Return the texts' vectors, shape (texts, d): those of ``before``, from the cache, or new."""
    kept: dict[str, Floats] = {}
    if before is not None and before.embedder is not None and before.phrasings.vectors is not None:
        is_same = before.embedder.name == embedder.name
        known = zip(before.phrasings.texts, before.phrasings.vectors, strict=True)
        kept = dict(known) if is_same else {}
    return VectorCache(embedder, cache_dir).embed(texts, kept)
