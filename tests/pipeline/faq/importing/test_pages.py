"""Help pages become entries, pipeline/faq/importing/pages.py, and what is left out is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.importing.outcome import Imported
from agentbot.pipeline.faq.importing.pages import import_help_pages


def imported(folder: Path, pages: Mapping[str, str]) -> Imported:
    """Return what is made of the pages of a folder."""
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return import_help_pages(folder)


def test_help_pages(tmp_path: Path) -> None:
    """Each section with text is an entry; a heading that is no question gets its page's title."""
    pages = {
        "sub/returns.md": "---\nlayout: x\n---\n# Returns\n\n## How long?\n30 days.\n\n"
        "## Costs\n```\n# none\n```\n## Empty\n",
        "gift-cards.md": "Only text.\n",
    }
    taken = imported(tmp_path, pages)
    assert [(entry.id, entry.question, entry.answer) for entry in taken.entries] == [
        ("gift-cards", "gift cards", "Only text."),
        ("how-long", "How long?", "30 days."),
        ("returns-costs", "Returns: Costs", "```\n# none\n```"),
    ]
    assert [entry.tags for entry in taken.entries] == [("gift-cards",), ("returns",), ("returns",)]
    assert taken.entries[1].place.endswith("returns.md:6")
    assert taken.notes == ()


def test_a_title_above_the_page_is_the_question(tmp_path: Path) -> None:
    """And what goes before its sections' headings."""
    page = "---\ntitle: How do I return it?\n---\n\nWithin 30 days.\n\n## Costs\n\nFree.\n"
    taken = imported(tmp_path, {"a.md": page})
    assert [entry.question for entry in taken.entries] == [
        "How do I return it?",
        "How do I return it?: Costs",
    ]


def test_a_question_asked_twice_gets_its_place_or_is_named(tmp_path: Path) -> None:
    """None is lost in silence."""
    taken = imported(
        tmp_path,
        {
            "a.md": "# Returns\n\n## How much?\n\nFree.\n\n## How much?\n\nFive.\n",
            "b.md": "# Shipping\n\n## How much?\n\nSix.\n\n## Abroad\n\n### How much?\n\nTen.\n",
            "c.md": "# Shipping\n\n## how much\n\nEight.\n",
            "c.markdown": "# Shipping\n\n## how much\n\nEight.\n",
        },
    )
    assert [(entry.question, entry.answer) for entry in taken.entries] == [
        ("How much?", "Free."),
        ("Returns: How much?", "Five."),
        ("Shipping: How much?", "Six."),
        ("Shipping: Abroad: How much?", "Ten."),
        ("c: how much", "Eight."),
    ]
    (note,) = taken.notes
    assert note.startswith(f"skipped {tmp_path / 'c.md'}:3: 'Shipping: how much' is asked at ")


def test_what_is_not_for_customers_is_left_out_and_named(tmp_path: Path) -> None:
    """Drafts, hidden files and folders, other people's pages, those about the repository."""
    taken = imported(
        tmp_path,
        {
            "shipping.md": "# Do you ship?\n\nYes.\n",
            "next.md": "---\ndraft: true\n---\n# Next?\n\nx\n",
            "old.md": "---\npublished: false\n---\n# Old?\n\nx\n",
            "odd.md": "---\na: [\n---\n# Odd?\n\nx\n",
            "_partial.md": "# Partial\n\nx\n",
            "_drafts/plan.md": "# Plan?\n\nx\n",
            ".github/ISSUE_TEMPLATE/bug.md": "# Bug\n\nx\n",
            "node_modules/p/index.md": "# p\n\nx\n",
            "README.md": "# Repository\n\nx\n",
            "sub/Code-of-Conduct.md": "# Be kind\n\nx\n",
            "guide.rst": "Guide\n=====\n",
            "logo.png": "",
        },
    )
    assert [entry.question for entry in taken.entries] == ["Do you ship?"]
    assert [note.partition(": ")[0].removeprefix("skipped ") for note in taken.notes] == [
        ".github/ISSUE_TEMPLATE/bug.md",
        "README.md",
        "_drafts/plan.md",
        "_partial.md",
        "guide.rst",
        "node_modules/p/index.md",
        "sub/Code-of-Conduct.md",
        str(tmp_path / "next.md"),
        str(tmp_path / "odd.md"),
        str(tmp_path / "old.md"),
    ]
    assert "draft is true" in taken.notes[-3]
    assert "cannot be read" in taken.notes[-2]


def test_pages_of_all_kinds_are_read(tmp_path: Path) -> None:
    """In any case of their names; an HTML page's title counts as one above a page."""
    html = "<head><title>Tea</title></head><nav>x</nav><h1>E?</h1><p>F</p><h2>Costs</h2><p>G</p>"
    taken = imported(
        tmp_path,
        {
            "A.MD": "# A?\n\nB\n",
            "c.markdown": "# C?\n\nD\n",
            "d.mdx": "# D?\n\nE\n",
            "e.HTML": html,
        },
    )
    assert [(entry.question, entry.answer) for entry in taken.entries] == [
        ("A?", "B"),
        ("C?", "D"),
        ("D?", "E"),
        ("E?", "F"),
        ("Tea: Costs", "G"),
    ]


def test_one_page_is_read_whatever_its_name(tmp_path: Path) -> None:
    """Whoever names it means it."""
    page = tmp_path / "README.md"
    page.write_text("# A?\n\nB\n", "utf-8")
    assert [entry.question for entry in import_help_pages(page).entries] == ["A?"]


def test_no_such_folder(tmp_path: Path) -> None:
    """What is not there is named."""
    with pytest.raises(ConfigurationError, match="is not a folder"):
        import_help_pages(tmp_path / "none")
