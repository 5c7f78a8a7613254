"""Bar 10: how long the bot takes to start, and how much memory it has."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.speed.bot import SQLITE, bot
from tests.bench.speed.joining import ask
from tests.bench.speed.options import options
from tests.bench.speed.processes import ROOT, folder, settled_memory, wait_for
from tests.bench.speed.sides import Scale, client, load_server
from tests.bench.speed.table import Bar, Figure, Row, Table

_VARIANTS: Mapping[str, tuple[Mapping[str, str], Bar]] = {
    "without a model": ({}, Bar(80, is_most=True)),
    "with a model": (
        {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
        Bar(95, is_most=True),
    ),
    "with meanings": ({"AGENTBOT_FAQ__EMBEDDINGS": "local"}, Bar(250, is_most=True)),
}
"""What there is of the bot: its settings, and the most megabytes."""
_LOOK = 0.005
"""Seconds between two looks at the server: it is what start is measured by."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    starts: dict[str, list[float]] = defaultdict(list)
    sizes: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    helps = []
    for _ in range(wanted.rounds):
        helps.append(help_seconds())
        for name, (settings, _) in _VARIANTS.items():
            with folder() as place:
                start = started(settings, place)
            starts[name].append(start.seconds)
            cpu[name].append(start.cpu)
            sizes[name].append(start.memory / 1e6)
    rows = [
        Row(
            "10", f"start to joined, {name}", Figure(tuple(values), "s"), bar=Bar(0.8, is_most=True)
        )
        for name, values in starts.items()
    ]
    rows.append(Row("10", "--help", Figure(tuple(helps), "s"), bar=Bar(0.25, is_most=True)))
    rows += [
        Row("10", f"memory {name}", Figure(tuple(values), "MB"), bar=_VARIANTS[name][1])
        for name, values in sizes.items()
    ]
    rows += [
        Row("", f"CPU of starting, {name}", Figure(tuple(values), "s"))
        for name, values in cpu.items()
    ]
    wanted.show(Table(f"starting, {wanted.rounds} rounds", rows))


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until the account's topic was joined, those of CPU in them, and bytes of memory."""

    seconds: float
    cpu: float
    memory: float


def started(settings: Mapping[str, str], place: Path) -> Start:
    """Start a bot, and end it."""
    with load_server(place, Scale(conversations=10)) as (url, _):
        began = time.monotonic()
        with client(bot(SQLITE, others=settings), url, place) as process:
            wait_for("joined", process, lambda: _is_joined(url), look=_LOOK)
            seconds, cpu = time.monotonic() - began, process.cpu()
            return Start(seconds, cpu, settled_memory(process))


def help_seconds() -> float:
    """Return how long ``agentbot --help`` takes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "agentbot", "--help"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own
    return time.monotonic() - began


def _is_joined(url: str) -> bool:
    return bool(ask(url, "GET", "/bench/state")["accounts"])
