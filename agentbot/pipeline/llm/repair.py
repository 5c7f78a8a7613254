"""JSON as models write it: in prose or fences, with odd quotes, too many commas, or cut off."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_MAX_DEPTH = 20
"""Levels of one value in another: no answer has five."""
_MOST_TRIED = 5
"""Braces at which an object is looked for: before it stands a sentence, and no program."""
_WORDS = {"true": True, "false": False, "none": None, "null": None}
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201e": "\u201c", "`": "`"}
"""Marks that begin a text, and those that end it."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_SPACE = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_BARE = re.compile(r"[^\s,:{}\[\]\"']+")
_KEY_AHEAD = re.compile(r"\s*[\"'\u201c]?[A-Za-z_]\w{0,40}[\"'\u201d]?\s*:")
_QUOTED_KEY = re.compile(r"[\"']\w{1,40}[\"']\s*:")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Found:
    """An object that stands in a text.

    ``unfinished`` is the key, among the outermost ones, within whose value the text has ended; ""
    where it ended between them, None where it did not.
    """

    value: dict[str, Any]
    unfinished: str | None = None


def find_object(text: str) -> Found | None:
    """Return the first JSON object in a text, mended where need be; None where there is none."""
    places = [match.start() for match in re.finditer(r"\{", text)][:_MOST_TRIED]
    for place in places:
        try:
            value, _ = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            continue
        if value:
            return Found(value)
    for place in places:
        reader = _Reader(text, place)
        try:
            value = reader.read(0)
        except _NotJson:
            continue
        if value:
            return Found(value, reader.unfinished)
    return None


class _NotJson(Exception):
    """What stands there is no JSON, however much is overlooked."""


class _Reader:
    """The reader of one value from ``place`` on."""

    def __init__(self, text: str, place: int) -> None:
        self._text = text
        self._place = place
        self.unfinished: str | None = None

    def read(self, depth: int) -> dict[str, Any]:
        """Return the object that begins here."""
        self._place += 1
        found: dict[str, Any] = {}
        while True:
            sign = self._next()
            if sign in {"}", ""}:
                self._end(sign)
                return found
            if sign == ",":
                self._place += 1
                continue
            key = str(self._scalar(is_key=True))
            if self._next() != ":":
                if not self._next():  # cut off after a key
                    self._end("")
                    return found
                raise _NotJson
            self._place += 1
            if not self._next():
                self._end("")
                return found
            found[key] = self._value(depth)
            if self.unfinished is not None:
                self.unfinished = key
                return found

    def _list(self, depth: int) -> list[Any]:
        self._place += 1
        found: list[Any] = []
        while True:
            sign = self._next()
            if sign in {"]", ""}:
                self._end(sign)
                return found
            if sign == ",":
                self._place += 1
                continue
            if sign == "}":
                return found  # its bracket was forgotten
            found.append(self._value(depth))
            if self.unfinished is not None:
                return found

    def _value(self, depth: int) -> object:
        if depth > _MAX_DEPTH:
            raise _NotJson
        sign = self._next()
        if sign == "{":
            return self.read(depth + 1)
        if sign == "[":
            return self._list(depth + 1)
        return self._scalar(is_key=False)

    def _scalar(self, *, is_key: bool) -> object:
        opening = self._next()
        if opening in _QUOTES:
            return self._quoted(_QUOTES[opening], is_key=is_key)
        bare = _BARE.match(self._text, self._place)
        if bare is None:
            raise _NotJson
        self._place = bare.end()
        word = bare[0]
        if is_key:
            return word
        if word.lower() in _WORDS:
            return _WORDS[word.lower()]
        try:
            number: object = json.loads(word)
        except ValueError:
            return word
        return number

    def _quoted(self, closing: str, *, is_key: bool) -> str:
        self._place += 1
        said: list[str] = []
        while self._place < len(self._text):
            sign = self._text[self._place]
            self._place += 1
            if sign == "\\" and self._place < len(self._text):
                said.append(self._escaped())
            elif sign == closing and (is_key or self._ends_here()):
                return _joined(said)
            else:
                said.append(sign)
        self._end("")
        return _joined(said)

    def _escaped(self) -> str:
        sign = self._text[self._place]
        self._place += 1
        if sign == "u":
            digits = self._text[self._place : self._place + 4]
            if re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                self._place += 4
                return chr(int(digits, 16))
        return _ESCAPES.get(sign, sign)

    def _ends_here(self) -> bool:
        """Say whether a quotation mark ends the text, and is not one that stands in it."""
        place = _skipped(self._text, self._place)
        after = self._text[place : place + 1]
        if after in {"", "}", "]"}:
            return True
        if after != ",":  # it may have been forgotten
            return _QUOTED_KEY.match(self._text, place) is not None
        place = _skipped(self._text, place + 1)
        ahead = self._text[place : place + 1]
        return ahead in {"", "}", "]", "{", "["} or (
            ahead in _QUOTES or _KEY_AHEAD.match(self._text, place) is not None
        )

    def _next(self) -> str:
        """Return the next sign that is no space, without taking it; "" at the end."""
        self._place = _skipped(self._text, self._place)
        return self._text[self._place : self._place + 1]

    def _end(self, sign: str) -> None:
        if sign:
            self._place += 1
        else:
            self.unfinished = ""


def _skipped(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _joined(signs: list[str]) -> str:
    """Return a text whose halves of pairs, escaped one by one, are joined."""
    return "".join(signs).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
