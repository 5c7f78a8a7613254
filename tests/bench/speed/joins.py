"""Bar 8: how fast ten thousand channels are joined, and how long customers wait meanwhile."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles

from tests.bench.speed.account import Json
from tests.bench.speed.bot import SQLITE, bot
from tests.bench.speed.joining import ask
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import folder
from tests.bench.speed.sides import (
    FOLLOWER,
    YARDSTICK,
    Scale,
    Starter,
    client,
    load_server,
    wait_for_joins,
)
from tests.bench.speed.table import Bar, Figure, Row, Table

CHANNELS, QUICK_CHANNELS = 10_000, 2_000
"""Channels that are joined, and in the short form."""
OPEN = 1_000
"""Open conversations while customers write."""
_RATE = 20.0
"""Customers who write in a second: far fewer than the bot can answer."""
_SECONDS = 10.0
"""Seconds in which they write, from when the bot has joined its account."""

_REGISTERED = 0.2
"""Seconds in which the server has surely heard of the load that waits for the next connection."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    channels = QUICK_CHANNELS if wanted.quick else CHANNELS
    wanted.show(
        Table(
            f"{channels:,} channels; {_RATE:g} customers a second, {OPEN:,} open conversations",
            [*_joining(channels, wanted), *_waiting(wanted)],
        )
    )


def _joining(channels: int, wanted: Options) -> list[Row]:
    """Return the rows of joins: the yardstick sends all of them at once."""
    seconds: dict[str, list[float]] = defaultdict(list)
    starters: Mapping[str, Starter] = {"yardstick": YARDSTICK, "client": FOLLOWER}
    for _ in range(wanted.rounds):
        for name, start in starters.items():
            with folder() as place:
                first, again = joined(start, place, channels)
            seconds[name].append(first)
            if again is not None:
                seconds[f"{name}, again"].append(again)
    yard = Figure(tuple(seconds["yardstick"]), "s")
    rows = [Row("", f"{channels:,} joins, yardstick", yard)]
    for name, what in (("client", "joins"), ("client, again", "rejoins after a cut")):
        figure = Figure(tuple(seconds[name]), "s")
        ratio = figure.median / yard.median
        rows.append(Row("8", f"{channels:,} {what}", figure, ratio, Bar(0.5, is_most=True)))
    return rows


def joined(start: Starter, place: Path, channels: int) -> tuple[float, float | None]:
    """Return the seconds from the first join to the last; and again after a cut, if it comes back.

    The pause before a client connects again is not counted.
    """
    scale = Scale(conversations=channels, history=0)
    with load_server(place, scale) as (url, _), client(start, url, place) as process:
        wait_for_joins(url, process, channels)
        first = ask(url, "GET", "/bench/state")["join_seconds"]
        if start is YARDSTICK:
            return first, None
        ask(url, "POST", "/bench/cut")
        wait_for_joins(url, process, channels)
        return first, ask(url, "GET", "/bench/state")["join_seconds"]


def _waiting(wanted: Options) -> list[Row]:
    """Return the rows of what customers wait just after a start and a reconnect."""
    waits: dict[str, list[float]] = defaultdict(list)
    wrong = 0
    for _ in range(wanted.rounds):
        with folder() as place:
            for name, seen in waited(place):
                waits[name].append(quantiles(seen["waits"], n=10)[-1] * 1e3)
                wrong += seen["lost"] + seen["doubled"]
    note = f"{wrong} lost or doubled"
    return [
        Row(
            "8",
            f"p90 of a wait, {name}",
            Figure(tuple(one), "ms"),
            bar=Bar(50, is_most=True),
            note=note,
        )
        for name, one in waits.items()
    ]


def waited(place: Path, *, open_: int = OPEN, seconds: float = _SECONDS) -> list[tuple[str, Json]]:
    """Return what a load just after the start, and just after a cut, has shown."""
    load = {"rate": _RATE, "seconds": seconds, "when_joined": True}
    start = bot(SQLITE, is_paced=True)
    with (
        load_server(place, Scale(conversations=open_, history=2)) as (url, _),
        ThreadPoolExecutor() as pool,
    ):
        begun = pool.submit(ask, url, "POST", "/bench/load", load)
        with client(start, url, place) as process:
            at_start = begun.result()
            wait_for_joins(url, process, open_)
            begun = pool.submit(ask, url, "POST", "/bench/load", load)
            time.sleep(_REGISTERED)
            ask(url, "POST", "/bench/cut")
            return [("after start", at_start), ("after reconnect", begun.result())]
