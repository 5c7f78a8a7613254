"""One index over FAQ entries and the pieces of pages, by words and by meanings together.

Make it with `PassageIndex.fit`; a look-up takes milliseconds. It brings numpy along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.reading import read
from agentbot.pipeline.faq.spelling import Spelling
from agentbot.pipeline.knowledge.by_meaning import MeaningIndex
from agentbot.pipeline.knowledge.by_words import WordIndex
from agentbot.pipeline.knowledge.passage import Passage, passage_of
from agentbot.pipeline.knowledge.search import Found
from agentbot.pipeline.words import plain

WORDS_SHARE = 1 / 3
"""The share of the words in the score (0 to 1); the rest is the meanings'. `tests.bench.retrieval`
compares it with others, and with ranks fused (Cormack et al. 2009), which find less."""
FLOOR = 0.15
"""The score below which a passage has nothing to do with a question: of 240 requests to a voice
assistant, which a bank's FAQ knows nothing of, 5 % come above it, and of the bank's own 98 %."""
FLOOR_BY_WORDS = 0.15
"""The same where words alone are compared: 10 % and 93 %."""
_MOST = 20
"""Passages that are found at most: more than a model is shown."""
_MOST_PARTS = 4
"""Parts of a message that are looked for, first the one that stands for it best: each takes some
milliseconds for its vector."""
_LONGEST = 1_000
"""Characters of a text whose vector is made: the models read no more than about as many."""
_TITLE_TIMES = 2
"""How often a title is counted among the words of its text: it says what the text is about."""


@dataclass(frozen=True, slots=True)
class PassageIndex:
    """What finds passages by words, and by meanings as soon as their vectors are there.

    It never changes but for that, so threads may share it.
    """

    passages: tuple[Passage, ...]
    words: WordIndex
    meanings: MeaningIndex | None
    _spelling: Spelling
    _starts: npt.NDArray[np.int64]

    @classmethod
    def fit(
        cls,
        entries: Sequence[FaqEntry],
        pieces: Sequence[Passage],
        *,
        embedder: Embedder | None = None,
        cache_dir: Path | None = None,
        before: PassageIndex | None = None,
    ) -> PassageIndex:
        """Index FAQ ``entries`` and ``pieces`` of pages; the vectors are still to be learnt.

        ``cache_dir`` keeps them. ``before`` is the index before an edit: what it knows need not be
        learnt again.
        """
        passages = (*map(passage_of, entries), *pieces)
        compared = [
            *(plain(wording[:_LONGEST]) for one in entries for wording in one.wordings),
            *(plain(f"{one.title}. {one.text}"[:_LONGEST]) for one in pieces),
        ]
        times = [*(len(entry.wordings) for entry in entries), *(1 for _ in pieces)]
        counted = [
            *("\n".join([*one.wordings, one.answer]) for one in entries),
            *("\n".join([*[one.title] * _TITLE_TIMES, one.text]) for one in pieces),
        ]
        meanings = None
        if embedder is not None:
            known = before.meanings if before else None
            meanings = MeaningIndex(compared, embedder, cache_dir, known)
        return cls(
            passages,
            WordIndex(counted, before.words if before else None),
            meanings,
            _spelling(counted),
            np.concatenate([[0], np.cumsum(times)[:-1]]).astype(np.int64),
        )

    @property
    def floor(self) -> float:
        """The score below which a passage has nothing to do with a question."""
        return FLOOR if self.is_by_meanings else FLOOR_BY_WORDS

    @property
    def is_by_meanings(self) -> bool:
        """Whether meanings are compared, too."""
        return self.meanings is not None and self.meanings.vectors is not None

    def find(self, text: str) -> tuple[Found, ...]:
        """Return the passages near enough to what is asked to be worth reading, best first."""
        scores, floor = self.scores(text)
        if not len(scores):
            return ()
        first = np.argsort(-scores, kind="stable")[:_MOST]
        return tuple(
            Found(self.passages[number], round(float(scores[number]), 4))
            for number in first.tolist()
            if scores[number] >= floor
        )

    def scores(self, text: str) -> tuple[npt.NDArray[np.float64], float]:
        """Return each passage's score, 0 to 1, for what is asked, and the floor that counts.

        In a message with several sentences the best one's score counts.
        """
        parts = [part.text for part in read(text, self._spelling.mended).parts[:_MOST_PARTS]]
        parts = [part for part in dict.fromkeys(parts) if part.strip()]
        if not parts or not self.passages:
            return np.zeros(0), 1.0
        by_words = np.max([self.words.scores(part) for part in parts], axis=0)
        near = None if self.meanings is None else self.meanings.scores(parts)
        if near is None:
            return by_words, FLOOR_BY_WORDS
        by_words = np.array([self.words.scores(part) for part in parts])
        by_meaning = np.maximum.reduceat(near, self._starts, axis=1)
        fused = WORDS_SHARE * by_words + (1 - WORDS_SHARE) * np.maximum(by_meaning, 0.0)
        return np.minimum(fused.max(axis=0), 1.0), FLOOR


def _spelling(texts: Sequence[str]) -> Spelling:
    """Return what mends slips towards the words of the texts: English ones, which are in ASCII."""
    plain_ones = (" ".join(filter(str.isascii, text.split())) for text in texts)
    return Spelling(list(plain_ones), two_slips=False)
