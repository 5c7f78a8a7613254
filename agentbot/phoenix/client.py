"""The client: a driver that opens its connections itself, and the WebSocket that each of them is.

The only importer of ``websockets``, of which it uses the Sans-I/O protocol under an
:class:`asyncio.Protocol` of its own.
"""

from __future__ import annotations

import asyncio
import logging
import random as random_module
import socket
import ssl
import struct
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from agentbot.errors import ConfigurationError, TransportError, UpgradeRefused
from agentbot.network import why_unreachable
from agentbot.phoenix.driver import Driver, OnEvents
from agentbot.phoenix.events import ConnectFailed
from agentbot.phoenix.options import SocketOptions
from agentbot.phoenix.socket import Socket
from agentbot.phoenix.transport import ABNORMAL, NORMAL, Connection, Connector, Listener
from agentbot.retry import TRANSIENT, Backoff, RetryPolicy

_FORBIDDEN = 403
"""The status with which Phoenix answers a token that it does not take."""

RECONNECT = RetryPolicy(first_pause=0.25, longest_pause=20.0)
"""A connection that broke by accident is back after a quarter of a second, noticed by nobody; and
clients that ask three times a minute do not keep a server down that is just starting."""

# The access token stands in the URL, which websockets would log at DEBUG: this logger is silent.
_SILENT = logging.Logger("websocket", logging.CRITICAL + 1)  # noqa: LOG001 - not to be configured

# SO_LINGER's two numbers: whether to wait, and for how many seconds. (1, 0) is a reset.
_LINGER = "hh" if sys.platform == "win32" else "ii"
_CUT = struct.pack(_LINGER, 1, 0)
_FLUSH = struct.pack(_LINGER, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """What may be set on a client. Times are in seconds.

    ``open_timeout``: an attempt that takes longer than a loaded server needs is better begun anew.
    ``retry`` gives the pauses between attempts to connect, which never end. ``hold`` is how long a
    join must have held before they begin anew with the first: longer than a server that is just
    starting, or shutting down, keeps those that it lets in.
    """

    open_timeout: float = 10.0
    retry: RetryPolicy = RECONNECT
    hold: float = 10.0
    socket: SocketOptions = field(default_factory=SocketOptions)


class Client(Driver):
    """A client that stays connected while :meth:`run` runs. To be used within one event loop.

    ``url`` is awaited afresh for every attempt. ``on_events`` must not block; what it raises ends
    :meth:`run`. ``on_forbidden`` is awaited with the number of 403 in a row; it sees to it that
    the next URL is better.
    """

    def __init__(
        self,
        *,
        url: Callable[[], Awaitable[str]],
        on_events: OnEvents,
        on_forbidden: Callable[[int], Awaitable[None]] | None = None,
        connector: Connector | None = None,
        options: ClientOptions | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self._options = options or ClientOptions()
        super().__init__(
            socket=Socket(random=random, options=self._options.socket), on_events=on_events
        )
        self._url = url
        self._on_forbidden = on_forbidden
        self._connector = connector or WebSocketConnector()
        self._backoff = Backoff(self._options.retry, random=random)
        self._closing = asyncio.Event()
        self._forbidden = 0

    async def run(self) -> None:
        """Connect, and connect again whenever the connection is lost, until :meth:`close`.

        Every end that nobody asked for is followed by a new attempt, a clean 1000 included.
        Raises what ``url``, ``on_forbidden`` or ``on_events`` raised, except the errors of
        :data:`~agentbot.retry.TRANSIENT`: those are waited out.
        """
        while not self._closing.is_set():
            try:
                await self._serve(await self._open())
            except TRANSIENT as error:
                problem: Exception | None = error
            else:
                problem = None
                if self.joined_at is not None and self._held(self.joined_at):
                    self._backoff.reset()
            delay = self._backoff.next(problem)
            if problem is not None:
                self.counters.failed_connects += 1
                status = problem.status if isinstance(problem, UpgradeRefused) else None
                self._deliver([ConnectFailed(str(problem), status, delay)])
            await self._pause(delay)

    def close(self, code: int = NORMAL) -> None:
        """Say goodbye and let :meth:`run` return. Leave topics first where that matters."""
        self._closing.set()
        if self._connection is not None:
            self._flush()
            self._connection.close(code)

    def reconnect(self, code: int = NORMAL) -> None:
        """Give up the connection for a new one."""
        if self._connection is not None:
            self._connection.close(code)

    async def _open(self) -> Connection:
        self._lost = asyncio.get_running_loop().create_future()
        url = await self._url()
        try:
            async with asyncio.timeout(self._options.open_timeout):
                connection = await self._connector.connect(url, self)
        except TimeoutError:
            problem = f"no answer within {self._options.open_timeout:g} s"
            raise TransportError(without_query(url), problem) from None
        except UpgradeRefused as error:
            if error.status == _FORBIDDEN and self._on_forbidden is not None:
                self._forbidden += 1
                await self._on_forbidden(self._forbidden)
            raise
        self.counters.connects += 1
        self._forbidden = 0
        if self._closing.is_set():
            connection.close()
        return connection

    def _held(self, joined_at: float) -> bool:
        return self._now() - joined_at >= self._options.hold

    async def _pause(self, delay: float) -> None:
        try:
            async with asyncio.timeout(delay):
                await self._closing.wait()
        except TimeoutError:
            pass


def without_query(url: str) -> str:
    """Return the part of ``url`` that may be shown: the query holds the token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


class WebSocketConnector:
    """A connector that opens WebSockets, with TLS for ``wss``; no compression, no proxies.

    ``max_size`` is the largest message taken, in bytes: a larger one ends the connection with 1009.
    ``close_timeout`` is how long, in seconds, the peer may take to say goodbye: a good one does
    within a round trip.
    """

    def __init__(
        self,
        *,
        max_size: int = 2**20,
        close_timeout: float = 5.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._max_size = max_size
        self._close_timeout = close_timeout
        self._tls = tls

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a WebSocket: see :meth:`Connector.connect`."""
        shown = without_query(url)
        try:
            uri = parse_uri(url)
        except (InvalidURI, ValueError):
            # Not chained: its text holds the whole URL, and that the token.
            raise ConfigurationError(shown, "is no ws:// or wss:// URL") from None
        tls = (self._tls or ssl.create_default_context()) if uri.secure else None
        protocol = ClientProtocol(uri, max_size=self._max_size, logger=_SILENT)
        try:
            _, opening = await asyncio.get_running_loop().create_connection(
                lambda: _WebSocket(protocol, listener, self._close_timeout),
                uri.host,
                uri.port,
                ssl=tls,
            )
        except OSError as error:
            raise TransportError(shown, why_unreachable(error)) from error
        try:
            await opening.opened
        except InvalidStatus as error:
            status = error.response.status_code
            problem = f"answered {status} instead of opening a WebSocket"
            raise UpgradeRefused(shown, problem, status) from None
        except (InvalidHandshake, OSError) as error:
            raise TransportError(shown, f"opened no WebSocket: {error}") from None
        except BaseException:
            opening.abort()
            raise
        return opening


def _hear(opened: asyncio.Future[None]) -> None:
    """Look at a failure, or asyncio would log it as one that nobody has looked at."""
    if not opened.cancelled():
        opened.exception()


class _WebSocket(asyncio.Protocol):
    """One WebSocket over one transport."""

    def __init__(self, protocol: ClientProtocol, listener: Listener, close_timeout: float) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever gives up while the connection is being made never gets to wait for it.
        self.opened.add_done_callback(_hear)
        self.is_writable = True
        self._protocol = protocol
        self._listener = listener
        self._close_timeout = close_timeout
        self._transport: asyncio.Transport
        self._parts: list[bytes] = []
        self._goodbye: asyncio.TimerHandle | None = None
        self._is_lost = False

    # What the client asks for.

    def send(self, frames: Sequence[str], /) -> None:
        """Write the frames in one go."""
        if self._protocol.state is State.OPEN:
            for frame in frames:
                self._protocol.send_text(frame.encode())
            self._write()

    def close(self, code: int = NORMAL) -> None:
        """Begin the closing handshake; cut it off where the peer does not answer in time."""
        if self._protocol.state is State.OPEN:
            self._linger(_FLUSH)
            self._protocol.send_close(code)
            self._write()
            loop = asyncio.get_running_loop()
            self._goodbye = loop.call_later(self._close_timeout, self.abort)

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()
        self._lose(ABNORMAL, "cut")

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._linger(_CUT)
        self._protocol.send_request(self._protocol.connect())
        self._write()

    def data_received(self, data: bytes) -> None:
        """Take one read: its frames make one batch."""
        self._protocol.receive_data(data)
        self._take_events()

    def eof_received(self) -> None:
        """Take the end of the stream; the transport closes, :meth:`connection_lost` follows."""
        self._protocol.receive_eof()
        self._take_events()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of an end without a goodbye."""
        if self._goodbye is not None:
            self._goodbye.cancel()
        self._lose(ABNORMAL, str(exc or "the connection was closed without a close frame"))

    def pause_writing(self) -> None:
        """Let frames wait in the socket, which bounds them."""
        self.is_writable = False

    def resume_writing(self) -> None:
        """Ask for what has waited."""
        self.is_writable = True
        self._listener.on_writable()

    def _take_events(self) -> None:
        batch: list[bytes | bytearray | memoryview] = []
        close: WebSocketFrame | None = None
        for event in self._protocol.events_received():
            if not isinstance(event, WebSocketFrame):
                self._upgraded()
            elif event.opcode is Opcode.TEXT and event.fin:
                batch.append(event.data)
            elif event.opcode is Opcode.CLOSE:
                close = event
            elif event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self._parts.append(bytes(event.data))
                if event.fin:
                    batch.append(b"".join(self._parts))
                    self._parts.clear()
        if batch and not self._is_lost:
            self._listener.on_batch(batch)
        self._write()
        self._settle(close)

    def _upgraded(self) -> None:
        if self.opened.done():
            return
        if self._protocol.handshake_exc is None:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(self._protocol.handshake_exc)

    def _settle(self, close: WebSocketFrame | None) -> None:
        """End the connection where the protocol is at its end."""
        if self._protocol.handshake_exc is not None:
            self._upgraded()
            self._transport.close()
        elif self._protocol.state is State.CLOSING and (close or self._protocol.parser_exc):
            self._linger(_FLUSH)
            ended = self._protocol.close_rcvd or self._protocol.close_sent
            code, reason = (ended.code, ended.reason) if ended else (ABNORMAL, "")
            self._transport.close()
            self._lose(int(code), reason)

    def _write(self) -> None:
        # An empty chunk asks for a half-close; the connection is closed whole instead.
        data = b"".join(self._protocol.data_to_send())
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _linger(self, option: bytes) -> None:
        """Choose what the system does with bytes that are unsent when the socket is closed.

        A connection that is cut, or whose process is killed, must not deliver a reply afterwards:
        another may have been sent meanwhile. Only one that says goodbye is flushed.
        """
        wire: socket.socket = self._transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)

    def _lose(self, code: int, reason: str) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason))
        elif not self.opened.cancelled() and self.opened.exception() is None:
            self._listener.on_lost(code, reason)
