"""The shop, the browser and the stage of the tests with Papercups' own clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.clients.shop import open_shop
from tests.support.browser import launched
from tests.support.npm import installed, npm
from tests.support.stage import LiveStage, staged

SOURCES = Path(__file__).parent / "web"


@pytest.fixture(scope="package")
def shop(pytestconfig: pytest.Config) -> Iterator[str]:
    """Yield the URL of the shop, built from the published packages."""
    folder = installed(SOURCES, pytestconfig)
    npm("run", "build", cwd=folder)
    with open_shop(folder / "site") as url:
        yield url


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Yield one browser for all tests, which so have one event loop."""
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="package")
async def stage() -> AsyncIterator[LiveStage]:
    """Yield a devserver on a real port, without a bot yet."""
    async with staged() as one:
        yield one
