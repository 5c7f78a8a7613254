"""The stage on which the end-to-end tests play."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.stage import LiveStage, staged


@pytest.fixture
async def stage() -> AsyncIterator[LiveStage]:
    """Yield a devserver on a real port, without a bot yet."""
    async with staged() as one:
        yield one
