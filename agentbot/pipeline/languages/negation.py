"""Negation: the words of a message that it denies ("don't call me"), as far as words show it."""

from __future__ import annotations

import re

from agentbot.pipeline.languages.pack import LanguagePack
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold

_REACH = 6
"""Words that a negation denies at most: "I do not want to talk to a human" needs six."""
_PARTS = re.compile(r"[.,;:!?…\n()]+")
_MOST_READ = 4_000
"""Characters of a message that are looked at: longer ones are no instructions to a bot."""


class Negations:
    """The negations of a language, each of which denies ``reach`` words at most."""

    def __init__(self, pack: LanguagePack, *, reach: int = _REACH) -> None:
        self._reach = reach
        words = pack.negations
        self._before = Phrases(words.before)
        self._after = Phrases(words.after)
        self._except = Phrases(words.except_)
        self._ends = {tuple(fold(one).split()) for one in words.ends}
        self._first = {fold(one).split()[0] for one in (*words.before, *words.after)}

    def denied(self, text: str) -> str:
        """Return the denied words of ``text`` folded, those of each negation apart by ``" | "``.

        So a folded keyword is found in them only where a negation covers it whole. "" where there
        is none.
        """
        folded = fold(text[:_MOST_READ])
        if self._first.isdisjoint(folded.split()):
            return ""
        found: list[str] = []
        for part in _PARTS.split(text[:_MOST_READ]):
            found += self._denied_in(fold(part).split())
        return f" {' | '.join(found)} " if found else ""

    def _denied_in(self, words: list[str]) -> list[str]:
        found = []
        place = 0
        while place < len(words):
            length = self._before.at(words, place)
            if (spared := self._except.at(words, place)) >= max(1, length):
                place += spared
                continue
            if place and self._after.at(words, place):
                found.append(" ".join(words[max(0, place - self._reach) : place]))
            # What a negation reaches may hold another one: "no don't call".
            if length and (denied := self._following(words, place + length)):
                found.append(" ".join(denied))
            place += max(1, length)
        return found

    def _following(self, words: list[str], start: int) -> list[str]:
        for place in range(start, min(len(words), start + self._reach)):
            if any(tuple(words[place : place + len(end)]) == end for end in self._ends):
                return words[start:place]
        return words[start : start + self._reach]
