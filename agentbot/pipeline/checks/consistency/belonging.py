"""Whether a claim says a figure of what it belongs to, or of its neighbour.

"Sweden takes 3 days" has the words and the figures of "Norway: 3 days. Sweden: 10 days".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agentbot.pipeline.checks.parsing.bounds import bounds
from agentbot.pipeline.checks.parsing.clauses import clauses
from agentbot.pipeline.checks.parsing.figures import Figure, figures
from agentbot.pipeline.checks.parsing.segments import (
    AFFIRMATION,
    DAY,
    OPPOSITES,
    POLARITY,
    Segment,
    is_state,
    segment,
)
from agentbot.pipeline.checks.parsing.structure import Group, Occurrence, occurrences
from agentbot.pipeline.checks.parsing.wording import Wording, likeness, stem, tongue

_ASIDE = re.compile(r"(?<=\d)(\s?[^\W\d_]*\s?)\(([^()\n]*\d[^()\n]*)\)")
"""A figure in brackets right after another one and its unit: "21 miles (34 km)"."""
_NEAR = 0.6
"""The likeness (0 to 1) from which on a word is a form of another …"""
_SURER = 0.2
"""… and by how much more it must be one of this word than of that."""

_ALIKE = 0.5
"""The share (0 to 1) of their words that sentences have in common which are made alike."""

_ABOUT = 0.75
"""The share (0 to 1) of a claim's words that two segments hold, of which one denies what the other
affirms, so that it speaks of them."""


class Belonging:
    """What the figures of a source belong to. ``title`` is a question or heading over it."""

    def __init__(self, text: str, code: str, title: str = "") -> None:
        self._code = code
        self._found = occurrences(text, code)
        self._bounds = bounds(text, code)
        self._asides = _only_aside(text, code)
        self._known = frozenset(Wording.of(f"{title}\n{text}", tongue(code)).stems)

    def misplaced(self, claim: str, around: Sequence[str] = ()) -> str:
        """Return which value of a claim belongs to something else; "" where none does.

        ``around`` are texts that say what the claim is about where it does not itself: the
        sentence before it, the question.
        """
        if not self._found:
            return ""
        contexts = [one for text in around if (one := segment(text, self._code)).own]
        if why := self._at_other_end(claim):
            return why
        return next(
            (
                why
                for said in _clauses(claim, self._code)
                for value in said.values
                if (why := self._of_value(value, said, contexts))
            ),
            "",
        )

    def placed(self, claim: str) -> frozenset[str]:
        """Return the figures of a claim that are said of what they belong to, as it writes them."""
        return frozenset(
            value.written
            for said in clauses(claim, self._code)
            for value in said.values
            if not is_state(value)
            and any(
                value.agrees_with(one.value)
                and _is_named(said, one)
                and not self._of_neighbour(value, said, one, ())
                for one in self._found
            )
        )

    def _at_other_end(self, claim: str) -> str:
        """Return a figure that a claim has as the other end of a range than the source has."""
        for said in bounds(claim, self._code):
            theirs = [one.is_first for one in self._bounds if said.figure.agrees_with(one.figure)]
            if theirs and said.is_first not in theirs:
                return f"{said.figure.written} is the {('last', 'first')[theirs[0]]} end"
        return ""

    def _of_value(self, value: Figure, said: Segment, contexts: Sequence[Segment]) -> str:
        holders = [one for one in self._found if value.agrees_with(one.value)]
        exact = [one for one in holders if not value.units().isdisjoint(one.value.units())]
        holders = exact or holders
        if is_state(value):
            holders = _nearest(holders, said, value)
        if not holders:
            return ""
        if why := _on_other_days(value, said, holders, contexts):
            return why
        reasons = [self._of_neighbour(value, said, one, contexts) for one in holders]
        return reasons[0] if all(reasons) else ""

    def _of_neighbour(
        self, value: Figure, said: Segment, holder: Occurrence, contexts: Sequence[Segment]
    ) -> str:
        """Return how a claim says a value of a neighbour of what holds it; "" where it does not."""
        for group, here in holder.places:
            meant, is_own = _meant(said, group, contexts)
            for other in group.segments:
                if other is here or other.has(value) or not _is_rival(value, other, group):
                    continue
                if not group.is_parallel and not _are_alike(here, other):
                    continue
                if is_state(value) and not _is_all_about(meant, here, other):
                    continue
                found = _labels_of(value, meant, other, here)
                missing = _missing(value, meant, here, other, found)
                telling = {word for word in here.own - other.labels if not _is_of(word, value)}
                if telling - self._asides:  # else they alone tell what it belongs to
                    missing, telling = missing - self._asides, telling - self._asides
                is_part = group.is_table and not telling  # "bike" beside "city bike"
                if found and (is_part or missing) and (is_own or missing >= telling):
                    if self._may_be_named_otherwise(meant, here, other, missing):
                        continue
                    if not missing >= telling and _has_also(meant, value, other, here):
                        continue
                    names = ", ".join(sorted(found)), ", ".join(sorted(missing))
                    return f"the source says {value.written} not of {names[0]}, but of {names[1]}"
        return ""

    def _may_be_named_otherwise(
        self, said: Segment, here: Segment, other: Segment, missing: frozenset[str]
    ) -> bool:
        """Say whether a word that the source does not have may stand for what is missing."""
        if not missing or any(word in here.names or word not in here.own for word in missing):
            return False
        new = [word for word in said.own if not _is_exact(word) and not self._has(word)]
        shared = (here.own & other.own) | here.context
        return len(new) > len([word for word in shared if _nearness(word, said.labels) < _NEAR])

    def _has(self, word: str) -> bool:
        return word in self._known or _nearness(word, self._known) >= _NEAR


def _only_aside(text: str, code: str) -> frozenset[str]:
    """Return what stands in asides alone, words and figures: a claim may leave it out."""
    asides = "\n".join(one[2] for one in _ASIDE.finditer(text))
    rest = _ASIDE.sub(r"\1", text)
    words = set(Wording.of(asides, tongue(code)).stems) - set(Wording.of(rest, tongue(code)).stems)
    numbers = {one.written for one in figures(asides)} - {one.written for one in figures(rest)}
    return frozenset(words | numbers)


def _clauses(claim: str, code: str) -> list[Segment]:
    """Return the clauses of a claim; what denies nothing affirms."""
    return [
        one
        if one.denies or AFFIRMATION in one.values
        else replace(one, values=(*one.values, AFFIRMATION))
        for one in clauses(claim, code) or [segment(claim, code)]
    ]


def _is_named(said: Segment, holder: Occurrence) -> bool:
    """Say whether a claim names what holds a value: its days, or its names."""
    if said.days or holder.days:
        return bool(said.days) and said.days <= holder.days
    return any(one.names & said.labels for group, one in holder.places if group.is_parallel)


def _on_other_days(
    value: Figure,
    said: Segment,
    holders: Sequence[Occurrence],
    contexts: Sequence[Segment],
) -> str:
    """Return that a value is said of days that no holder of it has; "" where it is not."""
    if any(unit == POLARITY for unit in value.units()):
        return ""
    days = [one.all_days if is_state(value) else one.days for one in holders]
    known = frozenset[str]().union(*days)
    if not all(days):
        return ""
    asked = next((one.days for one in contexts if one.days), frozenset[str]())
    is_other = not said.days <= known if said.days else bool(asked) and asked.isdisjoint(known)
    return f"the source says {value.written} of other days" if is_other else ""


def _meant(said: Segment, group: Group, contexts: Sequence[Segment]) -> tuple[Segment, bool]:
    """Return a claim with its labels, and whether they are its own.

    One that names none of the group's segments is about what the first context names.
    """
    common = frozenset.intersection(*(one.labels for one in group.segments))
    for number, one in enumerate((said, *contexts)):
        labels = one.labels
        if any(
            _nearness(word, each.own - common) >= _NEAR
            for each in group.segments
            for word in labels
        ):
            return (said, True) if number == 0 else (replace(said, context=labels), False)
    return said, True


def _labels_of(value: Figure, said: Segment, other: Segment, here: Segment) -> frozenset[str]:
    """Return the labels of a claim that are the other's rather than those of here."""
    words = {
        word
        for word in said.labels
        if not _is_of(word, value)
        and (near := _nearness(word, other.own)) >= _NEAR
        and near >= _nearness(word, here.labels) + _SURER
    }
    figures = {
        one.written
        for one in said.values
        if _is_label(one, value) and other.has(one) and not here.has(one)
    }
    return frozenset(words | figures)


def _missing(
    value: Figure, said: Segment, here: Segment, other: Segment, found: frozenset[str]
) -> frozenset[str]:
    """Return the labels of here, not the other's, that a claim does not have."""
    rest = said.labels - found
    words = {
        word
        for word in here.own - other.labels
        if not _is_of(word, value) and _nearness(word, rest) < _NEAR
    }
    figures = {
        one.written
        for one in here.values
        if _is_label(one, value) and not said.has(one) and not other.has(one)
    }
    return frozenset(words | figures if found - said.labels or not words else words)


def _has_also(said: Segment, value: Figure, other: Segment, here: Segment) -> bool:
    """Say whether a claim has a figure of the neighbour too, to which its labels may belong."""
    return any(
        not is_state(one) and other.has(one) and not here.has(one) and not one.agrees_with(value)
        for one in said.values
    )


def _are_alike(first: Segment, second: Segment) -> bool:
    """Say whether two sentences are made alike: "For a, write to x", "For b, write to y"."""
    least = min(len(first.own), len(second.own))
    return len(first.own & second.own) >= _ALIKE * least > 0


def _is_all_about(said: Segment, here: Segment, other: Segment) -> bool:
    """Say whether a claim speaks of two segments and of nothing else."""
    theirs = here.labels | other.labels
    told = [word for word in said.own if _nearness(word, theirs) >= _NEAR]
    return len(told) >= _ABOUT * len(said.own)


def _is_label(one: Figure, value: Figure) -> bool:
    """Say whether a figure may tell what another one is said of: of "2 kg: EUR 5" the weight."""
    return not is_state(one) and one.units().isdisjoint(value.units() - {""})


def _is_rival(value: Figure, other: Segment, group: Group) -> bool:
    """Say whether a segment has a value in the place of this one."""
    units = value.units()
    return (group.is_table and not is_state(value)) or any(
        not units.isdisjoint(one.units()) for one in other.values
    )


def _nearest(holders: Sequence[Occurrence], said: Segment, value: Figure) -> list[Occurrence]:
    """Return those of which a claim has most words, and half as many at least."""
    shared = [
        len({word for word in said.labels & one.all_labels if not _is_of(word, value)})
        for one in holders
    ]
    least = max(1, max(shared, default=0) / 2)
    return [one for one, count in zip(holders, shared, strict=True) if count >= least]


def _is_of(word: str, value: Figure) -> bool:
    """Say whether a label is the value itself."""
    (unit,) = value.units() if is_state(value) else ("",)
    if not unit:
        return False
    return word.startswith(f"{unit}.") or word in {stem(part) for part in value.written.split()}


def _is_exact(word: str) -> bool:
    return word.startswith((DAY, OPPOSITES)) or word[0].isdigit()


def _nearness(word: str, labels: Iterable[str]) -> float:
    if _is_exact(word):
        return float(word in labels)
    return max((likeness(word, one) for one in labels if not _is_exact(one)), default=0.0)
