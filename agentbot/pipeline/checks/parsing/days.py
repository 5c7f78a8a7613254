"""The days of the week that a text names: single ones, ranges, every day, the weekend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from agentbot.pipeline.checks.parsing.figures import fold_letters
from agentbot.pipeline.checks.parsing.wording import tongue
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import CODES, all_packs
from agentbot.pipeline.words import plain

_WEEK = 7
_EVERY = frozenset(range(_WEEK))
_WEEKDAYS, _WEEKEND = frozenset(range(5)), frozenset({5, 6})
_BEFORE_TIME = re.compile(r"\.?:?\s*(?:[^\W\d_]{1,8}\s)?\d")
"""What follows a short name that is meant so: a time, perhaps behind a preposition."""
_LISTED = re.compile(r"\.?[\s,/&+]*(?:[^\W\d_]{1,3}\s)?")
"""What stands between the names of a list."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the week, 0 for Monday to 6, and where they stand in the plain text."""

    start: int
    end: int
    days: frozenset[int]


def days_in(text: str, code: str) -> list[Days]:
    """Return the days that a text names, in order; a range is one. ``code`` "" is any language."""
    folded = fold_letters(plain(text))
    found = [one for each in _codes(code) for one in _of_language(folded, plain(text), each)]
    best: list[Days] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not best or one.start >= best[-1].end:
            best.append(one)
    return best


def with_names(text: str, code: Language) -> str:
    """Return the text with the name of each day behind a range of days, or a short name."""
    text = plain(text)
    week = all_packs()[code].texts.times.week
    for one in reversed(days_in(text, code)):
        names = [week[day] for day in sorted(one.days) if week[day] != text[one.start : one.end]]
        text = f"{text[: one.end]} {' '.join(names)}{text[one.end :]}" if names else text
    return text


def _codes(code: str) -> list[Language]:
    return [one for one in CODES if one == code] or list(CODES)


def _of_language(folded: str, text: str, code: Language) -> Iterator[Days]:
    words = all_belonging()[code].days
    for phrases, days in (
        (words.every, _EVERY),
        (words.weekdays, _WEEKDAYS),
        (words.weekend, _WEEKEND),
    ):
        for one in _any_of(tuple(phrases)).finditer(folded):
            yield Days(one.start(), one.end(), days)
    yield from _named(folded, text, code)


def _named(folded: str, text: str, code: Language) -> Iterator[Days]:
    """Yield the days that are named, ranges as one; a short name only where it is surely one."""
    single = list(_single(folded, text, code))
    found: list[Days] = []
    at = len(single) - 1
    while at >= 0:
        last, is_sure = single[at]
        one = last
        if at and _between(code).fullmatch(folded, single[at - 1][0].end, last.start):
            first, is_sure = single[at - 1][0], True
            one = Days(first.start, last.end, _range(first, last))
            at -= 1
        # "Mon, Wed and Fri 9:00": what is surely a day makes one of the name before it.
        leads = found and _LISTED.fullmatch(folded, one.end, found[-1].start)
        if is_sure or leads or _BEFORE_TIME.match(folded, one.end):
            found.append(one)
        at -= 1
    yield from reversed(found)


def _single(folded: str, text: str, code: Language) -> Iterator[tuple[Days, bool]]:
    """Yield single days, and whether each is meant so wherever it stands."""
    full, short = _names(code)
    common = tongue(code).common
    for one in re.finditer(r"[^\W\d_]+(?:-feiras?)?", folded):
        word = one[0]
        if word in full:
            yield Days(one.start(), one.end(), frozenset({full[word]})), True
        elif word in short and (word not in common or text[one.start()].isupper()):
            yield Days(one.start(), one.end(), frozenset({short[word]})), False


def _range(first: Days, last: Days) -> frozenset[int]:
    (start,), (end,) = first.days, last.days
    return frozenset((start + more) % _WEEK for more in range((end - start) % _WEEK + 1))


@cache
def _names(code: Language) -> tuple[dict[str, int], dict[str, int]]:
    words, times = all_belonging()[code].days, all_packs()[code].texts.times
    full: dict[str, int] = {}
    short: dict[str, int] = {}
    for day, (name, more, brief) in enumerate(
        zip(times.week, words.names, words.short, strict=True)
    ):
        full.update({fold_letters(form): day for form in (name, f"{name}s", *more)})
        short.update({fold_letters(form): day for form in brief})
    return full, short


@cache
def _between(code: Language) -> re.Pattern[str]:
    """Return what stands between the ends of a range: "to", "bis", a dash."""
    words = _alternatives(one for one in all_belonging()[code].range if one not in _joins(code))
    articles = _alternatives(all_belonging()[code].articles)
    return re.compile(rf"\.?\s*(?:-|(?<=\s)(?:{words})(?=\s))\s*(?:(?:{articles})\s)?")


def _joins(code: Language) -> frozenset[str]:
    return frozenset(all_belonging()[code].joins)


@cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_alternatives(phrases)})\b")


def _alternatives(phrases: Iterable[str]) -> str:
    folded = sorted({fold_letters(one) for one in phrases}, key=len, reverse=True)
    return "|".join(re.escape(one).replace(r"\ ", r"[\s-]") for one in folded)
