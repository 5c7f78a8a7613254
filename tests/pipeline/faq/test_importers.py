"""Importers make entries of tables and help pages, which load again as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import load_faq
from agentbot.pipeline.faq.importers import import_csv, import_help_pages, slug, to_yaml


def test_csv(tmp_path: Path) -> None:
    """Columns by name, several values in one cell, an id made of the question."""
    path = tmp_path / "faq.csv"
    path.write_text(
        "\ufeffQuestion;Reply;Variants;Tags\n"
        'Do you ship?;"Yes,\nwe do.";ship it?|send it?;shipping\n'
        ";;;\n"
        "Do you ship to me;No.;;\n",
        "utf-8",
    )
    first, second = import_csv(path)
    assert (first.id, first.answer, first.phrasings) == (
        "do-you-ship",
        "Yes,\nwe do.",
        ("ship it?", "send it?"),
    )
    assert (first.place, second.place) == (f"{path}:2", f"{path}:5")
    assert second.id == "do-you-ship-to-me"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "no column 'question'"),
        ("question,text\n", 1, "no column 'answer'"),
        ("question,answer\nQ?,A\nQ2?,\n", 3, "no answer"),
        ('question,answer\n"Q?,A\n', 2, "not CSV"),
    ],
)
def test_csv_mistakes(tmp_path: Path, text: str, line: int, problem: str) -> None:
    """File and line are named."""
    path = tmp_path / "faq.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        import_csv(path)
    assert caught.value.place == f"{path}:{line}"


def test_help_pages(tmp_path: Path) -> None:
    """Each section with text is an entry; a heading that is no question gets its page's title."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "returns.md").write_text(
        "---\nlayout: x\n---\n# Returns\n\n## How long?\n30 days.\n\n## Costs\n```\n# none\n```\n"
        "## Empty\n",
        "utf-8",
    )
    (tmp_path / "note.md").write_text("Only text.\n", "utf-8")
    entries = import_help_pages(tmp_path)
    assert [(entry.id, entry.question, entry.answer) for entry in entries] == [
        ("note", "note", "Only text."),
        ("how-long", "How long?", "30 days."),
        ("returns-costs", "Returns: Costs", "```\n# none\n```"),
    ]
    assert entries[1].place.endswith("returns.md:6")


def test_no_such_sources(tmp_path: Path) -> None:
    """What is not there is named."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        import_csv(tmp_path / "none.csv")
    with pytest.raises(ConfigurationError, match="is not a folder"):
        import_help_pages(tmp_path / "none")


def test_imported_entries_load_again(tmp_path: Path) -> None:
    """What is written for the prompts folder reads back the same."""
    table = tmp_path / "faq.csv"
    table.write_text("question,answer,links\nIs it: so?,'yes' # no,https://a.example\n", "utf-8")
    entries = import_csv(table)
    (tmp_path / "faq.yaml").write_text(to_yaml(entries), "utf-8")
    assert load_faq(tmp_path) == entries


def test_slug() -> None:
    """The first words, or a stand-in where there are none."""
    assert (
        slug("Do you ship to Norway, please tell me now!") == "do-you-ship-to-norway-please-tell-me"
    )
    assert slug("¿?") == "entry"
