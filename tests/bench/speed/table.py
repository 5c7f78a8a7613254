"""Tables of the bench: a figure, its ratio to the yardstick, the bar, and the spread."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """The values of one thing over the rounds, in ``unit``."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """Half of what lies between the least and the greatest, as a share of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """What is asked of a row: ``least`` (or ``most``) to pass, ``aim`` beyond it."""

    limit: float
    aim: float | None = None
    is_most: bool = False

    def reached(self, value: float) -> bool:
        """Say whether a value is good enough."""
        return value <= self.limit if self.is_most else value >= self.limit

    def __str__(self) -> str:
        sign = "≤" if self.is_most else "≥"
        return f"{sign} {number(self.limit)}" + (
            "" if self.aim is None else f" ({number(self.aim)})"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``row`` is its number in the table of bars, "" where it has none.

    ``ratio`` is to the yardstick, or whatever the bar is about; None: the bar is about the figure.
    """

    row: str
    name: str
    figure: Figure
    ratio: float | None = None
    bar: Bar | None = None
    note: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it misses its bar."""
        judged = self.figure.median if self.ratio is None else self.ratio
        return self.bar is not None and not self.bar.reached(judged)


_HEAD = ("bar", "what", "figure", "spread", "ratio", "at least (aim)", "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that one command prints, and what goes under them."""

    title: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [_HEAD, *map(_cells, self.rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(_HEAD))]
        texts = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join(
            [self.title, "", texts[0], "-" * len(texts[0]), *texts[1:], *self._notes()]
        )

    def _notes(self) -> list[str]:
        return ["", *self.notes] if self.notes else []

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        rows = [
            asdict(row) | {"median": row.figure.median, "short": row.is_short} for row in self.rows
        ]
        content = {"title": self.title, "rows": rows, "notes": list(self.notes)}
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def number(value: float) -> str:
    """Return a number with as many digits as mean anything here."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cells(row: Row) -> tuple[str, ...]:
    mark = "" if row.bar is None else ("short" if row.is_short else "reached")
    return (
        row.row,
        row.name,
        f"{number(row.figure.median)} {row.figure.unit}",
        f"±{row.figure.spread:.0%}" if len(row.figure.values) > 1 else "",
        "" if row.ratio is None else f"{number(row.ratio)} x",
        "" if row.bar is None else str(row.bar),
        " ".join(text for text in (mark, row.note) if text),
    )
