"""Helpers for language: folding for comparison, keywords, durations, did-you-mean."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

_WORD = re.compile(r"\w+")
_DURATION_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*")
# Seconds of each unit.
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
# Letters that Unicode does not decompose, but that people type without their stroke.
_STROKES = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"}
)
# Scripts written without spaces: a keyword in them is looked for anywhere.
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_NEAR = 0.6
"""The share of letters (0 to 1) that a name must have in common with a known one to be taken for a
slip of it: difflib's own default."""
MAX_DURATION = timedelta(days=3650)
"""The longest duration that is read: ten years; longer ones are slips of the hand, and the sum of
one and today is still a date."""


def fold(text: str) -> str:
    """Return the words of ``text`` in lower case without accents, each between two spaces."""
    folded = text.lower() if text.isascii() else _strip_accents(text)
    return f" {' '.join(_WORD.findall(folded))} "


def _strip_accents(text: str) -> str:
    # Normalized twice: letters of mathematics become plain capitals only by the first round.
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.translate(_STROKES)


def keyword_needle(keyword: str) -> str:
    """Return what to look for in a folded text so that ``keyword`` is found as whole words.

    A ``*`` at the end also finds longer words (``ship*`` finds "shipping"). Raises ``ValueError``
    where the keyword holds no letter or digit.
    """
    words = fold(keyword)
    if words.isspace():
        raise ValueError(f"the keyword {keyword!r} holds no letter or digit")
    if _SPACELESS.search(words):
        return words.strip()
    return words.rstrip() if keyword.rstrip().endswith("*") else words


def parse_duration(text: str) -> timedelta:
    """Read ``90s``, ``30m``, ``12h``, ``2 days``, ``1h 30m``. Raises ``ValueError``."""
    seconds, at = 0.0, 0
    lowered = text.strip().lower()
    while part := _DURATION_PART.match(lowered, at):
        if part[2] not in _UNITS:
            break
        seconds += float(part[1]) * _UNITS[part[2]]
        at = part.end()
    if not lowered or at != len(lowered):
        raise ValueError(f"{text!r} is not a duration; write 90s, 30m, 12h, 2d or 1h 30m")
    if seconds > MAX_DURATION.total_seconds():
        raise ValueError(f"{text!r} is longer than {MAX_DURATION.days} days")
    return timedelta(seconds=seconds)


def say_duration(duration: timedelta) -> str:
    """Say a duration in words, to the coarsest unit that fits: ``5 minutes``, ``2 hours``."""
    seconds = max(0, round(duration.total_seconds()))
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return _count(round(seconds / size), name)
    return _count(seconds, "second")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown name: the nearest known one, or the list of all."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if names else ""
