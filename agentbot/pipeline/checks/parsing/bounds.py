"""The ends of ranges in a text: "from 9:00 to 17:00", "start at 20 and go up to 250"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from agentbot.pipeline.checks.parsing.figures import Figure, figures, fold_letters
from agentbot.pipeline.checks.parsing.segments import words_of
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.words import plain

_KEPT = 1024
"""Texts whose ranges are kept."""
_BEFORE = 4
"""Words before a figure that may say which end it is: "opens on Saturday at 10:00"."""
_WORD = re.compile(r"[^\W\d_]+|[,;.()]")


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure that is an end of a range, and where the word stands that says so (0, 0: none)."""

    figure: Figure
    is_first: bool
    start: int = 0
    end: int = 0


@lru_cache(_KEPT)
def bounds(text: str, code: str) -> tuple[Bound, ...]:
    """Return the ends of ranges in a text."""
    text = plain(text)
    found = figures(text)
    ends = dict(_in_ranges(text, found, code))
    told = (ends.get(one.place) or _by_word(text, one, code) for one in found)
    return tuple(one for one in told if one)


def without_bounds(text: str, code: str) -> str:
    """Return the text without the words that tell the ends of ranges apart."""
    text = plain(text)
    for one in bounds(text, code):
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _in_ranges(text: str, found: list[Figure], code: str) -> Iterator[tuple[int, Bound]]:
    for first, last in pairwise(found):
        if _between(code).fullmatch(fold_letters(text[first.end : last.start])):
            word = _by_word(text, first, code)
            start, end = (word.start, word.end) if word and word.is_first else (0, 0)
            yield first.place, Bound(first, True, start, end)  # noqa: FBT003 - a field
            yield last.place, Bound(last, False)  # noqa: FBT003


def _by_word(text: str, one: Figure, code: str) -> Bound | None:
    words = list(_WORD.finditer(fold_letters(text[: one.start])))[-_BEFORE:]
    for word in reversed(words):
        if word[0] in ",;.()":
            return None
        for name in ("first", "last"):
            if word[0] in words_of(code, name):
                return Bound(one, name == "first", *word.span())
    return None


@cache
def _between(code: str) -> re.Pattern[str]:
    read = [words for one, words in all_belonging().items() if code in {"", one}]
    words = "|".join(
        re.escape(fold_letters(one)) for each in read for one in each.range if one not in each.joins
    )
    return re.compile(rf"\s*(?:-|(?:{words}))\s*(?:[^\W\d_]{{1,4}}\s)?")
