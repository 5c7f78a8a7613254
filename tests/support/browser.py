"""Debian's Chromium, headless, as playwright drives it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.support.optional import requires_programs
from tests.support.timing import TIMEOUT_SCALE

TIMEOUT_MS = 20_000 * TIMEOUT_SCALE
"""Milliseconds in which a page must show what a test expects of it."""
NEEDS_CHROMIUM = requires_programs("chromium", install="apt-get install chromium")

_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing outside this machine is asked for, whatever a page would like to load.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Yield a browser without a window, and close it at the end."""
    expect.set_options(timeout=TIMEOUT_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_ARGS)
        )
        yield browser
        await browser.close()
