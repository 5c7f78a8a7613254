"""``http_transport.py``: many requests over kept connections, and the ways in which they fail."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from agentbot import http_transport
from agentbot.http_transport import HttpTransport
from tests.support.certificates import Authority
from tests.support.timing import within

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=1\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 5\r\n\r\n"
)


class Served:
    """A server that says the same to each request, and what it was asked.

    ``later`` is what it says a moment after it, unasked.
    """

    def __init__(self, *says: bytes, closes: bool = False, later: bytes = b"") -> None:
        self.says = says
        self.closes = closes
        self.later = later
        self.connections = 0
        self.asked: list[bytes] = []
        self.is_asked = asyncio.Event()
        self.url = ""
        self.talks: set[asyncio.Task[object] | None] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk over one connection."""
        self.connections += 1
        self.talks.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
                self.asked.append(head + await reader.readexactly(int(length or 0)))
                self.is_asked.set()
                for piece in self.says:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if self.closes:
                    break
                if self.later:
                    await asyncio.sleep(0.01)
                    writer.write(self.later)
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()


@asynccontextmanager
async def serving(*says: bytes, closes: bool = False, later: bytes = b"") -> AsyncIterator[Served]:
    """Serve these pieces as the answer to whatever is asked."""
    served = Served(*says, closes=closes, later=later)
    server = await asyncio.start_server(served, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with within(20):
        try:
            yield served
        finally:
            server.close()
            await asyncio.gather(*filter(None, served.talks))


def client(seconds: httpx2.Timeout | float | None = 5.0) -> httpx2.AsyncClient:
    """Return a client that knows this transport alone."""
    return httpx2.AsyncClient(transport=HttpTransport(), trust_env=False, timeout=seconds)


async def _a_moment() -> None:
    """Let both sides get on: also where the machine stands still, each of these is a turn."""
    for _ in range(10):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED])
async def test_an_answer_is_read_wherever_the_network_cuts_it(answer: bytes) -> None:
    """Head and body, framed by a length or in chunks; asked again, over the same one."""
    for cut in range(1, len(answer), 7):
        async with serving(answer[:cut], answer[cut:]) as served, client() as http:
            for _ in range(2):
                assert (await http.post(f"{served.url}/a?b=c", content=b"body")).text == "hello"
            assert served.connections == 1
            assert served.asked[1].startswith(b"POST /a?b=c HTTP/1.1\r\n")
            assert served.asked[1].endswith(b"\r\n\r\nbody")


async def test_as_many_connections_as_are_under_way_are_kept() -> None:
    """Asked at once they are opened, and asked at once again they are used again."""
    async with serving(LENGTH) as served, client() as http:
        for _ in range(3):
            await asyncio.gather(*(http.get(served.url) for _ in range(40)))
        assert served.connections == 40


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\n\r\n"
        + LENGTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    ],
)
async def test_a_connection_that_ends_with_its_answer_is_not_used_again(answer: bytes) -> None:
    """Whether the server says so, or speaks an older protocol."""
    async with serving(answer, closes=True) as served, client() as http:
        for count in (1, 2):
            assert (await http.get(served.url)).text == "hello"
            assert served.connections == count


async def test_an_answer_without_a_body_leaves_the_connection_usable() -> None:
    """Its length would be that of the body that is not sent."""
    async with (
        serving(b"HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n") as served,
        client() as http,
    ):
        assert (await http.get(served.url)).content == b""
        assert (await http.get(served.url)).content == b""
        assert served.connections == 1


async def test_what_the_server_closed_meanwhile_is_not_used() -> None:
    """Nor a connection on which it has said something unasked since."""
    async with serving(LENGTH, closes=True) as served, client() as http:
        await http.get(served.url)
        await _a_moment()
        assert (await http.get(served.url)).text == "hello"
    async with serving(LENGTH, later=b"more") as served, client() as http:
        assert (await http.get(served.url)).text == "hello"
        await _a_moment()
        assert (await http.get(served.url)).text == "hello"
        assert served.connections == 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_only_a_question_is_asked_again_where_a_kept_connection_dies(method: str) -> None:
    """What changes something may have been done: whoever asked it looks first."""
    asked: list[bytes] = []

    async def once_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(once_each, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with within(20), server, client() as http:
        await http.get(url)
        if method in {"GET", "HEAD"}:
            assert (await http.request(method, url)).is_success
        else:
            with pytest.raises(httpx2.RemoteProtocolError, match="without an answer"):
                await http.request(method, url)
    sent = [one.split()[0].decode() for one in asked]
    assert sent == ["GET", *([method] * (2 if method in {"GET", "HEAD"} else 1))]


async def test_a_question_waits_for_the_rest_of_the_one_before_it() -> None:
    """A server may answer sooner than it has read: heads and bodies go out in their order."""
    size, asked, is_done = 20_000_000, [], asyncio.Event()

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for length in (size, 4):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(LENGTH)
            await asyncio.sleep(0.05)
            asked.append(await reader.readexactly(length))
        writer.close()
        is_done.set()

    server = await asyncio.start_server(hasty, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with within(20), server, client() as http:
        assert (await http.post(url, content=bytes(size))).text == "hello"
        assert (await http.post(url, content=b"next")).text == "hello"
        await is_done.wait()
    assert asked[2].startswith(b"POST / HTTP/1.1\r\n")
    assert (asked[1], asked[3]) == (bytes(size), b"next")


async def test_nothing_is_kept_where_nothing_may_be() -> None:
    """Each answer has a connection of its own."""
    one_each = httpx2.AsyncClient(transport=HttpTransport(keeps=False))
    async with serving(LENGTH) as served, one_each as http:
        for count in (1, 2):
            assert (await http.get(served.url)).text == "hello"
            assert served.connections == count


async def test_a_request_goes_out_as_it_is() -> None:
    """No header is added, no address rewritten, no cookie kept and no redirect followed."""
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    transport = HttpTransport()
    async with serving(moved) as served:
        request = httpx2.Request(
            "GET", f"{served.url}/%7Ea%2Fb?c=%20+&d", headers=[(b"X-A", "ä".encode())]
        )
        for _ in range(2):
            assert (await transport.handle_async_request(request)).status_code == 302
        host = served.url.removeprefix("http://")
        wanted = f"GET /%7Ea%2Fb?c=%20+&d HTTP/1.1\r\nHost: {host}\r\nX-A: ä\r\n\r\n"
        assert served.asked == [wanted.encode()] * 2
        await transport.aclose()


async def test_a_packed_answer_is_unpacked_once() -> None:
    """By httpx2, which says what it takes."""
    body = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    async with serving(head % len(body) + body) as served, client() as http:
        assert (await http.get(served.url)).text == "hello"


async def test_closing_ends_what_is_under_way() -> None:
    """Whoever waits for an answer is told, and is not left waiting."""
    transport = HttpTransport()
    async with serving(b"") as served:
        request = httpx2.Request("GET", served.url)
        waiting = asyncio.create_task(transport.handle_async_request(request))
        await served.is_asked.wait()
        await transport.aclose()
        with pytest.raises(httpx2.TransportError):
            await waiting


async def test_an_idle_connection_is_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next request opens a new one."""
    monkeypatch.setattr(http_transport, "_IDLE_SECONDS", 0.0)
    async with serving(LENGTH) as served, client() as http:
        for _ in range(2):
            await http.get(served.url)
        assert served.connections == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", httpx2.RemoteProtocolError),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhel",
            httpx2.RemoteProtocolError,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nh",
            httpx2.RemoteProtocolError,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", httpx2.RemoteProtocolError),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", httpx2.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, httpx2.RemoteProtocolError),
    ],
)
async def test_half_an_answer_is_an_error(answer: bytes, error: type[Exception]) -> None:
    """So is what is none."""
    async with serving(answer, closes=True) as served, client() as http:
        with pytest.raises(error):
            await http.get(served.url)


async def test_a_connection_that_breaks_ends_no_answer() -> None:
    """Not even one that ends with its connection: it may have had more to say."""

    async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhel")
        await writer.drain()
        await asyncio.sleep(0.05)
        linger = struct.pack("ii", 1, 0)  # a reset in place of an end
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    server = await asyncio.start_server(breaking, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with within(20), server, client() as http:
        with pytest.raises(httpx2.ReadError):
            await http.get(url)


async def test_only_a_trusted_server_is_spoken_to_by_tls(tmp_path: Path) -> None:
    """The name must be that of its certificate, and the authority one that is trusted."""
    authority = Authority(tmp_path)
    trusted = ssl.create_default_context(cafile=str(authority.file))
    served = Served(LENGTH)
    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=authority.server("localhost"))
    port = server.sockets[0].getsockname()[1]
    async with within(20), server:
        async with httpx2.AsyncClient(transport=HttpTransport(trusted)) as http:
            assert (await http.get(f"https://localhost:{port}/")).text == "hello"
            with pytest.raises(httpx2.ConnectError, match="certificate"):
                await http.get(f"https://127.0.0.1:{port}/")
            # An address that was looked up already, and the name that it must prove.
            for name in ("localhost", "elsewhere.example"):
                named = http.get(f"https://127.0.0.1:{port}/", extensions={"sni_hostname": name})
                if name == "localhost":
                    assert (await named).text == "hello"
                else:
                    with pytest.raises(httpx2.ConnectError, match="certificate"):
                        await named
        async with client() as http:
            with pytest.raises(httpx2.ConnectError, match="certificate"):
                await http.get(f"https://localhost:{port}/")
        await asyncio.gather(*filter(None, served.talks))


async def test_a_server_that_takes_no_connection_in_time_is_a_timeout() -> None:
    """Of connecting: nothing was asked yet."""

    loop = asyncio.get_running_loop()

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "sock_connect", never)
        async with within(20), client(0.05) as http:
            with pytest.raises(httpx2.ConnectTimeout):
                await http.get("http://127.0.0.1:1/")


async def test_silence_is_a_timeout() -> None:
    """Before the answer, and within it."""
    for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"):
        patience = httpx2.Timeout(20.0, read=0.1)
        async with serving(answer) as served, client(patience) as http:
            with pytest.raises(httpx2.ReadTimeout):
                await http.get(served.url)


async def test_nobody_there_is_an_error_of_connecting() -> None:
    """The port is closed."""
    async with serving() as served:
        pass
    async with client() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(served.url)


async def test_what_is_given_up_closes_its_connection() -> None:
    """The next answer would be the rest of this one."""
    async with serving(CHUNKED[:-10]) as served, client() as http:
        for count in (1, 2):
            async with http.stream("GET", served.url) as response:
                assert await anext(response.aiter_raw()) == b"hello"
            assert served.connections == count


async def test_a_large_answer_waits_for_its_reader() -> None:
    """What is not read yet is not taken either: memory stays bounded."""
    size = 20_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    async with serving(head + bytes(size)) as served, client() as http:
        async with http.stream("GET", served.url) as response:
            await asyncio.sleep(0.2)
            pieces = [len(piece) async for piece in response.aiter_raw()]
        assert sum(pieces) == size
        assert max(pieces) < 2_000_000


async def test_no_header_can_smuggle_another() -> None:
    """A key with a line's end in it is refused, before anything is sent."""
    async with serving(LENGTH) as served, client() as http:
        with pytest.raises(httpx2.LocalProtocolError, match="headers"):
            await http.get(served.url, headers={"Authorization": "a\r\nX: b"})
        assert served.asked == []


def test_aiohttp_verifies_for_whoever_else_uses_it() -> None:
    """A responder of one's own, or the program around the bot, has its defaults as they are."""
    code = (
        "import asyncio\n"
        "from agentbot.http_transport import HttpTransport\n"
        "async def main():\n"
        "    await HttpTransport(None)._opened().close()\n"
        "asyncio.run(main())\n"
        "import aiohttp.connector, ssl\n"
        "made = aiohttp.connector._SSL_CONTEXT_VERIFIED\n"
        "assert made.cert_store_stats() == ssl.create_default_context().cert_store_stats()\n"
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
