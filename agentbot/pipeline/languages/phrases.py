"""Phrases of a pack, ready to be looked for among the words of a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentbot.pipeline.words import fold

_GAP = "*"
"""What stands in a phrase for some words: "turn * off"."""
_WIDEST_GAP = 4
"""Words that it stands for at most: "turn the lights in here off"."""
_MARK = "anywords"
"""The gap in a folded phrase, where signs are lost."""


Phrase = tuple[str, ...]
"""The folded words of a phrase."""


def phrase_of(written: str) -> Phrase:
    """Return a phrase as a pack has it, folded."""
    return tuple(fold(written.replace(_GAP, f" {_MARK} ")).split())


class Phrases:
    """Some phrases, each of one or several words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """``phrases`` may hold ``*`` between two words: one to four words stand there."""
        self._by_first: dict[str, list[Phrase]] = {}
        for words in sorted(set(map(phrase_of, phrases)), key=lambda words: (-len(words), words)):
            self._by_first.setdefault(words[0], []).append(words)

    def at(self, words: Sequence[str], place: int) -> int:
        """Return how many words the longest phrase takes that begins at ``place``; 0: none does."""
        for phrase in self._by_first.get(words[place], ()):
            if length := _length(phrase, words, place):
                return length
        return 0

    def first_in(self, words: Sequence[str]) -> int | None:
        """Return the place of the first phrase among the words; None where there is none."""
        return next((place for place in range(len(words)) if self.at(words, place)), None)

    def are_in(self, words: Sequence[str]) -> bool:
        """Say whether one of them stands among the words."""
        return self.first_in(words) is not None

    def found_in(self, words: Sequence[str]) -> Iterator[Phrase]:
        """Yield those that stand among the words, one that stands there twice twice."""
        for place, word in enumerate(words):
            for phrase in self._by_first.get(word, ()):
                if _length(phrase, words, place):
                    yield phrase


def _length(phrase: Phrase, words: Sequence[str], place: int) -> int:
    if _MARK not in phrase:
        return len(phrase) if tuple(words[place : place + len(phrase)]) == phrase else 0
    gap = phrase.index(_MARK)
    before, after = phrase[:gap], phrase[gap + 1 :]
    if tuple(words[place : place + len(before)]) != before:
        return 0
    start = place + len(before)
    for end in range(start + 1, start + _WIDEST_GAP + 1):
        if tuple(words[end : end + len(after)]) == after:
            return end + len(after) - place
    return 0
