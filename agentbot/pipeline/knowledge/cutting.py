"""A page's Markdown, cut at its headings, and long sections at their paragraphs.

Tables, lists and code stay whole, unless one alone is longer than a model can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agentbot.pipeline.files.markdown import BLOCKS

_INLINE = MarkdownIt("commonmark")
_ENOUGH = 1_000
"""Characters of a piece at which the next paragraph begins another one: three to five of them make
up what is asked about, and of a longer text a vector says little."""
_LAST_LINE = 200
"""Characters of a paragraph that is put to a full piece all the same: alone it would say little."""
_MOST = 4_000
"""Characters of a table, list or piece of code that stays whole: a third of what a model is shown
at once."""
_LONGEST_HEADING = 200
"""Characters of a heading that count: it stands above each of its pieces."""
_ANCHOR = re.compile(r"\s*\{[#.:][^{}]*\}\s*$|\s+#+\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?\u2026\u3002\uff01\uff1f])\s+|\n")
_QUOTED = frozenset({"fence", "code_block"})


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page that is not torn if possible: its kind, as the parser calls it, and text."""

    kind: str
    text: str
    parts: tuple[str, ...] = ()
    """Items of a list, or lines of a table or of code, at which it may be torn."""


@dataclass(slots=True)
class Section:
    """A heading, its level (1 to 6) and line (from 1), and the blocks below it.

    What stands above all headings has no heading and the level 0.
    """

    level: int
    heading: str
    line: int
    blocks: list[Block] = field(default_factory=list)


def sections_of(text: str) -> list[Section]:
    """Return the sections of a page, in order, those without text included."""
    lines = text.split("\n")
    tokens = BLOCKS.parse(text)
    found = [Section(0, "", 1)]
    for place, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        if token.type == "heading_open":
            heading = plain_heading(tokens[place + 1].content)
            found.append(Section(int(token.tag[1]), heading, token.map[0] + 1))
        elif token.type != "hr":
            found[-1].blocks.append(_block(token, tokens[place:], lines))
    return found


def plain_heading(content: str) -> str:
    """Return a heading's words, without marks, links and anchors."""
    (inline,) = _INLINE.parseInline(_ANCHOR.sub("", content[:_LONGEST_HEADING]))
    said = "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or ()
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    )
    return " ".join(said.split())


def _block(token: Token, tokens: Sequence[Token], lines: Sequence[str]) -> Block:
    first, last = token.map or (0, 0)
    text = "\n".join(lines[first:last]).strip("\n").rstrip()
    if len(text) <= _MOST:
        return Block(token.type, text)
    return Block(token.type, text, tuple(_parts(token, tokens, lines)))


def _parts(token: Token, tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[str]:
    """Yield what a block that is too long is torn into."""
    first, last = token.map or (0, 0)
    if token.type not in {"bullet_list_open", "ordered_list_open"}:
        yield from lines[first:last]
        return
    for one in tokens[1:]:
        if one.level == 0:
            return
        if one.type == "list_item_open" and one.level == 1 and one.map is not None:
            yield "\n".join(lines[one.map[0] : one.map[1]]).rstrip()


def pieces_of(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the texts of a section: one, or several where it is long."""
    kept: list[str] = []
    length, leads = 0, False
    for block in blocks:
        for text in _torn(block):
            # What ends in a colon says nothing without what comes below it.
            room = _ENOUGH + _LAST_LINE * (len(text) <= _LAST_LINE)
            if kept and length + len(text) > (_MOST if leads else room):
                yield "\n\n".join(kept)
                kept, length = [], 0
            kept.append(text)
            length += len(text)
            leads = text.endswith(":")
    if kept:
        yield "\n\n".join(kept)


def _torn(block: Block) -> Iterator[str]:
    if block.kind == "paragraph_open":
        yield from _packed(_sentences(block.text), "", _ENOUGH)
    elif not block.parts:
        yield block.text
    elif block.kind == "table_open":
        head = "\n".join(block.parts[:2])
        for rows in _packed(_short(block.parts[2:]), "\n", _MOST):
            yield f"{head}\n{rows}"
    elif block.kind == "fence":
        opening, *code = block.parts
        mark = opening.strip()[:3]
        code = code[:-1] if code and code[-1].strip().startswith(mark) else code
        for some in _packed(_short(code), "\n", _MOST):
            yield f"{opening}\n{some}\n{mark}"
    else:
        yield from _packed(_short(block.parts), "\n", _MOST)


def _sentences(text: str) -> Iterator[str]:
    """Yield a paragraph's sentences or lines, each with the white space after it."""
    if len(text) <= _ENOUGH:
        yield text
        return
    start = 0
    for end in _SENTENCE_END.finditer(text):
        yield from _cut(text[start : end.end()])
        start = end.end()
    yield from _cut(text[start:])


def _short(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from _cut(part) if len(part) > _MOST else (part,)


def _cut(text: str) -> Iterator[str]:
    """Yield a text in parts of at most `_ENOUGH` characters, cut between words where it can be."""
    while len(text) > _ENOUGH:
        end = text.rfind(" ", 1, _ENOUGH) + 1 or _ENOUGH
        yield text[:end]
        text = text[end:]
    if text:
        yield text


def _packed(parts: Iterable[str], between: str, most: int) -> Iterator[str]:
    """Yield parts joined, as many as make up at most ``most`` characters."""
    kept: list[str] = []
    length = 0
    for part in parts:
        if kept and length + len(part) > most:
            yield between.join(kept).strip("\n").rstrip()
            kept, length = [], 0
        kept.append(part)
        length += len(part) + len(between)
    if joined := between.join(kept).strip("\n").rstrip():
        yield joined
