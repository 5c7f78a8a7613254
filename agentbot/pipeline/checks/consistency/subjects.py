"""Whether a claim says of one subject what its source says of another.

"Adults travel free" has most words of "Children travel free", and no figure that would tell them
apart. What a statement is about is seen in three ways: by words of facets, whose sides exclude each
other (audiences, places, plans, seasons); by a word and its opposite ("opened", "unopened"); and by
a subject that stands where the source has another before the very same words.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.pipeline.checks.consistency.statements import (
    Statement,
    are_same,
    opposite_of,
    statements,
)
from agentbot.pipeline.checks.parsing.segments import WITHOUT
from agentbot.pipeline.checks.parsing.structure import without_tables
from agentbot.pipeline.checks.parsing.wording import stem
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.subjects import all_subjects
from agentbot.pipeline.words import fold

_HALF = 0.5
"""The share (0 to 1) of what a claim says that a statement must say to be held against it."""
_LEAST_SAME = 2
"""Content words after a subject by which the same is said of another one."""
_CONDITION = "condition"
"""The facet of "if" and "unless"."""
_OF_WHOM = ("audience", "plan", "region", "channel")
"""The facets by which a question says whom the answer is for."""


class Subjects:
    """What a source says of whom. ``title`` is a question or heading over it."""

    def __init__(self, text: str, code: Language, title: str = "") -> None:
        self._code = code
        self._statements = statements(without_tables(text), code, title)
        self._turned = frozenset[str]().union(*(one.turned for one in self._statements))
        self._stems = frozenset[str]().union(*(one.stems for one in self._statements))

    def taken(self, claim: str, around: Sequence[str] = ()) -> str:
        """Return what a claim says of something that the source says of another; "" if nothing.

        ``around`` are texts that say whom it is about where it does not itself.
        """
        asked = [one for text in around for one in statements(text, self._code)]
        for said in statements(claim, self._code):
            turned = self._turned | said.turned
            nearest = self._nearest(said, turned)
            if nearest:
                why = (
                    self._of_another_side(said, nearest)
                    or self._of_what_is_asked(said, nearest, asked)
                    or self._of_opposite(said, nearest, turned)
                    or self._of_all(said, nearest)
                    or self._of_only_some(said, nearest, asked)
                    or self._of_another_subject(said, nearest)
                )
                if why:
                    return f"the source says it of others than '{why}'"
                if _is_turned_without(said, nearest):
                    return "the source does not deny it" if said.denies else "the source denies it"
        return ""

    def _nearest(self, said: Statement, turned: frozenset[str]) -> list[Statement]:
        """Return the statements that say most of what a claim says; of equal ones, what agrees."""
        told = {word for word in said.told if word not in turned}
        told -= {word for word in told if opposite_of(word, self._code) in turned}
        shared = [(len(told & one.told), one) for one in self._statements]
        most = max((count for count, _ in shared), default=0)
        if most < max(1, _HALF * len(told)):
            return []
        found = [one for count, one in shared if count == most]
        return [one for one in found if one.denies == said.denies] or found

    def _of_another_side(self, said: Statement, nearest: Sequence[Statement]) -> str:
        for facet in dict.fromkeys(one.facet for one in said.named):
            here = _sides_of(nearest, facet)
            if facet == _CONDITION and all(one.denies != said.denies for one in nearest):
                continue  # "Unless it rains we go", "if it rains we do not"
            if not here:
                led = (one for each in nearest for one in each.lead)
                here = frozenset(one.side for one in led if one.facet == facet)
            claimed = said.sides(facet)
            others = claimed - here
            others -= self._sides_told(said, nearest, facet)
            if here and others:
                return said.written(facet, others)
        return ""

    def _sides_told(
        self, said: Statement, nearest: Sequence[Statement], facet: str
    ) -> frozenset[int]:
        """Return the sides of which the source says the rest of a claim, or "Adults do, too".

        "In summer it opens at 9, in winter at 10" is told of both in two places.
        """
        beyond = said.told - nearest[0].told
        found = [one for one in self._statements if one.told & beyond or one.told <= said.told]
        return _sides_of(found, facet)

    def _of_what_is_asked(
        self, said: Statement, nearest: Sequence[Statement], asked: Sequence[Statement]
    ) -> str:
        """Return the side that a question names, of which the source does not say the answer."""
        for facet in _OF_WHOM:
            names = next((one for one in asked if one.sides(facet)), None)
            if names is None or said.sides(facet) or not all(one.sides(facet) for one in nearest):
                continue
            if _sides_of(nearest, facet).isdisjoint(names.sides(facet)):
                return names.written(facet, names.sides(facet))
        return ""

    def _of_opposite(
        self, said: Statement, nearest: Sequence[Statement], turned: frozenset[str]
    ) -> str:
        """Return a word of which the source has the opposite there: "opened" of "unopened"."""
        for base in turned & (said.turned | said.stems):
            here = {base in one.turned for one in nearest if base in one.turned | one.stems}
            if here == {base not in said.turned}:
                return base
        return ""

    def _of_all(self, said: Statement, nearest: Sequence[Statement]) -> str:
        """Return the word by which a claim says of all what the source says of some."""
        whole = frozenset(all_subjects()[self._code].whole)
        told = next((word for word in said.words if word in whole), "")
        if not told or any(not whole.isdisjoint(one.words) for one in nearest):
            return ""
        is_of_some = any(
            not said.sides(facet) and all(one.sides(facet) for one in nearest) for facet in _OF_WHOM
        )
        return told if is_of_some else ""

    def _of_only_some(
        self, said: Statement, nearest: Sequence[Statement], asked: Sequence[Statement]
    ) -> str:
        """Return whom a source says it of alone, where neither claim nor question names them."""
        only = frozenset(fold(one).strip() for one in all_subjects()[self._code].only)
        for facet in _OF_WHOM:
            named = said.sides(facet) | _sides_of(asked, facet)
            if _sides_of(nearest, facet).isdisjoint(named) and all(
                any(one.is_beside(each, only) for each in one.named if each.facet == facet)
                for one in nearest
            ):
                return "all"
        return ""

    def _of_another_subject(self, said: Statement, nearest: Sequence[Statement]) -> str:
        """Return a subject that stands where the source has another before the same words."""
        at = said.subject
        if at is None or stem(said.words[at]) in self._stems:
            return ""
        word, rest = said.words[at], frozenset(said.words[at + 1 :])
        following = said.words[at + 1 : at + 2]
        sides = {(one.facet, one.side) for one in said.named}
        sides &= {(one.facet, one.side) for one in nearest[0].named}
        if not following or len(said.told & nearest[0].told) + len(sides) < _LEAST_SAME:
            return ""
        if said.told - {stem(word)} - nearest[0].told:
            return ""
        for one in nearest:
            for place, other in enumerate(one.words[:-1]):
                if one.words[place + 1] != following[0] or other in rest:
                    continue
                is_same = are_same(stem(word), stem(other), self._code) or said.side_at(
                    at
                ) & one.side_at(place)
                if place in one.content and not is_same:
                    return word
        return ""


def _is_turned_without(said: Statement, nearest: Sequence[Statement]) -> bool:
    """Say whether a claim denies what a source affirms, or the other way round, "without" apart.

    "Without a receipt it is possible" denies less than "without a receipt it is not possible".
    """
    return not WITHOUT.isdisjoint(said.words) and all(
        one.told == said.told and one.denies != said.denies for one in nearest
    )


def _sides_of(statements: Sequence[Statement], facet: str) -> frozenset[int]:
    return frozenset[int]().union(*(one.sides(facet) for one in statements))
