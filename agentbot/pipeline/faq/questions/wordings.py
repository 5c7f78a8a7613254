"""What a FAQ's own words say of a question, beside what the judge makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.entries import FaqEntry, normalized
from agentbot.pipeline.faq.judging.judge import log_odds, logistic
from agentbot.pipeline.faq.outcomes import OFFERED, Candidate
from agentbot.pipeline.faq.questions.conditions import condition_words
from agentbot.pipeline.faq.questions.keywords import ALONE, Keywords
from agentbot.pipeline.faq.questions.polarity import turned_round
from agentbot.pipeline.faq.questions.reading import Part, Reading, read
from agentbot.pipeline.faq.questions.spelling import Spelling
from agentbot.pipeline.faq.questions.weighing import Finding
from agentbot.pipeline.faq.similarity.phrasings import Ints
from agentbot.pipeline.words import plain

_FEW_BY_WORDS = 5
"""Entries of a FAQ up to which one must share a telling word with what is asked, where words alone
are compared: by so few, nobody knows which words are common anyway."""
_DOUBT = 0.5
"""Log odds that each sentence loses for each doubling of the sentences looked at, so that the best
one of many is not taken for surer than the only one."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """The wordings of a FAQ's entries, and what is made of them to read questions by."""

    entries: tuple[FaqEntry, ...]
    spelling: Spelling
    keywords: Keywords
    verbatim: dict[str, int]
    numbers: dict[str, int]

    @classmethod
    def of(cls, entries: tuple[FaqEntry, ...]) -> Wordings:
        """Prepare the wordings of ``entries``."""
        condition_words()
        return cls(
            entries,
            Spelling([text for entry in entries for text in entry.wordings]),
            Keywords(entries),
            {
                normalized(plain(text)): number
                for number, entry in enumerate(entries)
                for text in entry.wordings
            },
            {entry.id: number for number, entry in enumerate(entries)},
        )

    def entry_of(self, text: str) -> FaqEntry | None:
        """Return the entry that has this very wording."""
        number = self.verbatim.get(normalized(text))
        return None if number is None else self.entries[number]

    def read(self, text: str) -> Reading:
        """Return what is asked in a message, its slips mended towards the FAQ's words."""
        return read(text, self.spelling.mended)

    def findings(
        self,
        reading: Reading,
        entries: Ints,
        shares: npt.NDArray[np.float64],
    ) -> list[Finding]:
        """Return what was found for each part of a message.

        ``entries`` and ``shares``, of shape (parts, c), are the numbers of the entries that may
        answer, and the judge's probabilities.
        """
        found = []
        for part, numbers, probable in zip(reading.parts, entries, shares, strict=True):
            if (entry := self.entry_of(part.text)) is not None:
                found.append(Finding(part, ((entry, 1.0),), 1.0))
                continue
            order = np.argsort(-probable, kind="stable")[:OFFERED]
            near = [
                (self.entries[number], float(share))
                for number, share in zip(numbers[order].tolist(), probable[order], strict=True)
            ]
            best = int(numbers[order[0]])
            doubt = self.keywords.doubt(part.text, best)
            if not part.is_whole and reading.sentences > 1:
                doubt += _DOUBT * float(np.log2(reading.sentences))
            score = float(logistic(log_odds(probable[order[0]]) - doubt)) if doubt else near[0][1]
            against = self._against(part, best, reading.message)
            found.append(Finding(part, tuple(near), score, against))
        return found

    def unshared(self, found: Sequence[Finding], *, by_words: bool) -> tuple[Candidate, ...]:
        """Return the nearest entries where the first shares no telling word with what is asked.

        What is the nearest one of a few entries means little, and ``by_words`` alone it may be
        near by the commonest of them: "do you have dogs".
        """
        nearest = max(found, key=lambda one: one.score)
        number = self.numbers[nearest.entry.id]
        if len(self.entries) <= (_FEW_BY_WORDS if by_words else 1):
            is_meant = not self.keywords.shares_none(nearest.part.text, number)
        else:
            is_meant = not by_words or not self.keywords.is_of_another_thing(
                nearest.part.text, number
            )
        if is_meant or self.entry_of(nearest.part.text):
            return ()
        return tuple(Candidate(entry.id, entry.question, share) for entry, share in nearest.near)

    def _against(self, part: Part, entry: int, message: str) -> str:
        """Return why an entry is no answer to a part of the message, however near; "": nothing."""
        wordings = self.entries[entry].wordings
        turned = turned_round(part.text, wordings, form=part.form, message=message)
        if turned is not None:
            return turned
        return ALONE if self.keywords.is_alone(part.text, part.form, entry) else ""
