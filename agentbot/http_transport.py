"""HTTP/1.1 for many requests at once: ``aiohttp`` below the interface of ``httpx2``.

httpx2's own transport looks through its whole pool twice a request, and parses in Python: a reading
of 1.5 kB took .7 ms of processor time with 64 in flight, and takes .23 here. There are no proxies
and no HTTP/2.

Requests, answers and errors are httpx2's, so that whoever uses its client meets nothing new.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

import httpx2

from agentbot.trust import trusted

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.connector import Connection

_IDLE_SECONDS = 30.0
"""Seconds for which a connection is kept that nothing is asked on: servers close theirs after 60
and more, and what they close meanwhile is not used."""
_LONGEST_LINE = 64 * 1024
"""Bytes of a line in an answer's head: far more than any honest one has."""
_LOOK_AGAIN = 0.01
"""Seconds between two looks whether a large question is out: that hardly ever happens."""
_ASKED_AGAIN = frozenset({"GET", "HEAD"})
"""What aiohttp may ask a second time, at once, where a kept connection turns out to be dead. What
changes something is asked again by its caller alone, who looks first what became of it."""
_OURS_ALONE = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that a request has where httpx2 says so, and which aiohttp would add."""


class HttpTransport(httpx2.AsyncBaseTransport):
    """A transport that keeps as many connections as were under way at once.

    ``trust`` says whom to trust, and None: whom all do here (`trust.py`). Without ``keeps`` each
    connection is closed after its answer. Requests go out whole: their bodies are bytes, and not
    streams. A transport belongs to the event loop of its first request.
    """

    def __init__(self, trust: ssl.SSLContext | None = None, *, keeps: bool = True) -> None:
        self._trust = trust
        self._keeps = keeps
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; return the answer, whose body comes as it is read.

        Raises what httpx2's transport raises.
        """
        import yarl  # noqa: PLC0415 - see `_opened`

        session = self._session
        if session is None:
            session = self._session = self._opened()
        url, extensions = request.url, request.extensions
        is_tls = url.scheme == "https"
        if is_tls and self._trust is None:
            self._trust = trusted()
        timeouts = extensions.get("timeout", {})
        body = await request.aread()
        may_be_asked_again = self._keeps and request.method in _ASKED_AGAIN and not body
        with _as_httpx2():
            answer = await session.request(
                request.method,
                yarl.URL(str(url), encoded=True),
                headers=_headers(request),
                allow_redirects=False,
                timeout=_timeout(timeouts.get("connect"), timeouts.get("read")),
                ssl=self._trust if is_tls and self._trust else True,
                server_hostname=extensions.get("sni_hostname"),
                middlewares=() if may_be_asked_again else (partial(_asked_once, body),),
            )
        return httpx2.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        # 70 modules, 80 ms and 8 MB, which only what speaks to a server needs.
        import aiohttp  # noqa: PLC0415

        # No limit: whoever asks much bounds what is under way. Names are looked up
        # as everywhere else in this process, whatever aiohttp finds installed.
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=aiohttp.ThreadedResolver(),
            **({"keepalive_timeout": _IDLE_SECONDS} if self._keeps else {"force_close": True}),
        )
        return aiohttp.ClientSession(
            connector=connector,
            request_class=_request_class(),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_OURS_ALONE,
            auto_decompress=False,  # httpx2 unpacks
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )


class _Body(httpx2.AsyncByteStream):
    """The body of an answer, as it comes; read to its end, it has given its connection back."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self._connection = answer.connection
        ends_by_itself = "Content-Length" in answer.headers or "Transfer-Encoding" in answer.headers
        self._protocol = None
        if self._connection is not None and not ends_by_itself:
            self._protocol = self._connection.protocol

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield it. Raises ``ReadError`` and ``RemoteProtocolError``, and ``ReadTimeout``."""
        content = self._answer.content
        with _as_httpx2():
            while piece := await content.readany():
                yield piece
        if self._protocol is not None and isinstance(broke := self._protocol.exception(), OSError):
            raise httpx2.ReadError(str(broke)) from broke  # aiohttp takes it for the end

    async def aclose(self) -> None:
        """Close the connection where the body was not read to its end."""
        self._answer.close()


async def _asked_once(
    body: bytes, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request with its body; let it fail where aiohttp would send it again."""
    request.whole_body = body  # type: ignore[attr-defined] # see `_request_class`
    with _as_httpx2():
        return await handler(request)


@cache
def _request_class() -> type[aiohttp.ClientRequest]:
    import aiohttp  # noqa: PLC0415 - see `HttpTransport`

    class Request(aiohttp.ClientRequest):
        """A request whose body goes out at once, and not by a task of its own.

        Before Python 3.12 such a task begins only when all that is ready has had its turn: with 64
        answers at a time each next question went out 40 ms later.
        """

        whole_body = b""

        async def send(self, conn: Connection) -> aiohttp.ClientResponse:
            protocol = conn.protocol
            # An answer may have come before all of its question was sent: the next one's head
            # would wait for that, and its body go before it.
            while protocol is not None and protocol.writing_paused:  # noqa: ASYNC110 - no event
                await asyncio.sleep(_LOOK_AGAIN)
            answer = await super().send(conn)
            if self.whole_body and conn.transport is not None:
                conn.transport.write(self.whole_body)
            return answer

    return Request


@contextmanager
def _as_httpx2() -> Iterator[None]:
    """Turn aiohttp's errors into those that httpx2's transport raises."""
    import aiohttp  # noqa: PLC0415 - see `HttpTransport`

    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx2.ConnectTimeout("the connection was not opened in time") from error
    except TimeoutError as error:
        raise httpx2.ReadTimeout("the server is silent") from error
    except aiohttp.ClientConnectorError as error:
        raise httpx2.ConnectError(str(error.__cause__ or error)) from error.__cause__
    except aiohttp.ServerDisconnectedError as error:
        said = "the server closed the connection without an answer"
        raise httpx2.RemoteProtocolError(said) from error
    except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError) as error:
        raise httpx2.RemoteProtocolError(f"no whole answer in HTTP/1.1: {error}") from error
    except (aiohttp.ClientConnectionError, OSError) as error:
        raise httpx2.ReadError(str(error)) from error
    except ValueError as error:  # a line's end in a header, or none of its signs
        raise httpx2.LocalProtocolError(str(error)) from error


def _headers(request: httpx2.Request) -> list[tuple[str, str]]:
    return [(name.decode("ascii"), value.decode()) for name, value in request.headers.raw]


@lru_cache
def _timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    """Return time-outs in seconds: for opening a connection, and for one silence on it."""
    import aiohttp  # noqa: PLC0415 - see `HttpTransport`

    return aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read)
