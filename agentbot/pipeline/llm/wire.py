"""A server's answer as it comes over the wire: from bytes to JSON values, whatever frames them.

Most servers stream server-sent events. Some leave out the blank lines between them, some send one
JSON value a line, and some answer with one JSON body although a stream was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from dataclasses import dataclass

from agentbot.errors import DataException

MAX_BYTES = 4_000_000
"""Bytes of one answer at most: hundreds of times what an answer takes, frames and thoughts
included."""
_EXCERPT = 120
"""Characters of what is not JSON that an error shows: enough to tell a proxy's page."""
_LINE_ENDS = re.compile(rb"\r\n|\n|\r")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
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


async def values(pieces: AsyncIterable[bytes]) -> AsyncGenerator[object]:
    """Yield each JSON value of an answer, then ``Done`` where the server says that it is done.

    Raises ``Malformed``. An event that is named ``error`` comes as ``{"error": …}``.
    """
    events = _Events()
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > MAX_BYTES:
            raise Malformed(f"it has more than {MAX_BYTES} bytes")
        for value in events.feed(piece):
            yield value
            if isinstance(value, Done):
                return
    for value in events.end():
        yield value


class _Events:
    """What has been read and is not a whole value yet."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data = b""
        self._name = b""
        self._body: list[bytes] | None = None
        self._is_stream = False

    def feed(self, piece: bytes) -> Iterator[object]:
        """Yield the values that this piece completes, before it fails at what is none."""
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
        *lines, rest = _LINE_ENDS.split(come)
        self._rest = [rest]
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[object]:
        """Yield the values that the end of the answer completes."""
        if self._body is not None:
            yield from _body(b"".join(self._body))
            yield Done()
        else:
            yield from self._line(b"".join(self._rest))
            yield from self._line(b"")

    def _line(self, line: bytes) -> list[object]:
        if not line.strip():
            left, self._data, self._name = self._data, b"", b""
            if left.strip():
                raise Malformed(f"no JSON: {_shown(left)!r}")
            return []
        if line.startswith(b"event:"):
            self._name = line[6:].strip()
            return []
        if line.startswith(b"data:"):
            self._data += line[5:].strip()
        elif line.lstrip().startswith((b"{", b"[")):  # a value without its field, mostly an error
            self._data += line.strip()
        else:
            return []
        return self._complete()

    def _complete(self) -> list[object]:
        """Return the value that the data so far make; none where more must come."""
        if self._data.strip(b'"') in {b"[DONE]", b"DONE"}:
            self._data = b""
            return [Done()]
        try:
            value: object = json.loads(self._data)
        except ValueError:
            return []
        self._data = b""
        if self._name == b"error" and not (isinstance(value, dict) and value.get("error")):
            return [{"error": value}]
        return [value]


def _may_become_field(start: bytes) -> bool:
    return any(field.startswith(start) for field in _FIELDS)


def _body(body: bytes) -> list[object]:
    """Return the one value of a body, or the values of its lines."""
    if not body.strip():
        return []
    try:
        return [json.loads(body)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in _LINE_ENDS.split(body) if line.strip()]
    except ValueError:
        raise Malformed(f"no JSON: {_shown(body)!r}") from None


def _shown(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip()[:_EXCERPT]
