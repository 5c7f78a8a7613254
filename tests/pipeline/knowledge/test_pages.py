"""Pages: files of Markdown become passages with ids, titles, links and ages."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.knowledge.pages import HelpPage, load_pages

FIELDS = {"company.name": "Fjord & Fern"}


def load(tmp_path: Path, **files: str | bytes) -> tuple[tuple[HelpPage, ...], list[str], list[str]]:
    """Return the pages of a folder with these files, its problems, and its doubts."""
    problems = Problems()
    for name, text in files.items():
        path = tmp_path / "pages" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = load_pages(tmp_path, FIELDS, problems)
    return found, [f"{one.place}: {one.problem}" for one in problems.found], problems.doubts


CARE = """\
---
title: Caring for cups
link: https://shop.example/help/care
updated: 2026-09-14
---
From {{ company.name }}.

## Washing

By hand, see [here](../returns), [there](https://b.example) or ![x](cup.png).

### Stains

With soda.

## Washing

Again.
"""


def test_a_page_becomes_a_passage_a_section(tmp_path: Path) -> None:
    """With the headings above it in its title, and an id of its own."""
    (page,), problems, doubts = load(tmp_path, care=CARE)
    assert (problems, doubts) == ([], [])
    assert [(one.id, one.title, one.text) for one in page.passages] == [
        ("page/care", "Caring for cups", "From Fjord & Fern."),
        (
            "page/care#washing",
            "Caring for cups \u203a Washing",
            "By hand, see [here](https://shop.example/returns), [there](https://b.example) or x.",
        ),
        ("page/care#stains", "Caring for cups \u203a Washing \u203a Stains", "With soda."),
        ("page/care#washing-2", "Caring for cups \u203a Washing", "Again."),
    ]
    assert {one.link for one in page.passages} == {"https://shop.example/help/care"}
    assert {one.age for one in page.passages} == {date(2026, 9, 14)}


@pytest.mark.parametrize(
    ("text", "title", "titles"),
    [
        ("# Care\n\na\n\n## Washing\n\nb", "Care", ["Care", "Care \u203a Washing"]),
        ("a", "Our care", ["Our care"]),
        ("---\ntitle: <b>C\u200bare</b>\U000e0041\n---\na", "Care", ["Care"]),
        ("# A\n\na\n\n# B\n\nb", "Our care", ["Our care \u203a A", "Our care \u203a B"]),
        ("---\ntitle: T\n---\n# A\n\na", "T", ["T"]),
        ("---\ntitle: T\n---\n# A\n\na\n\n# B\n\nb", "T", ["T \u203a A", "T \u203a B"]),
        ("##\n\na", "Our care", ["Our care"]),
        ("\ufeff# Care\r\n\r\na\r\n", "Care", ["Care"]),
        ("Care\r\n====\r\n\r\na\r\n", "Care", ["Care"]),
    ],
)
def test_a_page_has_a_title(tmp_path: Path, text: str, title: str, titles: list[str]) -> None:
    """Its own, its only first heading, or its file's name; whatever ends its lines."""
    (page,), problems, _ = load(tmp_path, our_care=text)
    assert not problems
    assert page.title == title
    assert [one.title for one in page.passages] == titles


def test_a_page_without_a_link_has_words_for_its_own_links(tmp_path: Path) -> None:
    """They would lead nowhere from a chat."""
    written = "See [here](/x), [mail](mailto:a@b.example), [top](#a), [run](javascript:x)."
    (page,), _, _ = load(tmp_path, care=f"{written} <https://a.example> <javascript:x>")
    told = "See here, [mail](mailto:a@b.example), top, run. <https://a.example> "
    assert page.passages[0].text == told


def test_folders_are_part_of_an_id_and_files_of_others_are_not_read(tmp_path: Path) -> None:
    """What begins with a sign, or is about the folder, is no page; HTML and a pipe are doubted."""
    made = tmp_path / "pages" / "shipping"
    made.mkdir(parents=True)
    (made / "norway.md").write_text("Fast.", encoding="utf-8")
    for name in ("_draft.md", ".hidden.md", "README.md", "picture.png", "old.html"):
        (made / name).write_text("x", encoding="utf-8")
    os.mkfifo(made / "pipe.md")
    found, problems, doubts = load(tmp_path)
    assert [one.passages[0].id for one in found] == ["page/shipping/norway"]
    assert not problems
    assert [doubt.split(";")[0] for doubt in doubts] == [
        "pages/shipping/old.html: this is not read",
        "pages/shipping/pipe.md: this is not read",
    ]


def test_a_long_section_has_several_ids(tmp_path: Path) -> None:
    """Each piece can be named."""
    (page,), _, _ = load(
        tmp_path, a=f"{'x ' * 400}\n\n{'y ' * 400}\n\n## \u0426\u0435\u043d\u0430\n\nz"
    )
    assert [one.id for one in page.passages] == [
        "page/a",
        "page/a#2",
        "page/a#\u0446\u0435\u043d\u0430",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "pages/a.md: the page is empty"),
        ("\ufeff \n", "pages/a.md: the page is empty"),
        (b"caf\xe9", "pages/a.md:1: this is not UTF-8 text"),
        ("x" * 1_000_001, "pages/a.md: the file is longer than 1,000,000 characters"),
        ("---\ntitle: x\n---\n", "pages/a.md: there is no text on the page"),
        ("# A\n\n## B\n", "pages/a.md: there is no text on the page"),
        ("<!-- x -->", "pages/a.md: there is no text on the page"),
        ("---\nid: a b\n---\nx", "pages/a.md: 'a b' cannot be a page's id"),
        ("---\nlink: x\n---\nx", "pages/a.md:2: 'x' is no address"),
        ("a\n\n{{ company.nmae }}", "pages/a.md:3: unknown fact 'company.nmae'"),
    ],
)
def test_what_is_wrong_with_a_page_is_said_with_its_place(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    """And the page is left out."""
    found, problems, _ = load(tmp_path, a=text)
    (only,) = problems
    assert only.startswith(said)
    assert {one.place for one in found} <= {"pages/a.md"}


def test_two_pages_do_not_share_an_id(tmp_path: Path) -> None:
    """A source must name one page."""
    _, problems, _ = load(tmp_path, a="x", b="---\nid: a\n---\ny")
    assert problems == ["pages/b.md: the id 'a' is already that of pages/a.md"]


def test_a_draft_is_left_out_and_said(tmp_path: Path) -> None:
    """Customers are not to read it."""
    found, problems, doubts = load(tmp_path, a="---\ndraft: true\n---\nx")
    assert (found, problems) == ((), [])
    assert doubts == ["pages/a.md: this page is left out: draft is true"]


def test_a_link_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    """Without a word, the page would be missing."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.md").symlink_to(tmp_path / "gone.md")
    assert load(tmp_path)[1] == ["pages/a.md: this link leads nowhere"]


def test_there_may_be_no_pages(tmp_path: Path) -> None:
    """Then nothing is read."""
    assert load(tmp_path) == ((), [], [])


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """It is no page; within the folder, as in a mounted volume, links are usual."""
    folder = tmp_path / "folder"
    (folder / "pages").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("# Secret", encoding="utf-8")
    (folder / "pages" / "a.md").symlink_to(tmp_path / "secret.md")
    assert load(folder)[1] == ["pages/a.md: this link leads out of the folder"]
    (folder / "kept.md").write_text("# Kept\n\nIt is.", encoding="utf-8")
    (folder / "pages" / "a.md").unlink()
    (folder / "pages" / "a.md").symlink_to(folder / "kept.md")
    found, problems, _ = load(folder)
    assert problems == []
    assert [page.id for page in found] == ["a"]


def test_a_folder_that_may_not_be_looked_into_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages would be missing, and nobody would know; what is left out anyway may be closed."""
    for name in ("open", "closed", ".git"):
        (tmp_path / "pages" / name).mkdir(parents=True)
    look = os.scandir

    def refuse(place: str) -> object:
        if Path(place).name == closed:
            raise PermissionError(errno.EACCES, "Permission denied", place)
        return look(place)

    monkeypatch.setattr(os, "scandir", refuse)
    closed = ".git"
    assert load(tmp_path) == ((), [], [])
    closed = "closed"
    with pytest.raises(PermissionError, match="pages/closed"):
        load(tmp_path)
