"""One index over FAQ entries and the pieces of pages, by words and by meanings together.

Make it with `PassageIndex.fit`; a look-up takes milliseconds. It brings numpy along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.reading import read
from agentbot.pipeline.faq.questions.spelling import Spelling
from agentbot.pipeline.knowledge.by_meaning import MeaningIndex
from agentbot.pipeline.knowledge.by_words import WordIndex
from agentbot.pipeline.knowledge.passage import BETWEEN, Passage, passage_of
from agentbot.pipeline.knowledge.search import Found
from agentbot.pipeline.knowledge.windows import windows_of
from agentbot.pipeline.words import plain

WORDS_SHARE = 0.25
"""The share of the words in the score (0 to 1); the rest is the meanings'. `tests.bench.retrieval`
compares it with either alone, and with ranks fused (Cormack et al. 2009), which find less."""
WORDS_ALONE = 0.84
"""What the words' score is multiplied by where no meanings are compared: then it says as much as
the same score of both, by the questions that may be learnt on, and the same bars hold."""
FLOOR = 0.2
"""The score below which a passage has nothing to do with a question: of requests to a voice
assistant, which a bank's FAQ knows nothing of, 5 % come above it, of the bank's own questions 97 %,
and of a mattress shop's 91 %."""
BESIDE = 0.5
"""The share of the best passage's score (0 to 1) that others must have: it halves what a model is
shown, and costs it the right one for a question in 300."""
_MOST = 20
"""Passages that are found at most: more than a model is shown."""
_MOST_PARTS = 4
"""Parts of a message that are looked for, first the one that stands for it best: each takes some
milliseconds for its vector."""
_LONGEST = 1_000
"""Characters of a phrasing that are looked at, as many as the FAQ looks at."""


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
        report: Callable[[str | None], None] = lambda _: None,
    ) -> PassageIndex:
        """Index FAQ ``entries`` and ``pieces`` of pages; the vectors are still to be learnt.

        ``report`` is told what a question's vector fails by, and None when it is there again.
        ``cache_dir`` keeps vectors. ``before`` is the index before an edit: what it knows need not
        be learnt again.
        """
        passages = (*map(passage_of, entries), *pieces)
        compared = [
            *([plain(wording[:_LONGEST]) for wording in one.wordings] for one in entries),
            *(list(map(plain, windows_of(one))) for one in pieces),
        ]
        starts = np.concatenate([[0], np.cumsum([len(one) for one in compared])[:-1]])
        counted = [
            *("\n".join([*one.wordings, one.answer]) for one in entries),
            # The last heading says what just this piece is about, the page's title what all are.
            *("\n".join([one.title, one.title.split(BETWEEN)[-1], one.text]) for one in pieces),
        ]
        meanings = None
        if embedder is not None:
            known = before.meanings if before else None
            texts = list(chain(*compared))
            meanings = MeaningIndex(texts, embedder, cache_dir, known, report=report)
        return cls(
            passages,
            WordIndex(counted, before.words if before else None),
            meanings,
            _spelling(counted),
            starts.astype(np.int64),
        )

    @property
    def is_by_meanings(self) -> bool:
        """Whether meanings are compared, too."""
        return self.meanings is not None and self.meanings.vectors is not None

    def find(self, text: str) -> tuple[Found, ...]:
        """Return the passages near enough to what is asked to be worth reading, best first.

        In a message with several sentences the best one's score counts.
        """
        scores = self.scores(text)
        if not scores.size:
            return ()
        bars = np.maximum(BESIDE * scores.max(axis=1, keepdims=True), FLOOR)
        best = np.where(scores >= bars, scores, 0.0).max(axis=0)
        first = np.argsort(-best, kind="stable")[:_MOST]
        return tuple(
            Found(self.passages[number], round(float(best[number]), 4))
            for number in first.tolist()
            if best[number]
        )

    def scores(self, text: str) -> npt.NDArray[np.float64]:
        """Return each passage's score, 0 to 1, for each part of a message, (parts, passages)."""
        parts = self.parts(text)
        if not parts or not self.passages:
            return np.zeros((0, 0))
        by_words, near = self.by_words(parts), self.by_meaning(parts)
        if near is None:
            return WORDS_ALONE * by_words
        return WORDS_SHARE * by_words + (1 - WORDS_SHARE) * near

    def parts(self, text: str) -> list[str]:
        """Return what is looked for in a message, its slips mended towards the index's words."""
        read_as = read(text, self._spelling.mended).parts[:_MOST_PARTS]
        return [part for part in dict.fromkeys(one.text for one in read_as) if part.strip()]

    def by_words(self, parts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return how much of each part's words each passage holds; shape (parts, passages)."""
        return np.array([self.words.scores(part) for part in parts])

    def by_meaning(self, parts: Sequence[str]) -> npt.NDArray[np.float64] | None:
        """Return how near each passage is to each part, 0 to 1; None without vectors."""
        near = None if self.meanings is None else self.meanings.scores(parts)
        if near is None:
            return None
        nearest = np.maximum.reduceat(near, self._starts, axis=1).astype(np.float64)
        return np.clip(nearest, 0.0, 1.0)


def _spelling(texts: Sequence[str]) -> Spelling:
    """Return what mends slips towards the words of the texts: English ones, which are in ASCII."""
    plain_ones = (" ".join(filter(str.isascii, text.split())) for text in texts)
    return Spelling(list(plain_ones), two_slips=False)
