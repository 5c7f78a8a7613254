"""What the FAQ makes of a message: an answer, several, suggestions, or nothing.

``score`` is the calibrated probability (0 to 1) that ``best``, the nearest entry, is the right
answer; ``reason`` says in words why the outcome is what it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agentbot.pipeline.faq.entries import FaqEntry

OFFERED = 3
"""Entries that are offered at most."""
ENOUGH_TO_OFFER = 0.5
"""The probability that one of those offered is right from which on they are offered: to be asked
back in vain more often than not helps nobody."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry and its probability (0 to 1) among all entries."""

    id: str
    question: str
    prob: float


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """An answer: ``entry.answer`` may be sent as it stands; ``best`` is its source.

    ``nearest`` are the entries that came closest, this one first, where they were compared.
    """

    entry: FaqEntry
    score: float
    reason: str
    nearest: tuple[Candidate, ...] = field(default=(), compare=False)

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
    nearest: tuple[Candidate, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class FaqSuggestions:
    """One to three entries to offer, best first: none is sure enough to answer."""

    entries: tuple[FaqEntry, ...]
    score: float
    reason: str
    nearest: tuple[Candidate, ...] = field(default=(), compare=False)

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


def percent(share: float) -> str:
    """Return a share (0 to 1) in percent; near 1 with a digit more, for there it tells."""
    return f"{share:.0%}" if share < _NEAR_ONE else f"{share:.1%}"


_NEAR_ONE = 0.985
"""The share from which on a bar and what falls short of it would look alike as whole percents."""
