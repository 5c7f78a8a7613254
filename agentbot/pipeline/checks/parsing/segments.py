"""A part of a text with its labels and its values: a row, an item, a clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from agentbot.pipeline.checks.parsing.days import Days, days_in
from agentbot.pipeline.checks.parsing.figures import ADDRESS, Figure, figures
from agentbot.pipeline.checks.parsing.opposites import Side, sides_in
from agentbot.pipeline.checks.parsing.wording import Wording, stem, tongue
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.words import fold, plain

DAY = "day "
"""What a label begins with that is a day of the week: "day 0" is Monday."""
POLARITY, ADDRESSES, OPPOSITES = "polarity", "address", "opposites "
"""The units of what is no figure: affirming and denying, addresses, opposites by their group."""
_MARKS = re.compile(r"[*_`#]+|\[|\]\([^)]*\)")
_PHONE = re.compile(r"(?<![\w.])\+?\d[\d\s()/-]{5,18}\d(?!\w|[.,]\d|\s?[%\u20ac$\u00a3])")
_KEPT = 4096
"""Pieces that are kept as they were read: those of the sources that are asked for."""
_LEAST_DIGITS = 7
"""Digits of a telephone number."""
_CAPITAL = re.compile(r"(?<=\w\s)[A-Z](?![\w'])")
"""A letter that is a name: "Model B"."""
_COMPOUND = re.compile(r"\b[^\W\d_]-[^\W\d_]{2,}")
"""A word with a letter before it: "e-bike"."""
_NAME = re.compile(r"(?<=[\w,;:)]\s)[A-Z][\w'-]+")
"""A word with a capital within a sentence."""


WITHOUT = frozenset({"without", "ohne", "sans", "sin", "sem", "senza", "zonder", "bez"})
"""Denials that only tell one thing from another."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A part of a text.

    ``own`` are its labels: stems of words, and days; ``context`` those that it has from around it.
    ``names`` are those of its own that tell more than words do. ``values`` are its figures,
    addresses, opposites, and whether it affirms or denies.
    """

    own: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    values: tuple[Figure, ...] = ()

    @property
    def labels(self) -> frozenset[str]:
        """All its labels."""
        return self.own | self.context

    @property
    def days(self) -> frozenset[str]:
        """The days among them."""
        return frozenset(one for one in self.labels if one.startswith(DAY))

    @property
    def denies(self) -> bool:
        """Whether it denies something."""
        return DENIAL in self.values

    def has(self, value: Figure) -> bool:
        """Say whether it holds the value."""
        return any(value.agrees_with(one) for one in self.values)

    def joined(self, other: Segment) -> Segment:
        """Return both as one."""
        return Segment(
            self.own | other.own,
            self.context | other.context,
            self.names | other.names,
            (*self.values, *(one for one in other.values if one not in self.values)),
        )


def _verdict(written: str) -> Figure:
    return Figure(written, 0, frozenset({(written, POLARITY)}))


AFFIRMATION, DENIAL = _verdict("yes"), _verdict("no")
"""What is said of something that is so, and of something that is not."""


def is_state(value: Figure) -> bool:
    """Say whether it is no figure, but that something is so or not, or one of some opposites."""
    return any(unit == POLARITY or unit.startswith(OPPOSITES) for unit in value.units())


@lru_cache(_KEPT)
def segment(text: str, code: str) -> Segment:
    """Return a piece of text with its labels and values."""
    text = plain(text)
    values = list(_addresses(text))
    rest = _MARKS.sub(lambda found: " " * len(found[0]), _blanked(text, values))
    found = figures(rest)
    # "3 to 7 working days" is a time, and names no day.
    days = [
        one
        for one in days_in(rest, code)
        if not any(one.start < figure.end and figure.start < one.end for figure in found)
    ]
    rest = _blanked(rest, [*found, *days])
    wording = Wording.of(rest, tongue(code))
    sides = sides_in(wording.words, code)
    names = {f"{DAY}{day}" for one in days for day in one.days}
    names |= {one[0].lower() for one in _CAPITAL.finditer(rest) if one[0] != "I"}
    # A word for a number tells nothing of what it is said of: "batteries one of two years".
    telling = [word for word in wording.telling if not word[0].isdigit()]
    names |= {one[0].lower() for one in _COMPOUND.finditer(rest)}
    own = {*names, *telling, *(f"{OPPOSITES}{one.group}.{one.side}" for one in sides)}
    own |= {stem(word) for word in wording.words if word in words_of(code, "contrasting")}
    names |= own & {stem(word) for one in _NAME.finditer(rest) for word in fold(one[0]).split()}
    values += found
    if not WITHOUT.issuperset(wording.denials(tongue(code))):
        values.append(DENIAL)
    else:
        values += [_opposite(one) for one in sides]
    return Segment(frozenset(own), names=frozenset(names), values=tuple(values))


def words_of(code: str, name: str) -> frozenset[str]:
    """Return a language's words of `BelongingWords`, folded; of "", those of all languages."""
    return _words_of(code if code in CODES else "", name)


@cache
def _words_of(code: str, name: str) -> frozenset[str]:
    read = [words for one, words in all_belonging().items() if code in {"", one}]
    return frozenset(
        word for words in read for text in getattr(words, name) for word in fold(text).split()
    )


def _opposite(one: Side) -> Figure:
    return Figure(" ".join(one.words), 0, frozenset({(str(one.side), f"{OPPOSITES}{one.group}")}))


def _addresses(text: str) -> Iterator[Figure]:
    """Yield the addresses of pages and of mail, and telephone numbers."""
    rest = text
    for one in ADDRESS.finditer(text):
        rest = rest[: one.start()] + " " * len(one[0]) + rest[one.end() :]
        written = one[0].rstrip(".,;:!?")
        meant = frozenset({(written.lower().rstrip("/"), ADDRESSES)})
        yield Figure(written, one.start(), meant, one.start(), one.start() + len(written))
    for one in _PHONE.finditer(rest):
        digits = re.sub(r"\D+", "", one[0])
        if len(digits) >= _LEAST_DIGITS:
            yield Figure(one[0].strip(), one.start(), frozenset({(digits, ADDRESSES)}), *one.span())


def _blanked(text: str, spans: Iterable[Figure | Days]) -> str:
    for one in spans:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text
