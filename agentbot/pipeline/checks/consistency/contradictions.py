"""What a claim says otherwise than its source, in the same words: another figure, a "not" more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agentbot.pipeline.checks.parsing.bounds import without_bounds
from agentbot.pipeline.checks.parsing.figures import Figure, figures
from agentbot.pipeline.checks.parsing.opposites import Alternatives, opposites_of
from agentbot.pipeline.checks.parsing.structure import without_tables
from agentbot.pipeline.checks.parsing.wording import Tongue, Wording, sentences, tongue
from agentbot.pipeline.words import fold

_CLAUSE = re.compile(r"[,;:()\n]+(?!\d)\s*|\s[\u2013\u2014-]\s|(?<=[.!?])\s+")
_LEAST_SHARED = 0.6
"""The share (0 to 1) of a clause's content that a clause of the source must have to be compared
with it: below that they are about different things."""
_HALF = 0.5
"""The same where opposites are looked for."""
_LEAST_WORDS = 2
"""Content words that they share at least."""
_REACH = 3
"""Words from a denial on in which stands what it denies: "not really closed"."""
_MARGIN = 0.75
"""Words of its frame by which another figure must be nearer than the claimed one; a word that
stands around figures of n sentences counts as an nth."""
_BEGINNING = 40
"""Characters of a text that may begin with a "No"."""
_ONE = frozenset({"0", "1"})
"""Numbers whose words are also others: "this one", "once"."""
_NEAR = 60
"""Characters around a figure that are its nearest frame."""
_NEAR_WEIGHT = 0.5
"""What a word of the nearest frame counts, beside 1 for the sentence."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence: its words, the content among them, and how often it denies."""

    words: tuple[str, ...]
    content: frozenset[str]
    denials: int


@dataclass(frozen=True, slots=True)
class _Framed:
    """A figure with the content words of its sentence, and of its nearest surroundings."""

    figure: Figure
    sentence: frozenset[str]
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number as ``written``, and the stem of what it counts."""

    number: str
    what: str
    written: str

    @property
    def is_figure(self) -> bool:
        """Whether it is written in digits."""
        return self.written.isdecimal()


class Frames:
    """The clauses and figures of a source, which claims are held against."""

    def __init__(self, text: str, code: str, title: str = "") -> None:
        """``title`` is a question or heading; only where the text denies it, it says something."""
        self._code = code
        self._language = tongue(code)
        self._clauses = list(_clauses(without_tables(text), self._code))
        if fold(text[:_BEGINNING]).split()[:1] in [[one] for one in self._language.refusals]:
            asked = _clauses(title, self._code)
            self._clauses += [Clause(one.words, one.content, one.denials + 1) for one in asked]
        self._framed = list(_framed(text, self._language))
        around = Counter(word for words in {one.sentence for one in self._framed} for word in words)
        self._weights = {word: 1 / count for word, count in around.items()}
        self._counts: dict[str, set[str]] = {}
        for counted in _counted(text, self._language):
            self._counts.setdefault(counted.what, set()).add(counted.number)

    def contradiction(self, claim: str, placed: frozenset[str] = frozenset()) -> str:
        """Return how a claim contradicts the source; "" where no contradiction is seen.

        ``placed`` are figures of it that are known to be said of the right thing.
        """
        return (self._other_figure(claim, placed) or self._other_count(claim)) or next(
            (
                why
                for clause in _clauses(without_bounds(claim, self._code), self._code)
                if (why := self._turned(clause))
            ),
            "",
        )

    def _other_figure(self, claim: str, placed: frozenset[str]) -> str:
        for said in _framed(claim, self._language):
            if said.figure.written in placed:
                continue
            near = [(self._nearness(said, one), one.figure) for one in self._framed]
            same = max((n for n, one in near if said.figure.agrees_with(one)), default=0.0)
            rivals = [(n, one.written) for n, one in near if _is_rival(said.figure, one)]
            most, written = max(rivals, default=(0.0, ""))
            if most >= same + _MARGIN:
                return f"the source has {written} there, not {said.figure.written}"
        return ""

    def _other_count(self, claim: str) -> str:
        """Find another number in words of what the source counts: "five people" of "three people".

        Numbers in words are figures only before a unit: alone they are too often other words.
        """
        for said in _counted(claim, self._language):
            known = self._counts.get(said.what, set())
            if not said.is_figure and known and said.number not in known:
                return f"the source has {min(known)} there, not {said.written}"
        return ""

    def _nearness(self, said: _Framed, other: _Framed) -> float:
        whole, near = said.sentence & other.sentence, said.near & other.near
        return sum(self._weights[word] for word in whole) + _NEAR_WEIGHT * len(near & whole)

    def _turned(self, said: Clause) -> str:
        nearest = self._nearest(said, max(_LEAST_WORDS, _LEAST_SHARED * len(said.content)))
        if nearest and all(self._denies_otherwise(said, one) for one in nearest):
            return "the source denies it" if nearest[0].denials else "the source does not deny it"
        # The opposites themselves are not shared: so half of the words suffice.
        nearest = nearest or self._nearest(said, max(1, _HALF * len(said.content)))
        for one_of in opposites_of(said.words, self._code) if nearest else ():
            if all(
                one_of.differ(said.words, one.words)
                and self._is_denied(said, one_of) == self._is_denied(one, one_of)
                for one in nearest
            ):
                return "the source says the opposite"
        return ""

    def _denies_otherwise(self, said: Clause, other: Clause) -> bool:
        """Say whether one denies what the other does not: "not allowed" is "forbidden"."""
        if bool(said.denials) == bool(other.denials):
            return False
        first, second = (self._without_denials(one) for one in (said, other))
        return not any(
            one_of.differ(first, second)
            and self._is_denied(said, one_of) != self._is_denied(other, one_of)
            for one_of in opposites_of(first, self._code)
        )

    def _without_denials(self, clause: Clause) -> tuple[str, ...]:
        return tuple(word for word in clause.words if word not in self._language.denials)

    def _is_denied(self, clause: Clause, one_of: Alternatives) -> bool:
        """Say whether a clause denies one of some opposites, right before it: "not closed"."""
        return any(
            word in self._language.denials and one_of.sides_in(clause.words[at + 1 : at + _REACH])
            for at, word in enumerate(clause.words)
        )

    def _nearest(self, said: Clause, least: float) -> list[Clause]:
        """Return the clauses that share most of a clause's content, ``least`` words of it."""
        shared = [len(said.content & one.content) for one in self._clauses]
        most = max(shared, default=0)
        if most < least:
            return []
        return [one for one, words in zip(self._clauses, shared, strict=True) if words == most]


def _clauses(text: str, code: str) -> Iterator[Clause]:
    language = tongue(code)
    before: frozenset[str] = frozenset()
    for part in _CLAUSE.split(text):
        found = Wording.of(part, language)
        if not found.content:
            continue
        denials = found.denials(language)
        content = frozenset(found.telling)
        # "Stoneware is dishwasher safe; porcelain is not.": not what was said before.
        if found.words[-1:] == denials[-1:]:
            content |= before
        yield Clause(found.words, content, len(denials))
        before = content


def _counted(text: str, language: Tongue) -> Iterator[_Counted]:
    """Yield the numbers, in words or not, that stand right before what they count."""
    for sentence in sentences(text):
        found = Wording.of(sentence, language)
        content = set(found.content)
        for at, (number, what) in enumerate(zip(found.stems, found.stems[1:], strict=False)):
            is_count = number.isdecimal() and number not in _ONE and at + 1 in content
            if is_count and not what[0].isdigit():
                yield _Counted(number, what, found.words[at])


def _framed(text: str, language: Tongue) -> Iterator[_Framed]:
    for sentence in sentences(text):
        found = figures(sentence)
        if not found:
            continue
        whole = _frame(sentence, language)
        for one in found:
            start = max(0, one.place - _NEAR)
            near = sentence[start : one.place + len(one.written) + _NEAR]
            yield _Framed(one, whole, _frame(near, language))


def _frame(text: str, language: Tongue) -> frozenset[str]:
    """Return the content of a text, without its numbers."""
    found = Wording.of(text, language)
    return frozenset(stem for stem in found.telling if not stem[0].isdigit())


def _is_rival(said: Figure, other: Figure) -> bool:
    """Say whether the other figure could stand in its place: the same unit, another value."""
    return not said.agrees_with(other) and not said.units().isdisjoint(other.units() - {"code"})
