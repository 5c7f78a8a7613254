"""The statements of a text: what it says, each with whom or what it says it of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from agentbot.pipeline.checks.parsing.segments import WITHOUT
from agentbot.pipeline.checks.parsing.wording import Wording, likeness, sentences, stem, tongue
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.subjects import Named, all_subjects, facets_of
from agentbot.pipeline.words import fold, plain

_KEPT = 1024
"""Texts that are kept as they were read: those of one answer and its sources, many times over."""
_OF_SUBJECTS = frozenset(
    ("audience", "party", "shipment", "lease", "plan", "season", "daytime", "place", "pet", "meal")
)
"""The facets of what clauses begin with. Others stand in lists: "between blue and yellow"."""
_BESIDE = 2
"""Words before one within which "only" belongs to it: "only our members"."""
_NEAR = 0.6
"""The likeness (0 to 1) from which on a word is a form of another."""
_LEAST_BASE = 4
"""Letters of a word that a prefix turns round: "opened" of "unopened"."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A part of a text that says something of somebody: its words, and the sides that it names.

    ``content`` are the places of its content words, ``stems`` of all words, and ``told`` those of
    its content, the sides left out. ``turned`` are the stems of words to which a prefix gives the
    opposite meaning: "opened" of "unopened". ``lead`` is what was named last before it, and
    ``subject`` the place of the word that it begins with, where that is a noun.
    """

    words: tuple[str, ...]
    named: tuple[Named, ...]
    content: frozenset[int]
    stems: frozenset[str]
    told: frozenset[str]
    turned: frozenset[str]
    denies: bool
    subject: int | None
    lead: tuple[Named, ...] = ()

    def sides(self, facet: str) -> frozenset[int]:
        """Return the sides of a facet that it names."""
        return frozenset(one.side for one in self.named if one.facet == facet)

    def side_at(self, place: int) -> frozenset[tuple[str, int]]:
        """Return the side that the word at a place names; nothing where it names none."""
        return frozenset(
            (one.facet, one.side) for one in self.named if one.start <= place < one.end
        )

    def is_beside(self, named: Named, words: frozenset[str]) -> bool:
        """Say whether one of some words stands beside a side that it names, an article apart."""
        around = (
            *self.words[max(0, named.start - _BESIDE) : named.start],
            *self.words[named.end :][:1],
        )
        return not words.isdisjoint(around)

    def written(self, facet: str, sides: frozenset[int]) -> str:
        """Return the words by which it names one of some sides of a facet."""
        one = next(one for one in self.named if one.facet == facet and one.side in sides)
        return " ".join(self.words[one.start : one.end])


@lru_cache(_KEPT)
def statements(text: str, code: Language, title: str = "") -> tuple[Statement, ...]:
    """Return the statements of a text; ``title`` is what stands over it."""
    lead: dict[str, tuple[Named, ...]] = {}
    found: list[Statement] = []
    if title:
        _lead_on(lead, _statement(title, code))
    for sentence in sentences(plain(text)):
        for one in _of_sentence(sentence, code):
            before = tuple(each for every in lead.values() for each in every)
            found.append(replace(one, lead=before))
            _lead_on(lead, one)
    return tuple(found)


def opposite_of(word: str, code: Language) -> str:
    """Return the stem of the word that has the opposite meaning without its prefix; "" if none."""
    for prefix in all_subjects()[code].negating:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST_BASE:
            return stem(word[len(prefix) :])
    return ""


def _lead_on(lead: dict[str, tuple[Named, ...]], one: Statement) -> None:
    for facet in {each.facet for each in one.named}:
        lead[facet] = tuple(each for each in one.named if each.facet == facet)


def _of_sentence(sentence: str, code: Language) -> Iterator[Statement]:
    """Yield the statements of a sentence: clauses each of which says something of its own subject.

    "Children and students travel free" is one.
    """
    kept: str = ""
    last: Statement | None = None
    for piece in filter(None, map(str.strip, cut(code).split(sentence))):
        if last is not None and _are_apart(last, _statement(piece, code)):
            yield last
            kept = ""
        kept = f"{kept} {piece}".strip()
        last = _statement(kept, code)
    if last is not None:
        yield last


def _are_apart(first: Statement, second: Statement) -> bool:
    """Say whether two clauses say something of different subjects."""
    return all(map(_is_whole, (first, second))) and any(
        first.sides(one.facet).isdisjoint(second.sides(one.facet))
        for one in second.named
        if one.facet in _OF_SUBJECTS and first.sides(one.facet)
    )


def _is_whole(one: Statement) -> bool:
    return bool(one.named) and any(not word[0].isdigit() for word in one.told)


@lru_cache(_KEPT)
def _statement(text: str, code: Language) -> Statement:
    language = tongue(code)
    words = tuple(fold(_hyphenated(code).sub(r"\1", text)).split())
    named = tuple(facets_of(code).named_in(words))
    taken = {at for one in named for at in range(one.start, one.end)}
    rest = " ".join(word for at, word in enumerate(words) if at not in taken)
    content = frozenset(
        at for at, word in enumerate(words) if word not in language.common and len(word) > 1
    )
    return Statement(
        words,
        named,
        content,
        stems=frozenset(map(stem, words)),
        told=frozenset(Wording.of(rest, language).telling),
        turned=frozenset(filter(None, (opposite_of(word, code) for word in words))),
        denies=not WITHOUT.issuperset(Wording.of(text, language).denials(language)),
        subject=_subject(words, content, code),
    )


def _subject(words: tuple[str, ...], content: frozenset[int], code: Language) -> int | None:
    """Return the place of the noun that a clause begins with: behind an article, or in plural."""
    at = min(content, default=len(words))
    if at + 1 >= len(words) or words[at][0].isdigit():
        return None
    language, around = all_subjects()[code], all_belonging()[code]
    articles = {fold(one).strip() for one in around.articles}
    if words[at + 1] in articles | {fold(one).strip() for one in around.pronouns}:
        return None
    if at and words[at - 1] in articles:
        return at
    before = set(words[:at]) - _openings(code)
    return at if not before and words[at].endswith(tuple(language.bare) or "\0") else None


@cache
def _openings(code: Language) -> frozenset[str]:
    return tongue(code).answering


@cache
def _hyphenated(code: Language) -> re.Pattern[str]:
    """Return a prefix with a hyphen: "non-refundable"."""
    prefixes = "|".join(map(re.escape, all_subjects()[code].negating))
    return re.compile(rf"\b({prefixes})-(?=\w{{{_LEAST_BASE}}})", re.IGNORECASE)


def are_same(first: str, second: str, code: Language) -> bool:
    """Say whether the words of two stems may stand for each other: forms of one, or synonyms."""
    return likeness(first, second) >= _NEAR or any({first, second} <= one for one in _same(code))


@cache
def _same(code: Language) -> tuple[frozenset[str], ...]:
    groups = all_subjects()[code].same
    return tuple(frozenset(stem(fold(one).strip()) for one in group) for group in groups)


@cache
def cut(code: Language) -> re.Pattern[str]:
    """Return what stands between clauses: a sign, or a word that joins them."""
    joins = "|".join(re.escape(one) for one in all_belonging()[code].joins)
    return re.compile(
        rf"[,;:()\n]+(?!\d)(?:\s*(?:{joins})\s)?|\s-\s|\s(?:{joins})\s", re.IGNORECASE
    )
