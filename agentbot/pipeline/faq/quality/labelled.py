"""Labelled questions as they are written down: a table, or a JSON object a line."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.importing.table import read_table
from agentbot.pipeline.faq.matcher import LabelledQuestion

_AS_JSON = 'write {"text": "…", "faq": "<entry id, or null>"}'
"""What to write as a line."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "question", "message", "q"),
    "faq": ("faq", "entry", "id", "faq id", "expected"),
}
_NO_ENTRY = frozenset({"", "null", "none", "-"})
"""What a cell says where no entry answers."""


def load_questions(path: Path, entries: Sequence[FaqEntry]) -> tuple[LabelledQuestion, ...]:
    """Read labelled questions; other keys and columns are left alone.

    A ``.csv`` or ``.tsv`` file has the columns ``text`` and ``faq`` (empty: no entry answers), any
    other holds JSON lines of ``{"text": …, "faq": <entry id or null>}``.

    Raises `ConfigurationError` with file and line, also for an id that no entry has, and for a
    file without questions.
    """
    known = {entry.id for entry in entries}
    questions: list[LabelledQuestion] = []
    table = path.suffix.lower() in {".csv", ".tsv"}
    for place, question in _rows_of(path) if table else _lines_of(path):
        if question.entry is not None and question.entry not in known:
            raise ConfigurationError(
                place,
                f"no entry has the id {question.entry!r}",
                "use an id of the FAQ, or none" if table else "use an id of the FAQ, or null",
            )
        questions.append(question)
    if not questions:
        raise ConfigurationError(str(path), "holds no question", "write one a line")
    return tuple(questions)


def _rows_of(path: Path) -> Iterator[tuple[str, LabelledQuestion]]:
    for row in read_table(path, _COLUMNS, needed=tuple(_COLUMNS)):
        if not row.cells["text"]:
            raise ConfigurationError(
                row.place, "the row has no text", "fill it in, or drop the row"
            )
        entry = row.cells["faq"]
        none = entry.lower() in _NO_ENTRY
        yield row.place, LabelledQuestion(row.cells["text"], None if none else entry)


def _lines_of(path: Path) -> Iterator[tuple[str, LabelledQuestion]]:
    try:
        lines = path.read_bytes().removeprefix(BOM_UTF8).splitlines()
    except OSError as error:
        remedy = "name a file that you may read"
        raise ConfigurationError(str(path), f"cannot be read: {error.strerror}", remedy) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            record = orjson.loads(line.decode())
        except UnicodeDecodeError:
            remedy = "save the file as UTF-8"
            raise ConfigurationError(place, "is not UTF-8 text", remedy) from None
        except orjson.JSONDecodeError as error:
            raise ConfigurationError(place, f"is not JSON: {error}", _AS_JSON) from None
        match record:
            case {"text": str(text), "faq": str() | None as entry}:
                yield place, LabelledQuestion(text, entry)
            case _:
                raise ConfigurationError(place, "is not a question", _AS_JSON)
