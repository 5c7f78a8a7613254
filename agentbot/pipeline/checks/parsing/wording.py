"""The words of a text as the checks compare them: folded, with their stems, common ones apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from agentbot.pipeline.checks.parsing.figures import canonical
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.foreign import language_of
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold, with_one_name

_ENDINGS = (
    *("ations", "ation", "ings", "ing", "edly", "ies", "ied", "ers"),
    *("est", "ed", "es", "ly", "er", "s", "e", "y"),
)
"""English endings, longest first. Other languages' words are compared by their letters too."""
_LEAST_STEM = 3
"""Letters that an ending leaves at least."""
_DOUBLED = 4
"""Letters from which on a stem's doubled last letter is one: "stopp" is "stop"."""
_NOT = re.compile(r"n['\u2019]t\b|(?<=\bcan)not\b")
_SHORTENED = frozenset({"don", "won"})
"""What an apostrophe leaves of "don't" and "won't". A `Wording` has "not" there: "they won" denies
nothing."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SENTENCE = re.compile(r"(?<=[.!?\u2026])\s+|\n+")
_GRAM = 3
"""Letters of the pieces by which words are compared."""
_SAME_BEGINNING = 5
"""Letters at a word's beginning that make it a form of another: "deliver" and "delivery" …"""
_BEGINS_ALIKE = 0.75
"""… and the likeness (0 to 1) of two such words."""
_LONGEST_ENDING = 3
"""Letters that may follow such a beginning: names of one beginning differ in more."""
_MOST_LONGER = 6
"""Letters by which forms of a word differ in length at most."""
_NO = frozenset(
    {"no", "nein", "non", "nao", "nee", "nie", "unfortunately", "leider", "helaas", "niestety"}
    | {"malheureusement", "purtroppo", "lamentablemente", "infelizmente"}
)
"""How an answer that denies begins in any language, folded."""
_KEPT_TEXTS = 4096
"""Texts whose words are kept: the sentences and clauses of the sources that are asked for."""
_KEPT = 20_000
"""Words whose stems and pieces are kept: those of a shop's pages, many times over."""


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """The words of a language, folded, by what they do. There is one of each language."""

    common: frozenset[str]
    answering: frozenset[str]
    first: frozenset[str]
    pronouns: frozenset[str]
    auxiliaries: frozenset[str]
    denials: frozenset[str]
    refusals: frozenset[str]
    numbers: Mapping[str, str]


@cache
def tongue(code: str) -> Tongue:
    """Return the words of a language; of one that has no pack, and of "", all languages'."""
    chosen = [one for one in CODES if one == code] or CODES
    speech = [all_speech()[one] for one in chosen]

    def folded(name: str) -> frozenset[str]:
        return frozenset(
            word for one in speech for text in getattr(one, name) for word in fold(text).split()
        )

    numbers = {fold(word).strip(): str(n) for one in speech for word, n in one.numbers.items()}
    # A number's word that is an article ("ein", "une") tells nothing.
    numbers = {word: n for word, n in numbers.items() if word not in folded("common")}
    denials = folded("denials")
    return Tongue(
        common=folded("common") | _answering() | denials,
        answering=folded("answering"),
        first=folded("first"),
        pronouns=folded("pronouns"),
        auxiliaries=folded("auxiliaries"),
        denials=denials,
        refusals=_NO,
        numbers=numbers,
    )


@cache
def _answering() -> frozenset[str]:
    """Return the words that only begin an answer, of all languages: "ok" is said in many."""
    return frozenset(
        word
        for one in all_speech().values()
        for text in one.answering
        for word in fold(text).split()
    )


def spoken_in(text: str, *hints: str) -> Language:
    """Return the language of a text that has a pack: by its words, else the first hint, else en."""
    found = [*([first] if (first := language_of(text)) in CODES else []), *hints]
    return next((code for one in found for code in CODES if code == one), "en")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text's words, folded, with their stems; ``content`` are the places of those that tell."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    content: tuple[int, ...]

    @staticmethod
    def of(text: str, language: Tongue) -> Wording:
        """Return the words of a text."""
        return _wording(text, language)

    def denials(self, language: Tongue) -> tuple[str, ...]:
        """Return the words that deny something."""
        return tuple(word for word in self.words if word in language.denials - _SHORTENED)

    @property
    def telling(self) -> tuple[str, ...]:
        """The stems of the content words, in order."""
        return tuple(self.stems[place] for place in self.content)


@lru_cache(_KEPT_TEXTS)
def _wording(text: str, language: Tongue) -> Wording:
    plain = canonical(_THOUSANDS.sub("", _NOT.sub(" not", with_one_name(text))))
    words = tuple(fold(plain).split())
    stems = tuple(language.numbers.get(word) or stem(word) for word in words)
    content = tuple(
        place
        for place, word in enumerate(words)
        if word[0].isdigit() or (len(word) > 1 and word not in language.common)
    )
    return Wording(words, stems, content)


@lru_cache(_KEPT)
def stem(word: str) -> str:
    """Return a word without a common English ending."""
    if word[0].isdigit():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _DOUBLED and word[-1] == word[-2] else word


@lru_cache(_KEPT)
def pieces(word: str) -> frozenset[str]:
    """Return a word's letters three by three, its ends marked."""
    marked = f"^{word}$"
    return frozenset(marked[i : i + _GRAM] for i in range(len(marked) - _GRAM + 1))


def likeness(first: str, second: str) -> float:
    """Return how likely two stems are forms of one word, 0 to 1, by their letters."""
    if first == second:
        return 1.0
    if abs(len(second) - len(first)) > _MOST_LONGER or first[0].isdigit() or second[0].isdigit():
        return 0.0
    beginning = _same_beginning(first, second)
    if beginning >= _SAME_BEGINNING:
        is_form = max(len(first), len(second)) - beginning <= _LONGEST_ENDING
        return _BEGINS_ALIKE if is_form else 0.0
    own, theirs = pieces(first), pieces(second)
    return 2 * len(own & theirs) / (len(own) + len(theirs))


def _same_beginning(first: str, second: str) -> int:
    """Return how many letters two words begin with alike."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(second)))


def sentences(text: str) -> list[str]:
    """Return the sentences of a source."""
    return [one for one in _SENTENCE.split(text) if one.strip()]


def common_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest sequence that both have, in order, with gaps."""
    before = [0] * (len(second) + 1)
    for one in first:
        now = [0]
        for place, other in enumerate(second):
            now.append(before[place] + 1 if one == other else max(before[place + 1], now[place]))
        before = now
    return before[-1]
