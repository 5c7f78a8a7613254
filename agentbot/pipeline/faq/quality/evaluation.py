"""How good the FAQ is: on a file of labelled questions, and in itself.

`evaluate` is what ``agentbot eval faq`` prints; `competing_entries` warns of entries that take
each other's questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentbot.pipeline.faq.judging.judge import Verdicts
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome, FaqSuggestions
from agentbot.pipeline.faq.quality.calibrating import held_out, learn

_EXAMPLES = 3
"""Questions that a report shows of one confusion: enough to see what they have in common."""
_OFTEN = 2
"""Phrasings from which on entries compete: a single one may be a bad phrasing."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions for ``right`` (None: for no entry) that ``given`` answered or came nearest to."""

    right: str | None
    given: str
    count: int
    answered: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaqReport:
    """What a file of questions showed. Shares are 0 to 1; ``precision`` is None without answers.

    ``precision``: right answers among answers; ``coverage``: rightly answered among questions
    that an entry answers; ``hit_rate``: right entry nearest among the same; ``offered_rate``: the
    right entry among the suggestions, where suggestions were made for such a question.
    ``several``: answers to messages of several questions, ``in_part`` those of them where people
    are left a question; they are right where one of their entries is.
    """

    questions: int
    answerable: int
    answers: int
    right_answers: int
    suggestions: int
    abstentions: int
    precision: float | None
    coverage: float | None
    hit_rate: float | None
    offered_rate: float | None
    unanswerable_answered: int
    several: int
    in_part: int
    confusions: tuple[Confusion, ...]


def _named(outcome: FaqOutcome) -> set[str | None]:
    """Return the ids of the entries that an outcome gives, or else comes nearest to."""
    if isinstance(outcome, FaqAnswers):
        return {entry.id for entry in outcome.entries}
    return {outcome.best}


def evaluate(matcher: FaqMatcher, questions: Sequence[LabelledQuestion]) -> FaqReport:
    """Ask every question and count what came of it; the worst confusions come first."""
    tally = _Tally()
    for question in questions:
        tally.add(question, matcher.match(question.text))
    return tally.report()


class _Tally:
    """What came of questions so far."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._wrong: dict[tuple[str | None, str], list[tuple[bool, str]]] = {}

    def add(self, question: LabelledQuestion, outcome: FaqOutcome) -> None:
        """Count what came of a question."""
        kinds = self._kinds
        answerable = question.entry is not None
        hit = question.entry in _named(outcome)
        answered = isinstance(outcome, FaqAnswer | FaqAnswers)
        kinds["questions"] += 1
        kinds["answerable"] += answerable
        kinds["hits"] += answerable and hit
        if answered:
            kinds["answers"] += 1
            kinds["right"] += hit
            kinds["misled"] += not answerable
            kinds["several"] += isinstance(outcome, FaqAnswers)
            kinds["in_part"] += isinstance(outcome, FaqAnswers) and bool(outcome.unanswered)
        elif isinstance(outcome, FaqSuggestions):
            kinds["suggestions"] += 1
            kinds["offers"] += answerable
            kinds["offered"] += any(entry.id == question.entry for entry in outcome.entries)
        if outcome.best is not None and not hit and (answered or answerable):
            cases = self._wrong.setdefault((question.entry, outcome.best), [])
            cases.append((answered, question.text))

    def report(self) -> FaqReport:
        """Return what was counted."""
        kinds = self._kinds
        return FaqReport(
            questions=kinds["questions"],
            answerable=kinds["answerable"],
            answers=kinds["answers"],
            right_answers=kinds["right"],
            suggestions=kinds["suggestions"],
            abstentions=kinds["questions"] - kinds["answers"] - kinds["suggestions"],
            precision=_share(kinds["right"], kinds["answers"]),
            coverage=_share(kinds["right"], kinds["answerable"]),
            hit_rate=_share(kinds["hits"], kinds["answerable"]),
            offered_rate=_share(kinds["offered"], kinds["offers"]),
            unanswerable_answered=kinds["misled"],
            several=kinds["several"],
            in_part=kinds["in_part"],
            confusions=tuple(self._confusions()),
        )

    def _confusions(self) -> list[Confusion]:
        """Return the confusions, those that most customers would read first."""
        found = [
            Confusion(
                right,
                given,
                len(cases),
                sum(answered for answered, _ in cases),
                tuple(text for _, text in sorted(cases, key=lambda case: not case[0])[:_EXAMPLES]),
            )
            for (right, given), cases in self._wrong.items()
        ]
        return sorted(
            found, key=lambda one: (-one.answered, -one.count, one.given, one.right or "")
        )


@dataclass(frozen=True, slots=True)
class TradeOff:
    """What the questions would have got at another precision; shares are 0 to 1.

    ``asked`` is that precision, ``bar`` the least score of an answer, above 1 where nothing but
    the FAQ's own words is answered. ``precision`` is None without answers, ``coverage`` without
    questions that an entry answers.
    """

    asked: float
    bar: float
    answers: int
    precision: float | None
    coverage: float | None


def trade_offs(
    matcher: FaqMatcher, questions: Sequence[LabelledQuestion], precisions: Sequence[float]
) -> tuple[TradeOff, ...]:
    """Return what each of the ``precisions`` would have given, in their order."""
    eager = replace(matcher, bar=0.0)
    outcomes = [eager.match(question.text) for question in questions]
    answerable = sum(question.entry is not None for question in questions)
    found = []
    for asked in precisions:
        bar = matcher.bar_at(asked)
        # The FAQ's own words score 1, and are answered whatever the bar is.
        given = [
            outcome.best == question.entry
            for question, outcome in zip(questions, outcomes, strict=True)
            if isinstance(outcome, FaqAnswer | FaqAnswers) and outcome.score >= min(bar, 1.0)
        ]
        found.append(
            TradeOff(
                asked,
                bar,
                len(given),
                _share(sum(given), len(given)),
                _share(sum(given), answerable),
            )
        )
    return tuple(found)


def trade_offs_when_kept(
    base: FaqMatcher,
    questions: Sequence[LabelledQuestion],
    seen: Verdicts,
    precisions: Sequence[float],
) -> tuple[TradeOff, ...]:
    """Return what each of the ``precisions`` would give with what these questions teach kept.

    Each question is judged by what others have taught, so that this is what comes of new ones.
    The bars are those that all have taught. ``base`` is not calibrated, and ``seen`` is what
    `agentbot.pipeline.faq.quality.calibrating.judged` returns.
    """
    kept = base.calibrated(learn(base, questions, seen, made_on=""))
    answerable = sum(question.entry is not None for question in questions)
    found = held_out(base, questions, seen, precisions)
    return tuple(
        TradeOff(
            asked,
            kept.bar_at(asked),
            int(found[asked].sum()),
            _share(int((found[asked] & seen.right).sum()), int(found[asked].sum())),
            _share(int((found[asked] & seen.right).sum()), answerable),
        )
        for asked in precisions
    )


@dataclass(frozen=True, slots=True)
class Competition:
    """Two entries that take each other's questions: ``taken`` of ``phrasings`` went across.

    ``examples`` are such phrasings, each with the entry that it is written in.
    """

    entries: tuple[str, str]
    taken: int
    phrasings: int
    examples: tuple[tuple[str, str], ...]


def competing_entries(matcher: FaqMatcher) -> tuple[Competition, ...]:
    """Return pairs of entries whose phrasings, held back from training, go to the other entry.

    A pair counts from two such phrasings on; the worst come first. Merge such entries, or give
    them phrasings that tell them apart.
    """
    crossed: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for text, owner, given in matcher.held_out():
        if owner != given:
            pair = (min(owner, given), max(owner, given))
            crossed.setdefault(pair, []).append((text, owner))
    found = [
        Competition(
            (matcher.entries[first].id, matcher.entries[second].id),
            len(cases),
            len(matcher.entries[first].wordings) + len(matcher.entries[second].wordings),
            tuple((text, matcher.entries[owner].id) for text, owner in cases[:_EXAMPLES]),
        )
        for (first, second), cases in crossed.items()
        if len(cases) >= _OFTEN
    ]
    return tuple(sorted(found, key=lambda one: (-one.taken / one.phrasings, one.entries)))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
