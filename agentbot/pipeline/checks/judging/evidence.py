"""What shows whether a claim rests on its source: the features that the judge weighs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.checks.parsing.wording import (
    Tongue,
    Wording,
    common_length,
    likeness,
    pieces,
    sentences,
)

Floats = npt.NDArray[np.float32]
States = Callable[[str], tuple[tuple[str, ...], Floats]]
"""Gives the pieces of a text's words, and the vector of each in its context:
`agentbot.pipeline.faq.embedders.minilm.MiniLmEmbedder.states`."""

_NEAR = 0.6
"""The likeness (0 to 1) of letters from which on a word is taken for a form of another."""
_MOST_LETTERS = 9
"""Letters from which on a word tells no more: it weighs by the root of its length."""
_MOST = 6.0
"""What counts of words are cut to: a seventh word that no source has changes nothing."""
_MOST_OTHER = 12.0
"""The same for words that stand in no run of the source's."""
_MOST_SPAN = 8.0
"""The same for neighbouring words that the source does not have."""
_WINDOW = 2
"""Sentences of a source that a claim is compared with: what people say in one is often two."""
_READ = 600
"""Characters of such a window that are compared by vectors: what the model of them looks at."""
_MOST_SMALL = 3.0
"""The same for pronouns and auxiliary verbs: every sentence has some."""
_LETTERS = re.compile(r"[^\W\d_]+")


class Feature(StrEnum):
    """What is seen of a claim; the value says what of it."""

    COVERED = "share of its content that the source has"
    NOVEL = "content words that the source does not have"
    LAST_NOVEL = "whether its last content word is one"
    IN_ORDER = "share of its words that the place has in this order, squared"
    OTHER = "words outside all runs of the place's"
    SPAN = "neighbouring words that the place does not have"
    PRONOUNS = "pronouns that the place does not have"
    AUXILIARIES = "auxiliary verbs that the place does not have"
    NUMBERS = "numbers that the source does not have"
    DENIED = "denials more than at the place"
    ANSWERS = "whether it begins with a word that only answers: no source says yes to the question"
    FIRST = "words of the speaker"
    QUESTION = "question marks"
    # By vectors of words in their context:
    LEAST_MEANING = "least likeness of a content word to the place"
    LEAST_OF_ALL = "least likeness of any word to it"


OF_MEANING = tuple(list(Feature)[list(Feature).index(Feature.LEAST_MEANING) :])
"""The features for which vectors are needed."""
OF_WORDS = tuple(one for one in Feature if one not in OF_MEANING)
"""Those of words alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A window of a source: its text and its words."""

    text: str
    words: Wording


@dataclass(frozen=True, slots=True)
class Novelty:
    """The words of a claim's content that its source does not have, and how many it has in all."""

    words: tuple[str, ...]
    content: int


class Source:
    """A text that claims may rest on, cut into places, in one language's words."""

    def __init__(self, text: str, language: Tongue) -> None:
        found = sentences(text) or [text]
        self.language = language
        self.places = [
            Place(part, Wording.of(part, language))
            for start in range(len(found))
            for part in (" ".join(found[start : start + _WINDOW]),)
        ]
        self.words = Wording.of(text, language)
        self.stems = frozenset(self.words.stems)
        self._by_piece: dict[str, set[str]] = {}
        for stem in self.stems:
            for piece in pieces(stem):
                self._by_piece.setdefault(piece, set()).add(stem)
        self._nearness: dict[str, float] = {}
        self._firsts = frozenset(_first_letters(self.words.words))

    def nearness(self, stem: str) -> float:
        """Return how near the source's nearest word is, 0 to 1."""
        if stem in self.stems:
            return 1.0
        if stem not in self._nearness:
            self._nearness[stem] = max(self._likenesses(stem), default=0.0)
        return self._nearness[stem]

    def new_in(self, claim: str) -> Novelty:
        """Return what of a claim the source does not have."""
        said = Wording.of(claim, self.language)
        return Novelty(tuple(said.words[at] for at in self.novel(said)), len(said.content))

    def novel(self, said: Wording) -> list[int]:
        """Return the places of the content words that the source has in no form."""
        return [
            at
            for at in said.content
            if self.nearness(said.stems[at]) < _NEAR and not self.is_short_form(said.words[at])
        ]

    def is_short_form(self, word: str) -> bool:
        """Say whether a word is the first letters of some words of the source: "UK"."""
        return word in self._firsts

    def best_place(self, claim: Wording) -> Place:
        """Return the place that has most of a claim's content."""
        told = set(claim.telling)
        return max(self.places, key=lambda place: len(told.intersection(place.words.stems)))

    def _likenesses(self, stem: str) -> Iterator[float]:
        if stem[0].isdigit():
            return
        others = {other for piece in pieces(stem) for other in self._by_piece.get(piece, ())}
        yield from (likeness(stem, other) for other in others)


def _first_letters(words: Sequence[str]) -> Iterator[str]:
    for size in (2, 3, 4):  # longer short forms are names of their own
        for start in range(len(words) - size + 1):
            yield "".join(word[0] for word in words[start : start + size])


def of_words(claim: str, source: Source) -> dict[Feature, float]:
    """Return what words show of a claim, beside its source."""
    language = source.language
    said = Wording.of(claim, language)
    place = source.best_place(said)
    here = frozenset(place.words.stems)
    weights = {at: min(len(said.words[at]), _MOST_LETTERS) ** 0.5 for at in said.content}
    whole = sum(weights.values()) or 1.0
    covered = sum(weights[at] * source.nearness(said.stems[at]) for at in said.content) / whole
    novel = source.novel(said)
    in_order = common_length(said.stems, place.words.stems) / max(1, len(said.words))
    new = [word for word, stem in zip(said.words, said.stems, strict=True) if stem not in here]
    denials = len(said.denials(language)) - len(place.words.denials(language))
    return {
        Feature.COVERED: covered,
        Feature.NOVEL: min(len(novel), _MOST),
        Feature.LAST_NOVEL: float(bool(novel) and novel[-1] == said.content[-1]),
        Feature.IN_ORDER: in_order**2,
        Feature.OTHER: min(_outside_runs(said.stems, place.words.stems), _MOST_OTHER),
        Feature.SPAN: min(_longest_outside(said.stems, here), _MOST_SPAN),
        Feature.PRONOUNS: min(sum(word in language.pronouns for word in new), _MOST_SMALL),
        Feature.AUXILIARIES: min(sum(word in language.auxiliaries for word in new), _MOST_SMALL),
        Feature.NUMBERS: min(
            sum(one[0].isdigit() and one not in source.stems for one in said.stems), 2.0
        ),
        Feature.DENIED: float(denials > 0),
        Feature.ANSWERS: float(not language.answering.isdisjoint(said.words[:1])),
        Feature.FIRST: min(sum(word in language.first for word in said.words), 2.0),
        Feature.QUESTION: min(claim.count("?"), 2.0),
    }


def _outside_runs(said: Sequence[str], here: Sequence[str]) -> int:
    """Return how many words are left when runs of the place's are taken off from left to right."""
    at: dict[str, list[int]] = {}
    for number, word in enumerate(here):
        at.setdefault(word, []).append(number)
    outside = start = 0
    while start < len(said):
        longest = 0
        for place in at.get(said[start], ()):
            length = 0
            while (
                start + length < len(said)
                and place + length < len(here)
                and said[start + length] == here[place + length]
            ):
                length += 1
            longest = max(longest, length)
        outside += longest == 0
        start += max(1, longest)
    return outside


def _longest_outside(said: Sequence[str], here: frozenset[str]) -> int:
    longest = now = 0
    for word in said:
        now = 0 if word in here else now + 1
        longest = max(longest, now)
    return longest


def of_meaning(claim: str, place: str, states: States, language: Tongue) -> dict[Feature, float]:
    """Return what vectors of words in their context show of a claim beside a place."""
    words, own = states(claim)
    _, theirs = states(place[:_READ])
    if not len(own) or not len(theirs):
        return dict.fromkeys(OF_MEANING, 0.0)
    best = (own @ theirs.T).max(axis=1)
    lettered = np.array([bool(_LETTERS.fullmatch(word)) for word in words])
    tells = lettered & np.array([word not in language.common for word in words])
    return {
        Feature.LEAST_MEANING: _least(best, tells),
        Feature.LEAST_OF_ALL: _least(best, lettered),
    }


def _least(best: Floats, among: npt.NDArray[np.bool_]) -> float:
    return float(best[among].min() if among.any() else best.min())
