"""Names that an entry is about, and a question that has something else in their place.

"Do you ship to Brazil?" is as near to "Do you ship to Canada?" as a question can be, and "Yes, we
ship to Canada" is no answer to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.keywords import telling
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.following import language_among
from agentbot.pipeline.words import fold, with_one_name

_SHARE = 0.5
"""Share (0 to 1) of an entry's wordings: a name in more of them is what it is about."""
_LEAST = 3
"""Letters of a name, and of what may stand in its place."""
_A_SLIP = 0.9
"""Likeness (0 to 1) from which on a word is a slip in a name: "cannada" and "canada" have 0.92,
"austria" and "australia" 0.88, "iceland" and "ireland" 0.86."""
_ENDING = 2
"""Letters by which forms of a name differ at their ends where names are declined: "Kanady"."""
_KEPT = 2048
"""Entries whose names are kept: those that answer often."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that an entry is about, the words around them, and all of its other words."""

    names: frozenset[str]
    before: frozenset[str]
    behind: frozenset[str]
    known: frozenset[str]
    are_declined: bool


def other_name(text: str, entry: FaqEntry) -> str:
    """Return what a question has in the place of an entry's name; "" where it has nothing else."""
    own = _names_of(entry)
    if not own.names:
        return ""
    asked = _words(text)
    if any(_is_form(word, name, own) for word in asked for name in own.names):
        return ""
    for place, word in enumerate(asked):
        is_known = len(word) < _LEAST or not telling(word) - own.known
        if not is_known and (
            _at(asked, place - 1) in own.before or _at(asked, place + 1) in own.behind
        ):
            return word
    return ""


@lru_cache(_KEPT)
def _names_of(entry: FaqEntry) -> _Names:
    """Read an entry. A name has a capital where no sentence begins, and stands in most wordings.

    In German every noun has one: what is a name there cannot be told.
    """
    code = language_among(entry.wordings, "en")
    counts = Counter(name for wording in entry.wordings for name in set(_capitals(wording)))
    most = _SHARE * len(entry.wordings)
    names = frozenset(name for name, count in counts.items() if count > most and code != "de")
    wordings = [_words(one) for one in entry.wordings]
    places = [(own, at) for own in wordings for at, word in enumerate(own) if word in names]
    others = [word for own in (*wordings, _words(entry.answer)) for word in own]
    return _Names(
        names=names,
        before=frozenset(_at(own, at - 1) for own, at in places) - {""},
        behind=frozenset(_at(own, at + 1) for own, at in places) - {""},
        known=telling(" ".join(word for word in others if word not in names)),
        are_declined=code != "en",
    )


def _capitals(wording: str) -> Iterator[str]:
    tokens = with_one_name(wording).split()
    if not any(token[:1].islower() for token in tokens):
        return  # a title, or shouted
    for token in tokens[1:]:
        if token[:1].isupper():
            yield from (word for word in fold(token).split()[:1] if len(word) >= _LEAST)


def _is_form(word: str, name: str, own: _Names) -> bool:
    """Say whether a word is the name, with a slip or in another form."""
    alike = SequenceMatcher(None, word, name).ratio()
    same = max(_LEAST, len(word) - _ENDING, len(name) - _ENDING)
    return alike >= _A_SLIP or (own.are_declined and word[:same] == name[:same])


def _words(text: str) -> list[str]:
    return [word for word in fold(with_one_name(text)).split() if word not in _articles()]


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""


@cache
def _articles() -> frozenset[str]:
    """Return the articles of all languages: they stand before some names, and not others."""
    return frozenset(
        word
        for one in all_belonging().values()
        for text in one.articles
        for word in fold(text).split()
    )
