"""The FAQ as the pipeline meets it: fit once, then ask.

`FaqMatcher.fit` learns from the entries alone, in well under a second for a hundred of them;
`FaqMatcher.match` then takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.judging.bar import Rehearsal, bar_among, bar_for
from agentbot.pipeline.faq.judging.calibration import WORDS, Calibration
from agentbot.pipeline.faq.judging.features import Observation
from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH, Judge
from agentbot.pipeline.faq.judging.learnt import Learnt
from agentbot.pipeline.faq.judging.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqOutcome, percent
from agentbot.pipeline.faq.questions.weighing import weigh
from agentbot.pipeline.faq.questions.wordings import Wordings
from agentbot.pipeline.faq.similarity.lexical import words
from agentbot.pipeline.faq.similarity.phrasings import Ints

PRECISION = 0.9
"""The share of answers that must be right, where nobody asks for another: the default of
`faq.precision` in policy.yaml."""


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question whose right entry somebody has named; ``entry`` is None where none answers it."""

    text: str
    entry: str | None


@dataclass(frozen=True, slots=True)
class FaqMatcher:
    """What was learnt from a FAQ. Make it with `fit`; it never changes, so threads may share it.

    ``judge`` gives the probabilities, and ``bar`` is the least one of an answer, such that answers
    are right with at least ``precision``.
    """

    entries: tuple[FaqEntry, ...]
    precision: float
    bar: float
    judge: Judge
    rehearsal: Rehearsal | None
    _wordings: Wordings
    _learnt: Learnt | None
    _bars: Mapping[float, float | None]

    @classmethod
    def fit(
        cls,
        entries: Sequence[FaqEntry],
        *,
        precision: float = PRECISION,
        embedder: Embedder | None = None,
        cache_dir: Path | None = None,
        judge: Judge | None = None,
        before: FaqMatcher | None = None,
    ) -> FaqMatcher:
        """Learn from ``entries``, whose ids and phrasings are unique (see `load_faq`).

        ``precision`` (above 0, below 1) is the share of answers that must be right. Without an
        ``embedder`` words alone decide. ``cache_dir`` keeps the phrasings' vectors, so that only
        new ones are embedded; an unusable folder is as good as none. ``judge`` takes the place of
        the one that ships. ``before`` is the matcher of the entries before an edit: what it knows
        of them need not be learnt again, which changes nothing but the time.
        """
        entries = tuple(entries)
        judge = judge or (WORDS_ONLY if embedder is None else WITH_VECTORS)
        known = None if before is None else before.learnt
        learnt = Learnt.of(entries, embedder, cache_dir, known) if entries else None
        rehearsal = learnt.rehearse(judge) if learnt else None
        return cls(
            entries=entries,
            precision=precision,
            bar=bar_for(precision, judge, rehearsal) if rehearsal else OUT_OF_REACH,
            judge=judge,
            rehearsal=rehearsal,
            _wordings=Wordings.of(entries),
            _learnt=learnt,
            _bars={},
        )

    @property
    def learnt(self) -> Learnt | None:
        """What was learnt from the entries; None of an empty FAQ."""
        return self._learnt

    @property
    def search(self) -> str:
        """What texts are compared by: `WORDS` alone, or the name of the embedder."""
        embedder = None if self._learnt is None else self._learnt.embedder
        return WORDS if embedder is None else embedder.name

    def bar_at(self, precision: float) -> float:
        """Return the bar for another precision; `OUT_OF_REACH` where nothing reaches it."""
        if self.rehearsal is None:
            return OUT_OF_REACH
        if self._bars:
            return bar_among(self._bars, precision)
        return bar_for(precision, self.judge, self.rehearsal)

    def calibrated(self, calibration: Calibration) -> FaqMatcher:
        """Return the matcher with its judge bent, and its bars set, as was learnt of questions."""
        if self._learnt is None:
            return self
        judge = replace(self.judge, slope=calibration.slope, shift=calibration.shift)
        rehearsal = self._learnt.rehearse(judge)
        bent = replace(self, judge=judge, rehearsal=rehearsal, _bars=calibration.bars)
        return replace(bent, bar=bent.bar_at(self.precision))

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain, by each sentence of a message and by all of it."""
        reading = self._wordings.read(text)
        if self._learnt is None or not words(reading.main):
            reason = "the FAQ is empty" if not self.entries else "the message holds no words"
            return FaqAbstention((), 0.0, reason)
        for said in (text, reading.main):
            if (entry := self._wordings.entry_of(said)) is not None:
                return FaqAnswer(entry, 1.0, "asked in the very words of the FAQ")
        seen = self._learnt.observe([part.text for part in reading.parts])
        found = self._wordings.findings(reading, seen.entries, self.judge.probabilities(seen))
        by_words = self._learnt.embedder is None
        if nearest := self._wordings.unshared(found, by_words=by_words):
            reason = "the nearest entry shares no telling word with it"
            return FaqAbstention(nearest, nearest[0].prob, reason)
        return weigh(found, self.bar, self._enough())

    def _enough(self) -> str:
        """Say how sure it must be to answer."""
        if self.bar >= OUT_OF_REACH:
            asked = f"{100 * self.precision:g}% of right answers (faq.precision)"
            return f"but {asked} cannot be reached: only the FAQ's own words are answered"
        return f"and {percent(self.bar)} is enough to answer"

    def held_out(self) -> list[tuple[str, int, int]]:
        """Return each wording, its entry, and the entry it goes to when held back.

        Wordings that are the only one of their entry are left out: nothing else leads there. Takes
        as long as a fit.
        """
        return [] if self._learnt is None else self._learnt.held_out()

    def nearest(self, texts: Sequence[str]) -> list[str]:
        """Return the id of the entry nearest to each text, however far it is."""
        return [self.entries[number].id for number in self.verdicts(texts)[1].tolist()]

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the probabilities of several questions' answers, without outcomes; shape (q,)."""
        return self.verdicts(texts)[0]

    def verdicts(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float64], Ints]:
        """Return for each text how likely its nearest entry answers it, and that entry's number."""
        seen = self.observe(texts)
        found = self.judge.probabilities(seen)
        rows, best = np.arange(len(found)), found.argmax(axis=1)
        return found[rows, best], seen.entries[rows, best]

    def observe(self, texts: Sequence[str]) -> Observation:
        """Return what the judge goes by. Raises ``ValueError`` where the FAQ is empty."""
        if self._learnt is None:
            raise ValueError("an empty FAQ has nothing to compare with")
        return self._learnt.observe([self._wordings.read(text).main for text in texts])
