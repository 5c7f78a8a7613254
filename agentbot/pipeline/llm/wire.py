"""A server's answer as it comes over the wire: from bytes to JSON values, whatever frames them.

Most servers stream server-sent events. Some leave out the blank lines between them, some send one
JSON value a line, and some answer with one JSON body although a stream was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from agentbot.errors import DataException

MAX_BYTES = 4_000_000
"""Bytes of one answer at most: hundreds of times what an answer takes, frames and thoughts
included."""
_EXCERPT = 120
"""Characters of what is not JSON that an error shows: enough to tell a proxy's page."""
_LINE_ENDS = re.compile(rb"\r\n|\n|\r")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_DONE = frozenset({b"[DONE]", b"DONE"})
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Done:
    """The end, said in so many words, or by a body that is whole."""


@dataclass(eq=False)
class Malformed(DataException):
    """The server sent something that is not what it should speak."""

    problem: str

    def __str__(self) -> str:
        return f"malformed answer: {self.problem}"


class Reader:
    """What makes values of the bytes of one answer, as they come."""

    def __init__(self) -> None:
        self.is_done = False
        """Whether the server has said that nothing follows."""
        self._size = 0
        self._rest: list[bytes] = []
        self._data = b""
        self._name = b""
        self._body: list[bytes] | None = None
        self._is_stream = False

    def feed(self, piece: bytes) -> Iterator[object]:
        """Yield the values that this piece completes, before it fails at what is none.

        ``Done`` stands for the server's word that nothing follows; what follows all the same is
        dropped. An event that is named ``error`` comes as ``{"error": …}``. Raises ``Malformed``.
        """
        self._size += len(piece)
        if self._size > MAX_BYTES:
            raise Malformed(f"it has more than {MAX_BYTES} bytes")
        if self.is_done:
            return
        if self._body is not None:
            self._body.append(piece)
            return
        self._rest.append(piece)
        if self._is_stream and not _LINE_ENDS.search(piece):
            return
        come = b"".join(self._rest)
        if not self._is_stream:
            if _BOM.startswith(come):
                return
            come = come.removeprefix(_BOM)
            start = come.lstrip()
            if start and not start.startswith(_FIELDS) and not _may_become_field(start):
                self._body = [come]
                return
            self._is_stream = start.startswith(_FIELDS)
        *lines, rest = _LINE_ENDS.split(come) if b"\r" in come else come.split(b"\n")
        self._rest = [rest] if rest else []
        for line in lines:
            if not line and not self._data:  # the end of an event whose value has come
                self._name = b""
                continue
            if (value := self._line(line)) is not None:
                yield value
                if isinstance(value, Done):
                    return

    def end(self) -> Iterator[object]:
        """Yield the values that the end of the answer completes. Raises ``Malformed``."""
        if self.is_done:
            return
        if self._body is not None:
            yield from _body(b"".join(self._body))
            yield Done()
            return
        for line in (b"".join(self._rest), b""):
            if (value := self._line(line)) is not None:
                yield value

    def _line(self, line: bytes) -> object | None:
        """Return the value that a line completes; None: it completes none, or is JSON's null."""
        if line.startswith(b"data:"):
            self._data += line[5:].strip()
        elif not line.strip():
            left, self._data, self._name = self._data, b"", b""
            if left.strip():
                raise Malformed(f"no JSON: {_shown(left)!r}")
            return None
        elif line.startswith(b"event:"):
            self._name = line[6:].strip()
            return None
        elif line.lstrip().startswith((b"{", b"[")):  # a value without its field, mostly an error
            self._data += line.strip()
        else:
            return None
        return self._complete()

    def _complete(self) -> object | None:
        """Return the value that the data so far make; None where more must come."""
        if self._data.strip(b'"') in _DONE:
            self._data, self.is_done = b"", True
            return Done()
        try:
            value = _json(self._data)
        except ValueError:
            return None
        self._data = b""
        if self._name == b"error" and not (isinstance(value, dict) and value.get("error")):
            return {"error": value}
        return value


def _json(data: bytes) -> object:
    """Return a value. Raises ``ValueError``.

    What the fast reader refuses, the other may read: half of a sign whose other half comes next.
    """
    try:
        value: object = orjson.loads(data)
    except ValueError:
        value = json.loads(data)
    return value


def _may_become_field(start: bytes) -> bool:
    return any(field.startswith(start) for field in _FIELDS)


def _body(body: bytes) -> list[object]:
    """Return the one value of a body, or the values of its lines."""
    if not body.strip():
        return []
    try:
        return [_json(body)]
    except ValueError:
        pass
    try:
        return [_json(line) for line in _LINE_ENDS.split(body) if line.strip()]
    except ValueError:
        raise Malformed(f"no JSON: {_shown(body)!r}") from None


def _shown(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()[:_EXCERPT]
