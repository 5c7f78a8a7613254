"""What an answer must not hold whoever wrote it first: markup that runs, hidden signs, code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from agentbot.pipeline.checks.draft import Code, Finding
from agentbot.pipeline.words import fold

_SHOWN = 80
"""Characters of a finding's part that are kept."""
_MOST_MARKS = 3
"""Combining marks on one letter, beyond which signs pile up over the lines around."""
_JOINERS = "\u200c\u200d"
"""Signs that some scripts and pictures are written with."""
_ESCAPES = re.compile(
    r"&(?:lt|#0*60|#x0*3c);|\\u003c|\\x3c|%3c(?=(?:/|%2f)?(?:script|img|svg|iframe))", re.IGNORECASE
)
_TAG = re.compile(
    r"<\s*/?\s*(?!https?:|mailto:)[a-z!?][^<>]{0,400}>"
    r"|<\s*(?:script|img|svg|iframe|object|embed|style|link|meta|form|input|video|audio|base|body|a)\b",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"(?:javascript|vbscript|data|file|blob|intent)\s*:\s*(?=[^\s])(?!\s)[^\s]{2,}"
    r"|\bon(?:error|load|click|mouse\w+|focus|blur|toggle|begin)\s*=",
    re.IGNORECASE,
)
_SCHEME_LIKE = re.compile(r"^(?:data|file|blob|intent)\s*:\s*(?!\w+/|text|//|%)", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]]*\]\s*[\[(]|^\s*\[[^\]]+\]:\s*\S+", re.MULTILINE)
_FENCE = re.compile(r"```|~~~|<\?php|#!/")
_COMMAND = re.compile(
    r"(?:^|[`$>;|&]\s*)(?:sudo|curl|wget|rm\s+-|chmod|bash|sh\s+-c|powershell|pip\s+install|npm\s+i"
    r"|eval\(|exec\(|import\s+os|os\.system|SELECT\s.+\sFROM|DROP\s+TABLE|console\.log|document\.cookie)"
    r"|\b(?:console\.log|document\.cookie|os\.system|eval|fetch|alert|print)\s*\(",
    re.IGNORECASE | re.MULTILINE,
)


def hidden(text: str) -> Iterator[Finding]:
    """Yield signs that nobody sees, or that turn what is seen: zero width, bidi, tags, controls."""
    marks = 0
    for place, sign in enumerate(text):
        kind = unicodedata.category(sign)
        marks = marks + 1 if kind == "Mn" else 0
        if kind in {"Cf", "Co", "Cs", "Cn"} or (kind == "Cc" and sign not in "\n\r\t"):
            if sign in _JOINERS and _may_join(text, place):
                continue
            name = unicodedata.name(sign, f"U+{ord(sign):04X}")
            yield Finding(Code.INVISIBLE, repr(text[max(0, place - 10) : place + 1]), name)
            return
        if marks > _MOST_MARKS:
            yield Finding(Code.INVISIBLE, text[place - marks : place + 1], "marks pile up")
            return


def _may_join(text: str, place: int) -> bool:
    """Say whether a joiner stands between signs that it may join: no Latin letters."""
    before, after = text[:place][-1:], text[place + 1 :][:1]
    return not (before.isascii() or after.isascii())


def markup(text: str) -> Iterator[Finding]:
    """Yield HTML, addresses that run, and images, which a browser would fetch unasked."""
    opened = _ESCAPES.sub("<", text)
    found = _TAG.search(opened) or _IMAGE.search(text)
    if not found:
        found = next(
            (one for one in _RUNS.finditer(opened) if not _SCHEME_LIKE.match(one[0])), None
        )
    if found:
        yield Finding(Code.MARKUP, found[0][:_SHOWN], "markup is not said")


def code(text: str, supporting: str) -> Iterator[Finding]:
    """Yield code and commands that the sources (``supporting``, folded) do not hold."""
    found = _FENCE.search(text) or _COMMAND.search(text)
    if found:
        line = text[found.start() :].strip("`~\n ").partition("\n")[0]
        if not fold(line).strip() or fold(line) not in supporting:
            yield Finding(Code.CODE, text[found.start() :][:_SHOWN], "no source has this code")
