"""Bar 14: bytes of database and of log a turn."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.bench.speed.bot import SQLITE, bot
from tests.bench.speed.options import options
from tests.bench.speed.processes import folder
from tests.bench.speed.sides import side
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import IN_FLIGHT, SCALE

_TURNS, _QUICK_TURNS = 2_000, 400
"""Turns between the two sizes that are compared."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    turns = _QUICK_TURNS if wanted.quick else _TURNS
    # What a new database and a start take is in both, and falls out.
    few, many = (sizes(count) for count in (turns // 4, turns + turns // 4))
    database, log = ((more - less) / turns for less, more in zip(few, many, strict=True))
    rows = [
        Row("14", "database", Figure((database,), "bytes a turn"), bar=Bar(600, is_most=True)),
        Row("14", "log", Figure((log,), "bytes a turn"), bar=Bar(250, is_most=True)),
    ]
    wanted.show(Table(f"{turns:,} turns, SQLite, the log as JSON at its default level", rows))


def sizes(turns: int) -> tuple[int, int]:
    """Return the bytes of database and log after so many turns, and the bot's end."""
    with folder() as place:
        with side(bot(SQLITE), place, SCALE) as one:
            one.run(in_flight=IN_FLIGHT, turns=turns)
        return _size(place, "state.db*"), _size(place, "client.log")


def _size(place: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in place.glob(pattern))
