"""The opposites of a text: words that shut each other out, such as "free" and "paid"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrase, Phrases
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold


@dataclass(frozen=True, slots=True)
class Side:
    """One of some opposites: the number of their group, which side of it, and the words."""

    group: int
    side: int
    words: Phrase


class Alternatives:
    """Alternatives that shut each other out."""

    def __init__(self, alternatives: Iterable[Iterable[str]]) -> None:
        self._sides = [Phrases(forms) for forms in alternatives]
        self.words = frozenset(
            word for forms in alternatives for form in forms for word in fold(form).split()
        )

    def differ(self, first: tuple[str, ...], second: tuple[str, ...]) -> bool:
        """Say whether one has one side only, and the other has another."""
        of_first = self.sides_in(first)
        of_second = self.sides_in(second) if of_first else of_first
        return bool(of_second) and of_first.isdisjoint(of_second)

    def sides_in(self, words: tuple[str, ...]) -> frozenset[int]:
        """Return the numbers of the sides of which a form stands among the words."""
        if self.words.isdisjoint(words):
            return frozenset()
        return frozenset(i for i, side in enumerate(self._sides) if side.are_in(words))

    def found(self, side: int, words: tuple[str, ...]) -> Phrase:
        """Return the form of a side that stands among the words."""
        return next(self._sides[side].found_in(words))


@cache
def opposites(code: str) -> tuple[Alternatives, ...]:
    """Return the opposites of a language; of "", those of all."""
    return tuple(
        Alternatives(group)
        for language, speech in all_speech().items()
        if code in {"", language}
        for group in (*speech.opposites, *all_packs()[language].polarity.opposites)
    )


def opposites_of(words: Iterable[str], code: str) -> list[Alternatives]:
    """Return the opposites of which a word stands among some, in their order."""
    numbers = {number for word in words for number in _numbers(code).get(word, ())}
    return [opposites(code)[number] for number in sorted(numbers)]


@cache
def _numbers(code: str) -> dict[str, list[int]]:
    """Return in which opposites each word stands."""
    found: dict[str, list[int]] = {}
    for number, group in enumerate(opposites(code)):
        for word in group.words:
            found.setdefault(word, []).append(number)
    return found


def sides_in(words: tuple[str, ...], code: str) -> list[Side]:
    """Return the opposites among words, of each group where only one side stands there."""
    found = []
    for number, group in enumerate(opposites(code)):
        sides = group.sides_in(words)
        if len(sides) == 1:
            (side,) = sides
            found.append(Side(number, side, group.found(side, words)))
    return found
