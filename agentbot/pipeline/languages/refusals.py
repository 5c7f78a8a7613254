"""Refusals: messages that ask nothing but not to be left to a person ("no humans, please")."""

from __future__ import annotations

from agentbot.pipeline.files.texts import SmallTalkKind
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import LanguagePack
from agentbot.pipeline.words import fold, keyword_needle

_LONGEST = 20
"""Words of such a message at most: "please do not transfer me to one of your colleagues again"."""
_MOST_READ = 400
"""Characters of it: nobody needs more for that."""
_TALK: tuple[SmallTalkKind, ...] = ("greeting", "thanks", "no", "ok", "sorry")
"""The kinds of small talk whose phrases may stand in it."""


class Refusals:
    """The refusals of a language.

    A message is one only if it holds no word that a refusal does not need, and denies whom it
    names: so a question beside it is never lost, and "no bots, I want a human" is none.
    """

    def __init__(self, pack: LanguagePack) -> None:
        words = pack.persons.refusals
        phrases = [*words.whom, *words.around, *pack.fillers, *pack.negations.before]
        phrases += [one for kind in _TALK for one in pack.small_talk[kind].phrases]
        self._allowed: dict[str, list[tuple[str, ...]]] = {}
        for phrase in {tuple(fold(one).split()) for one in phrases}:
            self._allowed.setdefault(phrase[0], []).append(phrase)
        for same_first in self._allowed.values():
            same_first.sort(key=len, reverse=True)
        self._whom = tuple(keyword_needle(one) for one in words.whom)
        self._negations = Negations(pack, reach=_LONGEST)

    def is_one(self, text: str) -> bool:
        """Say whether the whole message is a refusal. A question ("no humans?") is none."""
        if len(text) > _MOST_READ or "?" in text:
            return False
        words = fold(text).split()
        if not 0 < len(words) <= _LONGEST or not self._is_covered(words):
            return False
        denied = self._negations.denied(text)
        return any(needle in denied for needle in self._whom)

    def _is_covered(self, words: list[str]) -> bool:
        """Say whether every word belongs to a refusal. The longest phrase counts at each place."""
        place = 0
        while place < len(words):
            for phrase in self._allowed.get(words[place], ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    place += len(phrase)
                    break
            else:
                return False
        return True
