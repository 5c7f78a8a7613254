"""Reading JSON that anyone may have had a hand in.

Papercups keeps whatever JSON a customer writes into metadata, and hands it out with everything
else: numbers of thousands of digits, or lists within lists without end, at which a fast parser
gives up. One such message must not make a whole page of conversations unreadable.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_DEEPEST = 100
"""Levels of lists and objects that are kept. Papercups' own JSON has fewer than ten."""

_MOST_DIGITS = 300
"""Digits of a whole number that is kept: a double has room for it (10 to the power of 308)."""

_TO_NEXT_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)


def loads(content: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what ``content`` holds, None in place of too long a number and of what is too deep.

    Raises ``ValueError`` where it is no JSON.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(_without_depths(content), parse_int=_number)


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _without_depths(content: bytes) -> bytes:
    kept: list[bytes] = []
    start = depth = 0
    for match in _TO_NEXT_BRACKET.finditer(content):
        if match[1] in b"[{":
            depth += 1
            if depth == _DEEPEST + 1:
                kept += (content[start : match.start(1)], b"null")
        else:
            if depth == _DEEPEST + 1:
                start = match.end()
            depth -= 1
    return b"".join((*kept, content[start:]))
