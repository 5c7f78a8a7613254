"""Make FAQ entries of what exists: a CSV table, or a folder of help pages in markdown."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import FaqEntry, checked

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "key", "slug"),
    "question": ("question", "title", "q"),
    "answer": ("answer", "reply", "response", "a"),
    "phrasings": ("phrasings", "other phrasings", "variants", "alternatives"),
    "links": ("links", "link", "url"),
    "tags": ("tags", "tag", "category", "categories"),
}
"""Names that a column may have, in lower case."""

_WORDS_OF_AN_ID = 8
"""Words of a question that become its id: enough to tell questions apart, and readable in a log."""
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_FENCE = re.compile(r"\s*(```|~~~)")


def import_csv(path: Path) -> tuple[FaqEntry, ...]:
    """Make an entry of each row; of `COLUMNS`, ``question`` and ``answer`` must be there.

    Several phrasings, links or tags in one cell are set apart by ``|`` or line breaks; an empty
    id is made from the question. The separator is ``,``, ``;`` or a tab. Rows without a question
    and an answer are left out.

    Raises `ConfigurationError` with file and line.
    """
    text = _read(path)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = _rows(path, text, separator)
    _, names = next(rows, (1, []))
    return checked(_csv_entries(path, [name.lower() for name in names], rows))


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's first line and its cells."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise ConfigurationError(
                f"{path}:{line}",
                f"is not CSV: {error}",
                'put cells that hold quotes or line breaks in "…", quotes inside doubled',
            ) from None


def _csv_entries(
    path: Path, header: Sequence[str], rows: Iterable[tuple[int, list[str]]]
) -> Iterator[FaqEntry]:
    places = {
        key: next((header.index(name) for name in names if name in header), None)
        for key, names in COLUMNS.items()
    }
    for key in ("question", "answer"):
        if places[key] is None:
            raise ConfigurationError(
                f"{path}:1", f"has no column {key!r}", "name the columns in the first line"
            )
    taken: set[str] = set()
    for line, row in rows:
        cells = {
            key: row[place] if place is not None and place < len(row) else ""
            for key, place in places.items()
        }
        if any(cells.values()):
            if not cells["question"] or not cells["answer"]:
                missing = "question" if not cells["question"] else "answer"
                raise ConfigurationError(
                    f"{path}:{line}", f"the row has no {missing}", "fill it in, or drop the row"
                )
            yield FaqEntry(
                id=_free(cells["id"] or slug(cells["question"]), taken, given=bool(cells["id"])),
                question=cells["question"],
                answer=cells["answer"],
                phrasings=_parts(cells["phrasings"]),
                links=_parts(cells["links"]),
                tags=_parts(cells["tags"]),
                place=f"{path}:{line}",
            )


def import_help_pages(folder: Path) -> tuple[FaqEntry, ...]:
    """Make an entry of each section of each ``*.md`` below ``folder`` (subfolders included).

    A section's heading is the question and its text the answer; the page's first heading is a
    phrasing's context where the section's heading is no question by itself ("Returns: Costs").
    A page without sections becomes one entry. Sections without text are left out, headings in
    fenced code are text, and the page's name is the tag.

    Raises `ConfigurationError` for a folder or page that cannot be read.
    """
    if not folder.is_dir():
        raise ConfigurationError(str(folder), "is not a folder", "name the folder of help pages")
    taken: set[str] = set()
    entries: list[FaqEntry] = []
    asked: set[str] = set()
    for path in sorted(folder.rglob("*.md")):
        title = ""
        for line, level, heading, body in _sections(_read(path)):
            if level == 1 and not title:
                title = heading
            question = heading if level == 1 or "?" in heading else f"{title}: {heading}"
            question = question.removeprefix(": ") or path.stem.replace("-", " ").replace("_", " ")
            if not body or question.lower() in asked:
                continue
            asked.add(question.lower())
            entries.append(
                FaqEntry(
                    id=_free(slug(question), taken, given=False),
                    question=question,
                    answer=body,
                    tags=(path.stem,),
                    place=f"{path}:{line}",
                )
            )
    return checked(entries)


def to_yaml(entries: Iterable[FaqEntry]) -> str:
    """Return the entries as a file for ``prompts/faq/`` (see `load_faq`)."""
    records = []
    for entry in entries:
        record: dict[str, str | list[str]] = {"id": entry.id, "question": entry.question}
        for key, values in (("phrasings", entry.phrasings), ("links", entry.links)):
            if values:
                record[key] = list(values)
        if entry.tags:
            record["tags"] = list(entry.tags)
        record["answer"] = entry.answer
        records.append(record)
    return yaml.safe_dump(records, allow_unicode=True, sort_keys=False, width=100)


def slug(text: str) -> str:
    """Make an id of the first words of ``text``: ``do-you-ship-to-norway``."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(found[:_WORDS_OF_AN_ID]) or "entry"


def _free(wanted: str, taken: set[str], *, given: bool) -> str:
    """Return ``wanted``, numbered if taken; a given id stays, so that a doubled one is refused."""
    name, number = wanted, 1
    while name in taken and not given:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[|\n]", cell) if part.strip())


def _sections(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield line, level, heading and body of each section; text above all headings has level 1."""
    line, level, heading = 1, 1, ""
    body: list[str] = []
    fenced = False
    for number, row in enumerate(_without_front_matter(text.splitlines()), 1):
        fenced ^= bool(_FENCE.match(row))
        found = None if fenced else _HEADING.fullmatch(row.strip())
        if found is None:
            body.append(row)
            continue
        if heading or "".join(body).strip():
            yield line, level, heading, "\n".join(body).strip()
        line, level, heading, body = number, len(found[1]), found[2], []
    yield line, level, heading, "\n".join(body).strip()


def _without_front_matter(lines: Sequence[str]) -> Sequence[str]:
    if lines and lines[0].strip() == "---" and "---" in lines[1:]:
        end = lines.index("---", 1)
        return [""] * (end + 1) + list(lines[end + 1 :])
    return lines


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(str(path), f"cannot be read: {error.strerror}") from None
