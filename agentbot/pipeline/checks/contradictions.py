"""What a claim says otherwise than its source, in the same words: another figure, a "not" more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from agentbot.pipeline.checks.figures import Figure, figures
from agentbot.pipeline.checks.wording import Tongue, Wording, sentences, tongue
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold

_CLAUSE = re.compile(r"[,;:()\n]+(?!\d)\s*|\s[\u2013\u2014-]\s|(?<=[.!?])\s+")
_LEAST_SHARED = 0.6
"""The share (0 to 1) of a clause's content that a clause of the source must have to be compared
with it: below that they are about different things."""
_HALF = 0.5
"""The same where opposites are looked for."""
_LEAST_WORDS = 2
"""Content words that they share at least."""
_MARGIN = 0.75
"""Words of its frame by which another figure must be nearer than the claimed one; a word that
stands around figures of n sentences counts as an nth."""
_BEGINNING = 40
"""Characters of a text that may begin with a "No"."""
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


class Frames:
    """The clauses and figures of a source, which claims are held against."""

    def __init__(self, text: str, code: str, title: str = "") -> None:
        """``title`` is a question or heading; only where the text denies it, it says something."""
        self._code = code
        self._language = tongue(code)
        self._clauses = list(_clauses(text, self._language))
        if fold(text[:_BEGINNING]).split()[:1] in [[one] for one in self._language.refusals]:
            asked = _clauses(title, self._language)
            self._clauses += [Clause(one.words, one.content, one.denials + 1) for one in asked]
        self._framed = list(_framed(text, self._language))
        around = Counter(word for words in {one.sentence for one in self._framed} for word in words)
        self._weights = {word: 1 / count for word, count in around.items()}

    def contradiction(self, claim: str) -> str:
        """Return how a claim contradicts the source; "" where no contradiction is seen."""
        return self._other_figure(claim) or next(
            (why for clause in _clauses(claim, self._language) if (why := self._turned(clause))), ""
        )

    def _other_figure(self, claim: str) -> str:
        for said in _framed(claim, self._language):
            near = [(self._nearness(said, one), one.figure) for one in self._framed]
            same = max((n for n, one in near if said.figure.agrees_with(one)), default=0.0)
            rivals = [(n, one.written) for n, one in near if _is_rival(said.figure, one)]
            most, written = max(rivals, default=(0.0, ""))
            if most >= same + _MARGIN:
                return f"the source has {written} there, not {said.figure.written}"
        return ""

    def _nearness(self, said: _Framed, other: _Framed) -> float:
        whole, near = said.sentence & other.sentence, said.near & other.near
        return sum(self._weights[word] for word in whole) + _NEAR_WEIGHT * len(near & whole)

    def _turned(self, said: Clause) -> str:
        nearest = self._nearest(said, max(_LEAST_WORDS, _LEAST_SHARED * len(said.content)))
        if nearest and all(bool(one.denials) != bool(said.denials) for one in nearest):
            return "the source denies it" if nearest[0].denials else "the source does not deny it"
        # The opposites themselves are not shared: so half of the words suffice.
        nearest = nearest or self._nearest(said, max(1, _HALF * len(said.content)))
        for opposites in _opposites(self._code) if nearest else ():
            if all(opposites.differ(said.words, one.words) for one in nearest):
                return "the source says the opposite"
        return ""

    def _nearest(self, said: Clause, least: float) -> list[Clause]:
        """Return the clauses that share most of a clause's content, ``least`` words of it."""
        shared = [len(said.content & one.content) for one in self._clauses]
        most = max(shared, default=0)
        if most < least:
            return []
        return [one for one, words in zip(self._clauses, shared, strict=True) if words == most]


class _Alternatives:
    """Alternatives that shut each other out."""

    def __init__(self, alternatives: Iterable[Iterable[str]]) -> None:
        self._sides = [Phrases(forms) for forms in alternatives]
        self._words = {w for forms in alternatives for form in forms for w in fold(form).split()}

    def differ(self, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
        """Say whether one has one side only, and the other has another."""
        if self._words.isdisjoint(first) or self._words.isdisjoint(second):
            return False
        of_first = {i for i, side in enumerate(self._sides) if side.are_in(first)}
        of_second = {i for i, side in enumerate(self._sides) if side.are_in(second)}
        return bool(of_first and of_second) and of_first.isdisjoint(of_second)


@cache
def _opposites(code: str) -> tuple[_Alternatives, ...]:
    return tuple(
        _Alternatives(group)
        for language, speech in all_speech().items()
        if code in {"", language}
        for group in (*speech.opposites, *all_packs()[language].polarity.opposites)
    )


def _clauses(text: str, language: Tongue) -> Iterator[Clause]:
    for part in _CLAUSE.split(text):
        found = Wording.of(part, language)
        if found.content:
            denials = sum(word in language.denials for word in found.words)
            yield Clause(found.words, frozenset(found.telling), denials)


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
