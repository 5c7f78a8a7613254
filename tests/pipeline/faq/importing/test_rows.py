"""A CSV table becomes entries, pipeline/faq/importing/rows.py, which load again as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry, load_faq
from agentbot.pipeline.faq.importing.rows import import_csv
from agentbot.pipeline.faq.importing.written import to_yaml


def imported(folder: Path, text: str) -> tuple[FaqEntry, ...]:
    """Return the entries of a table."""
    path = folder / "faq.csv"
    path.write_text(text, "utf-8")
    return import_csv(path).entries


def test_csv(tmp_path: Path) -> None:
    """Columns by name, several values in one cell, an id made of the question."""
    first, second = imported(
        tmp_path,
        "\ufeffQuestion;Reply;Variants;Tags\n"
        'Do you ship?;"Yes,\nwe do.";ship it?|send it?;shipping\n'
        ";;;\n"
        "Do you ship to me;No.;;\n",
    )
    assert (first.id, first.answer, first.phrasings) == (
        "do-you-ship",
        "Yes,\nwe do.",
        ("ship it?", "send it?"),
    )
    path = tmp_path / "faq.csv"
    assert (first.place, second.place) == (f"{path}:2", f"{path}:5")
    assert second.id == "do-you-ship-to-me"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "no column 'question'"),
        ("question,text\n", 1, "no column 'answer'"),
        ("question,answer\nQ?,A\nQ2?,\n", 3, "the row has no answer"),
        ("question,answer\nQ?,A\n,A\n", 3, "the row has no question"),
        ('question,answer\n"Q?,A\n', 2, "not CSV"),
        ("question,answer\nDo you ship?,Yes, we do\n", 2, "3 cells, the header 2"),
        ("id,question,answer\na,Q?,A\na,R?,B\n", 3, "'a' is already used"),
    ],
)
def test_csv_mistakes(tmp_path: Path, text: str, line: int, problem: str) -> None:
    """File and line are named."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        imported(tmp_path, text)
    assert caught.value.place == f"{tmp_path / 'faq.csv'}:{line}"


def test_no_such_table(tmp_path: Path) -> None:
    """What is not there is named."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        import_csv(tmp_path / "none.csv")


def test_drafts_are_left_out_and_named(tmp_path: Path) -> None:
    """By whatever column says so."""
    path = tmp_path / "faq.csv"
    path.write_text(
        "question,answer,Status,Draft,Published,Category\n"
        "A?,a,published,no,yes,shipping\n"
        "B?,b,Draft,,,\n"
        "C?,c,,TRUE,,\n"
        "D?,,,,false,\n"
        "E?,e,,,,tea|Internal\n",
        "utf-8",
    )
    taken = import_csv(path)
    assert [entry.id for entry in taken.entries] == ["a"]
    assert taken.notes == (
        f"skipped {path}:3: Status is draft",
        f"skipped {path}:4: Draft is true",
        f"skipped {path}:5: Published is false",
        f"skipped {path}:6: tags is internal",
    )


def test_ids_that_are_none_are_changed_and_named(tmp_path: Path) -> None:
    """So that `check` accepts what was written."""
    path = tmp_path / "faq.csv"
    path.write_text("id;question;answer\nKB/001;Q?;A\n1,5;R?;B\n1-5;S?;C\nok.1;T?;D\n", "utf-8")
    taken = import_csv(path)
    assert [entry.id for entry in taken.entries] == ["KB-001", "1-5-2", "1-5", "ok.1"]
    assert taken.notes[0] == f"changed {path}:2: the id 'KB/001' is now 'KB-001'"


def test_html_becomes_markdown(tmp_path: Path) -> None:
    """In questions too."""
    (entry,) = imported(
        tmp_path, 'title,answer\nTea &amp; cups?,"<p>To <b>Norway</b>.</p><p>3&nbsp;days</p>"\n'
    )
    assert (entry.question, entry.answer) == ("Tea & cups?", "To **Norway**.\n\n3 days")


def test_a_question_is_one_line(tmp_path: Path) -> None:
    """Wherever its cell was broken."""
    (entry,) = imported(tmp_path, 'question,answer\n"Do you\n ship?",1 < 2 & 3\n')
    assert (entry.question, entry.answer) == ("Do you ship?", "1 < 2 & 3")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(max_size=10), CELLS, CELLS), min_size=1, max_size=5))
def test_what_is_written_loads_again(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Whatever stood in the cells."""
    lines = ["id,question,answer"]
    lines += [
        ",".join(f'"{cell}"'.replace('"', '""')[1:-1].join('""') for cell in row) for row in rows
    ]
    try:
        entries = imported(tmp_path, "\n".join(lines))
    except ConfigurationError:
        return
    folder = tmp_path / "faq"
    folder.mkdir(exist_ok=True)
    (folder / "faq.yaml").write_text(to_yaml(entries), "utf-8")
    assert load_faq(folder) == entries
