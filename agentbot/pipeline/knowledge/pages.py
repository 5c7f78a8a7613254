"""Help pages: ``pages/*.md`` of the operator's folder, and of the folders in it.

A page is Markdown, with a title, a link and the date of its last change above it if need be::

    ---
    title: Caring for ceramics
    link: https://shop.example/care
    updated: 2026-09-14
    ---
    ## Washing

    By hand, with a soft sponge …
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from agentbot.pipeline.faq.filling import fill_text
from agentbot.pipeline.faq.importing.pages import files_below
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import read_text
from agentbot.pipeline.knowledge.cutting import Section, pieces_of, sections_of
from agentbot.pipeline.knowledge.front_matter import FrontMatter, is_link, read_front_matter
from agentbot.pipeline.knowledge.passage import BETWEEN, PAGE, Passage
from agentbot.pipeline.knowledge.seen import seen, seen_line
from agentbot.pipeline.words import fold

FOLDER = "pages"
"""The folder's name in the operator's folder."""
_NOT_READ = frozenset({".html", ".htm", ".markdown", ".mdx", ".txt", ".rst", ".pdf", ".docx"})
"""Kinds of files that somebody may take for pages. Others, such as pictures, are none."""
_ID = re.compile(r"[^\W_][\w./-]*")
_SLUG_WORDS = 8
"""Words of a heading that become part of an id: enough to tell headings apart."""
_SLUG_LENGTH = 80
"""Characters of them: ids stand in logs and in metadata, where longer ones fill the line."""
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"(?<![!\\])\[([^\[\]\n]{1,500})\]\(([^()\s]{0,2000})(?:\s[^()\n]{0,200})?\)")
_BARE_LINK = re.compile(r"<([A-Za-z][\w+.-]{1,30}:[^<>\s]{0,2000})>")
_KEPT_LINKS = ("https://", "http://", "mailto:", "tel:")
_KEPT = 2_000
"""Pages whose pieces are kept between two readings of a folder, after an edit of one of them."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page: its id, title, link and age, and its pieces, in order.

    ``place`` is the file's name in the operator's folder.
    """

    id: str
    title: str
    link: str | None
    age: date | None
    passages: tuple[Passage, ...]
    place: str


def load_pages(folder: Path, values: Mapping[str, str], problems: Problems) -> tuple[HelpPage, ...]:
    """Return the pages of an operator's ``folder``, in the order of their names.

    ``values`` are what fields such as ``{{ company.name }}`` are filled with. What is wrong is
    noted; a page that customers are not to read, such as a draft, is left out with a doubt.
    """
    if not (folder / FOLDER).is_dir():
        return ()
    pages: dict[str, HelpPage] = {}
    for path in files_below(folder / FOLDER):
        inside = path.relative_to(folder / FOLDER)
        if any(part.startswith(("_", ".")) for part in inside.parts) or inside.name == "README.md":
            continue
        name = f"{FOLDER}/{inside.as_posix()}"
        if not path.exists():
            problems.add(name, "this link leads nowhere", "mend it, or delete it")
        elif not path.resolve().is_relative_to(folder.resolve()):
            problems.add(name, "this link leads out of the folder", "put the file itself here")
        elif path.suffix == ".md" and path.is_file():
            page = _read(path, name, values, problems)
            if page is not None and (twin := pages.setdefault(page.id, page)) is not page:
                what = f"the id {page.id!r} is already that of {twin.place}"
                problems.add(name, what, "give one of them another id, above the page")
        elif path.suffix.lower() in _NOT_READ | {".md"} and not path.is_dir():  # a pipe is no page
            remedy = "`agentbot faq import --pages` makes such pages of HTML and Markdown"
            problems.doubt(name, f"this is not read; pages stand in *.md, and {remedy}")
    return tuple(pages.values())


def _read(path: Path, name: str, values: Mapping[str, str], problems: Problems) -> HelpPage | None:
    text = read_text(path, name, problems, if_long="make several pages of it")
    if text is None:
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        problems.add(name, "the page is empty", "write it, or delete it")
        return None
    lines = fill_text(text, values, problems, name).split("\n")
    before = len(problems.found)
    above = read_front_matter(lines, name, problems)
    if len(problems.found) != before:
        return None
    if above.withheld:
        problems.doubt(name, f"this page is left out: {above.withheld}")
        return None
    page = _page("\n".join(lines[above.lines :]), name, above)
    if _ID.fullmatch(page.id) is None:
        what = f"{page.id!r} cannot be a page's id"
        problems.add(name, what, "use letters, digits, '-', '.' and '/', such as shipping/norway")
    elif not page.passages:
        what = "there is no text on the page that a reader would see"
        problems.add(name, what, "write some below its headings, or delete it")
    else:
        return page
    return None


@lru_cache(maxsize=_KEPT)
def _page(text: str, name: str, above: FrontMatter) -> HelpPage:
    """Return a page by its text below the front matter."""
    inside = Path(name).relative_to(FOLDER).with_suffix("")
    sections = sections_of(seen(text))
    title = seen_line(above.title) or _own_title(sections) or _title_of(inside.name)
    id_ = above.id or inside.as_posix()
    page = HelpPage(id_, title, above.link, above.age, (), name)
    return HelpPage(id_, title, above.link, above.age, tuple(_passages(page, sections)), name)


def _own_title(sections: list[Section]) -> str:
    """Return a page's only heading of the first level, where it stands above all others."""
    tops = [one for one in sections if one.level == 1]
    first = next((one for one in sections if one.level), None)
    return tops[0].heading if len(tops) == 1 and first is tops[0] else ""


def _title_of(stem: str) -> str:
    """Return a title for a page that has none: the words of its file's name."""
    words = " ".join(re.split(r"[\s._-]+", stem)).strip()
    return words[:1].upper() + words[1:]


def _passages(page: HelpPage, sections: list[Section]) -> Iterator[Passage]:
    own = _own_title(sections)
    path: list[tuple[int, str]] = []
    taken: set[str] = set()
    for section in sections:
        if section.level:
            path = [one for one in path if one[0] < section.level]
            if section.heading and not (
                section.level == 1 and section.heading in {own, page.title}
            ):
                path.append((section.level, section.heading))
        headings = [heading for _, heading in path if heading != page.title]
        title = BETWEEN.join([page.title, *headings])
        slug = _slug(headings[-1]) if headings else ""
        for piece in pieces_of(section.blocks):
            text = _with_links(piece, page.link)
            if not text.strip():
                continue
            id_ = _free(f"{PAGE}{page.id}", slug, taken)
            yield Passage(id_, title, text, link=page.link, age=page.age)


def _slug(heading: str) -> str:
    words = fold(heading).split()[:_SLUG_WORDS]
    return "-".join(words)[:_SLUG_LENGTH].strip("-") or "section"


def _free(page: str, slug: str, taken: set[str]) -> str:
    """Return an id that is not taken: the slug, or with a number behind it."""
    wanted = f"{page}#{slug}" if slug else page
    id_, number = wanted, 1
    while id_ in taken:
        number += 1
        id_ = f"{wanted}-{number}" if slug else f"{wanted}#{number}"
    taken.add(id_)
    return id_


def _with_links(text: str, page: str | None) -> str:
    """Return a piece whose links lead where they do on the page; those of nowhere are words.

    Pictures become what they say of themselves: a chat shows none that lie beside a page.
    """

    def link(found: re.Match[str]) -> str:
        label, address = found[1], found[2]
        if address.startswith(_KEPT_LINKS):
            return found[0]
        whole = urljoin(page, address) if page and address else ""
        return f"[{label}]({whole})" if is_link(whole) else label

    def bare_link(found: re.Match[str]) -> str:
        return found[0] if found[1].startswith(_KEPT_LINKS) else ""

    return _BARE_LINK.sub(bare_link, _LINK.sub(link, _IMAGE.sub(r"\1", text)))
