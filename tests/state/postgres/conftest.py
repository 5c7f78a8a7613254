"""An empty schema, and a server that tests may stop and freeze."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from agentbot.state.postgres.store import PostgresStore
from tests.support.postgres import PostgresServer, require_binaries
from tests.support.states import LEASE, Clock, PostgresHarness

TIMEOUT = 1.0
"""Seconds that a store on the frail server waits."""


@pytest.fixture
def harness(postgres: PostgresHarness) -> PostgresHarness:
    """Return an empty schema: here it is the only kind of database."""
    return postgres


@pytest.fixture(scope="module")
def frail_server() -> Iterator[PostgresServer]:
    """Yield a server that tests may stop and freeze."""
    server = PostgresServer(require_binaries())
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def frail(frail_server: PostgresServer) -> AsyncIterator[PostgresStore]:
    """Yield an open store on that server."""
    store = PostgresStore(
        frail_server.url, holder="one", lease=LEASE, clock=Clock(), timeout=TIMEOUT
    )
    await store.open()
    yield store
    await store.close()
