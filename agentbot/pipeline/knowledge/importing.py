"""Help pages as they are, in Markdown or HTML, made into files for ``prompts/pages/``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.importing.dialects import without_unseen_signs
from agentbot.pipeline.faq.importing.html import markdown_of, title_of
from agentbot.pipeline.faq.importing.markdown import FrontMatterProblem, Shown, shown_markdown
from agentbot.pipeline.faq.importing.outcome import Notes
from agentbot.pipeline.faq.importing.pages import HTML, pages_below
from agentbot.pipeline.faq.importing.table import read_text
from agentbot.pipeline.faq.importing.withheld import why_withheld
from agentbot.pipeline.knowledge.cutting import sections_of
from agentbot.pipeline.knowledge.front_matter import is_link
from agentbot.pipeline.knowledge.seen import seen, seen_line

_LINKS = ("link", "canonical", "canonical_url", "url", "permalink")
_DATES = ("updated", "lastmod", "last_modified", "modified", "last_update", "date")
_LONGEST_TITLE = 200
"""Characters of a title, as many as a page of the folder may have."""
_MAIN = re.compile(r"<(main|article)\b[^<>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_ROWS = re.compile(r"(?:(?<=\n)|\A)(?:[^\n|>#-][^\n|]*(?: \| [^\n|]*)+(?:\n|\Z))+")
_LEAST_ROWS = 2
"""Rows of a table: its head and what stands below."""
_TAGS = re.compile(r"<(?:link|meta)\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_NO_NAME = re.compile(r"[^\w.-]+|^[_.-]+")


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """A page as a file for ``prompts/pages/``: its name below that folder, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportedPages:
    """Pages, and a line for whatever was left out: its place, and why."""

    pages: tuple[ImportedPage, ...]
    notes: tuple[str, ...]


def import_pages(source: Path) -> ImportedPages:
    """Make a file of a page, or of each page below a folder, in Markdown or HTML.

    Title, address and date of the last change stand above each, where the page tells them. What no
    reader sees is left out, and so are drafts and paragraphs that hold what only the pages'
    generator knows, such as ``{{ site.phone }}``.

    Raises `ConfigurationError` for a folder or page that cannot be read.
    """
    notes = Notes()
    if not source.exists():
        raise ConfigurationError(str(source), "there is no such file or folder", "name one")
    base = source if source.is_dir() else source.parent
    paths = pages_below(source, notes) if source.is_dir() else iter([source])
    taken: set[str] = set()
    pages = tuple(_imported(paths, base, taken, notes))
    return ImportedPages(pages, tuple(notes.lines))


def _imported(
    paths: Iterator[Path], base: Path, taken: set[str], notes: Notes
) -> Iterator[ImportedPage]:
    for path in paths:
        try:
            shown = _read(path)
        except FrontMatterProblem as error:
            notes.skipped(str(path), f"what stands above the page cannot be read: {error}")
            continue
        if why := why_withheld(shown.fields):
            notes.skipped(str(path), why)
        elif not any(section.blocks for section in sections_of(shown.text)):
            notes.skipped(str(path), "there is no text that a reader would see")
        else:
            for value in shown.unknown:
                notes.skipped(
                    f"a paragraph of {path}", f"{value} stands for what only its generator knows"
                )
            name = _free(_name(path.relative_to(base)), taken)
            yield ImportedPage(name, _file(shown.fields, shown.text))


def _read(path: Path) -> Shown:
    """Return what a page tells of itself, and its Markdown."""
    text = without_unseen_signs(read_text(path))
    if path.suffix.lower() not in HTML:
        shown = shown_markdown(text)
        return replace(shown, text=_tidy(seen(shown.text)))
    found = _MAIN.findall(text)
    body = found[0][1] if len(found) == 1 else text
    markdown = _tidy(_with_tables(seen(markdown_of(body))))
    tops = [section.heading for section in sections_of(markdown) if section.level == 1]
    title = tops[0] if len(tops) == 1 else title_of(text)
    return Shown({"title": title, **_told(text)}, markdown)


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _with_tables(text: str) -> str:
    """Return Markdown made of HTML whose tables are such, so that they are not torn."""

    def table(found: re.Match[str]) -> str:
        rows = found[0].strip("\n").split("\n")
        columns = rows[0].count(" | ") + 1
        if len(rows) < _LEAST_ROWS or any(row.count(" | ") + 1 != columns for row in rows):
            return found[0]
        head, *rest = (f"| {row} |" for row in rows)
        return "\n".join(["", head, "|---" * columns + "|", *rest, ""])

    return _ROWS.sub(table, text)


def _told(text: str) -> dict[str, str]:
    """Return what a page in HTML tells search engines: its address, and its last change."""
    found: dict[str, str] = {}
    for tag in _TAGS.findall(text):
        said = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name = (said.get("rel") or said.get("property") or said.get("name") or "").lower()
        if name in {"canonical", "og:url"}:
            found.setdefault("link", said.get("href") or said.get("content") or "")
        elif name in {"article:modified_time", "og:updated_time", "last-modified"}:
            found.setdefault("updated", said.get("content") or "")
    return found


def _file(fields: Mapping[str, Any], text: str) -> str:
    above: dict[str, object] = {}
    if title := seen_line(str(fields.get("title") or ""))[:_LONGEST_TITLE]:
        above["title"] = title
    links = (str(fields.get(key) or "").strip() for key in _LINKS)
    if link := next(filter(is_link, links), ""):
        above["link"] = link
    if day := next(filter(None, (_day(fields.get(key)) for key in _DATES)), None):
        above["updated"] = day
    if not above:
        return f"{text}\n"
    front = yaml.safe_dump(above, allow_unicode=True, sort_keys=False, width=1_000)
    return f"---\n{front}---\n{text}\n"


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _name(inside: Path) -> str:
    """Return a page's name in the folder: that of its file, of signs that an id may have."""
    parts = [_NO_NAME.sub("-", part).strip("-.") or "page" for part in inside.with_suffix("").parts]
    return "/".join(parts)


def _free(name: str, taken: set[str]) -> str:
    """Return the name of a file that no other page has, whatever their case."""
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.lower())
    return f"{free}.md"
