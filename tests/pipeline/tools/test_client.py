"""One exchange: whom it may go to, and what may come back. Against a scripted server, for real."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agentbot.errors import ToolFailed
from agentbot.pipeline.tools.address import Origin
from agentbot.pipeline.tools.client import Answer, Client, Question
from tests.support.certificates import Authority
from tests.support.timing import within
from tests.support.tools import Script, http, resolving, saying, serving

HERE = "127.0.0.1"


def question(url: str, *, private: bool = True, **more: Any) -> Question:
    """Return a question to the host of ``url``."""
    parsed = httpx2.URL(url)
    port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    asked = Question(
        tool="t",
        method="GET",
        url=url,
        origin=(parsed.scheme, parsed.host, port),
        private=private,
        headers={"Authorization": "Bearer s3cret"},
        max_bytes=1000,
    )
    return replace(asked, **more)


async def ask(script: Script, *, path: str = "/", **more: Any) -> tuple[Answer, list[bytes]]:
    """Ask a server on this machine, known as shop.test, what the script answers."""
    resolve, _ = resolving([HERE])
    async with serving(script) as (port, got), within(5):
        asked = question(f"http://shop.test:{port}{path}", **more)
        return await Client([asked.origin], resolve=resolve).ask(asked), got


_CHUNKED = b"".join(
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"3e8\r\n" + b"x" * 1000 + b"\r\n"] * 2,
        b"0\r\n\r\n",
    ]
)
"""An answer of twice a thousand bytes, of which nothing says so beforehand."""


async def fails(script: Script, **more: Any) -> ToolFailed:
    """Return how it fails."""
    with pytest.raises(ToolFailed) as caught:
        await ask(script, **more)
    return caught.value


async def test_the_very_address_is_asked_by_the_name() -> None:
    """No name server knows shop.test: what was resolved is connected to, and Host names it."""
    answer, (request,) = await ask(saying(http(b'{"a": 1}')), path="/orders/1?x=%26")
    assert answer == Answer(200, "application/json", b'{"a": 1}')
    head, *lines = request.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    assert head == "GET /orders/1?x=%26 HTTP/1.1"
    assert headers["host"].startswith("shop.test:")
    assert headers["authorization"] == "bearer s3cret"
    assert headers["accept-encoding"] == "identity"
    assert "cookie" not in headers


async def test_tls_is_told_the_name() -> None:
    """The handshake asks for shop.test, not for the address; its certificate must be that one's."""
    heard: list[bytes] = []

    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(2000))
        writer.close()

    server = await asyncio.start_server(hello, HERE, 0)
    port = server.sockets[0].getsockname()[1]
    asked = question(f"https://shop.test:{port}/")
    resolve, _ = resolving([HERE])
    async with server, within(5):
        with pytest.raises(ToolFailed) as caught:
            await Client([asked.origin], resolve=resolve).ask(asked)
    assert caught.value.kind == "connection"
    assert b"shop.test" in heard[0]


class Recorded(httpx2.AsyncBaseTransport):
    """A network that notes whom it connects to, and answers what it is told to."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.requests: list[httpx2.Request] = []
        self._answers = answers

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer the next."""
        self.requests.append(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


def _moved(to: str, status: int = 302) -> httpx2.Response:
    return httpx2.Response(status, headers={"location": to}, stream=httpx2.ByteStream(b""))


def _good() -> httpx2.Response:
    return httpx2.Response(200, stream=httpx2.ByteStream(b"{}"))


def _client(
    origins: list[Origin], network: Recorded, *answers: list[str]
) -> tuple[Client, list[str]]:
    resolve, asked = resolving(*answers)
    return Client(origins, resolve=resolve, transport=lambda: network), asked


SHOP: Origin = ("https", "shop.example.com", 443)
PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        [PUBLIC, "10.1.2.3"],
        ["64:ff9b::7f00:1", PUBLIC],
    ],
)
async def test_a_name_that_leads_inside_is_not_asked(addresses: list[str]) -> None:
    """Not even where only one of its addresses does: the other one is a lure."""
    network = Recorded(_good())
    client, _ = _client([SHOP], network, addresses)
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/", private=False))
    assert caught.value.kind == "address"
    assert not network.requests


async def test_a_second_answer_of_the_name_server_changes_nothing() -> None:
    """DNS rebinding: the name is looked up once, and that answer is what is connected to."""
    network = Recorded(_good())
    client, asked = _client([SHOP], network, [PUBLIC], ["127.0.0.1"])
    await client.ask(question("https://shop.example.com/o", private=False))
    assert asked == ["shop.example.com:443"]
    (request,) = network.requests
    assert request.url.host == PUBLIC
    assert request.headers["host"] == "shop.example.com"
    assert request.extensions["sni_hostname"] == "shop.example.com"


async def test_each_redirect_is_looked_up_and_judged_anew() -> None:
    """The same name may lead elsewhere by then."""
    network = Recorded(_moved("/elsewhere"), _good())
    client, asked = _client([SHOP], network, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/o", private=False))
    assert caught.value.kind == "address"
    assert len(asked) == 2
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://shop.example.com/",
        "https://shop.example.com:444/",
        "https://shop.example.com./",
        "https://shop.example.com@evil.example/",
        "https://user@shop.example.com/",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "file:///etc/passwd",
        "https://[",
        "http://[::1]:80:80/",
    ],
)
async def test_a_redirect_off_the_list_is_not_followed(location: str) -> None:
    """Whatever way it is written."""
    network = Recorded(_moved(location), _good())
    client, _ = _client([SHOP], network, [PUBLIC])
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/o", private=False))
    assert caught.value.kind == "redirect"
    assert len(network.requests) == 1


async def test_a_redirect_to_another_declared_host_takes_no_secret_along() -> None:
    """And that host must be public, whatever the asking tool's own may be."""
    other: Origin = ("https", "cdn.example.com", 443)
    network = Recorded(_moved("https://cdn.example.com/x"), _good())
    client, _ = _client([SHOP, other], network, ["10.0.0.1"], [PUBLIC])
    await client.ask(question("https://shop.example.com/o"))
    first, second = network.requests
    assert first.headers["authorization"] == "Bearer s3cret"
    assert "authorization" not in second.headers
    client, _ = _client([SHOP, other], Recorded(_moved("https://cdn.example.com/x")), ["10.0.0.1"])
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/o"))
    assert caught.value.kind == "address"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_each_kind_of_redirect_is_followed(status: int) -> None:
    """To where it leads from where it is."""
    network = Recorded(_moved("../new?x=1", status), _good())
    client, _ = _client([SHOP], network, [PUBLIC])
    answer = await client.ask(question("https://shop.example.com/a/b/old", private=False))
    assert answer.status == 200
    assert [one.url.raw_path for one in network.requests] == [b"/a/b/old", b"/a/new?x=1"]


async def test_redirects_end_somewhere() -> None:
    """A circle is left after a few."""
    network = Recorded(_moved("/again"))
    client, _ = _client([SHOP], network, [PUBLIC])
    with pytest.raises(ToolFailed, match="more than 3 times"):
        await client.ask(question("https://shop.example.com/o", private=False))
    assert len(network.requests) == 4


async def test_a_redirected_post_is_not_sent_again() -> None:
    """It would be sent as something else, or twice."""
    network = Recorded(_moved("/x", 307))
    client, _ = _client([SHOP], network, [PUBLIC])
    asked = question("https://shop.example.com/", private=False, method="POST", body=b"{}")
    with pytest.raises(ToolFailed, match="redirects a POST"):
        await client.ask(asked)
    assert network.requests[0].headers["content-type"] == "application/json"


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    """IPv6 may lead nowhere; after a few it is given up."""
    refused = httpx2.ConnectError("refused")
    network = Recorded(refused, _good())
    client, _ = _client([SHOP], network, ["2606:4700::1111", PUBLIC])
    assert (await client.ask(question("https://shop.example.com/", private=False))).status == 200
    assert [request.url.host for request in network.requests] == ["2606:4700::1111", PUBLIC]
    network = Recorded(refused)
    client, _ = _client([SHOP], network, ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"])
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/", private=False))
    assert caught.value.kind == "connection"
    assert len(network.requests) == 3


@pytest.mark.parametrize("addresses", [[], OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_without_an_address_is_a_failed_connection(
    addresses: list[str] | Exception,
) -> None:
    """As one that nobody listens at."""

    async def resolve(_host: str, _port: int) -> list[str]:
        if isinstance(addresses, Exception):
            raise addresses
        return addresses

    client = Client([SHOP], resolve=resolve)
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/", private=False))
    assert caught.value.kind == "connection"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"x" * 1001),
        http(b"", "Content-Length: 99999999"),
        http(gzip.compress(b"0" * 30_000_000), "Content-Encoding: gzip"),
        http(zlib.compress(b"0" * 100_000), "Content-Encoding: deflate"),
        _CHUNKED,
    ],
    ids=["long", "said to be long", "bomb", "deflated", "chunked"],
)
async def test_what_is_too_large_is_not_read(answer: bytes) -> None:
    """Nor unpacked, however small it came."""
    assert (await fails(saying(answer))).kind == "too_large"


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (gzip.compress, "X-GZIP")],
)
async def test_what_is_packed_unasked_is_unpacked(
    pack: Callable[[bytes], bytes], encoding: str
) -> None:
    """Some servers do not read what is accepted."""
    answer, _ = await ask(saying(http(pack(b'{"a": 1}'), f"Content-Encoding: {encoding}")))
    assert answer.body == b'{"a": 1}'


@pytest.mark.parametrize(
    "answer",
    [
        http(b"no gzip", "Content-Encoding: gzip"),
        http(b"x", "Content-Encoding: br"),
        http(b"x", "Content-Encoding: gzip, gzip"),
    ],
)
async def test_what_cannot_be_unpacked_is_unreadable(answer: bytes) -> None:
    """And not guessed at."""
    assert (await fails(saying(answer))).kind == "unreadable"


@pytest.mark.parametrize(
    "answer", [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"]
)
async def test_what_is_no_whole_answer_is_a_failed_connection(answer: bytes) -> None:
    """Cut short, or no HTTP."""
    assert (await fails(saying(answer))).kind == "connection"


async def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """One would look the name up itself, and nobody could judge what it leads to."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer, got = await ask(saying(http()))
    assert answer.status == 200
    assert len(got) == 1


async def test_giving_up_closes_the_connection() -> None:
    """A newer message ends the wait for the old one's answer."""
    heard, closed = asyncio.Event(), asyncio.Event()

    async def never(_request: bytes, writer: asyncio.StreamWriter) -> None:
        heard.set()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while not writer.transport.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            closed.set()

    resolve, _ = resolving([HERE])
    async with serving(never) as (port, _):
        asked = question(f"http://shop.test:{port}/")
        asking = asyncio.create_task(Client([asked.origin], resolve=resolve).ask(asked))
        async with within(5):
            await heard.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await closed.wait()


async def test_a_host_can_be_reached_without_being_asked() -> None:
    """For whoever checks an installation; judged as for a question."""
    resolve, _ = resolving([HERE])
    async with serving(saying(http())) as (port, got), within(5):
        origin = ("http", "shop.test", port)
        client = Client([origin], resolve=resolve)
        assert await client.reach("t", origin, private=True) == HERE
        with pytest.raises(ToolFailed) as caught:
            await client.reach("t", origin, private=False)
        assert caught.value.kind == "address"
    with pytest.raises(ToolFailed, match="nothing listens there"):
        await client.reach("t", origin, private=True)
    assert got == []


async def test_a_host_without_tls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that says nothing is not waited for for ever."""

    async def plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(http())
        writer.close()

    monkeypatch.setattr("agentbot.pipeline.tools.client._CONNECT_SECONDS", 0.2)
    resolve, _ = resolving([HERE])
    server = await asyncio.start_server(plainly, HERE, 0)
    secure = ("https", "shop.test", server.sockets[0].getsockname()[1])
    async with server, within(5):
        with pytest.raises(ToolFailed, match="does not speak TLS"):
            await Client([secure], resolve=resolve).reach("t", secure, private=True)
    async with serving(saying(b"")) as (port, _), within(5):
        silent = ("https", "shop.test", port)
        with pytest.raises(ToolFailed, match="it does not answer"):
            await Client([silent], resolve=resolve).reach("t", silent, private=True)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return an authority that is trusted in this test."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


async def test_a_certificate_is_believed_for_its_own_name_alone(
    authority: Authority, tmp_path: Path
) -> None:
    """By an authority that is trusted. Whoever is not who they say is told nothing."""
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    resolve, _ = resolving([HERE])
    for tls, is_believed in (
        (authority.server("shop.test"), True),
        (authority.server("evil.test"), False),
        (stranger.server("shop.test"), False),
    ):
        async with serving(saying(http()), tls=tls) as (port, got), within(5):
            asked = question(f"https://shop.test:{port}/")
            client = Client([asked.origin], resolve=resolve)
            pinned = client.pinned("t", asked.origin, private=True, most=100)
            request = httpx2.Request("GET", asked.url)
            if is_believed:
                assert (await client.ask(asked)).status == 200
                assert (await pinned.handle_async_request(request)).status_code == 200
                assert await client.reach("t", asked.origin, private=True) == HERE
            else:
                with pytest.raises(ToolFailed):
                    await client.ask(asked)
                with pytest.raises(httpx2.ConnectError):
                    await pinned.handle_async_request(request)
                with pytest.raises(ToolFailed):
                    await client.reach("t", asked.origin, private=True)
            await pinned.aclose()
        assert len(got) == (2 if is_believed else 0)


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "https://bot@shop.example.com/", "http://shop.example.com/"]
)
async def test_a_pinned_transport_asks_its_own_host_alone(url: str) -> None:
    """Whatever it is asked to ask."""
    network = Recorded(_good())
    client, _ = _client([SHOP], network, [PUBLIC])
    pinned = client.pinned("t", SHOP, private=False, most=100)
    with pytest.raises(ToolFailed) as caught:
        await pinned.handle_async_request(httpx2.Request("GET", url))
    assert caught.value.kind == "redirect"
    assert not network.requests


async def test_a_pinned_transport_reads_so_much_and_no_more() -> None:
    """All pieces counted together."""
    for size, fits in ((10, True), (11, False)):
        stream = _Pieces([b"x"] * size)
        network = Recorded(httpx2.Response(200, stream=stream))
        client, _ = _client([SHOP], network, [PUBLIC])
        pinned = client.pinned("t", SHOP, private=False, most=10)
        request = httpx2.Request("GET", "https://shop.example.com/x")
        response = await pinned.handle_async_request(request)
        if fits:
            assert await response.aread() == b"x" * size
        else:
            with pytest.raises(ToolFailed) as caught:
                await response.aread()
            assert caught.value.kind == "too_large"
        await response.aclose()
        assert stream.is_closed
        (asked,) = network.requests
        assert (asked.url.host, asked.extensions["sni_hostname"]) == (PUBLIC, "shop.example.com")


class _Pieces(httpx2.AsyncByteStream):
    """A body that comes in pieces, and knows whether it was closed."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        self.is_closed = True


async def test_what_is_too_late_is_told_apart() -> None:
    """A connection that is not there in time is tried elsewhere; an answer that is late is late."""
    late = Recorded(httpx2.ReadTimeout("late"))
    client, _ = _client([SHOP], late, ["1.1.1.1", "1.1.1.2"])
    with pytest.raises(ToolFailed) as caught:
        await client.ask(question("https://shop.example.com/", private=False))
    assert (caught.value.kind, len(late.requests)) == ("timeout", 1)
    elsewhere = Recorded(httpx2.ConnectTimeout("late"), _good())
    client, _ = _client([SHOP], elsewhere, ["1.1.1.1", "1.1.1.2"])
    assert (await client.ask(question("https://shop.example.com/", private=False))).status == 200


@pytest.mark.parametrize(
    ("private", "address", "problem"),
    [
        (False, "10.1.2.3", "'private: true' in tools.yaml allows that"),
        (True, "169.254.169.254", "leads to an address that nothing is looked up at"),
    ],
)
async def test_a_private_address_is_told_with_what_may_allow_it(
    address: str, problem: str, *, private: bool
) -> None:
    """Where anything may."""
    client, _ = _client([SHOP], Recorded(_good()), [address])
    with pytest.raises(ToolFailed, match=problem):
        await client.ask(question("https://shop.example.com/", private=private))


async def test_as_much_as_is_allowed_is_read() -> None:
    """A thousand bytes of a thousand, said to be so many or not, packed or not."""
    whole = b"x" * 1000
    said, _ = await ask(saying(http(whole)))
    assert said.body == whole
    unsaid, _ = await ask(saying(b"HTTP/1.1 200 OK\r\n\r\n" + whole))
    assert unsaid.body == whole
    named, _ = await ask(saying(http(whole, "Content-Encoding: identity")))
    assert named.body == whole
    packed, (request,) = await ask(saying(http(gzip.compress(whole), "Content-Encoding: gzip")))
    assert packed.body == whole
    lines = request.decode().lower().split("\r\n")
    assert {"accept: application/json", "connection: close"} <= set(lines)


async def test_a_connection_has_its_time_and_no_more() -> None:
    """The rest is up to whoever asks."""
    network = Recorded(_good())
    client, _ = _client([SHOP], network, [PUBLIC])
    await client.ask(question("https://shop.example.com/", private=False))
    times = network.requests[0].extensions["timeout"]
    assert times["connect"] > 0
    assert times["read"] is times["write"] is None
