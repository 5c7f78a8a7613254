"""The server as an ASGI application: REST, and the socket over the network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC
from email.utils import format_datetime
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from agentbot.devserver.faults import CannedAnswer, Slow
from agentbot.devserver.realtime.socket import ABNORMAL, ServerSocket
from agentbot.devserver.rest import agent as rest_agent
from agentbot.devserver.rest import conversations as rest_conversations
from agentbot.devserver.rest import customer as rest_customer
from agentbot.devserver.rest.http import HttpError, handle_error, handle_gone
from agentbot.devserver.server import DevServer, Refused
from agentbot.devserver.store.memory import Invalid, Missing

SOCKET_PATH = "/socket/websocket"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class TcpConnection(Protocol):
    """What only a driver that owns the TCP connection can do (:mod:`agentbot.devserver.serve`)."""

    def abort(self) -> None:
        """End the connection without a close frame."""

    def watch(self, socket: ServerSocket) -> None:
        """Report the client's WebSocket pings to ``socket``."""


def create_app(server: DevServer, *, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application that serves ``server``: everything CORS-open, as the widget needs.

    ``extra_routes`` stand beside what Papercups has, such as the demo's page.
    """
    shared = [*rest_agent.SHARED, *rest_conversations.SHARED, *rest_customer.SHARED]
    routes: list[BaseRoute] = [
        *rest_customer.ROUTES,
        *rest_agent.ROUTES,
        *(
            Route(f"{prefix}{path}", handler, methods=[method])
            for prefix in ("/api", "/api/v1")
            for path, handler, method in shared
        ),
        Route("/api/{path:path}", rest_agent.nothing_here, methods=METHODS),
        WebSocketRoute(SOCKET_PATH, _socket_endpoint),
        *extra_routes,
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=METHODS, allow_headers=["*"]
            ),
            Middleware(_Dated, server=server),
            Middleware(_FaultyRest, server=server),
        ],
        exception_handlers={
            HttpError: handle_error,
            Invalid: handle_error,
            Missing: handle_error,
            ClientDisconnect: handle_gone,
        },
    )
    app.state.server = server
    app.state.backend = server.backend
    return app


class _Dated:
    """A layer that tells the server's time in every answer, as Papercups' own server does."""

    def __init__(self, app: ASGIApp, *, server: DevServer) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._server.backend.now().astimezone(UTC), usegmt=True)
                message["headers"] = [*message.get("headers", ()), (b"date", date.encode())]
            await send(message)

        await self._app(scope, receive, send_dated if scope["type"] == "http" else send)


class _FaultyRest:
    """A layer in which the fault switches slow REST requests down, or answer them.

    While the server restarts, a request without a network raises :class:`ConnectionRefusedError`.
    """

    def __init__(self, app: ASGIApp, *, server: DevServer) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            if not self._server.listening:
                raise ConnectionRefusedError
            for effect in self._server.faults.on_request(scope["method"], scope["path"]):
                match effect:
                    case Slow(seconds, answer=True):
                        send = self._late(send, seconds)
                    case Slow(seconds):
                        await self._pass(seconds)
                    case CannedAnswer(status, body, content_type, headers):
                        answer = Response(body, status, dict(headers), content_type)
                        await answer(scope, receive, send)
                        return
        await self._app(scope, receive, send)

    async def _pass(self, seconds: float) -> None:
        over = asyncio.Event()
        self._server.backend.call_later(seconds, over.set)
        await over.wait()

    def _late(self, send: Send, seconds: float) -> Send:
        async def wait_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._pass(seconds)
            await send(message)

        return wait_and_send


async def _socket_endpoint(websocket: WebSocket) -> None:
    server: DevServer = websocket.app.state.server
    outbox: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue()
    try:
        socket = server.connect(
            websocket.query_params,
            send=outbox.put_nowait,
            close=lambda code, reason: outbox.put_nowait((code, reason)),
        )
    except Refused as refused:
        await websocket.send_denial_response(
            Response(
                refused.body,
                refused.status or 503,
                dict(refused.headers),
                refused.content_type if refused.body else None,
            )
        )
        return
    tcp: TcpConnection | None = websocket.scope.get("state", {}).get("tcp")
    if tcp is not None:
        tcp.watch(socket)
    await websocket.accept()
    writer = asyncio.create_task(_write(websocket, outbox, tcp))
    try:
        await _read(websocket, socket)
    finally:
        socket.disconnected()
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)


async def _read(websocket: WebSocket, socket: ServerSocket) -> None:
    while True:
        message: dict[str, Any] = dict(await websocket.receive())
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        socket.receive(message["bytes"] if text is None else text)


async def _write(
    websocket: WebSocket,
    outbox: asyncio.Queue[str | tuple[int, str]],
    tcp: TcpConnection | None,
) -> None:
    while True:
        item = await outbox.get()
        try:
            if isinstance(item, str):
                await websocket.send_text(item)
                continue
            code, reason = item
            if code == ABNORMAL and tcp is not None:
                tcp.abort()
            else:
                await websocket.close(1011 if code == ABNORMAL else code, reason)
        except (WebSocketDisconnect, RuntimeError):
            # The client is gone; the reader hears of it and ends the socket.
            pass
        return
