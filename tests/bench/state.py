"""How fast the stores are: ``python -m tests.bench.state [--turns N] [--settled N]``.

Each turn is claimed and settled, one write at a time (each its own transaction) and as a busy
loop would, a hundred at a time (grouped); the ratio of the two, in one run on one machine, is
what group commit brings. With ``--settled 1000000`` SQLite is measured again on top of so many
settled messages. PostgreSQL is measured where it is installed. Needs no network.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from agentbot.state.opening import open_store
from agentbot.state.store import Claim, ConversationMemory, Store
from tests.support.postgres import PostgresServer, binaries
from tests.support.states import claimed, record_of

T = TypeVar("T")
R = TypeVar("R")

GROUP = 100
"""Writes at a time where they are grouped: what a busy loop asks for in one go."""
LEASE = timedelta(minutes=10)
"""How long a claim holds: longer than any measurement takes."""
AGE = timedelta(days=2)
"""How old the settled messages beneath are at least: nothing touches them any more."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Turns a second, and the longest that one group kept the event loop waiting, in ms."""

    claims: float
    settles: float
    worst: float


def _now() -> datetime:
    return datetime.now(UTC)


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def _timed(
    work: Callable[[T], Awaitable[R]], items: Sequence[T], size: int
) -> tuple[list[R], float, float]:
    """Do the work, ``size`` at a time: the results, items a second, the worst group in ms."""
    results: list[R] = []
    worst = 0.0
    began = time.perf_counter()
    for chunk in _chunks(items, size):
        before = time.perf_counter()
        results += await asyncio.gather(*map(work, chunk))
        worst = max(worst, time.perf_counter() - before)
    return results, len(items) / (time.perf_counter() - began), worst * 1000


async def measure(store: Store, *, turns: int, size: int) -> Speed:
    """Claim and settle ``turns`` turns of as many new conversations, ``size`` at a time."""

    async def claim(ids: tuple[str, str]) -> Claim:
        return await claimed(store, *ids)

    async def settle(claim: Claim) -> bool:
        memory = ConversationMemory(fired={"greeting": _now()})
        return await store.settle(claim, record_of(claim, settled_at=_now()), memory)

    ids = [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(turns)]
    claims, claims_a_second, worst_claim = await _timed(claim, ids, size)
    done, settles_a_second, worst_settle = await _timed(settle, claims, size)
    if not all(done):
        raise RuntimeError("a claim was lost")
    return Speed(claims_a_second, settles_a_second, max(worst_claim, worst_settle))


def fill(path: Path, settled: int) -> None:
    """Write that many settled messages, two days ago and before, straight into the file."""
    at = int((_now() - AGE).timestamp() * 1e6) - settled * 1000
    body = b"x" * 400  # a packed record's size
    with sqlite3.connect(path) as db:
        for chunk in _chunks(range(1, settled + 1), 50_000):
            rows = [(n, str(uuid.uuid4()), str(uuid.uuid4()), at + n * 1000) for n in chunk]
            db.executemany(
                "INSERT INTO conversations (id, conversation_id, holder, expires_at, touched_at)"
                " VALUES (?, ?, 'x', ?, ?)",
                ((n, conversation, when, when) for n, conversation, _, when in rows),
            )
            db.executemany(
                "INSERT INTO messages (message_id, conversation, attempt, record)"
                " VALUES (?, ?, 1, ?)",
                ((message, n, n) for n, _, message, _ in rows),
            )
            db.executemany(
                "INSERT INTO records (id, conversation, fence, customer_id, settled_at, body)"
                " VALUES (?, ?, 0, ?, ?, ?)",
                ((n, n, conversation, when, body) for n, conversation, _, when in rows),
            )
    db.close()


def _line(what: str, figures: Speed, base: Speed | None = None) -> None:
    ratio = (
        ""
        if base is None
        else f"{figures.claims / base.claims:8.1f} x{figures.settles / base.settles:8.1f} x"
    )
    print(
        f"{what:44}{figures.claims:10,.0f}{figures.settles:11,.0f}{figures.worst:10.1f}   {ratio}"
    )


async def _compare(name: str, url: str, *, turns: int) -> None:
    store = open_store(url, holder="bench", lease=LEASE, clock=_now)
    await store.open()
    await measure(store, turns=turns // 10, size=GROUP)
    single = await measure(store, turns=max(turns // 5, 1), size=1)
    _line(f"{name}, one write at a time", single)
    _line(f"{name}, {GROUP} at a time", await measure(store, turns=turns, size=GROUP), single)
    await store.close()


async def _large(path: Path, *, turns: int, settled: int) -> None:
    url = f"sqlite:///{path}"
    store = open_store(url, holder="bench", lease=LEASE, clock=_now)
    await store.open()
    await store.close()
    await asyncio.to_thread(fill, path, settled)
    await store.open()
    figures = await measure(store, turns=turns, size=GROUP)
    _line(f"SQLite, {GROUP} at a time, on {settled:,} settled", figures)
    size = await asyncio.to_thread(lambda: path.stat().st_size)
    began = time.perf_counter()
    orphans = await store.orphans()
    print(
        f"  file {size / 1e6:,.0f} MB ({size / settled:,.0f} bytes a settled message),"
        f" orphans() {1000 * (time.perf_counter() - began):.1f} ms ({len(orphans)})"
    )
    await store.close()


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=5000, help="turns a measurement")
    parser.add_argument("--settled", type=int, default=0, help="settled messages beneath")
    options = parser.parse_args()
    print(f"{'':44}{'claims/s':>10}{'settles/s':>11}{'worst ms':>10}   {'ratio of each':>19}")
    with tempfile.TemporaryDirectory() as folder:
        await _compare("SQLite", f"sqlite:///{folder}/state.db", turns=options.turns)
        if options.settled:
            await _large(Path(folder) / "large.db", turns=options.turns, settled=options.settled)
    programs = binaries()
    if programs is None:
        print("PostgreSQL is not installed: not measured")
        return
    server = PostgresServer(programs, fsync=True)
    try:
        server.start()
        await _compare("PostgreSQL", server.url, turns=options.turns)
    finally:
        server.remove()


if __name__ == "__main__":
    asyncio.run(main())
