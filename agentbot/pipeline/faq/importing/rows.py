"""Entries of a CSV table: one of each row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry, checked
from agentbot.pipeline.faq.importing.html import holds_html, markdown_of
from agentbot.pipeline.faq.importing.naming import Ids, slug
from agentbot.pipeline.faq.importing.outcome import Imported, Notes
from agentbot.pipeline.faq.importing.table import Row, read_table
from agentbot.pipeline.faq.importing.withheld import why_withheld

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "key", "slug"),
    "question": (
        *("question", "title", "q", "subject"),
        *("frage", "pregunta", "pergunta", "vraag", "domanda", "pytanie"),
    ),
    "answer": (
        *("answer", "reply", "response", "a", "body", "content"),
        *("antwort", "reponse", "respuesta", "resposta", "antwoord", "risposta", "odpowiedz"),
    ),
    "phrasings": ("phrasings", "other phrasings", "variants", "alternatives"),
    "links": ("links", "link", "url"),
    "tags": ("tags", "tag", "category", "categories"),
}
"""Names that a column may have, folded, the likeliest first."""


def import_csv(path: Path) -> Imported:
    """Make an entry of each row; of `COLUMNS`, ``question`` and ``answer`` must be there.

    Several phrasings, links or tags in one cell are set apart by ``|`` or line breaks; an id is
    made from the question where there is none. HTML becomes markdown. Rows that are marked as
    drafts, internal or unpublished are left out.

    Raises `ConfigurationError` with file and line.
    """
    notes = Notes()
    entries = checked(_entries(path, notes))
    return Imported(entries, tuple(notes.lines))


def _entries(path: Path, notes: Notes) -> Iterator[FaqEntry]:
    rows = list(read_table(path, COLUMNS, needed=("question", "answer")))
    ids = Ids(row.cells.get("id", "") for row in rows)
    for row in rows:
        if why := why_withheld({**row.cells, "tags": _parts(row.cells.get("tags", ""))}):
            notes.skipped(row.place, why)
            continue
        question, answer = _text(row, "question"), _text(row, "answer")
        for name, text in (("question", question), ("answer", answer)):
            if not text:
                raise ConfigurationError(
                    row.place, f"the row has no {name}", "fill it in, or drop the row"
                )
        yield FaqEntry(
            id=_id(row, question, ids, notes),
            question=" ".join(question.split()),
            answer=answer,
            phrasings=_parts(_text(row, "phrasings")),
            links=_parts(row.cells.get("links", "")),
            tags=_parts(row.cells.get("tags", "")),
            place=row.place,
        )


def _id(row: Row, question: str, ids: Ids, notes: Notes) -> str:
    wanted = row.cells.get("id", "")
    if not wanted:
        return ids.free(slug(question))
    given = ids.given(wanted)
    if given != wanted:
        notes.changed(row.place, f"the id {wanted!r} is now {given!r}")
    return given


def _text(row: Row, name: str) -> str:
    cell = row.cells.get(name, "")
    return markdown_of(cell) if holds_html(cell) else cell


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[|\n]", cell) if part.strip())
