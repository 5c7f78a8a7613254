"""Bar 12: two replicas that share a PostgreSQL, and what that adds to a wait.

Each hears every message, and one of the two claims it. Both have the same core where there are only
two, and PostgreSQL shares them with everybody. Beside that: what two processes get out of it that
do nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.bench.speed.bot import IN_MEMORY, bot
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import Process, folder
from tests.bench.speed.sides import Figures, Side, client, load_server, side, wait_for_joins
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import IN_FLIGHT, SCALE
from tests.support.postgres import PostgresServer, binaries

_REPLICAS = 2
_WARM_UP = 200
"""Turns before anything counts."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table, or say that there is no PostgreSQL."""
    wanted = options(chosen)
    programs = binaries()
    if programs is None:
        print("bar 12: PostgreSQL is not installed (Debian: apt-get install postgresql)")
        return
    server = PostgresServer(programs, fsync=True)
    try:
        server.start()
        wanted.show(_measure(server.url, wanted))
    finally:
        server.remove()


def _measure(url: str, wanted: Options) -> Table:
    rates, waits, alone, wrong = [], [], [], 0
    with ExitStack() as stack:
        two = stack.enter_context(_two(url))
        memory = stack.enter_context(_one())
        for one in (two, memory):
            one.run(in_flight=IN_FLIGHT, turns=_WARM_UP)
        for _ in range(wanted.rounds):
            loaded = two.run(in_flight=IN_FLIGHT, seconds=wanted.seconds)
            single = two.run(in_flight=1, seconds=wanted.seconds)
            rates.append(loaded.rate)
            waits.append(single.p50 * 1e3)
            alone.append(memory.run(in_flight=1, seconds=wanted.seconds).p50 * 1e3)
            wrong += _wrong(loaded) + _wrong(single)
    stored = [_stored(url, wanted.seconds) for _ in range(wanted.rounds)]
    added = Figure(tuple(more - less for more, less in zip(waits, alone, strict=True)), "ms")
    rows = [
        Row("12", "claimed turns a second, both", Figure(tuple(rates), "turns/s"), bar=Bar(1_500)),
        Row("12", "p50 added to that of a state in memory", added, bar=Bar(5, is_most=True)),
        Row("", "the store alone, both", Figure(tuple(stored), "turns/s")),
        Row("", "p50, both", Figure(tuple(waits), "ms")),
        Row("", "p50, one, memory", Figure(tuple(alone), "ms")),
    ]
    note = f"{wrong} lost or doubled; fsync is on; all of them share two cores"
    return Table(f"{_REPLICAS} replicas, PostgreSQL, {IN_FLIGHT} in flight", rows, [note])


def _stored(url: str, seconds: float) -> float:
    """Return how many turns a second two processes claim and settle that do nothing else."""
    command = [sys.executable, "-m", "tests.bench.speed.storing", url, str(seconds)]
    processes = [
        subprocess.Popen(  # noqa: S603 - our own arguments
            command, stdout=subprocess.PIPE, text=True
        )
        for _ in range(_REPLICAS)
    ]
    return sum(int(process.communicate()[0]) for process in processes) / seconds


@contextmanager
def _two(state: str) -> Iterator[Side]:
    """Return two bots of one account; the figures of a process are the first one's."""
    with folder() as place, load_server(place, SCALE) as (url, server), ExitStack() as stack:
        bots: list[Process] = []
        for number in range(_REPLICAS):
            own = place / str(number)
            own.mkdir()
            bots.append(stack.enter_context(client(bot(state), url, own)))
        wait_for_joins(url, bots[0], _REPLICAS * SCALE.conversations)
        yield Side(url, server, bots[0])


@contextmanager
def _one() -> Iterator[Side]:
    with folder() as place, side(bot(IN_MEMORY), place, SCALE) as one:
        yield one


def _wrong(figures: Figures) -> int:
    return figures.lost + figures.doubled
