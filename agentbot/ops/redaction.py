"""Redaction: no secret that is in use gets out, into a log, the journal, or what a command prints.

A secret is known by its value here, whatever stands around it. A value that anybody might write by
chance is no secret to look for: a password such as ``papercups`` would take a host's name with it,
and every sentence that holds the word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TextIO, cast
from urllib.parse import quote

import orjson

from agentbot.ops.printable import printable_or_coloured

REDACTED = "[redacted]"

_SHORTEST = 6
"""Characters of a secret of mixed signs that is looked for. Shorter ones stand by chance in ids."""
_SHORTEST_PLAIN = 16
"""Characters of a secret of one kind of signs: longer than words and dates are."""
_UNMISTAKABLE = 16
"""Characters from which on a secret is found within other words too."""
_KINDS = tuple(re.compile(kind) for kind in (r"[a-z]", r"(?<=.)[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))
"""The kinds of signs. A capital at the beginning makes no other word of it."""
_HOST = r"(?<=://)(?P<user>[^\s/?#\"'<>]*@)?(?P<host>[^\s/?#@:\"'<>]+)"


def is_telling(secret: str) -> bool:
    """Say whether a text that holds ``secret`` holds it on purpose."""
    kinds = sum(1 for kind in _KINDS if kind.search(secret))
    return len(secret) >= (_SHORTEST if kinds > 1 else _SHORTEST_PLAIN)


class Secrets:
    """The values that must never show; those among them that anybody might write are let be."""

    def __init__(self, values: Iterable[str]) -> None:
        written: set[str] = set()
        for value in values:
            if is_telling(value):
                # As it stands, and as URLs, JSON (of two writers) and Python's own texts write it.
                written |= {value, quote(value, safe="", errors="replace"), json.dumps(value)[1:-1]}
                written |= {json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
        self._written = tuple(written)
        ordered = sorted(written, key=lambda one: (-len(one), one))
        known = "|".join(_pattern(value) for value in ordered)
        self._known = re.compile(known) if known else None
        self._known_or_host = re.compile(f"{_HOST}|{known}") if known else None

    def may_be_in(self, text: str) -> bool:
        """Say whether one of them stands in ``text``, on purpose or by chance."""
        for one in self._written:  # noqa: SIM110 - a generator costs more, for each line logged
            if one in text:
                return True
        return False

    def redact(self, text: str) -> str:
        """Return ``text`` without them. The host of an address stays as it is."""
        if self._known_or_host is None or not self.may_be_in(text):  # as is usual
            return text
        return self._known_or_host.sub(self._blot, text)

    def _blot(self, found: re.Match[str]) -> str:
        if found["host"] is None or self._known is None:
            return REDACTED
        return self._known.sub(REDACTED, found["user"] or "") + found["host"]


def _pattern(value: str) -> str:
    plain = re.escape(value)
    if len(value) >= _UNMISTAKABLE:
        return plain
    # A word of its own, and no part of a host's name: example.com, bot@example.com.
    before = r"(?<!\w)(?<!\w\.)(?<!@)" if re.match(r"\w", value) else ""
    after = r"(?!\w)(?!\.\w)" if re.search(r"\w\Z", value) else ""
    return f"{before}{plain}{after}"


_in_use = Secrets(())


def use_secrets(values: Iterable[str]) -> None:
    """Say which secrets this process uses; they replace those said before."""
    global _in_use  # noqa: PLW0603 - outputs are the process's, and so are the secrets in it
    _in_use = Secrets(values)


def may_hold_secrets(text: str) -> bool:
    """Say whether a secret in use stands in ``text``, on purpose or by chance."""
    return _in_use.may_be_in(text)


def redact(text: str) -> str:
    """Return ``text`` without the secrets in use."""
    return _in_use.redact(text)


def redact_json(value: Any) -> Any:  # noqa: ANN401 - any JSON, and the same comes back
    """Return a JSON value with every text in it redacted."""
    with suppress(TypeError):  # half a character, a library's own type: each text is looked at
        # One look at all of it, where it is written as `Secrets` knows its values written.
        if not may_hold_secrets(orjson.dumps(value).decode()):
            return value
    return _redacted_json(value)


def _redacted_json(value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted_json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_redacted_json(inner) for inner in value)
    return value


class _Redacted:
    """A text stream that lets no secret in use through, nor what moves a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it redacted; return the length of what was to be written."""
        self._stream.write(printable_or_coloured(redact(text)))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of them redacted."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        """Return what the stream itself has."""
        return getattr(self._stream, name)


def redacted(stream: TextIO) -> TextIO:
    """Return a stream that writes to ``stream`` and lets no secret in use through.

    Of what a terminal obeys only colours pass.
    """
    return cast("TextIO", _Redacted(stream))
