"""What the FAQ makes of a question: an answer, suggestions, or nothing.

``score`` is the calibrated probability (0 to 1) that ``best``, the nearest entry, is the right
answer; ``reason`` says in words why the outcome is what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.pipeline.faq.entries import FaqEntry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry and its share (0 to 1) of the belief among all entries."""

    id: str
    question: str
    share: float


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """``entry.answer`` may be sent as it stands; ``best`` is its source."""

    entry: FaqEntry
    score: float
    reason: str

    @property
    def best(self) -> str:
        """The id of the entry that answers."""
        return self.entry.id


@dataclass(frozen=True, slots=True)
class FaqSuggestions:
    """Not sure enough to answer: two or three entries to offer as quick replies, best first."""

    entries: tuple[FaqEntry, ...]
    score: float
    reason: str

    @property
    def best(self) -> str:
        """The id of the nearest entry."""
        return self.entries[0].id


@dataclass(frozen=True, slots=True)
class FaqAbstention:
    """No entry is near enough. ``nearest`` are the entries that came closest, for the log."""

    nearest: tuple[Candidate, ...]
    score: float
    reason: str

    @property
    def best(self) -> str | None:
        """The id of the nearest entry; None where there are no entries."""
        return self.nearest[0].id if self.nearest else None


FaqOutcome = FaqAnswer | FaqSuggestions | FaqAbstention
