"""Whether a message asks for what an entry is about, or for the opposite, or for none of it.

"I do not want to cancel" and "turn it off" are near to what they refuse: to vectors and words they
are about the same thing. So what a message refuses, reports as done, or turns round is compared
with the entry's own phrasings: "why can't I log in" refuses nothing, and an entry may itself be
about what somebody does not want.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from agentbot.pipeline.faq.similarity.lexical import stems
from agentbot.pipeline.languages.asking import Form, asking
from agentbot.pipeline.languages.pack import LanguagePack, all_packs
from agentbot.pipeline.languages.phrases import Phrase, Phrases, phrase_of
from agentbot.pipeline.words import fold

_REACH = 8
"""Words that a refusal covers at most: "I do not want to have the order that I made cancelled"."""
_PARTS = re.compile(r"[.,;:!?\u2026\n()]+")
_UNDOING = ("un", "dis", "des", "de")
"""What makes the opposite of a word that it begins: "disconnect", "uninstall", "désactiver"."""
_BEFALLEN = "ed"
"""How what is no wish, but has come about, ends: "my parcel is undelivered"."""
_LEAST_UNDONE = 6
"""Letters of a word of which these make the opposite: "discount" and "discover" are none."""
_KEPT = 2048
"""Texts whose polarity is kept: the phrasings of entries that are asked for often."""


Side = tuple[int, int]
"""The numbers of a group of opposites and of one of its alternatives."""


class TurnedRound(StrEnum):
    """How a message turns round what an entry is about; the value says so in a reason."""

    REFUSED = "it says that this is not wanted"
    DONE = "it says that this has come about"
    OPPOSITE = "it asks for the opposite"


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a text refuses (stems of words), and whether it reports something as done.

    ``sides`` is what it has of opposites.
    """

    refused: frozenset[str]
    is_done: bool
    sides: frozenset[Side]


def turned_round(
    text: str, wordings: Sequence[str], *, form: Form = Form.QUESTION, message: str = ""
) -> TurnedRound | None:
    """Say how ``text`` turns round what an entry's ``wordings`` ask; None where it does not.

    ``text`` is a sentence of the ``message``, and asks in this ``form``.
    """
    asked = polarity(text)
    own = [polarity(wording) for wording in wordings]
    if _is_refused(asked, text, own, wordings):
        return TurnedRound.REFUSED
    if asked.is_done and form is not Form.QUESTION:
        words = fold(text).split()
        if _sealed().are_in(fold(message).split()) and not asking().troubles.are_in(words):
            return TurnedRound.DONE
    if _is_undone(text, wordings):
        return TurnedRound.OPPOSITE
    if any(asked.sides) or any(one.refused for one in own):
        near = [polarity(wording) for wording in _nearest(text, wordings)]
        if _is_opposite(asked, own, near) or _is_wanted(asked, text, own):
            return TurnedRound.OPPOSITE
    return None


def _is_refused(
    asked: Polarity, text: str, own: Sequence[Polarity], wordings: Sequence[str]
) -> bool:
    """Say whether the text refuses what no wording does: what they ask, or all that it names."""
    if not asked.refused or any(one.refused for one in own):
        return False
    about = {stem for wording in wordings for stem in stems(wording)}
    return bool(asked.refused & about) or _telling(text) <= asked.refused


def _is_wanted(asked: Polarity, text: str, own: Sequence[Polarity]) -> bool:
    """Say whether the text asks for what all wordings refuse."""
    return not asked.refused and all(one.refused & _telling(text) for one in own)


def _is_opposite(asked: Polarity, own: Sequence[Polarity], near: Sequence[Polarity]) -> bool:
    """Say whether the nearest wordings have another side of opposites, and no wording the same."""
    for group, side in asked.sides:
        if any((group, side) in one.sides for one in own):
            continue
        others = {(group, other) for number, other in asked.sides if number == group}
        if all(any(one[0] == group for one in wording.sides - others) for wording in near):
            return True
    return False


def _is_undone(text: str, wordings: Sequence[str]) -> bool:
    """Say whether the text undoes what a wording does, and no wording undoes it too."""
    undone = {
        word: {word.removeprefix(one) for one in _UNDOING if word.startswith(one)}
        for word in stems(" ".join(one for one in fold(text).split() if one[-2:] != _BEFALLEN))
    }
    rests = {rest for made in undone.values() for rest in made if len(rest) >= _LEAST_UNDONE}
    if not rests:
        return False
    about = {stem for wording in wordings for stem in stems(wording)}
    return any(made & rests & about and word not in about for word, made in undone.items())


def _nearest(text: str, wordings: Sequence[str]) -> list[str]:
    """Return the wordings that share the most telling words with a text, and of these any words."""
    told, asked = _telling(text), set(stems(text))
    own = {wording: stems(wording) for wording in wordings}
    shared = {
        wording: (len(told.intersection(has)), len(asked.intersection(has)))
        for wording, has in own.items()
    }
    most = max(shared.values())
    return [wording for wording, count in shared.items() if count == most]


def _telling(text: str) -> set[str]:
    telling = (word for word in fold(text).split() if word not in asking().common)
    return set(stems(" ".join(telling)))


@lru_cache(_KEPT)
def polarity(text: str) -> Polarity:
    """Return the polarity of a text."""
    words = fold(text).split()
    parts = [fold(part).split() for part in _PARTS.split(text)]
    refused = {word for known in _refusing() for part in parts for word in known.refused(part)}
    return Polarity(
        frozenset(_telling(" ".join(refused))), _done().are_in(words), _opposites().sides(words)
    )


@dataclass(frozen=True, slots=True)
class _Refusing:
    """How a language refuses: its pack's words."""

    before: Phrases
    first: Phrases
    after: Phrases
    none: Phrases
    needed: Phrases
    spared: Phrases
    ends: Phrases

    @classmethod
    def of(cls, pack: LanguagePack) -> _Refusing:
        unwanted = pack.polarity.unwanted
        listed = (unwanted.before, unwanted.first, unwanted.after, unwanted.none, unwanted.needed)
        return cls(*map(Phrases, (*listed, unwanted.except_, pack.negations.ends)))

    def refused(self, words: list[str]) -> set[str]:
        """Return the words of a part of a sentence that it refuses."""
        found: set[str] = set()
        for place in range(len(words)):
            if self.spared.at(words, place):
                continue
            length = self.before.at(words, place) or (0 if place else self.first.at(words, 0))
            if length:  # what stands in a gap is refused too: "ich möchte den Tee nicht"
                found.update(words[place : place + length])
                found.update(self._following(words, place + length))
            if place and (length := self.after.at(words, place)):
                found.update(words[max(0, place - _REACH) : place + length])
        if words and (length := self.none.at(words, 0)):
            end = self.needed.first_in(words[length:])
            found.update(words[length : length + end] if end else ())
        return found

    def _following(self, words: list[str], start: int) -> list[str]:
        end = min(len(words), start + _REACH)
        return words[start : next((at for at in range(start, end) if self.ends.at(words, at)), end)]


@dataclass(frozen=True, slots=True)
class _Opposites:
    """The groups of opposites of all languages; ``known`` has the sides of each form."""

    forms: Phrases
    known: dict[Phrase, frozenset[Side]]

    def sides(self, words: list[str]) -> frozenset[Side]:
        """Return the sides that stand among the words."""
        return frozenset[Side]().union(*(self.known[one] for one in self.forms.found_in(words)))


@cache
def _refusing() -> tuple[_Refusing, ...]:
    return tuple(_Refusing.of(pack) for pack in all_packs().values())


@cache
def _opposites() -> _Opposites:
    groups = [group for pack in all_packs().values() for group in pack.polarity.opposites]
    known: dict[Phrase, frozenset[Side]] = {}
    for number, group in enumerate(groups):
        for side, forms in enumerate(group):
            for phrase in map(phrase_of, forms):
                known[phrase] = known.get(phrase, frozenset()) | {(number, side)}
    return _Opposites(Phrases(form for group in groups for one in group for form in one), known)


@cache
def _done() -> Phrases:
    return Phrases(phrase for pack in all_packs().values() for phrase in pack.polarity.done)


@cache
def _sealed() -> Phrases:
    return Phrases(phrase for pack in all_packs().values() for phrase in pack.polarity.sealed)
