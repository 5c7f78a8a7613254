"""CSV as it is written, pipeline/faq/importing/table.py: separators, encodings, odd first lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.importing.table import read_table, read_text

COLUMNS = {"q": ("question", "q"), "a": ("answer",)}


def read(folder: Path, data: str | bytes) -> list[dict[str, str]]:
    """Return the cells of each row."""
    path = folder / "t.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [dict(row.cells) for row in read_table(path, COLUMNS, needed=("q", "a"))]


@pytest.mark.parametrize(
    "data",
    [
        "question,answer\nA?,b\n",
        "question;answer\r\nA?;b\r\n",
        "question\tanswer\nA?\tb",
        "question|answer\nA?|b\n",
        "\ufeffsep=;\r\nquestion;answer\r\nA?;b\r\n",
        '"sep=,"\nquestion,answer\nA?,b\n',
        "\n,,\nquestion,answer\nA?,b\n",
        '"Question";"Answer"\n"A?";"b"\n',
        " QUESTION , Answer \n A? , b \n\n,\n",
        "question,answer\nA?,b,,\n",
        "question\tanswer\nA?\tb\n".encode("utf-16"),
        "q,answer\nA?,b\n",
    ],
)
def test_a_table_is_read_as_it_is_written(tmp_path: Path, data: str | bytes) -> None:
    """By spreadsheets, help desks and people."""
    assert read(tmp_path, data) == [{"q": "A?", "a": "b"}]


def test_the_separator_is_what_makes_a_header(tmp_path: Path) -> None:
    """Not what is most frequent in the first line."""
    header = 'question;answer;"notes, links, and so on, if any"'
    (row,) = read(tmp_path, f"{header}\nA?;b, c;x\n")
    assert row == {"q": "A?", "a": "b, c", "notes, links, and so on, if any": "x"}


def test_the_likeliest_column_counts(tmp_path: Path) -> None:
    """Where two may be meant, and the first where a name stands twice."""
    assert read(tmp_path, "q,question,answer,answer\nx,A?,b,c\n") == [
        {"q": "A?", "a": "b", "": "x", "answer": "c"}
    ]


def test_places_are_those_of_the_file(tmp_path: Path) -> None:
    """With lines above the header, and breaks within cells."""
    path = tmp_path / "t.csv"
    path.write_text('sep=,\nquestion,answer\n"A\n?",b\nC?,d\u2028e\nE?,f\n', "utf-8")
    rows = list(read_table(path, COLUMNS, needed=()))
    assert [row.place for row in rows] == [f"{path}:3", f"{path}:5", f"{path}:6"]
    assert rows[1].cells["a"] == "d\u2028e"


@pytest.mark.parametrize(
    ("data", "line", "problem"),
    [
        ("question,text\nA?,b\n", 1, "has no column 'a'"),
        ("sep=;\nquestion,answer\nA?,b\n", 2, "has no column 'q'"),
        ("question,answer\nA?,b,c\n", 2, "the row has 3 cells, the header 2"),
        ('question,answer\nA?,"b"c\n', 2, "is not CSV"),
        ("", 1, "has no column 'q'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, data: str, line: int, problem: str) -> None:
    """File and line."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        read(tmp_path, data)
    assert caught.value.place == f"{tmp_path / 't.csv'}:{line}"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """Signs that no editor shows come from a spreadsheet's own format, or a picture."""
    path = tmp_path / "t.csv"
    path.write_bytes(b"PK\0\0question,answer")
    with pytest.raises(ConfigurationError, match="is no text"):
        read_text(path)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """With the remedy."""
    path = tmp_path / "t.csv"
    path.write_bytes("Größe".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_text(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_text(tmp_path)
