"""What commands print: rows that fit a terminal of any width, in colour there, plain in a pipe.

The texts may be anybody's: what a terminal would obey in them is written out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agentbot.ops.printable import printable

OUTCOME_STYLES = {
    "ok": "green",
    "settings": "green",
    "prompts": "green",
    "reply": "green",
    "offered": "yellow",
    "FAIL": "red",
    "error": "red",
    "handoff": "yellow",
    "warn": "yellow",
    "warning": "yellow",
    "silence": "yellow",
}
"""Colours of the words that begin a line or stand in a row: what went well, what needs a look."""

_NEXT_UNIT = 1000
"""Of a unit of size: as many make one of the next, by the SI."""
_NARROW = 100
"""Columns below which a row's last part stands on lines of its own: beside two others, less than
some fifty columns would be left for it."""

_INDENT = 5
"""Columns by which what goes on of a line is indented: as many as doctor's words take."""


def print_rows(rows: Sequence[tuple[str, str, str]], *, widths: tuple[int, int]) -> None:
    """Print rows of a name, an outcome and a text, indented by two.

    ``widths`` are the columns that name and outcome take in a pipe, where a row is always a line.
    """
    console = Console(highlight=False)
    rows = [(name, outcome, printable(text)) for name, outcome, text in rows]
    if not console.is_terminal:
        for name, outcome, text in rows:
            console.file.write(f"  {name:<{widths[0]}} {outcome:<{widths[1]}} {text}\n")
        return
    if console.width < _NARROW:
        for name, outcome, text in rows:
            head = Text.assemble("  ", (name, "bold"), " ", (outcome, _style(outcome)))
            console.print(head)
            console.print(Text(f"    {text}"), soft_wrap=False)
        return
    table = Table.grid(padding=(0, 1))
    for _ in range(3):
        table.add_column(overflow="fold")
    for name, outcome, text in rows:
        table.add_row(Text(f"  {name}", "bold"), Text(outcome, _style(outcome)), Text(text))
    console.print(table)


def print_head(word: str, text: str) -> None:
    """Print a line whose first ``word`` tells how it went: in its colour on a terminal.

    What does not fit there goes on below, indented, so that each line's word stands out.
    """
    console = Console(highlight=False)
    text = printable(text)
    if not console.is_terminal:
        console.file.write(f"{word}{text}\n")
        return
    line = Text.assemble((word, f"bold {_style(word)}".strip()), text)
    first, *more = line.wrap(console, console.width - _INDENT)
    console.print(first)
    for rest in more:
        console.print(Text.assemble(" " * _INDENT, rest))


def print_text(text: str) -> None:
    """Print a text as it is, wrapped between words on a terminal."""
    console = Console(highlight=False)
    text = printable(text)
    if console.is_terminal:
        console.print(Text(text))
    else:
        console.file.write(f"{text}\n")


def print_json(data: object) -> None:
    """Print data as JSON, indented, for programs and for whoever reads what they read."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    try:
        text = orjson.dumps(data, option=options).decode()
    except TypeError:  # a path that is no text: its bytes are written as escapes
        text = json.dumps(data, indent=2) + "\n"
    sys.stdout.write(text)


def size_in_words(size: int) -> str:
    """Return a size in bytes as people read it.

    >>> size_in_words(65_400), size_in_words(1_200_000_000)
    ('65 kB', '1.2 GB')
    """
    amount = float(size)
    for unit in ("bytes", "kB", "MB"):
        if amount < _NEXT_UNIT:
            return f"{amount:.0f} {unit}"
        amount /= _NEXT_UNIT
    return f"{amount:.1f} GB"


def _style(outcome: str) -> str:
    return OUTCOME_STYLES.get(outcome.strip(": "), "")
