"""A shop's site with Papercups' clients in its pages, and visitors who use them."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    FrameLocator,
    Locator,
    Page,
    WebSocket,
    expect,
)

from tests.support.browser import TIMEOUT_MS
from tests.support.stage import LiveStage

Client = Literal["builder", "widget", "headless"]
"""chat-builder, chat-widget with a window in its iframe, or browser, which shows nothing."""

PAGES = ("builder", "widget", "window", "headless")
_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>A shop</title>
<link rel="icon" href="data:,">
<div id="root"></div>
<script src="{}.js"></script>
"""
_NOT_OURS = "Failed to load resource: net::ERR_NAME_NOT_RESOLVED"
"""The clients ask for a logo and a portrait from the Internet, which there is not."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@contextmanager
def open_shop(folder: Path) -> Iterator[str]:
    """Serve the bundles in ``folder``, each with a page, and yield the URL.

    It is another origin than the devserver's, as it is in life: every call is a cross-origin one.
    """
    for name in PAGES:
        (folder / f"{name}.html").write_text(_PAGE.format(name))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class ShopVisitor:
    """Somebody in a browser with nothing stored in it, and what went wrong there."""

    page: Page
    chat: Page | FrameLocator
    problems: list[str] = field(default_factory=list)
    sent: list[list[Any]] = field(default_factory=list)
    """The frames that the client has sent: ``[join_ref, ref, topic, event, payload]``."""

    @property
    def availability(self) -> Locator:
        """The line that says whether anybody is there."""
        return self.chat.get_by_role("status")

    @property
    def quick_replies(self) -> Locator:
        """The buttons that the last message offers."""
        return self.chat.get_by_role("group", name="Suggested replies").get_by_role("button")

    def bubbles(self, text: str) -> Locator:
        """Find the messages in the window with ``text`` in them; what a button says is none."""
        return self.chat.locator("div").get_by_text(text).and_(self.chat.locator("div"))

    async def ask(self, text: str) -> None:
        """Type a message, and press Enter."""
        box = self.chat.get_by_placeholder("Start typing...")
        await box.fill(text)
        await box.press("Enter")

    def joins(self) -> int:
        """Return how often the client has joined its conversation."""
        return sum(
            event == "phx_join" and topic.startswith("conversation:") and "lobby" not in topic
            for _, _, topic, event, _ in self.sent
        )


@asynccontextmanager
async def visit(
    browser: Browser, shop: str, client: Client, stage: LiveStage
) -> AsyncIterator[ShopVisitor]:
    """Let a fresh visitor open the shop's page with a ``client`` of the stage's server.

    At the end nothing must have gone wrong in the page.
    """
    context = await browser.new_context(viewport={"width": 480, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    visitor = ShopVisitor(page, page.frame_locator("iframe") if client == "widget" else page)

    def follow(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: visitor.sent.append(json.loads(data)))

    def read(said: ConsoleMessage) -> None:
        if said.type == "error" and said.text != _NOT_OURS:
            visitor.problems.append(said.text)

    page.on("websocket", follow)
    page.on("pageerror", lambda error: visitor.problems.append(str(error)))
    page.on("console", read)
    await page.goto(f"{shop}/{client}.html?account={stage.account.id}&server={stage.url}")
    if client == "headless":
        await page.evaluate("() => window.ready")
    else:
        await expect(visitor.chat.get_by_placeholder("Start typing...")).to_be_visible()
    yield visitor
    await context.close()
    assert visitor.problems == []
