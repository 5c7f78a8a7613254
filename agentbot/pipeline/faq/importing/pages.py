"""Entries of help pages: one of each section, in markdown or HTML."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry, checked, normalized
from agentbot.pipeline.faq.importing.dialects import unknown_value, without_unseen_signs
from agentbot.pipeline.faq.importing.html import page_of, title_of
from agentbot.pipeline.faq.importing.markdown import (
    FrontMatterProblem,
    Page,
    Section,
    read_markdown,
)
from agentbot.pipeline.faq.importing.naming import Ids, slug
from agentbot.pipeline.faq.importing.outcome import Imported, Notes
from agentbot.pipeline.faq.importing.structured import structured_questions
from agentbot.pipeline.faq.importing.table import read_text
from agentbot.pipeline.faq.importing.withheld import why_withheld
from agentbot.pipeline.words import fold

MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx"})
HTML = frozenset({".html", ".htm", ".xhtml"})
_TEXTS = frozenset(
    {".rst", ".adoc", ".asciidoc", ".txt", ".doc", ".docx", ".odt", ".pdf", ".rtf", ".org", ".tex"}
    | {".textile", ".wiki", ".xml", ".json", ".yaml", ".yml", ".csv", ".tsv", ".xls", ".xlsx"}
)
"""Kinds that may hold a help page, but are not read. Others, such as pictures, hold none."""
_OF_THE_REPOSITORY = frozenset(
    {"readme", "changelog", "contributing", "license", "licence", "code_of_conduct", "security"}
    | {"summary", "authors", "maintainers", "notice", "codeowners", "pull_request_template"}
)
"""Pages that are written for those who work on the help pages."""
_FOREIGN = frozenset({"node_modules", "vendor", "dist", "build", "site-packages", "__pycache__"})


def import_help_pages(source: Path) -> Imported:
    """Make an entry of each section of a page, or of each page below a folder.

    A section's heading is the question and its text the answer, and so are a ``<summary>`` and
    what it opens, an accordion's button and its panel, a ``<dt>`` and its ``<dd>``, a question that
    is a line of its own in bold, and what a page tells search engines (``FAQPage`` of schema.org)
    but shows nowhere else. The page's title (above the page, or its first heading) is put before a
    heading that is no question by itself ("Returns: Costs").
    A page without sections becomes one entry, and the page's name is the tag. Sections without
    text are left out. Left out and named are drafts, unpublished and hidden pages (also by their
    file's or folder's name), pages about the repository, other kinds of pages, and a question
    that another page asks in the same words.

    Raises `ConfigurationError` for a folder or page that cannot be read.
    """
    notes = Notes()
    if source.is_file():
        pages = [source]
    elif source.is_dir():
        pages = list(pages_below(source, notes))
    else:
        raise ConfigurationError(str(source), "is not a folder", "name the folder of help pages")
    entries = _Entries(notes)
    for path in pages:
        entries.add(path)
    return Imported(checked(entries.found), tuple(notes.lines))


def files_below(folder: Path) -> list[Path]:
    """Return all that is below a folder, by name.

    Raises ``OSError`` where a folder in it cannot be listed: its pages would be missing unsaid.
    Folders whose name begins with ``.`` or ``_`` may be closed: nothing is read there.
    """
    for _, folders, _ in os.walk(folder, onerror=_raised):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
    return sorted(folder.rglob("*"))


def _raised(error: OSError) -> None:
    raise error


def pages_below(folder: Path, notes: Notes) -> Iterator[Path]:
    """Yield the pages below a folder that customers may read."""
    for path in files_below(folder):
        inside = path.relative_to(folder)
        kind = path.suffix.lower()
        if not path.is_file() or kind not in MARKDOWN | HTML | _TEXTS:
            continue
        if why := _why_not(inside):
            notes.skipped(str(inside), why)
        elif kind in _TEXTS:
            notes.skipped(str(inside), f"pages of the kind {kind} are not read")
        else:
            yield path


def _why_not(inside: Path) -> str:
    """Return why a page is not for customers, by its place; ``""`` where it may be."""
    for name in inside.parts:
        if name.startswith(("_", ".")):
            return f"{name!r} is hidden"
        if name in _FOREIGN:
            return f"{name!r} holds other people's pages"
    stem = inside.stem.lower().replace("-", "_")
    return "it is about the repository" if stem in _OF_THE_REPOSITORY else ""


_TOLD_LEVEL = 2
"""The level of a section for a question that a page tells search engines alone."""


class _Entries:
    """The entries found so far."""

    def __init__(self, notes: Notes) -> None:
        self.found: list[FaqEntry] = []
        self._notes = notes
        self._ids = Ids()
        self._asked: dict[str, str] = {}

    def add(self, path: Path) -> None:
        """Add the entries of a page."""
        try:
            page = _read(path)
        except FrontMatterProblem as error:
            self._notes.skipped(str(path), f"what stands above the page cannot be read: {error}")
            return
        if why := why_withheld(page.fields):
            self._notes.skipped(str(path), why)
            return
        title = " ".join(str(page.fields.get("title") or page.fields.get("question") or "").split())
        parent = ""
        for section in page.sections:
            if section.level == 1:
                title = title or section.heading
            if section.level <= 2:
                parent = section.heading
            if fold(section.body).isspace():  # nothing, or a line between sections
                continue
            questions = list(_questions(section.level, section.heading, title, parent, path))
            place = f"{path}:{section.line}"
            if value := unknown_value(section.body):
                self._notes.skipped(place, f"{value} stands for what only its generator knows")
                continue
            question = next((one for one in questions if normalized(one) not in self._asked), "")
            if not question:
                first = self._asked[normalized(questions[0])]
                self._notes.skipped(place, f"{questions[0]!r} is asked at {first} already")
                continue
            self._asked[normalized(question)] = place
            self.found.append(
                FaqEntry(
                    id=self._ids.free(slug(question)),
                    question=question,
                    answer=section.body,
                    tags=(path.stem,),
                    place=place,
                )
            )


def _read(path: Path) -> Page:
    text = without_unseen_signs(read_text(path))
    if path.suffix.lower() not in HTML:
        return read_markdown(text)
    seen = read_markdown(page_of(text)).sections
    asked = {normalized(section.heading) for section in seen}
    told = {
        question: Section(line, _TOLD_LEVEL, question, answer)
        for line, question, answer in structured_questions(text)
        if normalized(question) not in asked
    }
    return Page({"title": title_of(text)}, (*seen, *told.values()))


def _questions(level: int, heading: str, title: str, parent: str, path: Path) -> Iterator[str]:
    """Yield what a section may be asked by: the shortest first, then with more about its place."""
    name = re.sub(r"[-_]+", " ", path.stem)
    if not heading:
        yield title or name
    elif level == 1 or "?" in heading:
        yield heading
    if heading:
        yield f"{title or name}: {heading}"
        if parent not in {"", heading, title}:
            yield f"{title or name}: {parent}: {heading}"
    yield f"{name}: {heading or title}"
