"""What the FAQ makes of a message: an answer, several, suggestions, or nothing.

``score`` is the calibrated probability (0 to 1) that ``best``, the nearest entry, is the right
answer; ``reason`` says in words why the outcome is what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.pipeline.faq.entries import FaqEntry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry and its probability (0 to 1) among all entries."""

    id: str
    question: str
    prob: float


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """An answer: ``entry.answer`` may be sent as it stands; ``best`` is its source."""

    entry: FaqEntry
    score: float
    reason: str

    @property
    def best(self) -> str:
        """The id of the entry that answers."""
        return self.entry.id


@dataclass(frozen=True, slots=True)
class FaqAnswers:
    """What a message of several questions gets: the answers of ``entries``, in their order.

    ``unanswered`` are those of its questions, in its own words, that none of them answers. There
    are at least two of both together, and one entry. ``score`` is that of the surest one.
    """

    entries: tuple[FaqEntry, ...]
    unanswered: tuple[str, ...]
    score: float
    reason: str
    best: str


@dataclass(frozen=True, slots=True)
class FaqSuggestions:
    """One to three entries to offer, best first: none is sure enough to answer."""

    entries: tuple[FaqEntry, ...]
    score: float
    reason: str

    @property
    def best(self) -> str:
        """The id of the nearest entry."""
        return self.entries[0].id


@dataclass(frozen=True, slots=True)
class FaqAbstention:
    """The outcome where no entry is near enough; ``nearest`` came closest, for the log."""

    nearest: tuple[Candidate, ...]
    score: float
    reason: str

    @property
    def best(self) -> str | None:
        """The id of the nearest entry; None where there are no entries."""
        return self.nearest[0].id if self.nearest else None


FaqOutcome = FaqAnswer | FaqAnswers | FaqSuggestions | FaqAbstention
