"""Slips of the hand, mended towards the FAQ's own words before a question is compared.

A word that neither the FAQ has nor a list of usual words is taken for the nearest word of the FAQ,
one or two slips away, else for the nearest usual one, or for two words without the space between.
No library: looking up all that one slip makes of a word (after Norvig 2007) needs no more memory
than the words themselves, and takes a tenth of a millisecond.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from agentbot.pipeline.faq.embedders.english import is_foreign, numbers
from agentbot.pipeline.faq.similarity.lexical import words
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.words import fold

_SHORTEST = 4
"""Letters of a word in which any slip is mended: shorter ones are near to many."""
_LONG = 6
"""Letters from which on two slips are mended: in a shorter word they leave too little."""
_LEAST_HALF = 3
"""Letters of the longer one of two words that may have run together."""
_FOREIGN = 0.85
"""The share of a text's words (0 to 1) from which on unknown ones are no slips, but another
language, or names."""
_HASTY = 3
"""Words of a text that are not known from which on short ones are slips too."""
_MOST_MENDED = 40
"""Words of a text that are mended at most: anybody may send any length."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_UNUSUAL = 1_000_000
"""The place of a word that is in no list: behind all others."""
_BEGINNINGS, _ENDINGS = ("un", "re", "de", "dis", "non"), ("", "s", "es", "ed", "ing", "ly", "er")
"""What makes a word of another one: "reorder", "unblocked"."""


class Spelling:
    """The words of a FAQ, and how to come back to them."""

    def __init__(self, texts: Sequence[str], *, two_slips: bool = True) -> None:
        """``two_slips``: words two slips away are looked for, too, among all of the same letter.

        It takes tens of milliseconds where there are as many words as in thousands of pages.
        """
        self._times = Counter(word for text in texts for word in words(text))
        self._letters = "".join(sorted({letter for word in self._times for letter in word}))
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word in self._times if two_slips else ():
            if len(word) >= _LONG - 1:
                self._by_letter[word[0]].append(word)
        # Vocabularies are files: read by whoever learns the FAQ, not by the first slip, for which
        # the event loop would wait.
        _rank("")
        is_foreign("")

    def mended(self, text: str) -> str:
        """Return ``text`` with its slips mended; as it is where most of its words are unknown.

        What is not English stays too: of other languages the usual words are not known, and theirs
        would be taken for slips ("puedo pasar" for "puedo pagar").
        """
        found = list(_WORD.finditer(text))
        unknown = [one for one in found if "'" not in one[0] and not self._is_known(one[0])]
        if not unknown or len(unknown) > _FOREIGN * len(found) or is_foreign(text):
            return text
        hasty = len(unknown) >= _HASTY
        for one in reversed(unknown[:_MOST_MENDED]):
            if meant := self._meant(fold(one[0]).strip(), hasty=hasty):
                text = text[: one.start()] + meant + text[one.end() :]
        return text

    def _is_known(self, word: str) -> bool:
        folded = fold(word).strip()
        if folded in self._times or folded in asking().common or len(folded) < _LEAST_HALF - 1:
            return True
        if len(folded) < _SHORTEST:
            return False
        if _is_usual(folded):
            return True
        return any(stem in self._times or _is_usual(stem) for stem in _stems(folded))

    def _meant(self, word: str, *, hasty: bool) -> str:
        """Return what is meant by a word that is not known; "" where nothing is near.

        A short word is near to many: only of a ``hasty`` text it is taken for the FAQ's commonest.
        """
        if len(word) < _SHORTEST:
            near = {*_swapped(word), *_undoubled(word)}
            if hasty and not near & (self._times.keys() | asking().common):
                near = set(_one_slip(word, self._letters))
            return self._likeliest(near & self._times.keys()) or self._likeliest(
                near & asking().common
            )
        known = {
            one for one in _one_slip(word, self._letters) if one in self._times or _is_usual(one)
        }
        near = {one for one in known if word not in _stems(one)}
        return (
            self._likeliest(near & self._times.keys())
            or self._two_slips(word)
            or self._apart(word)
            or min(filter(_is_usual, near), key=_rank, default="")
        )

    def _likeliest(self, near: set[str]) -> str:
        return max(sorted(near), key=lambda word: self._times[word], default="")

    def _two_slips(self, word: str) -> str:
        """Return the nearest word of the FAQ with the same beginning, two slips away."""
        if len(word) < _LONG:
            return ""
        near = (known for known in self._by_letter[word[0]] if abs(len(known) - len(word)) <= 2)
        return self._likeliest({known for known in near if slips(word, known) <= 2})

    def _apart(self, word: str) -> str:
        """Return two words that have run together: "realcard", or "realfcard"."""
        own = self._times.keys() | asking().common
        cuts = [(cut, gap) for gap in (0, 1) for cut in range(_LEAST_HALF - 1, len(word) - gap)]
        for cut, gap in cuts:
            halves = (word[:cut], word[cut + gap :])
            if min(map(len, halves)) >= _LEAST_HALF - 1 < max(map(len, halves)) and own.issuperset(
                halves
            ):
                return " ".join(halves)
        return ""


def _is_usual(word: str) -> bool:
    return _rank(word) < _UNUSUAL


def _rank(word: str) -> int:
    """Return the place of a word among English ones, and the commonest of other languages."""
    number = numbers().get(word)
    return number if number is not None and word.isalpha() else _more_words().get(word, _UNUSUAL)


@cache
def _more_words() -> dict[str, int]:
    """Return the places, after all English ones, of the commonest words of the other languages."""
    listed = [fold(word).strip() for one in foreign_words().values() for word in one.words]
    listed += [*asking().common, *asking().contracted]
    return {word: rank for rank, word in reversed(list(enumerate(listed, len(numbers()))))}


def _stems(word: str) -> set[str]:
    """Return what a word may be made of."""
    begun = {word, *(word.removeprefix(one) for one in _BEGINNINGS)}
    return {stem.removesuffix(one) for stem in begun for one in _ENDINGS} - {word}


def _swapped(word: str) -> Iterator[str]:
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _undoubled(word: str) -> Iterator[str]:
    for place in range(1, len(word)):
        if word[place] == word[place - 1]:
            yield word[:place] + word[place + 1 :]


def _one_slip(word: str, letters: str) -> Iterator[str]:
    """Yield what a word is with a letter left out, swapped, changed, or added."""
    yield from _swapped(word)
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        for letter in letters:
            yield before + letter + after[1:]
            yield before + letter + after


def slips(word: str, other: str) -> int:
    """Return how many letters are left out, added, changed, or swapped with the next one."""
    last: list[int] = []
    before = list(range(len(other) + 1))
    for place, letter in enumerate(word, 1):
        row = [place]
        for column, theirs in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != theirs))
            if place > 1 < column and letter == other[column - 2] and theirs == word[place - 2]:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
        last, before = before, row
    return before[-1]
