"""One exchange with another system: only with whom it is meant, and never more than is allowed.

A host's name is looked up once, each of its addresses is judged, and one of these is connected to,
with the name in ``Host`` and in TLS. A redirect is followed to declared hosts alone, and judged
anew. No proxy of the environment is used: it would look names up itself, unjudged.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import httpx2

from agentbot.errors import ToolFailed
from agentbot.http_transport import HttpTransport
from agentbot.network import why_unreachable
from agentbot.pipeline.tools.address import PORTS, Origin, written
from agentbot.pipeline.tools.hosts import Resolve, is_allowed, resolve
from agentbot.retry import retry_after_in
from agentbot.trust import trusted

_CONNECT_SECONDS = 3.0
"""Seconds for an address to answer: a handshake takes far less, and there may be another one."""
_MOST_ADDRESSES = 3
"""Addresses of a host that are tried: IPv6, which may lead nowhere, and two more."""
_MOST_REDIRECTS = 3
"""Redirects that are followed: a moved path, and a slash at its end."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGENT = "agentbot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: ``tool`` is the asking tool's name, for errors.

    ``headers`` hold its secrets, and are sent to its own host only. ``private``: that host may
    stand in a private network. ``body`` is a POST's JSON.
    """

    tool: str
    method: str
    url: str
    origin: Origin
    private: bool
    headers: Mapping[str, str]
    max_bytes: int
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, unpacked; ``retry_after`` is the pause in seconds that it asks for."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    retry_after: float | None = None


class Client:
    """The maker of exchanges. ``origins`` are those that may be asked, or be redirected to.

    ``resolve`` and ``transport`` replace the name server and the network in tests. Nothing is kept
    open between two exchanges, so that there is nothing to close when prompts are reloaded.
    """

    def __init__(
        self,
        origins: Iterable[Origin],
        *,
        resolve: Resolve = resolve,
        transport: Callable[[], httpx2.AsyncBaseTransport] | None = None,
    ) -> None:
        self._origins = frozenset(origins)
        self._resolve = resolve
        speaks_tls = any(scheme == "https" for scheme, *_ in self._origins)
        self._tls = trusted() if speaks_tls and transport is None else None
        self._transport = transport or partial(HttpTransport, self._tls, keeps=False)

    async def ask(self, question: Question) -> Answer:
        """Return the answer, whatever its status. Raises :class:`ToolFailed`.

        The caller bounds its whole time; cancelling it closes the connection.
        """
        url = httpx2.URL(question.url)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._ask_once(question, url)
            if not isinstance(answer, httpx2.URL):
                return answer
            url = answer
        raise ToolFailed(question.tool, "redirect", f"redirects more than {_MOST_REDIRECTS} times")

    def pinned(self, tool: str, origin: Origin, *, private: bool, most: int) -> Pinned:
        """Return a transport to this host alone, for whoever speaks another protocol over HTTP.

        Of each answer it gives ``most`` bytes at most.
        """
        return Pinned(self, tool, origin, private=private, most=most)

    async def reach(self, tool: str, origin: Origin, *, private: bool) -> str:
        """Connect to a host, and ask nothing; return its address. Raises :class:`ToolFailed`."""
        scheme, host, port = origin
        addresses = await self.addresses(tool, origin, private=private)
        tls, name = (self._tls, host) if scheme == "https" else (None, None)
        problem: Exception = OSError("it has no address")
        for address in addresses[:_MOST_ADDRESSES]:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    _, writer = await asyncio.open_connection(
                        address, port, ssl=tls, server_hostname=name
                    )
            except OSError as error:
                problem = error
            else:
                writer.close()
                return address
        raise ToolFailed(tool, "connection", _why(problem)) from problem

    async def _ask_once(self, question: Question, url: httpx2.URL) -> Answer | httpx2.URL:
        """Return the answer, or whereto it redirects."""
        origin = _origin(url)
        if origin not in self._origins or url.userinfo:
            raise ToolFailed(question.tool, "redirect", "leads to a host that is not declared")
        is_own = origin == question.origin
        addresses = await self.addresses(question.tool, origin, private=question.private and is_own)
        problem: Exception = OSError("it has no address")
        for address in addresses[:_MOST_ADDRESSES]:
            request = _request(question, url, address, with_headers=is_own)
            try:
                return await self._exchange(question, request, url)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                problem = error
            except httpx2.TimeoutException as error:
                raise ToolFailed(question.tool, "timeout", "gives no answer") from error
            except httpx2.HTTPError as error:
                raise ToolFailed(question.tool, "connection", why_unreachable(error)) from error
        raise ToolFailed(question.tool, "connection", _why(problem)) from problem

    def connection(self) -> httpx2.AsyncBaseTransport:
        """Return a new connection's transport, which knows nothing of what may be asked."""
        return self._transport()

    async def addresses(self, tool: str, origin: Origin, *, private: bool) -> Sequence[str]:
        """Return a host's addresses, every one of which may be connected to."""
        _, host, port = origin
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ToolFailed(tool, "connection", why_unreachable(error)) from error
        if not all(is_allowed(address, private=private) for address in addresses):
            raise ToolFailed(
                tool,
                "address",
                f"{host} leads into a private network; 'private: true' in tools.yaml allows that"
                if not private
                else f"{host} leads to an address that nothing is looked up at",
            )
        return addresses

    async def _exchange(
        self, question: Question, request: httpx2.Request, url: httpx2.URL
    ) -> Answer | httpx2.URL:
        async with httpx2.AsyncClient(
            transport=self._transport(), trust_env=False, follow_redirects=False
        ) as http:
            response = await http.send(request, stream=True)
            try:
                if response.status_code in _REDIRECTS:
                    return _followed(question, response, url)
                body = await _read(question, response)
            finally:
                await response.aclose()
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, kind, body, retry_after_in(response.headers))


class Pinned(httpx2.AsyncBaseTransport):
    """A transport to one host: looked up, judged, and bounded, at each request."""

    def __init__(
        self, client: Client, tool: str, origin: Origin, *, private: bool, most: int
    ) -> None:
        self._client = client
        self._tool = tool
        self._origin = origin
        self._private = private
        self._most = most
        self._connections: list[httpx2.AsyncBaseTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to an address of the host. Raises :class:`ToolFailed`."""
        if _origin(request.url) != self._origin or request.url.userinfo:
            raise ToolFailed(self._tool, "redirect", "leads to a host that is not declared")
        addresses = await self._client.addresses(self._tool, self._origin, private=self._private)
        if not addresses:
            raise ToolFailed(self._tool, "connection", "it has no address")
        connection = self._client.connection()
        self._connections.append(connection)
        response = await connection.handle_async_request(
            httpx2.Request(
                request.method,
                request.url.copy_with(host=addresses[0]),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": self._origin[1]},
            )
        )
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ToolFailed(self._tool, "unreadable", "answers packed, unasked")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(self._tool, response, self._most),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close all that was opened."""
        for connection in self._connections:
            await connection.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """The body of an answer, of which no more is read than is allowed."""

    def __init__(self, tool: str, response: httpx2.Response, most: int) -> None:
        self._tool = tool
        self._response = response
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield it, piece by piece. Raises :class:`ToolFailed`."""
        came = 0
        async for piece in self._response.aiter_raw():
            came += len(piece)
            if came > self._most:
                problem = f"answers more than {self._most:,} bytes"
                raise ToolFailed(self._tool, "too_large", problem)
            yield piece

    async def aclose(self) -> None:
        """Close the answer."""
        await self._response.aclose()


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx2.ConnectTimeout):
        return "it does not answer"
    return why_unreachable(error)


def _origin(url: httpx2.URL) -> Origin:
    return (url.scheme, url.raw_host.decode("ascii").lower(), url.port or PORTS.get(url.scheme, 0))


def _request(
    question: Question, url: httpx2.URL, address: str, *, with_headers: bool
) -> httpx2.Request:
    """Return the request to one address, which says whom it is meant for."""
    scheme, host, port = _origin(url)
    headers = {
        "Host": written(host, port, scheme),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": _AGENT,
        "Connection": "close",
        **({} if question.body is None else {"Content-Type": "application/json"}),
        **(question.headers if with_headers else {}),
    }
    return httpx2.Request(
        question.method,
        url.copy_with(host=address),
        headers=headers,
        content=question.body,
        extensions={
            "sni_hostname": host,
            "timeout": httpx2.Timeout(None, connect=_CONNECT_SECONDS).as_dict(),
        },
    )


def _followed(question: Question, response: httpx2.Response, url: httpx2.URL) -> httpx2.URL:
    """Return whereto a redirect leads; who may be asked there, is judged as at first."""
    if question.method != "GET":
        raise ToolFailed(question.tool, "redirect", "redirects a POST")
    try:
        return url.join(response.headers.get("location", ""))
    except (httpx2.InvalidURL, ValueError) as error:
        raise ToolFailed(question.tool, "redirect", "redirects to what is no URL") from error


async def _read(question: Question, response: httpx2.Response) -> bytes:
    """Return a body, unpacked: never more of it than is allowed, however small it came."""
    limit = question.max_bytes
    too_large = ToolFailed(question.tool, "too_large", f"answers more than {limit:,} bytes")
    said = response.headers.get("content-length", "")
    if said.isdecimal() and int(said) > limit:
        raise too_large
    unpack = _unpacker(question, response.headers.get("content-encoding", ""))
    body, came = bytearray(), 0
    async for chunk in response.aiter_raw():
        came += len(chunk)
        body += unpack(chunk, limit + 1 - len(body))
        if len(body) > limit or came > limit:
            raise too_large
    return bytes(body)


def _unpacker(question: Question, encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what unpacks a piece into at most so many bytes."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return lambda chunk, most: chunk[:most]
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ToolFailed(question.tool, "unreadable", f"answers in {encoding[:40]!r}, unasked")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip's head, or zlib's

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return unpacking.decompress(chunk, most)
        except zlib.error as error:
            raise ToolFailed(
                question.tool, "unreadable", "answers what cannot be unpacked"
            ) from error

    return unpack
