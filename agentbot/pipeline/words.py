"""Helpers for language: folding for comparison, keywords, durations, did-you-mean."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import cache, lru_cache

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
_STROKES = str.maketrans("øđðłħŧ\u0131", "oddlhti") | str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th"}
    # Persian's kaf and ye, which an Arabic keyboard writes otherwise.
    | {"\u06a9": "\u0643", "\u06cc": "\u064a"}
)
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3400-\u9fff\U00020000-\U0003ffff]"
)
"""A sign of a script written without spaces: a keyword in it is looked for anywhere."""
# What takes no room on paper, or only stretches a word: soft hyphen, joiners, spaces of no width,
# signs of direction, variation selectors, tags, the fillers of Hangul, and Arabic's tatweel.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u0640\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# The accents of Latin, Greek and Cyrillic, and the points of Hebrew and Arabic, which writers may
# leave out. The marks of other scripts tell words apart: Japanese か and が, Thai tones.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_MARKED_BEFORE = 0x20000
"""The code point before which all combining marks stand that words are written with; the few after
it select variants and are invisible."""
# What keyboards and word processors write for a plain apostrophe, quotation mark or space.
_PLAIN_SIGNS = str.maketrans(
    {
        **dict.fromkeys(
            "\u2018\u2019\u201a\u201b\u02b9\u02bb\u02bc\u02bd\u2032\u00b4\u0060\uff07", "'"
        ),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\uff02", '"'),
        **dict.fromkeys("\u00a0\u2007\u202f\u205f\u3000", " "),
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        **dict.fromkeys("\u0085\u2028\u2029", "\n"),
    }
)
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_PLAIN_HYPHENS = str.maketrans(dict.fromkeys(_HYPHENS, "-") | {"\u2026": "..."})
_IN_A_PATTERN = re.compile(rf"\\.|[\[\]{_HYPHENS}\u2026]", re.DOTALL)
_HANGUL = re.compile("[\uac00-\ud7a3]\\Z")
"""A word's end to which Korean joins its particles."""
# Signs at a word's beginning or end that nobody misses: sentences, quotations, brackets.
_BEFORE_A_WORD = "'\"\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb([{\u00a1\u00bf*_-\u2013\u2014"
_AFTER_A_WORD = "'\"\u201c\u201d\u2018\u2019\u00ab\u00bb)]}?!.,;:\u2026*_-\u2013\u2014"
_LISTED = re.compile(r"\s*[,;|\u3001\uff0c\uff1b]\s*")
_NEAR = 0.6
"""The share of letters (0 to 1) that a name must have in common with a known one to be taken for a
slip of it: difflib's own default."""
_WORD = 32
"""Characters of what may be a single word: the same ones come again and again, and folding one
takes ten times as long as looking it up."""
MAX_DURATION = timedelta(days=3650)
"""The longest duration that is read: ten years; longer ones are slips of the hand, and the sum of
one and today is still a date."""

_UNITED_STATES = re.compile(
    r"\b(?:US(?![\w$])|U\.\s?S\.(?:\s?A\.)?|[Uu]nited [Ss]tates(?: of America)?)"
)
"""A country of which the shortest name is a pronoun once it is folded, and so no content."""


def fold(text: str) -> str:
    """Return the words of ``text`` in one form, each between two spaces.

    Two texts fold to the same where a reader takes their words for the same: whatever their case,
    normal form, invisible signs, signs between words, and accents in Latin, Greek and Cyrillic.
    Rules, FAQ and the FAQ's index compare words by this alone. Takes time linear in the text.
    """
    return _folded_word(text) if len(text) <= _WORD else _folded(text)


def _folded(text: str) -> str:
    if text.isascii():
        return f" {' '.join(_ASCII_WORD.findall(text.lower()))} "
    return f" {' '.join(_word_pattern().findall(_without_accents(text)))} "


@lru_cache(maxsize=8_192)
def _folded_word(word: str) -> str:
    return _folded(word)


def _without_accents(text: str) -> str:
    """Return ``text`` in lower case, without accents and invisible signs, composed."""
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    # Normalized twice: letters of mathematics become plain capitals only by the first round.
    folded = decomposed.translate(_PLAIN_SIGNS).casefold()
    decomposed = unicodedata.normalize("NFKD", folded).translate(_digits())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed).translate(_STROKES))


@cache
def _digits() -> dict[int, str]:
    """Return the digits 0 to 9 for those of all scripts."""
    return {
        ord(sign): str(unicodedata.decimal(sign))
        for sign in filter(str.isdecimal, map(chr, range(_MARKED_BEFORE)))
    }


@cache
def _word_pattern() -> re.Pattern[str]:
    r"""Return what finds a word: letters, digits, and the marks that ``\w`` leaves out."""
    signs = list(map(chr, range(_MARKED_BEFORE)))
    kinds = map(unicodedata.category, signs)
    within = "".join(sign for sign, kind in zip(signs, kinds, strict=True) if kind[0] == "M")
    return re.compile(rf"(?:[^\W_]|[{within}])+")


def with_one_name(text: str) -> str:
    """Return the text with one name for the country that has several: "USA"."""
    return _UNITED_STATES.sub("USA", text)


def is_blank(text: str) -> bool:
    """Say whether nothing of ``text`` can be seen: spaces, and signs that take no ink."""
    if text.isascii():
        return not text.strip()
    return not any(
        unicodedata.category(sign)[0] not in "ZCM" and sign != "\u2800"  # Braille without a dot
        for sign in _INVISIBLE.sub("", text)
    )


def plain(text: str) -> str:
    """Return ``text`` as a plain keyboard writes it, for people and patterns.

    Composed letters, straight apostrophes and quotation marks, one kind of space, dash and line
    break, three full stops, and no invisible signs. Case, accents and other punctuation stay.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.replace("`", "'")
    return _plain_signs(text).translate(_PLAIN_HYPHENS)


def _plain_signs(text: str) -> str:
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(_PLAIN_SIGNS)


def plain_pattern(pattern: str) -> str:
    """Return a regular expression whose letters and signs are those of `plain` texts."""
    depth = 0

    def written(found: re.Match[str]) -> str:
        nonlocal depth
        sign = found[0]
        depth = max(0, depth + {"[": 1, "]": -1}.get(sign, 0))
        if sign == "\u2026":
            return "." if depth else r"\.\.\."
        if sign not in _HYPHENS:
            return sign
        return r"\-" if depth else "-"  # among [...] a bare one would be an operator

    return _IN_A_PATTERN.sub(written, _plain_signs(pattern))


def keyword_needle(keyword: str) -> str:
    """Return what to look for in a folded text so that ``keyword`` is found as whole words.

    A ``*`` at the end also finds longer words (``ship*`` finds "shipping"), and so does a Korean
    word, to which particles are joined. Raises ``ValueError`` where the keyword holds no letter or
    digit.
    """
    words = fold(keyword)
    if words.isspace():
        raise ValueError(f"the keyword {keyword!r} holds no letter or digit")
    if SPACELESS.search(words):
        return words.strip()
    is_open = keyword.rstrip().endswith("*") or _HANGUL.search(words.rstrip())
    return words.rstrip() if is_open else words


def lost_signs(keyword: str) -> str:
    """Return the first word of a keyword that means something else without its signs; or ``""``.

    Keywords are compared by their words, so that ``C++`` would find every "C".
    """
    for word in plain(keyword).split():
        core = word.lstrip(_BEFORE_A_WORD).rstrip(_AFTER_A_WORD)
        if core and not fold(core).isspace() and not (_is_word(core[0]) and _is_word(core[-1])):
            return word
    return ""


def listed(keyword: str) -> list[str]:
    """Return the parts of a keyword that commas, semicolons or bars set apart."""
    return [part for part in _LISTED.split(keyword.strip()) if part]


def _is_word(sign: str) -> bool:
    return not fold(sign).isspace()


def parse_duration(text: str) -> timedelta:
    """Read a duration as an operator writes it. Raises ``ValueError``.

    >>> [str(parse_duration(text)) for text in ("90s", "12h", "2 days", "1h 30m")]
    ['0:01:30', '12:00:00', '2 days, 0:00:00', '1:30:00']
    """
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


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a remedy for an unknown name: the nearest known one, or the list of all.

    ``otherwise`` takes the place of a list that nobody would read.
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, cutoff=_NEAR)
    if near:
        return f"did you mean {near[0]!r}?"
    return otherwise or (f"known: {', '.join(names)}" if names else "")
