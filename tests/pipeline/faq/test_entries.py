"""Entries: all that operators may write is read, and each mistake named with file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry, FaqWarning, checked, load_faq


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file of the folder."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_markdown_entry(tmp_path: Path) -> None:
    """Front matter, a heading, an answer; the file's name is the id."""
    path = write(
        tmp_path,
        "hours.md",
        "---\nphrasings:\n  - open today?\ntags: [shop]\n---\n\n# When are you open?\n\nAlways.\n",
    )
    assert load_faq(tmp_path) == (
        FaqEntry("hours", "When are you open?", "Always.", ("open today?",), (), ("shop",)),
    )
    assert load_faq(tmp_path)[0].place == f"{path}:7"


def test_yaml_entries(tmp_path: Path) -> None:
    """A file may hold many entries; files come in the order of their names."""
    write(tmp_path, "b.yaml", "- {id: b, question: B, answer: bee}\n")
    write(tmp_path, "a.yml", "- id: a\n  question: A?\n  answer: |-\n    one\n    two\n")
    write(tmp_path, "_draft.yaml", "not: [read")
    assert [(entry.id, entry.answer) for entry in load_faq(tmp_path)] == [
        ("a", "one\ntwo"),
        ("b", "bee"),
    ]


def test_no_folder(tmp_path: Path) -> None:
    """No folder, no FAQ."""
    assert load_faq(tmp_path / "nowhere") == ()


QA = "- id: a\n  question: Q?\n  answer: A\n"
"""An entry to which keys may be added, in three lines."""


def test_translations_of_an_answer(tmp_path: Path) -> None:
    """By the codes of their languages, in both kinds of files; an entry may have none."""
    write(tmp_path, "a.yaml", QA + "  answers:\n    de: Ja\n    pt: |-\n      Sim,\n      claro\n")
    write(tmp_path, "b.md", "---\nanswers: {fr: Oui}\n---\n# B?\nYes\n")
    write(tmp_path, "c.md", "# C?\nYes\n")

    assert [entry.answers for entry in load_faq(tmp_path)] == [
        {"de": "Ja", "pt": "Sim,\nclaro"},
        {"fr": "Oui"},
        {},
    ]


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("a.md", "---\nid: x\n# Q\n", 1, "not closed"),
        ("a.md", "just text\n", 1, "question is missing"),
        ("a.md", "", 1, "question is missing"),
        ("a.md", "# Q?\n\n", 1, "answer is missing"),
        ("a.md", "---\nid: x\nfoo: 1\n---\n# Q?\nA\n", 3, "'foo' is unknown"),
        ("a.md", "---\nphrasings: one\n---\n# Q?\nA\n", 2, "not a list"),
        ("a.md", "---\nphrasings:\n  - ok\n  - [no]\n---\n# Q?\nA\n", 4, "no text"),
        ("a b.md", "# Q?\nA\n", 1, "cannot be an id"),
        ("a.yaml", "- id: a\n  question: Q?\n", 1, "no answer"),
        ("a.yaml", "- id: a\n  question: Q?\n  answer:\n", 3, "no text"),
        ("a.yaml", "- question: Q?\n  answer: A\n", 1, "no id"),
        ("a.yaml", "- id: a\n  id: b\n", 2, "stands twice"),
        ("a.yaml", "id: a\n", 1, "not a list"),
        ("a.yaml", "- one\n", 1, "not an entry"),
        ("a.yaml", "- id: a\n  answer: it's: so\n bad", 2, "not valid YAML"),
        ("a.yaml", "- id: a\n\x07", 1, "not valid YAML"),
        ("a.yaml", f"{QA}  answers: Ja\n", 4, "does not say which languages"),
        ("a.yaml", f"{QA}  answers:\n    de: Ja\n    xx: Y\n", 6, "'xx' is not the code"),
        ("a.yaml", f"{QA}  answers: {{de: Ja, German: Ja}}\n", 4, "'German' is not the code"),
        ("a.yaml", f"{QA}  answers:\n    de: Ja\n    de: Doch\n", 6, "'de' stands twice"),
        ("a.yaml", f"{QA}  answers:\n    de:\n", 5, "the answer in 'de' holds .* no text"),
        ("a.md", "---\nanswers:\n  fr: [oui]\n---\n# Q?\nA\n", 3, "the answer in 'fr' holds"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, name: str, text: str, line: int, problem: str) -> None:
    """File, line and what is wrong."""
    path = write(tmp_path, name, text)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_faq(tmp_path)
    assert caught.value.place == f"{path}:{line}"


def test_not_utf_8(tmp_path: Path) -> None:
    """The line that holds the wrong bytes is named."""
    (tmp_path / "a.yaml").write_bytes(b"- id: a\n  question: caf\xe9\n")
    with pytest.raises(ConfigurationError, match=r"a\.yaml:2: is not UTF-8"):
        load_faq(tmp_path)


def test_id_used_twice() -> None:
    """Both places are named."""
    entries = [FaqEntry("a", "A?", "a", place="x:1"), FaqEntry("a", "B?", "b", place="y:2")]
    with pytest.raises(ConfigurationError, match=r"y:2: the id 'a' is already used at x:1"):
        checked(entries)


def test_phrasing_of_two_entries() -> None:
    """A question with two answers is a mistake, whatever its case and punctuation."""
    entries = [FaqEntry("a", "Is it?", "a"), FaqEntry("b", "B?", "b", ("is  IT",), place="y:2")]
    with pytest.raises(ConfigurationError, match="also a phrasing of 'a'"):
        checked(entries)


def test_phrasing_twice_in_one_entry() -> None:
    """Dropped, with a warning."""
    with pytest.warns(FaqWarning, match="stands twice in 'a'"):
        (entry,) = checked([FaqEntry("a", "Is it?", "a", ("Was it?", "is it", "was it?"))])
    assert entry.wordings == ("Is it?", "Was it?")


def test_what_is_not_read_is_warned_of(tmp_path: Path) -> None:
    """A folder, a kind of file that is none of ours, a pipe that has an entry's name."""
    (tmp_path / "more").mkdir()
    write(tmp_path, "table.csv", "a,b\n")
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.warns(FaqWarning, match="this is not read") as warned:
        assert load_faq(tmp_path) == ()
    assert [str(one.message).split(":")[0].rpartition("/")[2] for one in warned] == [
        "more",
        "pipe.md",
        "table.csv",
    ]


def test_the_shipped_example_loads() -> None:
    """The entries that come with agentbot are well-formed."""
    entries = load_faq(Path(__file__).parents[3] / "prompts" / "faq")
    assert {"shipping-abroad", "opening-hours"} <= {entry.id for entry in entries}
    assert all(len(entry.phrasings) >= 5 for entry in entries)


def test_what_is_nested_too_deeply_is_named(tmp_path: Path) -> None:
    """It is an error of the file's, and no traceback."""
    (tmp_path / "deep.yaml").write_text("[" * 100_000, "utf-8")
    with pytest.raises(ConfigurationError, match="nested too deeply") as caught:
        load_faq(tmp_path)
    assert caught.value.place == f"{tmp_path / 'deep.yaml'}:1"
