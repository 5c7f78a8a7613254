"""What a text must hold for a condition to hold: by that, most rules need not be tried at all.

A need may ask for less than its condition does, never for more: what meets it is tried as ever.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_SHORTEST = 2
"""Characters of a text that is worth looking for: a single letter stands in every message."""


class Where(StrEnum):
    """In which form of what a customer wrote a need's texts are looked for."""

    FOLDED = "folded"
    """As words, as keywords are compared."""
    LINE = "line"
    """Case-folded, on one line."""


@dataclass(frozen=True, slots=True)
class Need:
    """One of ``texts`` stands in what the customer wrote, or is the value of a fact.

    ``where`` is a form of what they wrote, or the path of a fact: ``("customer", "page")``.
    """

    where: Where | tuple[str, ...]
    texts: frozenset[str]


def in_line(text: str) -> Need | None:
    """Return the need that ``text`` is written, in whatever case; None where it says nothing."""
    runs = _runs(text)
    return Need(Where.LINE, frozenset({max(runs, key=len)})) if runs else None


def any_of(needs: Iterable[Need | None]) -> Need | None:
    """Return the need of a choice: None where one of them has none, or another place."""
    texts: set[str] = set()
    where = None
    for need in needs:
        if need is None or where not in (None, need.where):
            return None
        where = need.where
        texts |= need.texts
    return None if where is None else Need(where, frozenset(texts))


def narrowest(needs: Iterable[Need]) -> Need | None:
    """Return the need that the fewest texts meet, as far as its own texts tell."""
    known = (need for need in needs if need.texts)
    return max(known, key=lambda need: (min(map(len, need.texts)), -len(need.texts)), default=None)


def pattern_need(pattern: str) -> Need | None:
    """Return what must be written for a regular expression to be found; None if that is unknown.

    The expression is one of the engine inside pydantic, and good.
    """
    try:
        return _Pattern(pattern).need()
    except _Unknown:
        return None


class _Unknown(Exception):
    """The expression has a part of which nothing is known."""


_CODES = {"x": 2, "u": 4, "U": 8, "p": 1, "P": 1}
"""The letters after a backslash that codes follow, and how many signs these have without braces."""
_CLASSES = frozenset("dDsSwWbBAzafnrtv<>")
"""The letters after a backslash that stand for a class, a place or a sign that nobody looks for."""


class _Pattern:
    """A reader of a regular expression, which collects what must be written."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def need(self) -> Need | None:
        """Return the need of the whole expression."""
        need = self._choice()
        if self._at < len(self._pattern):
            raise _Unknown
        return need

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        sign = self._peek()
        if not sign:
            raise _Unknown
        self._at += 1
        return sign

    def _choice(self) -> Need | None:
        """Read alternatives up to a closing bracket or the end."""
        needs = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            needs.append(self._sequence())
        return any_of(needs)

    def _sequence(self) -> Need | None:
        """Read what stands in a row: each part that must be there is a need of its own."""
        needs: list[Need] = []
        run = ""
        while (sign := self._peek()) and sign not in "|)":
            part = self._part()
            may_lack, may_repeat = self._repetition()
            if isinstance(part, str) and not may_lack:
                run += part
                if not may_repeat:
                    continue
            elif isinstance(part, Need) and not may_lack:
                needs.append(part)
            needs += [need] if (need := in_line(run)) else []
            run = ""
        needs += [need] if (need := in_line(run)) else []
        return narrowest(needs)

    def _part(self) -> str | Need | None:
        """Read one part: a sign that stands for itself, a group, or anything else."""
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "\\":
            return self._escaped()
        if sign == "[":
            self._skip_class()
        return None if sign in ".^$[" else sign

    def _escaped(self) -> str | None:
        sign = self._take()
        if sign in _CODES or sign in _CLASSES:
            if self._peek() == "{" and sign in {*_CODES, "b"}:
                self._skip_to("}")
            else:
                self._at += _CODES.get(sign, 0)
            return None
        if sign.isalnum():
            raise _Unknown
        return sign

    def _skip_to(self, end: str) -> None:
        while self._take() != end:
            pass

    def _skip_class(self) -> None:
        """Skip a class of signs, which may hold others."""
        if self._peek() == "^":
            self._at += 1
        if self._peek() == "]":  # the first one stands for itself
            self._at += 1
        while (sign := self._take()) != "]":
            if sign == "\\":
                self._take()
            elif sign == "[":
                self._skip_class()

    def _group(self) -> Need | None:
        """Read a group up to its closing bracket."""
        if self._peek() == "?":
            self._at += 1
            if self._peek() in {"P", "<"}:
                self._skip_to(">")
            else:
                flags = self._flags()
                if flags.endswith(")"):
                    return None
        need = self._choice()
        self._at += 1  # the bracket
        return need

    def _flags(self) -> str:
        """Read flags up to the sign that ends them, which is the last one returned."""
        flags = self._take()
        while flags[-1] not in "):":
            flags += self._take()
        if "x" in flags:  # spaces do not count then
            raise _Unknown
        return flags

    def _repetition(self) -> tuple[bool, bool]:
        """Read how often the part before may stand there: maybe not at all, maybe repeatedly."""
        may_lack = may_repeat = False
        while (sign := self._peek()) and sign in "*+?{":
            self._at += 1
            may_repeat = True
            if sign == "{":
                start = self._at
                self._skip_to("}")
                least = self._pattern[start : self._at - 1].partition(",")[0].strip()
                may_lack |= not least.strip("0")
            may_lack |= sign in "*?"
            if sign == "+" and self._peek() == "?":  # as few as possible, but one
                self._at += 1
        return may_lack, may_repeat


def _runs(text: str) -> tuple[str, ...]:
    """Return the pieces of a text, case-folded, that can be looked for in whatever case."""
    kept = "".join(sign if _is_sure(sign) else "\n" for sign in text)
    pieces: Iterator[str] = (piece.casefold() for piece in kept.split("\n"))
    return tuple(piece for piece in pieces if len(piece) >= _SHORTEST)


def _is_sure(sign: str) -> bool:
    """Say whether Python and the engine agree on all signs that are this one in another case.

    The engine may know a newer Unicode: so only letters of old, and those that have no case.
    """
    code = ord(sign)
    if sign.isascii():
        return sign.isprintable()
    is_old = code < 0x180 or 0x386 <= code <= 0x3CE or 0x400 <= code <= 0x45F
    return (is_old and sign.isalpha()) or unicodedata.category(sign) == "Lo"
