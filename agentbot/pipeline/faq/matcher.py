"""The FAQ as the pipeline meets it: fit once, then ask.

`FaqMatcher.fit` learns from the entries alone, in well under a second for a hundred of them;
`FaqMatcher.match` then takes a few milliseconds.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.bar import Rehearsal, bar_among, bar_for
from agentbot.pipeline.faq.calibration import WORDS, Calibration
from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry, normalized
from agentbot.pipeline.faq.features import Observation
from agentbot.pipeline.faq.judge import OUT_OF_REACH, Judge
from agentbot.pipeline.faq.learnt import Learnt
from agentbot.pipeline.faq.lexical import words
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.phrasings import Ints
from agentbot.pipeline.faq.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.words import plain

PRECISION = 0.9
"""The share of answers that must be right, where nobody asks for another: the default of
`faq.precision` in policy.yaml."""
_LONGEST = 1000
"""Characters of a question that are looked at: no question needs more, and anybody may send any
length."""
_REPEATED = 2
"""Times that the words of a question stand in it on average from which on it only repeats itself:
none of the 7,000 texts of the public benchmark does."""
_HARPED = 0.25
"""The share of a question's words (0 to 1) from which on one word is harped on: of the benchmark's
texts 15 have one such, all of them words like "the" and "i"."""
_LONG = 4
"""Letters from which on a word is not taken for one of those."""
_LEAST_PROBABILITY = 0.08
"""The probability (0 to 1) below which an entry is not offered beside the nearest one. On the
public benchmark one from 0.03 to 0.08 is right 2 times of 100, one above 12 times."""
_OFFERED = 3
"""Entries that are offered at most."""
_ENOUGH_TO_OFFER = 0.5
"""The probability that one of those offered is right from which on they are offered: to be asked
back in vain more often than not helps nobody."""


_STEM = 4
"""Letters by which two forms of a word are taken for one, and which a telling word has at least:
"ship" and "shipping"."""


@functools.cache
def _common_words() -> frozenset[str]:
    """Return the words of small talk, in all languages: they stand in questions of any kind."""
    return frozenset(
        word
        for pack in all_packs().values()
        for phrase in (*pack.fillers, *(p for k in pack.small_talk.values() for p in k.phrases))
        for word in words(phrase)
    )


def _telling(text: str) -> list[str]:
    return [one for one in words(text) if len(one) >= _STEM and one not in _common_words()]


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
    _verbatim: dict[str, int]
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
            _verbatim={
                normalized(plain(text)): number
                for number, entry in enumerate(entries)
                for text in entry.wordings
            },
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
        """Answer, suggest or abstain."""
        text = said_once(text[:_LONGEST])
        if self._learnt is None or not words(text):
            reason = "the FAQ is empty" if not self.entries else "the message holds no words"
            return FaqAbstention((), 0.0, reason)
        if (owner := self._verbatim.get(normalized(text))) is not None:
            return FaqAnswer(self.entries[owner], 1.0, "asked in the very words of the FAQ")
        seen = self._learnt.observe([text])
        found = self.judge.probabilities(seen)[0]
        order = np.argsort(-found, kind="stable")[:_OFFERED]
        near = [(self.entries[seen.entries[0, place]], float(found[place])) for place in order]
        best, score = near[0]
        if not self._may_be_meant(text):
            reason = "the FAQ has one entry, which shares no telling word with it"
            return FaqAbstention((Candidate(best.id, best.question, score),), score, reason)
        if score >= self.bar:
            return FaqAnswer(best, score, f"{percent(score)} sure, {self._enough()}")
        if (chance := float(found[order].sum())) >= _ENOUGH_TO_OFFER:
            others = (entry for entry, share in near[1:] if share >= _LEAST_PROBABILITY)
            return FaqSuggestions(
                (best, *others), score, f"{percent(score)} sure, {self._enough()}"
            )
        candidates = tuple(Candidate(entry.id, entry.question, share) for entry, share in near)
        reason = f"{chance:.0%} sure, and {_ENOUGH_TO_OFFER:.0%} is enough to ask back"
        return FaqAbstention(candidates, score, reason)

    def _may_be_meant(self, text: str) -> bool:
        """Say whether the only entry of a FAQ may be meant: it must share a telling word.

        It is the nearest one to whatever is said, and which words are common nobody knows by it.
        """
        if len(self.entries) > 1:
            return True
        known = {word[:_STEM] for wording in self._verbatim for word in _telling(wording)}
        return any(word[:_STEM] in known for word in _telling(text))

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
        return self._learnt.observe([said_once(text[:_LONGEST]) for text in texts])


def percent(share: float) -> str:
    """Return a share (0 to 1) in percent; near 1 with a digit more, for there it tells."""
    return f"{share:.0%}" if share < _NEAR_ONE else f"{share:.1%}"


_NEAR_ONE = 0.985
"""The share from which on a bar and what falls short of it would look alike as whole percents."""


def said_once(text: str) -> str:
    """Return a question without what it only repeats: saying it ten times makes it no surer.

    Where it holds each word twice or more on average, such as one that was sent twice, each counts
    once; else so does a long word that makes up much of it. Other texts stay as they are.
    """
    text = plain(text)
    said = words(text)
    times = Counter(said)
    if _REPEATED * len(times) <= len(said):
        return " ".join(times)
    harped = {
        word
        for word, count in times.items()
        if count > _REPEATED and count >= _HARPED * len(said) and len(word) >= _LONG
    }
    if not harped:
        return text
    first = {word: place for place, word in reversed(list(enumerate(said)))}
    return " ".join(
        word for place, word in enumerate(said) if word not in harped or first[word] == place
    )
