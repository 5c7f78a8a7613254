"""What a source's figures belong to: rows and columns of tables, items, sentences, clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from agentbot.pipeline.checks.parsing.clauses import clauses
from agentbot.pipeline.checks.parsing.figures import Figure
from agentbot.pipeline.checks.parsing.segments import (
    AFFIRMATION,
    DENIAL,
    Segment,
    is_state,
    segment,
    words_of,
)
from agentbot.pipeline.checks.parsing.wording import sentences, tongue
from agentbot.pipeline.words import fold, plain

_ROW = re.compile(r"^\s*\|?(.*\|.*?)\|?\s*$")
_RULE = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_ITEM = re.compile(r"^\s*(?:[-*+\u2022]|\d{1,2}[.)])\s+")
_LABELLED = re.compile(r"^[^:.!?\n]{1,60}(?::|\s-)\s")
_LONGEST_LABEL = 4
"""Words before a colon that are a label: "Day tickets: valid on buses"."""
_YES, _NO = frozenset("\u2713\u2714\u2705"), frozenset("\u2717\u2718\u2715\u274c")


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Segments beside each other.

    ``is_parallel`` where each is about something of its own; ``is_table`` where that holds though
    a value has none beside it.
    """

    segments: tuple[Segment, ...]
    is_parallel: bool
    is_table: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """A value where it stands: the segments that it belongs to, each in its group."""

    value: Figure
    places: tuple[tuple[Group, Segment], ...]

    @property
    def days(self) -> frozenset[str]:
        """The days that it is said of: those of the smallest segment that names some."""
        return next((one.days for _, one in reversed(self.places) if one.days), frozenset())

    @property
    def all_labels(self) -> frozenset[str]:
        """The labels of all segments that it belongs to."""
        return frozenset[str]().union(*(one.labels for _, one in self.places))

    @property
    def all_days(self) -> frozenset[str]:
        """The days of all of them."""
        return frozenset[str]().union(*(one.days for _, one in self.places))


def occurrences(text: str, code: str) -> list[Occurrence]:
    """Return the values of a text, with what they belong to."""
    found: list[Occurrence] = []
    for kind, lines in _blocks(plain(text)):
        if kind == "table":
            found += _of_table(lines, code)
        elif kind == "items" or _are_labelled(lines):
            found += _of_items([_ITEM.sub("", line) for line in lines], code, is_parallel=True)
        else:
            said = [one for line in lines for one in sentences(line)]
            found += _of_items(said, code, is_parallel=_are_labelled(said))
    return found


def without_tables(text: str) -> str:
    """Return the paragraphs and lists of a text."""
    return "\n".join(
        line for kind, lines in _blocks(plain(text)) if kind != "table" for line in lines
    )


def labelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a plain text says, each with its label; "" where it has none.

    The cells of a row by its first one, each with the head of its column; items by what stands
    before their colon, or before the list; and sentences.
    """
    over = ""
    for kind, lines in _blocks(text):
        if kind == "table":
            yield from _of_rows(lines)
            continue
        for line in (_ITEM.sub("", line).strip() for line in lines):
            if line.endswith(":"):
                over = line
                continue
            for sentence in sentences(line):
                label, _, told = sentence.partition(":")
                if told.startswith(" ") and len(label.split()) <= _LONGEST_LABEL:
                    yield label, told
                else:
                    yield over if kind == "items" else "", sentence
        over = over if kind == "text" else ""


def _of_rows(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    rows = [_cells(line) for line in lines if not _RULE.match(line)]
    has_head = len(lines) > 1 and _RULE.match(lines[1]) is not None
    heads = rows[0] if has_head else []
    for label, *cells in rows[has_head:]:
        for head, cell in zip_longest(heads[1:], cells, fillvalue=""):
            if cell:
                yield label, f"{head} {cell}"


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the tables, lists and paragraphs of a text, each with its lines."""
    kept: list[str] = []
    before = ""
    for line in [*text.split("\n"), ""]:
        kind = _kind(line)
        if kind == "text" and before == "items" and line[:1].isspace():
            kept[-1] = f"{kept[-1]} {line.strip()}"
            continue
        if kind != before and kept:
            yield before, kept
            kept = []
        if kind:
            kept.append(line)
        before = kind


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if _ROW.match(line):
        return "table"
    return "items" if _ITEM.match(line) else "text"


def _are_labelled(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and all(_LABELLED.match(one) for one in texts)


def _of_table(lines: Sequence[str], code: str) -> Iterator[Occurrence]:
    rows = [_cells(line) for line in lines if not _RULE.match(line)]
    has_head = len(lines) > 1 and _RULE.match(lines[1]) is not None
    heads = [segment(one, code) for one in rows[0]] if has_head else []
    body = [[_cell(cell, code) for cell in row] for row in rows[has_head:]]
    columns = [
        Group(tuple(_row(cells, at, head) for cells in body), is_parallel=True, is_table=True)
        for at, head in zip_longest(range(max(map(len, body), default=0)), heads)
        if at is not None
    ]
    for number, cells in enumerate(body):
        about = _row(cells, 0, None).own
        beside = Group(
            tuple(
                replace(head, context=about, values=(*cell.values, *head.values))
                for head, cell in zip(heads, cells, strict=False)
            ),
            is_parallel=True,
        )
        for at, cell in enumerate(cells):
            places = [(columns[at], columns[at].segments[number])]
            if at < len(beside.segments):
                places.append((beside, beside.segments[at]))
            yield from (Occurrence(value, tuple(places)) for value in cell.values)


def _row(cells: Sequence[Segment], at: int, head: Segment | None) -> Segment:
    """Return a row with the values of one cell, and those figures of others that may name it.

    What its first cell holds names it most.
    """
    own = frozenset[str]().union(*(one.own for one in cells))
    names = frozenset[str]().union(*(one.names for one in cells)) | cells[0].own
    values = cells[at].values if at < len(cells) else ()
    units = {unit for value in values for unit in value.units()}
    marks = [
        value
        for place, cell in enumerate(cells)
        for value in cell.values
        if place != at and not is_state(value) and (place == 0 or units.isdisjoint(value.units()))
    ]
    context = frozenset[str]() if head is None else head.own
    return Segment(own, context, names, (*values, *marks))


def _cells(line: str) -> list[str]:
    found = _ROW.match(line)
    return [cell.strip() for cell in (found[1] if found else line).split("|")]


def _cell(text: str, code: str) -> Segment:
    words, signs = fold(text).split(), set(text.strip())
    if (signs and signs <= _YES) or (len(words) == 1 and words[0] in words_of(code, "yes_")):
        return Segment(values=(AFFIRMATION,))
    if (signs and signs <= _NO) or (len(words) == 1 and words[0] in tongue(code).refusals):
        return Segment(values=(DENIAL,))
    return segment(text, code)


def _of_items(texts: Sequence[str], code: str, *, is_parallel: bool) -> Iterator[Occurrence]:
    read = [(segment(text, code), clauses(text, code)) for text in texts]
    if is_parallel and any(one.denies for one, _ in read):
        read = [
            (one, parts) if one.denies else (_with_value(one), [*map(_with_value, parts)])
            for one, parts in read
        ]
    group = Group(tuple(one for one, _ in read), is_parallel=is_parallel)
    for one, parts in read:
        among = Group(tuple(parts), is_parallel=True)
        for part in parts:
            places = ((group, one), (among, part))
            yield from (Occurrence(value, places) for value in part.values)
        rest = [value for value in one.values if not any(part.has(value) for part in parts)]
        yield from (Occurrence(value, ((group, one),)) for value in rest)


def _with_value(one: Segment) -> Segment:
    return one if AFFIRMATION in one.values else replace(one, values=(*one.values, AFFIRMATION))
