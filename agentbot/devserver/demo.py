"""The demo's chat page: its files, what it must know to start, and a live stream of events.

The page itself talks to the server as any client does, over REST and the socket. What it shows
beyond that comes over ``/demo/events`` (server-sent events): each of the bot's decisions, when it
is at work on a conversation, and what the account's agents hear on ``notification:``, so that one
can watch without being present there. Papercups has no event for typing; the page is shown it.

The page gets an agent's password. So it is for browsers on this machine alone: a request that
names another host, or that another site sends, is refused.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from agentbot.devserver.rest.http import raw
from agentbot.devserver.server import DevServer
from agentbot.devserver.store.records import User

PAGE = Path(__file__).parent / "page"
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
KEPT = 200
"""Decisions that a page which opens later still gets: more than anybody scrolls back."""
PENDING = 2000
"""Events that may wait for one page. One that falls further behind must load again: memory stays
bounded, and no honest page is ever that late."""


class _Page:
    """What waits to be sent to one open page, which hears the agents' topic through it."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(PENDING)

    def hear(self, text: str, event: str, origin: object | None) -> None:
        """Pass a frame of the agents' topic on, as it is on the wire."""
        del event, origin
        self.put(_event("frame", text.encode()))

    def put(self, event: bytes) -> None:
        """Send an event; end a stream that nobody reads: the browser asks again, and reloads."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """End the stream, and drop what still waits."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield events until the end."""
        while (event := await self._waiting.get()) is not None:
            yield event


class DecisionFeed:
    """The bot's latest decisions, for the pages that are open now and those that open later."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept: deque[bytes] = deque(maxlen=kept)
        self._pages: set[_Page] = set()
        self._at_it: set[str] = set()
        self._closed = False

    def publish(self, entry: Mapping[str, Any]) -> None:
        """Show a decision. Call from the event loop; raises ``TypeError`` for what JSON lacks.

        ``entry`` is a turn's entry in the journal. Looked at are ``conversation_id``,
        ``message_ids``, ``outcome``, ``reason_code``, ``reason``, ``by``, ``source``,
        ``settled_at``, ``seconds`` (from hearing the turn to its end) and ``decision``: in it
        ``trace`` (a list of ``{"name", "outcome", "reason": {"code", "text"}}``) and ``actions``.
        All but the first three may be missing.
        """
        event = _event("decision", orjson.dumps(dict(entry)))
        self._kept.append(event)
        for page in self._pages:
            page.put(event)

    def work(self, conversation_id: str, is_at_it: bool) -> None:  # noqa: FBT001 - the bot's call
        """Show whether the bot is at work on this conversation."""
        (self._at_it.add if is_at_it else self._at_it.discard)(conversation_id)
        for page in self._pages:
            page.put(_work(conversation_id, is_at_it=is_at_it))

    def close(self) -> None:
        """End all streams, so that the server need not wait for them when it stops."""
        self._closed = True
        for page in self._pages:
            page.end()

    @contextmanager
    def page(self) -> Iterator[_Page]:
        """Open a page: it gets what was kept, then what comes."""
        page = _Page()
        for event in self._kept:
            page.put(event)
        for conversation_id in self._at_it:
            page.put(_work(conversation_id, is_at_it=True))
        if self._closed:
            page.end()
        self._pages.add(page)
        try:
            yield page
        finally:
            self._pages.discard(page)


def demo_routes(
    server: DevServer,
    feed: DecisionFeed,
    *,
    llm: str,
    bot: User,
    agent: User,
    samples: Sequence[str],
) -> list[Route]:
    """Return the page's routes, for ``serve(server, extra_routes=…)``: ``/`` and ``/demo/…``.

    ``llm`` is shown: ``none``, ``openai: <model>`` or ``local: <model>``. ``bot`` is the user that
    the bot logs in as, ``agent`` the person that the page logs in as; both of one account. A click
    on one of ``samples`` asks it.
    """
    account = server.store.accounts[bot.account_id]
    files = {path.name: path for path in PAGE.iterdir() if path.suffix in MEDIA_TYPES}

    async def index(request: Request) -> Response:
        return _file(request, files["index.html"])

    async def asset(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        return PlainTextResponse("Not found", 404) if path is None else _file(request, path)

    async def config(_request: Request) -> Response:
        person = {"email": agent.email, "password": agent.password}
        return raw(
            {
                "llm": llm,
                "account": {"id": account.id, "company_name": account.company_name},
                "bot": {"id": bot.id, "name": _name(bot)},
                "agent": {"id": agent.id, "name": _name(agent), **person},
                "samples": list(samples),
            }
        )

    async def events(_request: Request) -> Response:
        return StreamingResponse(stream(), media_type="text/event-stream")

    async def stream() -> AsyncIterator[bytes]:
        topic = f"notification:{account.id}"
        with feed.page() as page:
            server.backend.hub.subscribe(topic, page)
            try:
                yield b"retry: 1000\n\n"
                async for event in page.events():
                    yield event
            finally:
                server.backend.hub.unsubscribe(topic, page)

    return [
        Route("/", _for_this_machine(index)),
        Route("/demo/config", _for_this_machine(config)),
        Route("/demo/events", _for_this_machine(events)),
        Route("/demo/{name}", _for_this_machine(asset)),
    ]


Endpoint = Callable[[Request], Awaitable[Response]]


def _for_this_machine(endpoint: Endpoint) -> Endpoint:
    """Refuse other host names that lead here, and other sites' requests unless they follow a link.

    Browsers say with ``Sec-Fetch-Site`` who asks, and scripts cannot change it.
    """

    async def guarded(request: Request) -> Response:
        if not _is_loopback(request):
            return PlainTextResponse("Open the demo as http://localhost or http://127.0.0.1.", 403)
        asked_by = request.headers.get("sec-fetch-site", "none")
        is_link = request.headers.get("sec-fetch-mode") == "navigate"
        if asked_by not in {"same-origin", "none"} and not is_link:
            return PlainTextResponse("For the demo's own page only.", 403)
        response = await endpoint(request)
        response.headers["cache-control"] = "no-cache"
        response.headers["x-content-type-options"] = "nosniff"
        return response

    return guarded


def _is_loopback(request: Request) -> bool:
    try:
        host = request.url.hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _file(request: Request, path: Path) -> Response:
    headers = {
        "content-security-policy": "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                # Not every browser takes the same host's sockets for 'self'.
                f"connect-src 'self' ws://{request.url.netloc}",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
            )
        ),
        "referrer-policy": "no-referrer",
    }
    return FileResponse(path, headers=headers, media_type=MEDIA_TYPES[path.suffix])


def _name(user: User) -> str:
    return (user.profile or {}).get("display_name") or user.email


def _work(conversation_id: str, *, is_at_it: bool) -> bytes:
    return _event("work", orjson.dumps({"conversation_id": conversation_id, "is_at_it": is_at_it}))


def _event(kind: str, data: bytes) -> bytes:
    """Return one server-sent event. JSON as it is written here has no line breaks."""
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
