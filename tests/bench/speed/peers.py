"""Bar 3: the bot against other clients of Phoenix Channels that have an empty handler.

They are no part of the project: what is not installed is named, with the line that installs it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.bench.speed.bot import IN_MEMORY, bot
from tests.bench.speed.joining import REPLY, log_in
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import Process, folder
from tests.bench.speed.sides import Scale, Side, Starter, side
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.bench.speed.turns import IN_FLIGHT

VARIABLE = "AGENTBOT_BENCH_PEERS"
"""The environment's variable that names the folder in which they are installed."""
DEFAULT = Path(tempfile.gettempdir()) / "agentbot-peers"
"""The folder where nothing is named."""
FEW, MANY = 100, 10_000
"""Conversations, the bars' own numbers."""
_HERE = Path(__file__).parent / "other_clients"
_WARM_UP = 200
"""Turns before anything counts."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A client of others. ``needs``: what is there once it is installed, in the peers' folder."""

    name: str
    program: Sequence[str]
    needs: str
    install: str
    bars: Mapping[int, Bar]

    def starter(self, place: Path) -> Starter:
        """Return what starts it."""

        def start(url: str, folder: Path, core: int) -> Process:
            address, topics = log_in(url)
            parts = urlsplit(address)
            told = {
                "folder": str(place),
                "socket": f"{parts.scheme}://{parts.netloc}/socket",
                "token": parse_qs(parts.query)["token"][0],
                "topics": topics,
                "reply": REPLY,
            }
            path = folder / "told.json"
            path.write_bytes(orjson.dumps(told))
            program, script = (part.format(place=place, here=_HERE) for part in self.program)
            return Process([program, script, str(path)], core=core, log=folder / "client.log")

        return start


_PYTHON = "{place}/python/bin/python"
_PIP = "python3 -m venv {place}/python && {place}/python/bin/pip install "
PEERS = (
    Peer(
        "phoenix.js",
        ("node", "{here}/phoenix.mjs"),
        "node_modules/phoenix",
        "npm install --prefix {place} phoenix ws",
        {FEW: Bar(0.6, 1.2), MANY: Bar(8, 12)},
    ),
    Peer(
        "realtime",
        (_PYTHON, "{here}/realtime_client.py"),
        "python/lib/*/site-packages/realtime",
        _PIP + "realtime",
        {FEW: Bar(3, 8)},
    ),
    Peer(
        "phoenix-channels-python-client",
        (_PYTHON, "{here}/channels_client.py"),
        "python/lib/*/site-packages/phoenix_channels_python_client",
        _PIP + "phoenix-channels-python-client",
        {FEW: Bar(2, 4)},
    ),
)


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    place = Path(os.environ.get(VARIABLE) or DEFAULT)
    there = [peer for peer in PEERS if _is_there(peer, place)]
    absent = [
        f"{peer.name} is not there: {peer.install.format(place=place)}"
        for peer in PEERS
        if peer not in there
    ]
    rows = [*_rows(FEW, there, place, wanted), *_rows(MANY, there, place, wanted)]
    wanted.show(Table(f"turns a second, {IN_FLIGHT} in flight", rows, absent))


def _is_there(peer: Peer, place: Path) -> bool:
    return any(place.glob(peer.needs)) and bool(shutil.which(peer.program[0].format(place=place)))


def _rows(count: int, peers: Sequence[Peer], place: Path, wanted: Options) -> list[Row]:
    """Return the rows for so many conversations: those peers that have a bar there."""
    peers = [peer for peer in peers if count in peer.bars]
    if not peers:
        return []
    scale = Scale(conversations=count, history=2)
    rates: dict[str, list[float]] = {name: [] for name in ("bot", *(one.name for one in peers))}
    with folder() as files, ExitStack() as stack:
        sides: dict[str, Side] = {}
        starters = {"bot": bot(IN_MEMORY), **{one.name: one.starter(place) for one in peers}}
        for number, (name, start) in enumerate(starters.items()):
            sides[name] = stack.enter_context(side(start, files / str(number), scale))
        for one in sides.values():
            one.run(in_flight=IN_FLIGHT, turns=_WARM_UP)
        for _ in range(wanted.rounds):
            for name, one in sides.items():
                rates[name].append(one.run(in_flight=IN_FLIGHT, seconds=wanted.seconds).rate)
    ours = Figure(tuple(rates["bot"]), "turns/s")
    rows = [Row("", f"bot, memory, {count:,} conversations", ours)]
    for peer in peers:
        theirs = Figure(tuple(rates[peer.name]), "turns/s")
        ratio = ours.median / theirs.median
        rows.append(
            Row("3", f"{peer.name}, {count:,} conversations", theirs, ratio, peer.bars[count])
        )
    return rows
