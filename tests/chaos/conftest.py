"""What the tests of one process at a time share: a stage, and a database that may go away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chaos.stage import ProcessStage, staged
from tests.support.postgres import PostgresServer, running


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ProcessStage]:
    """Yield a server, a proxy in front of it, and a folder for one bot."""
    async with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """Yield a PostgreSQL server that a test may stop."""
    with running() as server:
        yield server
