"""The two stores, for tests that hold for both: holders of one database, and a way through time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.postgres import postgres_server
from tests.support.states import PostgresHarness, SQLiteHarness, StoreHarness

__all__ = ["postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[StoreHarness]:
    """Yield a database of each kind, empty, in which stores can be opened and time be moved."""
    harness: StoreHarness = (
        SQLiteHarness()
        if request.param == "sqlite"
        else PostgresHarness(request.getfixturevalue("postgres_server").url)
    )
    yield harness
    await harness.close()
