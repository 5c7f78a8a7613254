"""What a message of one or several sentences gets, by what the judge makes of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    ENOUGH_TO_OFFER,
    OFFERED,
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
    percent,
)
from agentbot.pipeline.faq.questions.polarity import TurnedRound
from agentbot.pipeline.faq.questions.reading import Part
from agentbot.pipeline.languages.asking import Form

LEAST_PROBABILITY = 0.08
"""The probability (0 to 1) below which an entry is not offered beside the nearest one. On the
public benchmark one from 0.03 to 0.08 is right 2 times of 100, one above 12 times."""
_ELSEWHERE = 0.3
"""The probability (0 to 1) of an answered question's entry from which on another question is taken
to ask the same: "Do you ship to Norway? How long does it take?"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a part of a message.

    ``near`` holds the nearest entries with their probabilities (0 to 1), the nearest first, and
    ``score`` is that one's, less what speaks against it; ``against`` says why it is no answer,
    whatever its score.
    """

    part: Part
    near: tuple[tuple[FaqEntry, float], ...]
    score: float
    against: str = ""

    @property
    def entry(self) -> FaqEntry:
        """The nearest entry."""
        return self.near[0][0]

    def share_of(self, entries: Sequence[FaqEntry]) -> float:
        """Return the probability that one of these entries answers."""
        ids = {entry.id for entry in entries}
        return sum(share for entry, share in self.near if entry.id in ids)


def weigh(found: Sequence[Finding], bar: float, enough: str) -> FaqOutcome:
    """Return what a message gets; ``enough`` says how sure an answer must be."""
    standing = [one for one in found if not one.against]
    if standing and (best := max(standing, key=lambda one: one.score)).score >= bar:
        return _answer(standing, best, bar, enough)
    return _unsure(found, enough)


def _answer(standing: Sequence[Finding], best: Finding, bar: float, enough: str) -> FaqOutcome:
    said = f"{percent(best.score)} sure, {enough}"
    nearest = tuple(Candidate(entry.id, entry.question, share) for entry, share in best.near)
    asked = [one for one in standing if one.part.form is Form.QUESTION and not one.part.is_whole]
    sure = {one.entry.id: one.entry for one in asked if one.score >= bar}
    if best.part.is_whole and best.entry.id not in sure:
        return FaqAnswer(best.entry, best.score, said, nearest)
    entries = tuple({**sure, best.entry.id: best.entry}.values())
    unanswered = tuple(
        one.part.written
        for one in asked
        if one.score < bar
        and one.part != best.part
        and one.part.is_plain_question
        and one.share_of(entries) < _ELSEWHERE
    )
    if len(entries) + len(unanswered) < 2:
        return FaqAnswer(best.entry, best.score, said, nearest)
    return FaqAnswers(entries, unanswered, best.score, said, best.entry.id, nearest)


def _unsure(found: Sequence[Finding], enough: str) -> FaqOutcome:
    first = max(found, key=lambda one: one.score)
    near: dict[str, tuple[FaqEntry, float]] = {}
    for finding in found:
        for entry, share in finding.near:
            if share > near.get(entry.id, (entry, -1.0))[1]:
                near[entry.id] = (entry, share)
    ranked = sorted(near.values(), key=lambda one: -one[1])[:OFFERED]
    candidates = tuple(Candidate(entry.id, entry.question, share) for entry, share in ranked)
    if first.against in _NOT_OFFERED:
        return FaqAbstention(candidates, first.score, first.against)
    chance = max(sum(share for _, share in one.near) for one in found)
    if chance < ENOUGH_TO_OFFER:
        reason = f"{chance:.0%} sure, and {ENOUGH_TO_OFFER:.0%} is enough to ask back"
        return FaqAbstention(candidates, first.score, reason)
    best, *others = (entry for entry, _ in ranked)
    kept = (entry for entry in others if near[entry.id][1] >= LEAST_PROBABILITY)
    said = first.against or enough
    said = f"{percent(first.score)} sure, {said}"
    return FaqSuggestions((best, *kept), first.score, said, candidates)


_NOT_OFFERED = frozenset({TurnedRound.REFUSED, TurnedRound.DONE})
"""What makes an offer as wrong as an answer."""
