"""The two stores, for tests that hold for both: holders of one database, and a way through time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.postgres import postgres_server
from tests.support.states import PostgresWorld, SQLiteWorld, World

__all__ = ["postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A database of each kind, empty, in which stores can be opened and time be moved."""
    world: World = (
        SQLiteWorld()
        if request.param == "sqlite"
        else PostgresWorld(request.getfixturevalue("postgres_server").url)
    )
    yield world
    await world.close()
