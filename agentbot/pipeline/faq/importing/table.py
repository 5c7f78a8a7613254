"""CSV as spreadsheets, help desks and people write it: for `faq import` and for `eval faq`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.words import fold

_SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line with which Excel is told the separator."""
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
"""The marks at a file's beginning that name its encoding; Excel's "Unicode text" is UTF-16."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins (``file:line``), and its cells by the names of the header."""

    place: str
    cells: Mapping[str, str]


def read_table(
    path: Path, columns: Mapping[str, Sequence[str]], *, needed: Sequence[str]
) -> Iterator[Row]:
    """Yield the rows that hold anything, their cells by column and else by the header's own name.

    ``columns`` are the names that each column may have, folded; those ``needed`` must be there. The
    separator is the one that makes a header of the first line; a line ``sep=;`` may name it.

    Raises `ConfigurationError` with file and line.
    """
    lines = read_text(path).splitlines(keepends=True)
    skipped = 0
    separators = _SEPARATORS
    while skipped < len(lines) and not lines[skipped].strip(" \t\r\n,;|"):
        skipped += 1
    if skipped < len(lines) and (named := _SEPARATOR_LINE.fullmatch(lines[skipped])):
        separators = named[1]
        skipped += 1
    text = "".join(lines[skipped:])
    header, separator = _header(text, separators, columns)
    for column in needed:
        if column not in header:
            raise ConfigurationError(
                f"{path}:{skipped + 1}",
                f"has no column {column!r}",
                "name the columns in the first line",
            )
    for line, cells in _rows(path, text, separator, skipped):
        place = f"{path}:{line}"
        if any(cells[len(header) :]):
            raise ConfigurationError(
                place,
                f"the row has {len(cells)} cells, the header {len(header)}",
                f'put cells that hold {separator!r} in "…"',
            )
        if any(cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            # The first column of a name counts.
            yield Row(place, dict(reversed(list(zip(header, padded, strict=False)))))


def read_text(path: Path) -> str:
    """Return a file's text. Raises `ConfigurationError` where it cannot be read as UTF-8 or -16."""
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "name a file that you may read"
        raise ConfigurationError(str(path), f"cannot be read: {error.strerror}", remedy) from None
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    if "\0" in text:
        raise ConfigurationError(str(path), "is no text", "name a file that an editor can show")
    return text


def _header(
    text: str, separators: str, columns: Mapping[str, Sequence[str]]
) -> tuple[list[str], str]:
    """Return the names of the columns, and the separator that finds most of those asked for."""
    best: tuple[int, int, list[str], str] | None = None
    for separator in separators:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error:
            continue
        names = _named(cells, columns)
        found = (len(set(names) & set(columns)), len(cells), names, separator)
        if best is None or found[:2] > best[:2]:
            best = found
    return (best[2], best[3]) if best else ([], separators[0])


def _named(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return each cell's column or its own name; of several for one column, the likeliest."""
    folded = [fold(cell).strip() for cell in cells]
    # A name of its own must not be taken for a column that stands elsewhere.
    names = [cell.strip() if cell.strip() not in columns else "" for cell in cells]
    for column, known in columns.items():
        for name in known:
            if name in folded:
                names[folded.index(name)] = column
                break
    return names


def _rows(path: Path, text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of each row below the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        line = skipped + reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise ConfigurationError(
                f"{path}:{line}",
                f"is not CSV: {error}",
                'put cells that hold quotes or line breaks in "…", quotes inside doubled',
            ) from None
        if number:
            yield line, cells
        number += 1
