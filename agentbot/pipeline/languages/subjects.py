"""Whom and what statements are about, in each language: audiences, places, plans, seasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BeforeValidator, Field, TypeAdapter

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import Loader
from agentbot.pipeline.languages.speech import Words
from agentbot.pipeline.words import fold


def _listed(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


Forms = Annotated[list[str], BeforeValidator(_listed)]
"""Forms of one meaning, written between commas; ``child*`` is any word that begins so."""


class SubjectWords(FileModel):
    """A language's words for what a statement holds of, and not of others."""

    facets: dict[str, Annotated[list[Forms], Field(min_length=2)]] = Field(
        description="Sides that exclude each other: adults, children."
    )
    neutral: list[str] = Field(description="They hold such a word, and mean something else.")
    whole: Words = Field(description="They say something of all.")
    only: Words = Field(description="They say that something holds of nothing else.")
    negating: Words = Field(description="They make the opposite of a word that they begin.")
    bare: list[str] = Field(description="Endings of nouns that begin a clause without an article.")
    same: list[list[str]] = Field(description="Words that may stand for each other.")


@cache
def all_subjects() -> Mapping[Language, SubjectWords]:
    """Return the words of every language; they are read once."""
    text = Path(__file__).with_name("subjects.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return TypeAdapter(dict[Language, SubjectWords]).validate_python(read)


@dataclass(frozen=True, slots=True)
class Named:
    """A side of a facet that a text names: the places of its words, from ``start`` to ``end``."""

    facet: str
    side: int
    start: int
    end: int


class Facets:
    """The facets of a language, ready to be looked for among folded words."""

    def __init__(self, words: SubjectWords) -> None:
        self._forms: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
        self._beginnings: list[tuple[str, str, int]] = []
        for facet, sides in words.facets.items():
            for side, forms in enumerate(sides):
                for form in forms:
                    self._add(form.strip(), facet, side)
        for form in words.neutral:
            self._add(form, "", 0)
        for found in self._forms.values():
            found.sort(key=lambda one: -len(one[0]))

    def named_in(self, words: Sequence[str]) -> Iterator[Named]:
        """Yield the sides that words name, from left to right; the longest form of a place."""
        at = 0
        while at < len(words):
            length, facet, side = self._at(words, at)
            if facet:
                yield Named(facet, side, at, at + length)
            at += max(1, length)

    def _add(self, form: str, facet: str, side: int) -> None:
        phrase = tuple(fold(form).split())
        if form.endswith("*"):
            self._beginnings.append((phrase[0], facet, side))
        else:
            self._forms.setdefault(phrase[0], []).append((phrase, facet, side))

    def _at(self, words: Sequence[str], at: int) -> tuple[int, str, int]:
        for phrase, facet, side in self._forms.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase:
                return len(phrase), facet, side
        for beginning, facet, side in self._beginnings:
            if words[at].startswith(beginning):
                return 1, facet, side
        return 0, "", 0


@cache
def facets_of(code: Language) -> Facets:
    """Return the facets of a language."""
    return Facets(all_subjects()[code])
