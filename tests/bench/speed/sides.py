"""What is compared: a client, whichever it is, with a load server of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from tests.bench.speed.account import KEPT
from tests.bench.speed.joining import ask
from tests.bench.speed.processes import START, Process, cores, wait_for

_LOOK = 0.05
"""Seconds between two looks at what is joined."""
_QUIET = 3.0
"""Seconds without another join after which no more are expected."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is: conversations, messages of each at the start and at most.

    ``beside``: more conversations, for the load beside.
    """

    conversations: int = 100
    history: int = KEPT
    kept: int = KEPT
    beside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one load has shown. CPU is in seconds a turn, waits are in seconds.

    ``reads``: requests by REST a turn; ``server_busy``: the share of its core that the load server
    has used.
    """

    turns: int
    lost: int
    doubled: int
    rate: float
    cpu: float
    p50: float
    p99: float
    reads: float
    server_busy: float


class Side:
    """A client and its load server, both running."""

    def __init__(self, url: str, server: Process, client: Process) -> None:
        self.url = url
        self.server = server
        self.client = client

    def run(self, *, in_flight: int, seconds: float = 0.0, turns: int = 0) -> Figures:
        """Load it; return what came of it."""
        wanted = {"in_flight": in_flight, "seconds": seconds, "turns": turns}
        before = self.client.cpu()
        seen = ask(self.url, "POST", "/bench/load", wanted)
        cpu = self.client.cpu() - before
        self.client.check()
        waits = sorted(seen["waits"])
        count = len(waits)
        if count < 2:
            raise RuntimeError(f"no answers: {seen}; {self.client.log.read_text()[-2000:]}")
        hundredths = quantiles(waits, n=100)
        return Figures(
            turns=count,
            lost=seen["lost"],
            doubled=seen["doubled"],
            rate=count / seen["seconds"],
            cpu=cpu / count,
            p50=hundredths[49],
            p99=hundredths[98],
            reads=seen["requests"] / count,
            server_busy=seen["server_cpu"] / seen["seconds"],
        )


Starter = Callable[[str, Path, int], Process]
"""What starts a client: by the server's URL, a folder for its files, and its core."""


def program(module: str, *arguments: str) -> Starter:
    """Return what starts a client that is a module with the server's URL as its last argument."""

    def start(url: str, folder: Path, core: int) -> Process:
        return Process.python(module, *arguments, url, core=core, log=folder / "client.log")

    return start


YARDSTICK = program("tests.bench.speed.yardstick")
RAW = program("tests.bench.speed.raw")
FOLLOWER = program("tests.bench.speed.follower")


@contextlib.contextmanager
def side(start: Starter, folder: Path, scale: Scale = Scale()) -> Iterator[Side]:
    """Return a client with its server, as many conversations joined as it joins."""
    with load_server(folder, scale) as (url, server), client(start, url, folder) as process:
        wait_for_joins(url, process, scale.conversations + scale.beside)
        yield Side(url, server, process)


@contextlib.contextmanager
def load_server(folder: Path, scale: Scale) -> Iterator[tuple[str, Process]]:
    """Return a load server's address, and its process."""
    folder.mkdir(parents=True, exist_ok=True)
    core = cores()[0]
    port_file = folder / "port"
    server = Process.python(
        "tests.bench.speed.server",
        *("--port-file", str(port_file), "--core", str(core)),
        *("--conversations", str(scale.conversations)),
        *("--kept", str(scale.kept), "--history", str(scale.history)),
        *("--beside", str(scale.beside)),
        core=core,
        log=folder / "server.log",
    )
    try:
        wait_for("the load server's port", server, port_file.exists)
        yield f"http://127.0.0.1:{port_file.read_text()}", server
    finally:
        server.stop()


@contextlib.contextmanager
def client(start: Starter, url: str, folder: Path) -> Iterator[Process]:
    """Return a client's process, which is ended afterwards."""
    process = start(url, folder, cores()[1])
    try:
        yield process
    finally:
        process.stop()


def joined(url: str) -> int:
    """Return how many conversations are joined there."""
    return int(ask(url, "GET", "/bench/state")["joined"])


def wait_for_joins(url: str, process: Process, most: int) -> None:
    """Wait until all are joined, or until no more come: a bot joins as many as it has room for."""
    last, changed_at = 0, time.monotonic()
    while last < most:
        process.check()
        now, count = time.monotonic(), joined(url)
        if count != last:
            last, changed_at = count, now
        elif now - changed_at > (_QUIET if last else START):
            break
        time.sleep(_LOOK)
    if not last:
        raise RuntimeError(f"nothing joined: {process.log.read_text()[-2000:]}")
