"""The two stores, for tests that hold for both: holders of one database, and a way through time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from tests.state.test_upgrades import NEXT
from tests.support.postgres import PostgresServer, postgres_server
from tests.support.states import PostgresHarness, SQLiteHarness, StoreHarness

__all__ = ["postgres_server"]


def _ahead(kind: str) -> object:
    return pytest.param(f"{kind}, one release ahead", marks=pytest.mark.long)


@pytest.fixture
async def postgres(postgres_server: PostgresServer) -> AsyncIterator[PostgresHarness]:
    """Yield an empty schema of PostgreSQL's."""
    harness = PostgresHarness(postgres_server.url)
    yield harness
    await harness.close()


@pytest.fixture(params=["sqlite", "postgresql", _ahead("sqlite"), _ahead("postgresql")])
async def harness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreHarness]:
    """Yield a database of each kind, empty, in which stores can be opened and time be moved.

    In the long form each once more as a next release leaves it: today's program works on there.
    """
    kind, _, ahead = request.param.partition(", ")
    harness: StoreHarness
    if kind == "sqlite":
        place = str(tmp_path / "state.db") if ahead else MEMORY
        if ahead:
            later = SQLiteDatabase(place, migrations=NEXT)
            later.open()
            later.close()
        harness = SQLiteHarness(place)
    else:
        harness = postgres = PostgresHarness(request.getfixturevalue("postgres_server").url)
        if ahead:
            store = postgres.unopened("next", NEXT)
            await store.open()
            await store.close()
    yield harness
    await harness.close()
