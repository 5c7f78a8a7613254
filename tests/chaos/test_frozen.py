"""A process that stood still past its lease wakes with an answer ready: it must not give it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chaos.stage import Stage, staged
from tests.support.postgres import PostgresServer, require_binaries


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    server = PostgresServer(require_binaries())
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server, a proxy in front of it, and a folder for the bots."""
    async with staged(tmp_path) as stage:
        yield stage


async def test_who_wakes_after_its_lease_leaves_the_turn_to_its_heir(
    stage: Stage, database: PostgresServer
) -> None:
    """The other replica answers; the first finds its lease run out, and says nothing."""
    stage.keep_state_in(database)
    first = await stage.start()
    await first.ready()
    async with stage.customer() as customer:
        await customer.shout("slow 4.0 #1")
        await stage.claimed("slow 4.0 #1")
        first.send(signal.SIGSTOP)
        heir = await stage.start()
        await stage.answered("slow 4.0 #1")
        await heir.idle()
        first.send(signal.SIGCONT)
        await first.logged("turn.handed_back")
        await first.idle()
    stage.ledger.look()
    assert not stage.ledger.doubled()
    assert len(stage.ledger.replies) == 1
