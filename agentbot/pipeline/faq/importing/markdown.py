"""Help pages in markdown, cut at their headings, without what a page's reader does not see.

A markdown parser finds headings, code and HTML; what site generators add to markdown is taken out
as text, with code put aside meanwhile: what stands in code is meant as it stands.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agentbot.pipeline.faq.importing.dialects import plain_markdown, unknown_value
from agentbot.pipeline.faq.importing.html import markdown_of
from agentbot.pipeline.faq.importing.marks import END, QUESTION, TERM, with_marks
from agentbot.pipeline.files.markdown import Aside, with_addresses

_MARKS = frozenset({QUESTION, TERM, END})
_DEEPEST = 6
"""The deepest level of a heading."""
_PARSER = MarkdownIt("commonmark").enable("table")
_COMMENTS = re.compile(
    r"<!--.*?(?:-->|\Z)|\{/\*.*?(?:\*/\}|\Z)|\{#(?![\w-]+\}).*?#\}"
    r"|\{%-?\s*comment\b.*?\{%-?\s*endcomment\s*-?%\}",
    re.DOTALL,
)
_COMMENT_LINES = re.compile(
    r"^[ \t]*\[[^\]\n]*\]:[ \t]*(?:#|<>)[ \t]*(?:\(.*\)|\".*\"|'.*')?[ \t]*$", re.MULTILINE
)
"""A definition that leads nowhere, ``[//]: # (…)``: how comments are written in markdown itself."""
_TEMPLATE_TAGS = re.compile(r"(?<!\{)\{%.*?%\}(?!\})", re.DOTALL)
_DIRECTIVE = re.compile(r"^([ \t]*):{3,}[ \t]*(?:\{?[\w-]+\}?)?[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_ADMONITION = re.compile(
    r"^[ \t]*(?:(?:!!!|\?\?\?)\+?[ \t]+[\w -]*?(?:\"(?P<title>[^\"\n]*)\")?"
    r"|===[+!]?[ \t]+\"(?P<tab>[^\"\n]*)\")[ \t]*$"
)
_ALERT = re.compile(r"^[ \t]*>[ \t]*\[!\w+\][ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(
    r"^[ \t]*\{:.*\}[ \t]*$|^[ \t]*\[?\[toc\]\]?[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_ANCHOR = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
_NUMBER = re.compile(r"^(?:\d+\.)+\d*\s+|^\d+\)\s+")
_ASKED = re.compile(r"^q(?:uestion)?\s*[:.]\s*", re.IGNORECASE)
_ANSWERED = re.compile(r"^(\*\*|__)?a(?:nswer)?\s*:\s*(\*\*|__)?\s*", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?[A-Za-z][\w.-]*(?:\s[^<>]*)?/?>")
_BREAK = re.compile(r"<br\s*/?>\s*", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_LOCAL_IMAGE = re.compile(r"!\[[^\]]*\]\((?!https?:)[^)]*\)")
_LOCAL_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|mailto:|tel:)[^)]*\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its line (from 1) and level, and the text below it.

    Text above all headings has the level 1 and no heading.
    """

    line: int
    level: int
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class Page:
    """What stands above a page, by name, and its sections."""

    fields: Mapping[str, Any]
    sections: tuple[Section, ...]


class FrontMatterProblem(ValueError):
    """What stands above a page cannot be read, so that nobody knows whether it is a draft."""


def read_markdown(text: str) -> Page:
    """Read a page. Raises `FrontMatterProblem`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields, begin = _front_matter(lines)
    source = "\n".join([*[""] * begin, *lines[begin:]])
    shown, aside = _without_unseen(source)
    return Page(fields, tuple(_sections(shown, aside)))


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands above a page, by name, and the page without what its reader does not see.

    Paragraphs that hold what only the page's generator knows are left out: ``unknown`` holds that.
    """

    fields: Mapping[str, Any]
    text: str
    unknown: tuple[str, ...] = ()


def shown_markdown(text: str) -> Shown:
    """Return what a page shows. Raises `FrontMatterProblem`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fields, begin = _front_matter(lines)
    shown, aside = _without_unseen("\n".join(lines[begin:]))
    paragraphs = [(one, unknown_value(one)) for one in _BLANK_LINES.split(shown)]
    kept = "\n\n".join(one for one, unknown in paragraphs if not unknown)
    kept = aside.back(kept)
    unknown = tuple(filter(None, (one for _, one in paragraphs)))
    return Shown(fields, kept.strip("\n").rstrip(), unknown)


def _front_matter(lines: Sequence[str]) -> tuple[dict[str, Any], int]:
    """Return the fields above a page (YAML, TOML or JSON), and how many lines they take."""
    first = lines[0].strip() if lines else ""
    if first not in {"---", "+++", "{"}:
        return {}, 0
    closing = {"---": {"---", "..."}, "+++": {"+++"}, "{": {"}"}}[first]
    end = next((n for n, row in enumerate(lines[1:], 1) if row.rstrip() in closing), None)
    if end is None:
        return {}, 0
    inside = "\n".join(lines[1:end])
    try:
        if first == "---":
            said = yaml.load(inside, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only texts
        elif first == "+++":
            said = tomllib.loads(inside)
        else:
            said = json.loads(f"{{{inside}}}")
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError) as error:
        raise FrontMatterProblem(str(error).splitlines()[0]) from error
    return (said, end + 1) if isinstance(said, dict) else ({}, 0)


def _without_unseen(source: str) -> tuple[str, Aside]:
    """Return a page with its lines where they were, without what its reader does not see.

    Beside it the code that was put aside.
    """
    aside = Aside()
    text = aside.put_code("\n".join(_unindented(source.split("\n"))), keeps_lines=True)
    for pattern in (_COMMENTS, _COMMENT_LINES, _TEMPLATE_TAGS, _ATTRIBUTES):
        text = pattern.sub(_only_line_breaks, text)
    text = plain_markdown(text)
    text = _DIRECTIVE.sub(lambda found: _titled(found[1], found[2]), text)
    return with_addresses(_ALERT.sub("", text)), aside


def _unindented(lines: Sequence[str]) -> list[str]:
    """Return the lines with what stands in ``!!! note`` or ``=== "Tab"`` as text, not as code."""
    shown: list[str] = []
    within = False
    for line in lines:
        if found := _ADMONITION.match(line):
            within = True
            title = found["title"] or found["tab"]
            shown.append(f"**{title}**" if title else "")
        elif within and line.startswith(("    ", "\t")):
            shown.append(line.removeprefix("\t").removeprefix("    "))
        else:
            within = within and not line.strip()
            shown.append(line)
    return shown


def _only_line_breaks(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _titled(indent: str, title: str) -> str:
    title = _ANCHOR.sub("", title).strip().strip("[]")
    return f"{indent}**{title}**" if title else ""


@dataclass(frozen=True, slots=True)
class _Head:
    """What begins a section: its place in the lines, from ``first`` to before ``last``."""

    first: int
    last: int
    level: int
    heading: str


def _sections(shown: str, aside: Aside) -> Iterator[Section]:
    lines, origins = with_marks(shown)
    tokens = _PARSER.parse("\n".join(lines))
    html = [token.map for token in tokens if token.type == "html_block" and token.map]
    here = _Head(0, 0, 1, "")
    for head in _heads(tokens, lines, aside):
        body = _body(lines, here.last, head.first, html, aside)
        if here.heading or body:
            yield Section(origins[here.first] + 1, here.level, here.heading, body)
        here = head
    body = _body(lines, here.last, len(lines), html, aside)
    yield Section(origins[here.first] + 1, here.level, here.heading, body)


def _heads(tokens: Sequence[Token], lines: list[str], aside: Aside) -> Iterator[_Head]:
    """Yield what begins sections: headings, and what a page's reader opens below them.

    A question in bold that has a line of its own is one, too, unless it stands in the answer to
    another. There terms of a list stay text, in bold.
    """
    above, is_open = _Head(0, 0, 1, ""), False
    for place, token in enumerate(tokens):
        if (
            "?" not in above.heading
            and token.type == "paragraph_open"
            and token.level == 0
            and token.map is not None
            and (question := _in_bold(tokens[place + 1], aside))
        ):
            first = token.map[0]
            yield _Head(first, first + 1, min(above.level + 1, _DEEPEST), question)
        if token.type != "heading_open" or token.level != 0 or token.map is None:
            continue
        first, last = token.map
        said = _heading(tokens[place + 1], aside)
        mark, said = (said[:1], said[1:]) if said[:1] in _MARKS else ("", said)
        below = min(above.level + 1, _DEEPEST)
        is_within = "?" in above.heading and (mark == TERM or "?" not in said)
        if not mark:
            is_open, above = False, _Head(first, last, int(token.tag[1]), said)
            yield above
        elif mark == END:
            lines[first:last] = [""]
            if is_open:
                is_open = False
                yield replace(above, first=first, last=first)
        elif is_within:
            lines[first:last] = [f"**{said}**"]
        else:
            is_open = True
            yield _Head(first, last, below, _ASKED.sub("", _NUMBER.sub("", said)))


def _in_bold(inline: Token, aside: Aside) -> str:
    """Return the question that a paragraph's first line is, all in bold; ``""`` for any other."""
    children = [one for one in inline.children or () if one.type != "text" or one.content.strip()]
    end = next((n for n, one in enumerate(children) if one.type == "strong_close"), len(children))
    is_bold = children[:1] != [] and children[0].type == "strong_open"
    behind = children[end + 1 : end + 2]
    if not is_bold or any(one.type not in {"softbreak", "hardbreak"} for one in behind):
        return ""
    said = _plain(children[:end], aside)
    return said if said.endswith("?") else ""


def _heading(inline: Token, aside: Aside) -> str:
    """Return a heading's text, without links, marks, anchors and numbers."""
    return _plain(inline.children or (), aside)


def _plain(children: Sequence[Token], aside: Aside) -> str:
    said = "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in children
        if child.type in {"text", "code_inline", "softbreak", "hardbreak", "image"}
    )
    said = aside.back(said, lambda code: code.strip("`").strip())
    said = _ASKED.sub("", _NUMBER.sub("", _ANCHOR.sub("", said).strip()))
    return " ".join(said.split())


def _body(
    lines: Sequence[str], begin: int, end: int, html: Sequence[Sequence[int]], aside: Aside
) -> str:
    """Return the text between two lines, HTML as markdown, code as it stood."""
    parts: list[str] = []
    place = begin
    for first, last in html:
        if begin <= first < end:
            parts += [_BREAK.sub("\n", line) for line in lines[place:first]]
            parts.append(markdown_of("\n".join(lines[first : min(last, end)])))
            place = min(last, end)
    parts += [_BREAK.sub("\n", line) for line in lines[place:end]]
    text = _INLINE_TAG.sub("", "\n".join(parts))
    text = _LOCAL_LINK.sub(r"\1", _LOCAL_IMAGE.sub("", text))
    text = re.sub(r"\n[ \t]*(?:\n[ \t]*)+\n", "\n\n", text).strip("\n").rstrip()
    text = _ANSWERED.sub(lambda found: "" if found[1] == found[2] else found[0], text)
    return aside.back(text)
