"""What is kept of an answer: the fields that are declared, checked and bounded, and no more.

Whatever they hold is data: it is never read as a template, a rule or an instruction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Literal

Kept = str | int | float | bool | list[str]
"""The values of fields, as templates see them."""

_MOST_ITEMS = 20
"""Items of a list that are kept: more than a chat window shows."""
_LARGEST = 2**53
"""The largest whole number that is told exactly (IEEE 754): a longer one is an id, for a string."""
_MARKUP = re.compile(r"(\](?=[(\[])|<(?=[a-zA-Z/!?]))")
"""Signs that would begin a link of markdown or a tag of HTML, were there no space after them: what
another system holds may be anybody's words, and replies are markdown."""
_DATE_LENGTH = len("2026-11-26")


class Unexpected(ValueError):
    """An answer is not of the shape that is declared."""


class Nothing(ValueError):
    """An answer says that there is no such thing."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way into an answer: keys, places of lists, and ``*`` for each item of one."""

    steps: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read ``order.items.*.name``. Raises ``ValueError``."""
        steps = tuple(text.split("."))
        if not all(step.strip() == step and step for step in steps):
            raise ValueError(f"{text!r} is no path")
        return cls(steps)

    @property
    def is_many(self) -> bool:
        """Whether it leads to each item of a list."""
        return "*" in self.steps

    def all_in(self, data: object) -> Iterator[object]:
        """Yield what it leads to, null left out."""
        at = [data]
        for step in self.steps:
            at = [inner for one in at for inner in _step(one, step)]
        yield from (one for one in at if one is not None)


def _step(data: object, step: str) -> Sequence[object]:
    if isinstance(data, Mapping):
        return [data[step]] if step in data else []
    if isinstance(data, list):
        if step == "*":
            return data
        return [data[int(step)]] if step.isdecimal() and int(step) < len(data) else []
    return []


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is kept."""

    name: str
    path: Path
    about: str
    kind: Literal["string", "integer", "number", "boolean", "date", "list"]
    required: bool
    max_length: int

    @property
    def sample(self) -> Kept:
        """A value of its type, to try templates on."""
        samples: dict[str, Kept] = {
            "string": "sent",
            "integer": 2,
            "number": 1.5,
            "boolean": True,
            "date": "2026-11-26",
            "list": ["a bowl"],
        }
        return samples[self.kind]

    def kept(self, data: object) -> Kept:
        """Return its value in an answer. Raises :class:`Unexpected`."""
        found = list(self.path.all_in(data))
        if self.kind == "list":
            items = found if self.path.is_many else _items(found)
            texts = [_text(one, self.max_length) for one in items[:_MOST_ITEMS]]
            if any(text is None for text in texts):
                raise Unexpected(f"{self.name} is not a list of texts")
            if self.required and not texts:
                raise Unexpected(f"{self.name} is missing")
            return [text for text in texts if text]
        if not found:
            if self.required:
                raise Unexpected(f"{self.name} is missing")
            return ""
        value = self._one(found[0])
        if value is None or (self.required and value == ""):
            raise Unexpected(f"{self.name} is not of type {self.kind}")
        return value

    def _one(self, found: object) -> Kept | None:
        """Return a value of its type; None where ``found`` is none."""
        if self.kind == "string":
            return _text(found, self.max_length)
        if self.kind == "boolean":
            return found if isinstance(found, bool) else None
        if self.kind == "date":
            return _date(found)
        number = _number(found)
        if self.kind == "number" or number is None:
            return number
        return int(number) if number.is_integer() and abs(number) <= _LARGEST else None


def _items(found: Sequence[object]) -> Sequence[object]:
    if found and not isinstance(found[0], list):
        raise Unexpected("there is no list")
    return found[0] if found and isinstance(found[0], list) else []


def _text(found: object, max_length: int) -> str | None:
    """Return a text on one line, without signs that cannot be seen; None where it is none."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    seen = "".join(
        " " if sign.isspace() else sign
        for sign in str(found)[: 4 * max_length]
        if sign.isspace() or not unicodedata.category(sign).startswith("C")
    )
    text = _MARKUP.sub(r"\1 ", " ".join(seen.split()))
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def _number(found: object) -> float | None:
    """Return a number, which may be written as a text; None where it is none."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        number = float(found)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _date(found: object) -> str | None:
    """Return the day of a date or time in ISO 8601; None where it is none."""
    if not isinstance(found, str):
        return None
    try:
        return date.fromisoformat(found[:_DATE_LENGTH]).isoformat()
    except ValueError:
        return None


def keep(data: object, fields: Sequence[Field], found: Path | None) -> Mapping[str, Kept]:
    """Return what is kept of an answer.

    Raises :class:`Nothing` where nothing stands at ``found``, and :class:`Unexpected`.
    """
    if found is not None and not any(found.all_in(data)):
        raise Nothing("nothing was found")
    return {field.name: field.kept(data) for field in fields}
