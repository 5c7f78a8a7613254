"""Bar 6: ten thousand conversations against a hundred, turns a second."""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from tests.bench.speed.bot import IN_MEMORY, bot
from tests.bench.speed.options import options
from tests.bench.speed.processes import folder
from tests.bench.speed.sides import Scale, side
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import IN_FLIGHT

FEW, MANY = 100, 10_000
"""Conversations that are compared."""
_HISTORY = 2
"""Messages of each at the start: what is compared is how many conversations there are."""
_WARM_UP = 200
"""Turns before anything counts."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("--conversations", type=int, default=MANY, help=f"default: {MANY:,}")


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    counts = (FEW, chosen.conversations)
    rates: dict[int, list[float]] = {count: [] for count in counts}
    memory: dict[int, float] = {}
    wrong = 0
    with folder() as place, ExitStack() as stack:
        sides = {}
        for count in counts:
            scale = Scale(conversations=count, history=_HISTORY)
            start = bot(IN_MEMORY)
            sides[count] = stack.enter_context(side(start, place / str(count), scale))
        for one in sides.values():
            one.run(in_flight=IN_FLIGHT, turns=_WARM_UP)
        for _ in range(wanted.rounds):
            for count, one in sides.items():
                seen = one.run(in_flight=IN_FLIGHT, seconds=wanted.seconds)
                rates[count].append(seen.rate)
                wrong += seen.lost + seen.doubled
        memory = {count: one.client.memory() for count, one in sides.items()}
    few, many = (Figure(tuple(rates[count]), "turns/s") for count in counts)
    rows = [
        Row("", f"{FEW:,} conversations", few),
        Row("6", f"{counts[1]:,} conversations", many, many.median / few.median, Bar(0.9, 1)),
    ]
    for count in counts:
        figure = Figure((memory[count] / 1e6,), "MB")
        rows.append(Row("", f"memory with {count:,} conversations", figure))
    wanted.show(Table(f"{IN_FLIGHT} in flight", rows, [f"{wrong} lost or doubled"]))
