"""The figures of a text: numbers with their units, prices, times, dates and codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold, plain

ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"'\)\]]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)
"""Addresses of pages and of mail: their digits are no figures."""
_CURRENCIES: Mapping[str, str] = {
    "\u20ac": "EUR",
    "$": "USD",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u20b9": "INR",
    **dict.fromkeys(("eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("usd", "dollar", "dollars", "dolar", "dolares", "dollari"), "USD"),
    **dict.fromkeys(("gbp", "pound", "pounds", "pfund", "livres"), "GBP"),
    **dict.fromkeys(("chf", "franken", "francs"), "CHF"),
    **dict.fromkeys(("nok", "sek", "dkk", "kr", "kroner", "kronen"), "CROWN"),
    **dict.fromkeys(("pln", "zl", "zloty", "zlotych"), "PLN"),
    **dict.fromkeys(("brl", "reais", "r$"), "BRL"),
    **dict.fromkeys(("cent", "cents", "ct"), "CENT"),
}
_MEASURES: Mapping[str, str] = {
    "%": "percent",
    **dict.fromkeys(("percent", "prozent", "procent", "procenten", "pourcent", "pct"), "percent"),
    **dict.fromkeys(("kg", "kilo", "kilos", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("g", "gram", "grams", "gramm"), "g"),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometres"), "km"),
    **dict.fromkeys(("m", "meter", "meters", "metres", "metros", "metri"), "m"),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetres"), "cm"),
    **dict.fromkeys(("mm",), "mm"),
    **dict.fromkeys(("miles", "mile"), "mile"),
    **dict.fromkeys(("l", "liter", "liters", "litre", "litres"), "l"),
    **dict.fromkeys(("ml",), "ml"),
    **dict.fromkeys(("gb", "mb", "tb", "kb"), "byte"),
    **dict.fromkeys(("million", "millions", "millionen", "millones", "mln"), "million"),
    **dict.fromkeys(("billion", "billions", "milliarden", "milliards", "mrd"), "billion"),
}
_SECONDS: Mapping[str, tuple[str, int]] = {
    "minute": ("short", 1),
    "hour": ("short", 60),
    "day": ("short", 1440),
    "week": ("short", 10080),
    "month": ("long", 1),
    "year": ("long", 12),
    "workday": ("workday", 1),
}
"""What a unit of time is counted in, and how many of these: minutes, or months."""
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?"
    r"|\d+(?:[.,]\d+)?)(?P<ordinal>st\b|nd\b|rd\b|th\b)?"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[^\W\d_])[\w]+(?:[-/][\w]+)*(?![\w-])")
_TIME = re.compile(
    r"(?<![\w:.,])(?P<hour>[01]?\d|2[0-4])(?:(?P<sep>[:.h])(?P<minute>[0-5]\d))?"
    r"\s?(?P<half>[ap]\.?m\b\.?|uhr\b|h\b|o'clock\b|uur\b)?(?![\w:])",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?!\d)")
_LISTED = re.compile(r"^\s*(?:#+\s*)?\d{1,2}[.)]\s", re.MULTILINE)
_UNIT_AFTER = re.compile(
    r"[\s\u00a0-]{0,2}(%|[\u20ac$\u00a3\u00a5\u20b9]|[^\W\d_]+\$?)(?:[\s-]([^\W\d_]+))?"
)
_UNIT_BEFORE = re.compile(r"(R\$|[\u20ac$\u00a3\u00a5\u20b9]|\b[A-Za-z]{3})\s?$")
_FIRST_READ = frozenset({"time", "code", "day of year"})
"""The units that a figure with several meanings is written in."""
_CENTURY = 2000
"""What is added to years of two digits."""
_MONTHS, _DAYS = 12, 31
_NOON = 12
_SHORT_CODE = 3
"""Digits from which on a mixture of digits and letters is a code: an order's, not "2-year"."""
_KEPT = 4096
"""Texts whose figures are kept: the sentences and clauses of the sources that are asked for."""
_Meaning = tuple[str, str]
_Found = tuple[int, int, frozenset[_Meaning]]
"""Where a figure begins and ends, and what it may mean."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: how it is written, and what it may mean: a value with its unit ("" for none).

    Several meanings where writing is ambiguous: 1.000 is a thousand, or one. With its unit it
    stands from ``start`` to ``end`` in the plain text; the number itself begins at ``place``.
    """

    written: str
    place: int
    meanings: frozenset[tuple[str, str]]
    start: int = 0
    end: int = 0

    def agrees_with(self, other: Figure) -> bool:
        """Say whether the other may mean the same; a unit that is not written may be any."""
        return any(
            value == theirs and (unit == their_unit or "" in (unit, their_unit))
            for value, unit in self.meanings
            for theirs, their_unit in other.meanings
        )

    def units(self) -> frozenset[str]:
        """Return the units that it may have."""
        return frozenset(unit for _, unit in self.meanings)


def figures(text: str) -> list[Figure]:
    """Return the figures of a text, in order; numbers in words only where a unit follows."""
    return list(_figures(text))


@lru_cache(_KEPT)
def _figures(text: str) -> tuple[Figure, ...]:
    text = plain(text)
    text = ADDRESS.sub(lambda found: " " * len(found[0]), text)
    found: list[Figure] = []
    for find in (_dates, _blank_lists, _times, _codes, _numbers, _in_words):
        taken = list(find(text))
        found += [
            Figure(
                text[start:end].strip(), start, meanings, *_with_unit(text, start, end, meanings)
            )
            for start, end, meanings in taken
            if meanings
        ]
        for start, end, _ in taken:
            text = text[:start] + " " * (end - start) + text[end:]
    return tuple(sorted(found, key=lambda figure: figure.place))


@lru_cache(_KEPT)
def canonical(text: str) -> str:
    """Return the plain text with each figure written in one way: "9 eur" as "\u20ac9"."""
    text = plain(text)
    parts, at = [], 0
    for one in figures(text):
        if one.start < at:
            continue
        # Of 10 and 10,000 the second is written so.
        value, unit = min(
            one.meanings, key=lambda meant: (meant[1] not in _FIRST_READ, -len(meant[0]), meant)
        )
        parts += [text[at : one.start], " ", re.sub(r"\W", "", f"{value}{unit}"), " "]
        at = one.end
    return "".join([*parts, text[at:]])


def _with_unit(
    text: str, start: int, end: int, meanings: frozenset[tuple[str, str]]
) -> tuple[int, int]:
    """Return where a figure begins and ends with its unit."""
    if {"time", "day of year", "code", ""} & {unit for _, unit in meanings}:
        return start, end
    found = _UNIT_BEFORE.search(text[max(0, start - 5) : start])
    if found and found[1].lower() in _CURRENCIES:
        return start - len(found[0]), end
    if not _unit_at(text, end):
        return start, end
    found = _UNIT_AFTER.match(text, end)
    if found is None:
        return start, end
    pair = f"{fold(found[1]).strip()} {fold(found[2] or '').strip()}"
    return start, found.end() if pair in _units() else found.end(1)


def _blank_lists(text: str) -> Iterator[_Found]:
    """Yield the numbers of lists, which mean nothing."""
    for one in _LISTED.finditer(text):
        yield one.start(), one.end(), frozenset()


def _dates(text: str) -> Iterator[_Found]:
    """Yield the days of dates, and their years apart: a text may name only one of them."""
    for one in _ISO.finditer(text):
        yield one.start(1), one.end(1), frozenset({(one[1], "")})
        yield one.end(1), one.end(), _days((int(one[2]), int(one[3])))
    for one in _NUMERIC.finditer(text):
        first, second = int(one[1]), int(one[2])
        if days := _days((second, first), (first, second)):
            year = int(one[3]) + (_CENTURY if len(one[3]) < len(str(_CENTURY)) else 0)
            yield one.start(), one.start(3), days
            yield one.start(3), one.end(3), frozenset({(str(year), "")})
    for one in _month_pattern().finditer(fold_letters(text)):
        month = _months()[one["before"] or one["after"]]
        yield one.start(), one.end(), _days((month, int(one["day"] or one["day2"])))


def _days(*days: tuple[int, int]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (f"{month:02}-{day:02}", "day of year")
        for month, day in days
        if 1 <= month <= _MONTHS and 1 <= day <= _DAYS
    )


def _times(text: str) -> Iterator[_Found]:
    for one in _TIME.finditer(text):
        half, minute = (one["half"] or "").lower(), one["minute"]
        if not half and (minute is None or one["sep"] == "."):
            continue
        hour = int(one["hour"])
        if half.startswith("p") and hour < _NOON:
            hour += _NOON
        if half.startswith("a") and hour == _NOON:
            hour = 0
        meanings = {(f"{hour:02}:{int(minute or 0):02}", "time")}
        if half == "h":  # 24 h: hours, too
            meanings.add((str(hour * 60), "short"))
        if not half and hour <= _NOON:  # 5:30 may be in the afternoon
            meanings.add((f"{hour % _NOON + _NOON:02}:{int(minute or 0):02}", "time"))
        if not int(minute or 0):
            meanings |= {(str(int(one["hour"])), "clock"), (str(hour), "clock")}
        yield one.start(), one.end(), frozenset(meanings)


def _numbers(text: str) -> Iterator[_Found]:
    for one in _NUMBER.finditer(text):
        end = one.end()
        after = text[end : end + 1]
        if after and (after.isalpha() or after == "_") and not _unit_at(text, end):
            continue  # a code: 3XL
        unit = _unit_at(text, end) or _unit_before(text, one.start()) or _range_unit(text, end)
        values = _values(one["number"])
        yield one.start(), end, frozenset(_meant(value, unit) for value in values)


def _codes(text: str) -> Iterator[_Found]:
    for one in _CODE.finditer(text):
        if not _unit_glued(one[0]) and _is_code(one[0]):
            yield one.start(), one.end(), frozenset({(fold(one[0]).replace(" ", ""), "code")})


def _in_words(text: str) -> Iterator[_Found]:
    """Yield numbers in words before a unit: "two weeks"."""
    numbers = _number_words()
    for one in re.finditer(r"[^\W\d_]+", text):
        values = numbers.get(fold(one[0]).strip(), ())
        unit = _unit_at(text, one.end()) if values else ""
        if unit:
            yield (
                one.start(),
                one.end(),
                frozenset(_meant(Decimal(value), unit) for value in values),
            )


def _values(written: str) -> set[Decimal]:
    """Return what a number may mean, whichever sign sets thousands apart."""
    written = re.sub(r"['\u00a0\u202f ]", "", written)
    signs = [sign for sign in written if sign in ".,"]
    if not signs:
        return {Decimal(written)}
    last = max(written.rfind("."), written.rfind(","))
    whole = re.sub(r"[.,]", "", written[:last])
    as_fraction = Decimal(f"{whole}.{written[last + 1 :]}")
    as_whole = Decimal(re.sub(r"[.,]", "", written))
    if len(set(signs)) > 1:
        return {as_fraction}
    if len(signs) > 1:
        return {as_whole}
    return {as_fraction, as_whole} if len(written) - last - 1 == 3 else {as_fraction}


def _meant(value: Decimal, unit: str) -> tuple[str, str]:
    if unit in _SECONDS:
        unit, times = _SECONDS[unit]
        value *= times
    return f"{value.normalize():f}", unit


def _unit_at(text: str, end: int) -> str:
    found = _UNIT_AFTER.match(text, end)
    if not found:
        return ""
    first = fold(found[1]).strip() or found[1]
    second = fold(found[2] or "").strip()
    return _units().get(f"{first} {second}") or _units().get(first, "")


def _range_unit(text: str, end: int) -> str:
    """Return the unit of the second number of a range for its first: "2 to 4 days"."""
    found = re.compile(
        r"\s?(?:[-\u2013\u2014]|to|bis|a|\u00e0|al|tot|do|and|und|or|oder|ou|o|e|of|lub)\s?\d+(?:[.,]\d+)?"
    ).match(text, end)
    return _unit_at(text, found.end()) if found else ""


def _unit_before(text: str, start: int) -> str:
    found = _UNIT_BEFORE.search(text[max(0, start - 5) : start])
    return _CURRENCIES.get(found[1].lower(), "") if found else ""


def _unit_glued(code: str) -> bool:
    """Say whether a code is a number with its unit: 5kg, 30-day."""
    found = re.fullmatch(r"\d+(?:[.,]\d+)?-?([^\W\d_]+)", code)
    return bool(found) and (fold(found[1]).strip() in _units() if found else False)


def _is_code(word: str) -> bool:
    return sum(sign.isdigit() for sign in word) >= _SHORT_CODE or any(map(str.isupper, word))


def fold_letters(text: str) -> str:
    """Return the text in small letters without accents, sign for sign."""
    folded = []
    for sign in text:
        lowered = sign.lower()
        first = unicodedata.normalize("NFKD", lowered)[:1] if not lowered.isascii() else lowered
        folded.append(first if len(first) == 1 else sign)
    return "".join(folded)


@cache
def _units() -> Mapping[str, str]:
    units = {**_CURRENCIES, **_MEASURES}
    for speech in all_speech().values():
        for unit, forms in speech.units.items():
            units.update({fold(form).strip(): unit for form in forms})
    return units


@cache
def _number_words() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for speech in all_speech().values():
        for word, number in speech.numbers.items():
            found.setdefault(fold(word).strip(), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@cache
def _months() -> Mapping[str, int]:
    found = {}
    for pack in all_packs().values():
        times = pack.texts.times
        for number, name in enumerate(times.months, 1):
            folded = fold_letters(name)
            found[folded] = number
            if len(folded) > 3:  # "jan", "mai" are as short
                found.setdefault(folded[:3], number)
    return found


@cache
def _month_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        rf"\b(?P<day>[0-3]?\d)(?:\.|st|nd|rd|th|er|o)?(?:\s(?:de|of|d'))?\s(?P<after>{names})\b\.?"
        rf"|\b(?P<before>{names})\.?\s(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?\b(?!:)"
    )
