"""Labelled questions are read from what people write them in, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.matcher import LabelledQuestion
from agentbot.pipeline.faq.quality.labelled import load_questions
from tests.support.faq import small_faq


def test_questions_are_read(tmp_path: Path) -> None:
    """One JSON object a line; empty lines and other keys do not matter."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"text": "a", "faq": "hours", "kind": "x"}\n\n{"text": "b", "faq": null}\n')
    assert load_questions(path, small_faq()) == (
        LabelledQuestion("a", "hours"),
        LabelledQuestion("b", None),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "not a question"),
        ('{"text": "a"}', "not a question"),
        ('{"text": 1, "faq": null}', "not a question"),
        ('{"text": "a", "faq": "nope"}', "no entry has the id 'nope'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, line: str, problem: str) -> None:
    """File and line."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"text": "a", "faq": null}\n' + line + "\n")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_questions(path, small_faq())
    assert caught.value.place == f"{path}:2"


def test_a_file_is_utf_8_with_a_mark_or_without(tmp_path: Path) -> None:
    """Spreadsheets write a mark at its head; another encoding is named as what it is."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"text": "ä", "faq": null}\n', encoding="utf-8-sig")
    assert load_questions(path, small_faq()) == (LabelledQuestion("ä", None),)
    path.write_text('{"text": "ä", "faq": null}\n', encoding="latin-1")
    with pytest.raises(ConfigurationError, match=r"q.jsonl:1: is not UTF-8 text \(save the file"):
        load_questions(path, small_faq())


def test_no_such_file(tmp_path: Path) -> None:
    """Named, with the system's reason."""
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        load_questions(tmp_path / "none", small_faq())


def test_a_table_is_read_as_import_reads_it(tmp_path: Path) -> None:
    """With the columns that the help names; an empty cell, or null, means that no entry answers."""
    path = tmp_path / "q.csv"
    path.write_text('sep=;\nText;FAQ;notes, more\n"a;\nb";hours;x\nc;;\nd;NULL;\n', "utf-8")
    assert load_questions(path, small_faq()) == (
        LabelledQuestion("a;\nb", "hours"),
        LabelledQuestion("c", None),
        LabelledQuestion("d", None),
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("text,faq\na,hours\nb,nope\n", 3, "no entry has the id 'nope'"),
        ("text,faq\n,hours\n", 2, "the row has no text"),
        ("text,kind\na,b\n", 1, "no column 'faq'"),
    ],
)
def test_mistakes_in_a_table_are_named(tmp_path: Path, text: str, line: int, problem: str) -> None:
    """File and line."""
    path = tmp_path / "q.CSV"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_questions(path, small_faq())
    assert caught.value.place == f"{path}:{line}"


@pytest.mark.parametrize(("name", "text"), [("q.csv", "text,faq\n"), ("q.jsonl", "\n")])
def test_a_file_without_questions_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """It would measure nothing."""
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match="holds no question"):
        load_questions(tmp_path / name, small_faq())
