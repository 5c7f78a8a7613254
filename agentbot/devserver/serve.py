"""The server on a TCP port, in the running event loop.

uvicorn's protocols do the work. Its ``Server`` is not used: it takes over the process's signal
handlers, polls, and cannot stop listening and start again, as a restart needs.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket as stdlib_socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import uvicorn
from starlette.routing import BaseRoute
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from agentbot.devserver.app import create_app
from agentbot.devserver.realtime.socket import ServerSocket
from agentbot.devserver.server import DevServer
from agentbot.errors import ConfigurationError

GRACE = 1.0
"""Seconds that connections get to end at shut-down before they are cut: nobody waits for longer."""


class _UvicornConnection:
    """A socket's TCP connection, for what ASGI has no words for."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._socket: ServerSocket | None = None

    def abort(self) -> None:
        self._transport.abort()

    def watch(self, socket: ServerSocket) -> None:
        self._socket = socket

    def pinged(self) -> None:
        if self._socket is not None:
            self._socket.pinged()


class _SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, with the TCP connection handed to the application."""

    _tcp: _UvicornConnection

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        self._tcp = _UvicornConnection(self.transport)
        if not self.handshake_complete:
            # The application's task exists by now, but has not begun to run: it will see this.
            self.scope["state"]["tcp"] = self._tcp

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            # uvicorn 0.54 forgets this, and then logs that the handshake was left unfinished.
            self.handshake_complete = True

    def handle_ping(self) -> None:
        super().handle_ping()
        self._tcp.pinged()


class _Port:
    """A port that can stop listening and start again while its connections stay open."""

    def __init__(
        self, server: DevServer, host: str, port: int, extra_routes: Sequence[BaseRoute]
    ) -> None:
        self._config = uvicorn.Config(
            create_app(server, extra_routes=extra_routes),
            ws=_SocketProtocol,
            ws_ping_interval=None,  # the real server never pings
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="warning",  # less would log tokens, which stand in the socket's URL
            access_log=False,
        )
        self._config.load()
        self._state = ServerState()
        self._state.default_headers = self._config.encoded_headers
        self._address = (host, port)
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Listen; return the URL. Raises :class:`OSError` where the port is taken."""
        await self._open(self._bind())
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def listen(self, listening: bool) -> None:  # noqa: FBT001 - a callback with one argument
        """Close the port and the idle HTTP connections, or open it again."""
        if listening:
            self._opening = asyncio.get_running_loop().create_task(self._open(self._bind()))
        elif self._server is not None:
            self._server.close()
            for connection in list(self._state.connections):
                if not isinstance(connection, _SocketProtocol):
                    connection.shutdown()

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._opening is not None:
            await self._opening
        if self._server is not None:
            self._server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self._state.connections):
            connection.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()

    def _bind(self) -> stdlib_socket.socket:
        listener = stdlib_socket.socket(
            stdlib_socket.AF_INET6 if ":" in self._address[0] else stdlib_socket.AF_INET
        )
        try:
            listener.setsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_REUSEADDR, 1)
            listener.bind(self._address)
            # From here on connections queue up, even before anything accepts them.
            listener.listen(self._config.backlog)
        except OSError:
            listener.close()
            raise
        self._address = (self._address[0], listener.getsockname()[1])
        return listener

    async def _open(self, listener: stdlib_socket.socket) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._protocol, sock=listener)

    def _protocol(self) -> asyncio.Protocol:
        # uvicorn types the class as a bare asyncio.Protocol; all of its own take these three.
        make = cast("Callable[..., asyncio.Protocol]", self._config.http_protocol_class)
        return make(config=self._config, server_state=self._state, app_state={})


@asynccontextmanager
async def serve(
    server: DevServer,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    allow_remote: bool = False,
    extra_routes: Sequence[BaseRoute] = (),
) -> AsyncIterator[str]:
    """Serve on ``host`` and ``port`` (0: any free one); yield the URL, ``http://host:port``.

    ``extra_routes`` are served beside Papercups' own (:func:`agentbot.devserver.app.create_app`).
    Raises :class:`ConfigurationError` for a host that is not loopback (anyone who can reach this
    server can read and write everything on it) unless ``allow_remote``, and :class:`OSError` where
    the port is taken.
    """
    if not (allow_remote or _is_loopback(host)):
        raise ConfigurationError(
            place="host",
            problem=f"{host} is not a loopback address, and the development server is open to all",
            remedy="use 127.0.0.1",
        )
    address = "127.0.0.1" if host == "localhost" else host
    tcp_port = _Port(server, address, port, extra_routes)
    url = await tcp_port.open()
    server.on_listening.append(tcp_port.listen)
    try:
        yield url
    finally:
        server.on_listening.remove(tcp_port.listen)
        await tcp_port.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
