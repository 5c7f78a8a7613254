"""Marks by which a page's questions that are no headings are handed on in its markdown.

Signs for private use: no page holds them, and a markdown parser takes them for text.
"""

from __future__ import annotations

import re

from agentbot.pipeline.words import fold

QUESTION = "\ue002"
"""Before what is opened to be read: a summary, an accordion's button."""
TERM = "\ue003"
"""Before a term of a list of definitions: a question, unless the list stands in an answer."""
END = "\ue004"
"""The end of what was opened: what follows belongs to the heading above."""
_BREAK = "\ue005"
"""A line break that is not the page's own, so that its lines keep their numbers."""
_TAGS = re.compile(
    r"<(?P<kind>summary|dt)\b[^<>]*>(?P<said>.*?)</(?P=kind)\s*>|(?P<end></(?:details|dl)\s*>)"
    r"|<details\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")
_MORE = re.compile(
    r"\b(?:more|less|details?|show|expand|note|example|mehr|anzeigen|hinweis|beispiel|plus|voir"
    r"|remarque|exemple|mas|ver|nota|ejemplo|mais|exemplo|meer|toon|voorbeeld|altro|mostra|esempio"
    r"|wiecej|pokaz|uwaga|przyklad)\b",
    re.IGNORECASE,
)
"""What labels say that open more of the same answer."""
_FEW_WORDS = 3
"""Words of such a label at most: "show more details"; a question has more, or a sign."""


def is_short(label: str) -> bool:
    """Say whether a label is too short to be sure that it is a question."""
    return "?" not in label and len(label.split()) <= _FEW_WORDS


def opens_more(label: str) -> bool:
    """Say whether a label opens more of the answer in which it stands."""
    return is_short(label) and _MORE.search(fold(label)) is not None


def marked(mark: str, text: str = "") -> str:
    """Return a line of markdown that hands a question on, or the end of its answer."""
    return f"###### {mark}{' '.join(text.split()).lstrip('# ')}"


def with_marks(text: str) -> tuple[list[str], list[int]]:
    """Return a markdown page's lines with marks for its summaries and terms in HTML.

    Beside each line the number, from 0, of the line of the page that it comes from.
    """
    lines: list[str] = []
    origins: list[int] = []
    for number, line in enumerate(_TAGS.sub(_marked, text).split("\n")):
        for part in line.split(_BREAK):
            lines.append(part)
            origins.append(number)
    return lines, origins


def _marked(found: re.Match[str]) -> str:
    own_breaks = "\n" * found[0].count("\n")
    apart = _BREAK * 2
    if found["end"]:
        return f"{apart}{marked(END)}{apart}"
    if found["kind"] is None:
        return own_breaks
    mark = QUESTION if found["kind"].lower() == "summary" else TERM
    said = _TAG.sub("", found["said"])
    line = " ".join(said.split()) if opens_more(said) else marked(mark, said)
    return f"{apart}{line}{apart}{own_breaks}"
