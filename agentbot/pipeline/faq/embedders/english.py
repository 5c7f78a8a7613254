"""Which texts are not English, so that a model of English makes nothing of them.

Detectors of languages fail on short chat full of slips; but here it need not be known which
language it is. A text counts as English unless its words say otherwise: those that the language
packs know from one side only, and those that MiniLM has in its vocabulary or has not. Of 8,000
questions of the public benchmark, noisy chat among them, 26 counted as foreign; of the 240 German,
French, Spanish and Portuguese ones of `tests/bench/foreign`, 2 as English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.words import fold

_ENGLISH = "en"
_LEAST = 1.0
"""Points from which on a text is foreign: one word of another language, and none of English."""
_HALF = 0.5
"""Points of a word by MiniLM's vocabulary: slips and names are not in it, and foreign words are."""
_LONG = 4
"""Letters from which on that vocabulary is asked: it has most shorter words of many languages."""
_FIELD = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
"""A field or a condition in a pack's text, which is in no language."""


@cache
def numbers() -> dict[str, int]:
    """Return the numbers of MiniLM's pieces of words, the commonest first."""
    lines = resources.files("agentbot.pipeline.faq.embedders").joinpath("minilm-vocab.txt")
    pieces = lines.read_text("utf-8").split("\n")[:-1]
    return {piece: number for number, piece in enumerate(pieces)}


def is_foreign(text: str) -> bool:
    """Say whether a text is surely not English."""
    english, foreign = _telling()
    said = set(fold(text).split())
    signs = len(said & foreign) + any(sign.isalpha() and not sign.isascii() for sign in text)
    rest = {one for one in said - english - foreign - _shared() if len(one) >= _LONG}
    known = len([one for one in rest if one in numbers()])
    unknown = len([one for one in rest if one not in numbers() and not one.isdigit()])
    points = signs - len(said & english) + _HALF * (unknown - known)
    return bool(signs) and points >= _LEAST


@cache
def _packs_words() -> dict[str, frozenset[str]]:
    """Return the words that are known of each language, by its code."""
    found: dict[str, set[str]] = {}
    for code, words in foreign_words().items():
        found.setdefault(code, set()).update(fold(" ".join(words.words)).split())
    for code, pack in all_packs().items():
        # Names of cities stand in texts of any language.
        dumped = pack.model_dump(exclude={"texts": {"times": {"cities", "abbreviations"}}})
        said = " ".join(_FIELD.sub(" ", text) for text in _strings(dumped))
        found.setdefault(code, set()).update(fold(said).split())
    return {code: frozenset(words) for code, words in found.items()}


@cache
def _telling() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that are English and no other language's, and those that are not English."""
    words = _packs_words()
    others = frozenset().union(*(words[code] for code in words if code != _ENGLISH))
    return words[_ENGLISH] - others, others - words[_ENGLISH]


@cache
def _shared() -> frozenset[str]:
    english, foreign = _telling()
    return frozenset().union(*_packs_words().values()) - english - foreign


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)
