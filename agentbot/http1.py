"""HTTP/1.1 for many requests at once: a transport for ``httpx2`` without its pool and its parser.

httpx2's own looks through its whole pool twice a request and makes an object of each piece of a
body. With 64 streamed answers under way that was two thirds of a turn's processor time: 4.2 ms with
it, 2.1 ms with this (`python -m tests.bench.model_turns`). It is for one server that is asked much:
no proxies, no HTTP/2.

Errors are httpx2's own, so that whoever uses a client meets nothing new.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import cast

import httpx2

_IDLE_SECONDS = 30.0
"""Seconds for which a connection is kept that nothing is asked on: servers close theirs after 60
and more, and what they close meanwhile is not used."""
_MOST_IDLE = 256
"""Connections that are kept, to one server: more are never under way."""
_LONGEST_HEAD = 64 * 1024
"""Bytes of an answer's head: far more than any honest one has."""
_PAUSED_ABOVE = 256 * 1024
"""Bytes that may wait to be read before the server is made to wait."""
_NEXT_ADDRESS_SECONDS = 0.25
"""Seconds after which a host's next address is tried beside the first (RFC 8305)."""
_NO_BODY = frozenset({204, 304})
_NO_BOUND = nullcontext()
_PORTS = {"http": 80, "https": 443}

_Headers = list[tuple[bytes, bytes]]


class Http1Transport(httpx2.AsyncBaseTransport):
    """A transport that keeps connections, and finds one without looking through all of them.

    ``trusted`` says whom to trust; None: as httpx2 does. Requests go out whole: their bodies are
    bytes, and not streams.
    """

    def __init__(self, trusted: ssl.SSLContext | None = None) -> None:
        self._trusted = trusted
        self._idle: dict[tuple[str, str, int], list[_Connection]] = {}
        self._open: set[_Connection] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; return the answer, whose body comes as it is read.

        Raises what httpx2's transport raises.
        """
        sent = _written(request, await request.aread())
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        url = request.url
        origin = (url.scheme, url.host, url.port or _PORTS[url.scheme])
        connection = self._kept(origin) or await self._opened(origin, timeouts.get("connect"))
        try:
            connection.send(sent)
            async with asyncio.timeout(timeouts.get("read")):
                status, headers = await connection.head()
            body = _Body(self, origin, connection, timeouts.get("read"))
            body.begin(request.method, status, headers)
        except TimeoutError:
            connection.close()
            raise httpx2.ReadTimeout("no answer in time", request=request) from None
        except BaseException:
            connection.close()
            raise
        return httpx2.Response(status, headers=headers, stream=body)

    async def aclose(self) -> None:
        """Close all connections."""
        for connection in tuple(self._open):
            connection.close()
        self._idle.clear()

    def keep(self, origin: tuple[str, str, int], connection: _Connection) -> None:
        """Take back a connection whose answer was read to its end."""
        idle = self._idle.setdefault(origin, [])
        connection.idle_since = asyncio.get_running_loop().time()
        idle.append(connection)
        while idle and (len(idle) > _MOST_IDLE or not idle[0].is_fresh):
            idle.pop(0).close()

    def _kept(self, origin: tuple[str, str, int]) -> _Connection | None:
        """Return the connection that was used last: it is the one least likely to be closed."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_fresh:
                return connection
            connection.close()
        return None

    async def _opened(self, origin: tuple[str, str, int], seconds: float | None) -> _Connection:
        scheme, host, port = origin
        loop = asyncio.get_running_loop()
        if scheme == "https" and self._trusted is None:
            self._trusted = httpx2.create_ssl_context()
        tls = self._trusted if scheme == "https" else None
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open),
                    host,
                    port,
                    ssl=tls,
                    server_hostname=host if tls else None,
                    happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
                )
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("the connection was not opened in time") from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, which carries one exchange at a time."""

    def __init__(self, opened: set[_Connection]) -> None:
        self.idle_since = 0.0
        self._opened = opened
        self._came: list[bytes] = []
        self._waits = 0
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._is_lost = False
        self._error: Exception | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        """Keep what came until it is read."""
        self._came.append(data)
        self._waits += len(data)
        if self._waits > _PAUSED_ABOVE and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._error = error
        self._is_lost = True
        self._opened.discard(self)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def is_fresh(self) -> bool:
        """Whether something may be asked on it: it is open, silent, and not too long idle."""
        if self._is_lost or self._came or self._transport.is_closing():
            return False
        return self._loop.time() - self.idle_since < _IDLE_SECONDS

    def send(self, data: bytes) -> None:
        """Send a request."""
        self._transport.write(data)

    async def piece(self) -> bytes:
        """Return what has come, and wait for something; b"": the server has closed.

        Raises ``ReadError`` where the connection broke.
        """
        while not self._came:
            if self._error is not None:
                raise httpx2.ReadError(str(self._error)) from self._error
            if self._is_lost:
                return b""
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = self._came[0] if len(self._came) == 1 else b"".join(self._came)
        self._came.clear()
        self._waits = 0
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        return data

    def put_back(self, data: bytes) -> None:
        """Give back what belongs to what is read next."""
        if data:
            self._came.insert(0, data)
            self._waits += len(data)

    async def head(self) -> tuple[int, _Headers]:
        """Return status and headers of the answer. Raises ``RemoteProtocolError``."""
        come = b""
        while True:
            head, split, rest = come.partition(b"\r\n\r\n")
            if split:
                status, headers = _read_head(head)
                come = rest
                if status >= 200:
                    self.put_back(rest)
                    return status, headers
                continue  # 1xx: the answer comes after it
            if len(come) > _LONGEST_HEAD:
                raise httpx2.RemoteProtocolError("the head of the answer does not end")
            piece = await self.piece()
            if not piece:
                said = "the server closed the connection without an answer"
                raise httpx2.RemoteProtocolError(said)
            come += piece

    def close(self) -> None:
        """Close at once: whatever is still under way is of no use."""
        self._opened.discard(self)
        with suppress(RuntimeError):  # the event loop that it belonged to is closed
            self._transport.abort()


class _Body(httpx2.AsyncByteStream):
    """The body of an answer, as it comes; read to its end, it gives its connection back."""

    def __init__(
        self,
        transport: Http1Transport,
        origin: tuple[str, str, int],
        connection: _Connection,
        seconds: float | None,
    ) -> None:
        self._transport = transport
        self._origin = origin
        self._connection: _Connection | None = connection
        self._seconds = seconds
        self._left: int | None = None
        self._chunks: Chunks | None = None
        self._stays = True

    def begin(self, method: str, status: int, headers: _Headers) -> None:
        """Read from the head how the body ends. Raises ``RemoteProtocolError``."""
        said = {name.lower(): value.strip().lower() for name, value in headers}
        self._stays = said.get(b"connection", b"") != b"close"
        if method == "HEAD" or status in _NO_BODY:
            self._left = 0
        elif b"transfer-encoding" in said:
            if said[b"transfer-encoding"] != b"chunked":
                raise httpx2.RemoteProtocolError("the answer comes in an encoding not asked for")
            self._chunks = Chunks()
        elif b"content-length" in said:
            if not said[b"content-length"].isdigit():
                raise httpx2.RemoteProtocolError("the length of the answer is no number")
            self._left = int(said[b"content-length"])
        else:
            self._stays = False  # it ends with the connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield it. Raises ``ReadError`` and ``RemoteProtocolError``, and ``ReadTimeout``."""
        connection = self._connection
        if connection is None:
            return
        while not self._is_over:
            try:
                async with self._bound():
                    piece = await connection.piece()
            except TimeoutError as error:
                raise httpx2.ReadTimeout("the server is silent") from error
            if not piece:
                if self._left is None and self._chunks is None:
                    break
                raise httpx2.RemoteProtocolError("the connection was closed within the answer")
            if data := self._taken(piece, connection):
                yield data
        self._give_back(connection)

    def _bound(self) -> AbstractAsyncContextManager[object]:
        return _NO_BOUND if self._seconds is None else asyncio.timeout(self._seconds)

    @property
    def _is_over(self) -> bool:
        return self._left == 0 if self._chunks is None else self._chunks.is_over

    def _taken(self, piece: bytes, connection: _Connection) -> bytes:
        """Return what of a piece belongs to the body."""
        if self._chunks is not None:
            data = self._chunks.feed(piece)
            connection.put_back(self._chunks.rest if self._chunks.is_over else b"")
            return data
        if self._left is None:
            return piece
        data, rest = piece[: self._left], piece[self._left :]
        self._left -= len(data)
        connection.put_back(rest)
        return data

    def _give_back(self, connection: _Connection) -> None:
        self._connection = None
        if self._stays:
            self._transport.keep(self._origin, connection)
        else:
            connection.close()

    async def aclose(self) -> None:
        """Close the connection where the body was not read to its end."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Chunks:
    """A body in chunks (RFC 9112, 7.1), from pieces that are cut anywhere."""

    def __init__(self) -> None:
        self.is_over = False
        self.rest = b""
        """What came and is not read yet; after the end, what follows it."""
        self._left = 0
        self._in_trailer = False

    def feed(self, piece: bytes) -> bytes:
        """Return what of the body a piece brings. Raises ``RemoteProtocolError``."""
        data, place, found = self.rest + piece, 0, []
        while place < len(data) and not self.is_over:
            if self._left > 2:  # a chunk's data, and the line's end after it
                part = data[place : place + self._left - 2]
                found.append(part)
                place += len(part)
                self._left -= len(part)
            elif self._left:
                if len(data) - place < self._left:
                    break
                place += self._left
                self._left = 0
            else:
                end = data.find(b"\r\n", place)
                if end < 0:
                    break
                self._line(data[place:end])
                place = end + 2
        self.rest = data[place:]
        if len(self.rest) > _LONGEST_HEAD and not self.is_over:
            raise httpx2.RemoteProtocolError("a line of the answer's frame does not end")
        return found[0] if len(found) == 1 else b"".join(found)

    def _line(self, line: bytes) -> None:
        if self._in_trailer:
            self.is_over = not line
            return
        size = line.partition(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            length = -1
        if length < 0 or not size.isalnum():
            raise httpx2.RemoteProtocolError("the length of a chunk is no number")
        self._in_trailer = length == 0
        self._left = length + 2 if length else 0


def _written(request: httpx2.Request, body: bytes) -> bytes:
    """Return a request as it goes over the wire. Raises ``LocalProtocolError``."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    for name, value in request.headers.raw:
        if any(sign in value for sign in b"\r\n\0"):
            raise httpx2.LocalProtocolError(f"Illegal header value {value!r}")
        lines.append(b"%s: %s" % (name, value))
    return b"\r\n".join([*lines, b"", body])


def _read_head(head: bytes) -> tuple[int, _Headers]:
    """Return the status and the headers of an answer's head. Raises ``RemoteProtocolError``."""
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or not code.isdigit() or len(code) != 3:
        raise httpx2.RemoteProtocolError(f"no answer in HTTP/1.1: {first[:60]!r}")
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise httpx2.RemoteProtocolError(f"no header: {line[:60]!r}")
        headers.append((name, value.strip()))
    if version == b"HTTP/1.0" and not any(name.lower() == b"connection" for name, _ in headers):
        headers.append((b"connection", b"close"))
    return int(code), headers
