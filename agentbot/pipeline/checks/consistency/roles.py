"""Whether a claim gives what its source says of one thing to another of the same source.

"We ship from Sweden to Norway" has every word of "We ship from Norway to Sweden", and "Silk can be
ironed" those of two sentences on cotton and on silk. What is in which place shows by the word that
stands before it: "from", "to", "than", a verb, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain

from agentbot.pipeline.checks.consistency.statements import are_same, cut
from agentbot.pipeline.checks.parsing.structure import labelled, without_tables
from agentbot.pipeline.checks.parsing.wording import likeness, sentences, stem, tongue
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold, plain

_KEPT = 1024
"""Texts whose places are kept: those of one answer and its sources, many times over."""
_FIRST = "^"
"""What stands before the first word: nothing."""
_KNOWN = 0.5
"""The share (0 to 1) of what a claim says of something that the source must have."""
_LONGEST_NAME = 3
"""Words of a title that is a name: "Pro plan"."""
_LONGEST_AROUND = 20
"""Words of a question that names what it is about: a story names much."""
_COLON = ":"
"""What stands before the first word behind a label."""
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|[,;:()\u2013-]")
_LETTERED = re.compile(r"(\b[^\W\d_]{2,}) ((?!I\b)[A-Z]\b(?![.'\u2019]))")
"""A word and the letter that makes a name of it: "Room B"."""
_FREE_ORDER = frozenset({"de", "nl", "pl"})
"""Languages in which what is done to may stand first: "Das Porto zahlt der Absender" …"""
_THAN = frozenset({"als", "dan", "niz"})
"""… but not in what is compared: "Tee ist billiger als Kaffee"."""
_BEGINNING = 3
"""Letters that forms of a word begin with alike."""
_NEAR = 0.75
"""The likeness (0 to 1) from which on a word is a form of another: "repassé", "repassée"."""


@dataclass(frozen=True, eq=False)
class Clause:
    """A piece of a text: the stems of its content words, each with what stands before it.

    What follows a comma, or an "and", has nothing known before it. Figures are left out:
    `agentbot.pipeline.checks.consistency.belonging` says what they belong to.
    """

    places: tuple[tuple[str, str], ...]

    @cached_property
    def told(self) -> frozenset[str]:
        """The stems."""
        return frozenset(word for _, word in self.places)

    def before(self, word: str) -> str:
        """Return what stands before a word; "" where it is not known, or not one thing."""
        found = {before for before, one in self.places if one == word}
        return next(iter(found)) if len(found) == 1 else ""

    def behind(self, before: str) -> frozenset[str]:
        """Return the words before which something stands."""
        return frozenset(word for one, word in self.places if one == before and before)


class Roles:
    """What a source says in which place. ``title`` is what stands over it."""

    def __init__(self, text: str, code: Language, title: str = "") -> None:
        self._code = code
        text = plain(text)
        self._forms = _forms(clause(f"{title} {text}", code).told)
        self._sentences = [self._read(one) for one in sentences(without_tables(text))]
        self._parts = []
        titled: list[Clause] = []
        for label, told in labelled(text):
            is_titled = not label and _is_name(title) and _begins_with_pronoun(told, code)
            self._parts.append(self._clauses_of(title if is_titled else label, told))
            titled += self._parts[-1] if is_titled else []
        self._titled = frozenset(map(id, titled))
        self._clauses = [one for parts in self._parts for one in parts]
        nothing = frozenset[str]()
        self._told_in = [nothing.union(*(one.told for one in parts)) for parts in self._parts]
        self._told = nothing.union(*self._told_in)

    def turned(self, claim: str, around: Sequence[str] = ()) -> str:
        """Return the words of a claim that have taken each other's, or another's, place.

        ``around`` are texts that say what it is about where it begins with nothing: "It is free".
        """
        claim = plain(claim)
        swapped = (self._swapped(self._read(one)) for one in sentences(claim))
        parts = [part for one in labelled(claim) for part in self._clauses_of(*one)]
        taken = (self._taken(part, part.places) for part in parts)
        meant = (self._of_what_is_meant(part, around) for part in parts)
        return next(filter(None, chain(swapped, taken, meant)), "")

    def _read(self, text: str) -> Clause:
        """Return a piece of text with each word in the form that was read first."""
        places = clause(text, self._code).places
        return Clause(tuple((before, self._form(word)) for before, word in places))

    def _form(self, word: str) -> str:
        alike = self._forms.get(word[:_BEGINNING], ())
        return next((one for one in alike if likeness(one, word) >= _NEAR), word)

    def _clauses_of(self, label: str, text: str) -> list[Clause]:
        """Return the clauses of a text, each with what stands over all of them."""
        parts = [self._read(part) for part in filter(None, map(str.strip, self._cut(text)))]
        if not label.strip():
            return parts
        over = self._read(label).places
        return [
            Clause(
                (*over, *((_COLON if one == _FIRST else one, word) for one, word in part.places))
            )
            for part in parts
        ]

    def _cut(self, text: str) -> list[str]:
        return cut(self._code).split(text)

    def _swapped(self, said: Clause) -> str:
        """Return two words that stand in each other's place, compared with a sentence."""
        holders = [one for one in self._sentences if said.told <= one.told]
        found = [_exchanged(said, one, self._code) for one in holders]
        return found[0] if found and all(found) else ""

    def _of_what_is_meant(self, said: Clause, around: Sequence[str]) -> str:
        """Return the same of a clause that begins with nothing, and of what it is about."""
        if not said.told or said.behind(_FIRST):
            return ""
        for text in around:
            if not text or len(text.split()) > _LONGEST_AROUND:
                continue
            words = self._read(plain(text)).told - said.told
            subjects = [
                word for word in words if any(word in one.behind(_FIRST) for one in self._clauses)
            ]
            if subjects and not any(self._says(word, said.told) for word in subjects):
                return self._taken(said, [(_FIRST, word) for word in subjects])
        return ""

    def _taken(self, said: Clause, places: Iterable[tuple[str, str]]) -> str:
        """Return a word that stands in the place of another one, of which the source says it."""
        for before, word in places:
            others_told = said.told - {word}
            rest = others_told & self._told  # the judge says what it thinks of new words
            is_known = len(rest) >= _KNOWN * len(others_told)
            if not before or not rest or not is_known or self._says(word, rest):
                continue
            others = [one for one in self._clauses if rest <= one.told and word not in one.told]
            is_of_another = bool(others) and all(
                _is_replaced(word, one.behind(before) - said.told, self._code) for one in others
            )
            is_elsewhere = any(
                word in one.told
                and one.told - said.told - {word}
                and (before == _FIRST or one.before(word) == before)
                for one in self._clauses
            )
            # "It may be ironed" under "Cotton": what the source does not speak of is not meant.
            is_unknown = (
                before == _FIRST
                and word not in self._told
                and all(id(one) in self._titled for one in others)
            )
            if is_of_another and (is_elsewhere or is_unknown):
                return f"the source says it of something else than '{word}'"
        return ""

    def _says(self, word: str, rest: frozenset[str]) -> bool:
        """Say whether a clause says it of a word, or the same: "silk and …", "Silk does, too"."""
        for parts, told in zip(self._parts, self._told_in, strict=True):
            if word not in told:
                continue
            holders = [one for one in parts if word in one.told]
            if any(rest <= one.told for one in holders):
                return True
            is_bare = any(one.told <= rest | {word} for one in holders)
            if is_bare and (rest <= told or told <= rest | {word}):
                return True
        return False


def _is_name(title: str) -> bool:
    """Say whether a title names something, and asks or tells nothing."""
    return 0 < len(title.split()) <= _LONGEST_NAME and not title.rstrip().endswith("?")


def _begins_with_pronoun(text: str, code: Language) -> bool:
    words = fold(text).split()
    return bool(words) and _pronouns(code).at(words, 0) > 0


@cache
def _pronouns(code: Language) -> Phrases:
    return Phrases(all_packs()[code].follow_ups.pronouns)


def _forms(words: Iterable[str]) -> dict[str, list[str]]:
    """Return one form of each word, by how it begins."""
    found: dict[str, list[str]] = {}
    for word in sorted(words):
        alike = found.setdefault(word[:_BEGINNING], [])
        if not any(likeness(one, word) >= _NEAR for one in alike):
            alike.append(word)
    return found


def _exchanged(said: Clause, source: Clause, code: Language) -> str:
    for before, word in said.places:
        there = source.before(word)
        if not before or not there or before == there or not _show(before, there, code):
            continue
        for other in source.behind(before):
            if other != word and said.before(other) == there:
                return f"'{word}' and '{other}' have changed places"
    return ""


def _show(before: str, there: str, code: Language) -> bool:
    """Say whether what stands before two words shows their places, in either text."""
    if code not in _FREE_ORDER or not _THAN.isdisjoint({before, there}):
        return True
    return {before, there} <= tongue(code).common


def _is_replaced(word: str, others: frozenset[str], code: Language) -> bool:
    return bool(others) and not any(are_same(word, one, code) for one in others)


@lru_cache(_KEPT)
def clause(text: str, code: Language) -> Clause:
    """Return a piece of text with its places."""
    language = tongue(code)
    places: list[tuple[str, str]] = []
    before = _FIRST
    for token in _TOKEN.findall(_LETTERED.sub(r"\1\2", text)):
        words = fold(token).split()
        if not words or token in _joins(code) or words[0] in _joins(code):
            before = before if before == _FIRST else ""  # "Yes, …"
            continue
        for word in words:
            if word in _articles(code) or (before == _FIRST and word in language.answering):
                continue
            if word not in language.common and len(word) > 1 and not word[0].isdigit():
                places.append((before, stem(word)))
            before = word
    return Clause(tuple(places))


@cache
def _articles(code: Language) -> frozenset[str]:
    return frozenset(word for one in all_belonging()[code].articles for word in fold(one).split())


@cache
def _joins(code: Language) -> frozenset[str]:
    return frozenset(word for one in all_belonging()[code].joins for word in fold(one).split())
