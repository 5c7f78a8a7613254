"""Bars 1, 2, 4 and 5: turns a second, CPU a turn, and one turn at a time, beside the yardstick."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.speed.bot import IN_MEMORY, SQLITE, bot
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import folder
from tests.bench.speed.rooms import shares
from tests.bench.speed.sides import RAW, YARDSTICK, Figures, Scale, Side, Starter, side
from tests.bench.speed.table import Bar, Figure, Row, Table

IN_FLIGHT = 64
"""Conversations that wait for an answer at once; the bars' own number, as are the next ones."""
SCALE = Scale(conversations=100)
_WARM_UP = 200
"""Turns before anything counts: caches fill, and the allocator has its memory."""

YARD, MEMORY, FILE, FASTEST = "yardstick", "bot, memory", "bot, SQLite", "raw client"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="afterwards sample the bot (SQLite) under the same load: prints the share of CPU by "
        "room, and writes whole stacks into FILE, one a line with its count, as flame graphs "
        "are made of",
    )


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    sides = {YARD: YARDSTICK, FASTEST: RAW, MEMORY: bot(IN_MEMORY), FILE: bot(SQLITE)}
    wanted.show(table(measure(sides, wanted), wanted))
    if chosen.profile is not None:
        print(profile(chosen.profile, wanted))


Rounds = Mapping[tuple[str, int], Sequence[Figures]]
"""What was seen, by side and the number in flight, a round each."""


def measure(
    starters: Mapping[str, Starter],
    wanted: Options,
    *,
    scale: Scale = SCALE,
    warm_up: int = _WARM_UP,
) -> Rounds:
    """Load each side in turn, round by round, many at once and one at a time."""
    seen: dict[tuple[str, int], list[Figures]] = defaultdict(list)
    with folder() as place, ExitStack() as stack:
        sides: dict[str, Side] = {
            name: stack.enter_context(side(start, place / str(number), scale))
            for number, (name, start) in enumerate(starters.items())
        }
        for one in sides.values():
            one.run(in_flight=IN_FLIGHT, turns=warm_up)
        for _ in range(wanted.rounds):
            for in_flight in (IN_FLIGHT, 1):
                for name, one in sides.items():
                    loaded = one.run(in_flight=in_flight, seconds=wanted.seconds)
                    seen[name, in_flight].append(loaded)
    return seen


def table(seen: Rounds, wanted: Options) -> Table:
    """Return the table of what was measured."""
    rows = []
    for row, name, least, aim in (("1", MEMORY, 0.8, 1.5), ("2", FILE, 0.6, 1.3)):
        rate = _figure(seen, name, "rate", "turns/s")
        ratio = rate.median / _figure(seen, YARD, "rate", "").median
        rows.append(Row(row, f"turns a second, {name}", rate, ratio, Bar(least, aim)))
    for name in (MEMORY, FILE):
        cpu = _figure(seen, name, "cpu", "µs", 1e6)
        ratio = cpu.median / _figure(seen, YARD, "cpu", "", 1e6).median
        bar = Bar(2, 0.8, is_most=True)
        rows.append(Row("4", f"CPU a turn, {name}", cpu, ratio, bar))
    for what, bar in (("p50", Bar(2.5, 1.3, is_most=True)), ("p99", Bar(3, 1.3, is_most=True))):
        for name in (MEMORY, FILE):
            wait = _figure(seen, name, what, "ms", 1e3, in_flight=1)
            ratio = wait.median / _figure(seen, YARD, what, "", 1e3, in_flight=1).median
            rows.append(Row("5", f"one at a time, {what}, {name}", wait, ratio, bar))
    for name in (YARD, FASTEST):
        rows.append(Row("", f"turns a second, {name}", _figure(seen, name, "rate", "turns/s")))
        rows.append(Row("", f"CPU a turn, {name}", _figure(seen, name, "cpu", "µs", 1e6)))
    for what in ("p50", "p99"):
        wait = _figure(seen, YARD, what, "ms", 1e3, in_flight=1)
        rows.append(Row("", f"one at a time, {what}, {YARD}", wait))
    return Table(
        f"{IN_FLIGHT} in flight over {SCALE.conversations} conversations, {wanted.rounds} rounds "
        f"of {wanted.seconds:g} s",
        rows,
        [*_counts(seen), _server(seen)],
    )


def profile(path: Path, wanted: Options) -> str:
    """Load a bot that is sampled; return the shares of CPU by room."""
    with folder() as place, side(bot(SQLITE, profile=path.absolute()), place, SCALE) as one:
        one.run(in_flight=IN_FLIGHT, seconds=2 * wanted.seconds)
    return shares(path)


def _figure(
    seen: Rounds, name: str, what: str, unit: str, scale: float = 1, *, in_flight: int = IN_FLIGHT
) -> Figure:
    return Figure(tuple(scale * getattr(one, what) for one in seen[name, in_flight]), unit)


def _counts(seen: Rounds) -> list[str]:
    """Say of each side how many turns there were, and what went wrong with them."""
    said = []
    for name in dict.fromkeys(name for name, _ in seen):
        loads = [one for (whose, _), ones in seen.items() if whose == name for one in ones]
        turns, lost = sum(one.turns for one in loads), sum(one.lost for one in loads)
        doubled = sum(one.doubled for one in loads)
        reads = sum(one.reads * one.turns for one in loads) / turns
        said.append(
            f"{name}: {turns:,} turns, {lost} lost, {doubled} doubled, {reads:.2f} reads a turn"
        )
    return said


def _server(seen: Rounds) -> str:
    busiest = max(one.server_busy for ones in seen.values() for one in ones)
    return f"the load server was busy for {busiest:.0%} of its core at most"
