"""The text of an e-mail that came as HTML, with a sign before what it quotes.

Not for help pages, whose lists and links matter: here only words and quotations do. Not with
Python's parser either: anybody may send a mail, and it takes 23 s for 50 kB of broken tags.
"""

from __future__ import annotations

import html
import re

_HTML = re.compile(
    r"\s*<(?:!doctype html|(?:html|head|meta|style|body|div|p|span|table)[\s>])", re.IGNORECASE
)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<[!?][^<>]*>?",
    re.DOTALL | re.IGNORECASE,
)
# Neither part of a tag can begin another one, so that broken tags cost no more than whole ones.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_BREAKS = frozenset(
    {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
)
_OPENED, _CLOSED = "\x02", "\x03"


def is_hypertext(text: str) -> bool:
    """Say whether a mail's text is HTML."""
    return _HTML.match(text) is not None


def text_of(source: str) -> str:
    """Return the text of HTML, one block a line, with ``> `` before quoted lines."""
    seen = re.sub(r"\s+", " ", _UNSEEN.sub(" ", source)).replace(_OPENED, "").replace(_CLOSED, "")
    broken = html.unescape(_TAG.sub(_replaced, seen))
    lines: list[str] = []
    depth = 0
    for row in re.split(rf"(\n|{_OPENED}|{_CLOSED})", broken):
        if row == _OPENED:
            depth += 1
        elif row == _CLOSED:
            depth = max(depth - 1, 0)
        elif row.strip():
            lines.append(f"> {row.strip()}" if depth else row.strip())
    return "\n".join(lines)


def _replaced(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name == "blockquote":
        return _CLOSED if tag[1] else _OPENED
    return "\n" if name in _BREAKS else ""
