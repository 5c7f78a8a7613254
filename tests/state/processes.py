"""What runs in processes of its own: ``python -m tests.state.processes <what> <url> …``."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta

from agentbot.state.opening import open_store
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.store import Claim, LeasedElsewhere
from tests.support.states import LEASE, claimed, record_of


def _now() -> datetime:
    return datetime.now(UTC)


def _say(line: str) -> None:
    # One system call a line: what was said before a kill has been said.
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


async def settle_for_ever(url: str, name: str) -> None:
    """Claim and settle ever new turns, ten at a time, and say each once it is acknowledged."""
    store = open_store(url, holder=name, lease=LEASE, clock=_now)
    await store.open()
    _say("open")

    async def turn(number: int) -> None:
        claim = await claimed(store, f"{name}-c{number}", f"{name}-m{number}")
        assert await store.settle(claim, record_of(claim), None)
        _say(f"{name}-m{number}")

    number = 0
    while True:
        await asyncio.gather(*(turn(number + n) for n in range(10)))
        number += 10


async def race(url: str, schema: str, name: str, turns: int) -> None:
    """Answer ``turns`` turns in competition; say each that was granted and settled."""
    store = PostgresStore(
        url, holder=name, lease=timedelta(seconds=60), clock=_now, schema=schema, timeout=10
    )
    await store.open()
    _say("open")
    await asyncio.to_thread(sys.stdin.readline)

    async def turn(number: int) -> None:
        claim = await store.claim(f"c{number}", [f"m{number}"])
        if isinstance(claim, Claim) and await store.settle(claim, record_of(claim), None):
            _say(f"m{number} {claim.attempt}")

    for first in range(0, turns, 20):
        await asyncio.gather(*(turn(first + n) for n in range(20)))
    await store.close()


async def hold(url: str, name: str) -> None:
    """Open the store and wait to be killed."""
    store = open_store(url, holder=name, lease=LEASE, clock=_now)
    await store.open()
    answer = await store.claim("c", ["m"])
    _say("held" if isinstance(answer, LeasedElsewhere) else "open")
    await asyncio.Event().wait()


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "race":
        asyncio.run(race(rest[0], rest[1], rest[2], int(rest[3])))
    else:
        asyncio.run({"settle": settle_for_ever, "hold": hold}[what](*rest))
