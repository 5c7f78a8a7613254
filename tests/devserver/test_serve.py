"""The server on a real port: who may reach it, how connections end, and what a restart does."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import ConfigurationError
from tests.support.devserver import Desk


async def anonymous(url: str) -> ClientConnection:
    """Return an open socket without a token."""
    address = url.replace("http", "ws", 1)
    return await connect(f"{address}/socket/websocket?vsn=2.0.0", ping_interval=None, proxy=None)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])  # noqa: S104 - refused
async def test_only_loopback_is_bound_unless_allowed(host: str) -> None:
    """Everyone who reaches this server owns it."""
    with pytest.raises(ConfigurationError) as caught:
        async with serve(DevServer(), host=host):
            pass
    assert host in str(caught.value)


async def test_a_taken_port_is_said_at_once() -> None:
    """OSError, not a process exit."""
    async with serve(DevServer()) as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(DevServer(), port=urlsplit(url).port or 0):
                pass


async def test_leaving_ends_open_sockets_and_frees_the_port() -> None:
    """Shut-down waits for nobody, and the same port serves again."""
    server = DevServer()
    async with serve(server) as url:
        socket = await anonymous(url)
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert server.sockets == []
    async with serve(server, port=urlsplit(url).port or 0) as again:
        assert again == url


async def test_extra_routes_stand_beside_the_api() -> None:
    """For the demo."""

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"page of {request.url.path}")

    async with (
        serve(DevServer(), extra_routes=[Route("/demo", page)]) as url,
        httpx2.AsyncClient(base_url=url) as http,
    ):
        assert (await http.get("/demo")).text == "page of /demo"
        assert (await http.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/api/session", "application/json", '{"user"'),
        ("/api/upload", "multipart/form-data; boundary=x", "--x\r\n"),
    ],
)
async def test_a_client_that_dies_amid_its_request_is_no_error(
    path: str, kind: str, start: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is logged, let alone a traceback; the next request is answered."""
    server = DevServer()
    server.seed()
    async with serve(server) as url, httpx2.AsyncClient(base_url=url) as http:
        _, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
        writer.write(f"{head}Content-Length: 1000\r\n\r\n{start}".encode())
        await writer.drain()
        assert (await http.get("/api/me")).status_code == 401  # it has begun by now
        writer.transport.abort()
        assert (await http.get("/api/me")).status_code == 401
    # Leaving waits for requests under way.
    assert caplog.records == []


async def test_an_abrupt_drop_has_no_close_frame() -> None:
    """1006 at the client."""
    server = DevServer()
    async with serve(server) as url:
        socket = await anonymous(url)
        server.drop()
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is None


async def test_a_pages_html_can_stand_in_for_the_upgrade() -> None:
    """As a proxy in front of a server that is down would answer."""
    server = DevServer()
    server.faults.refuse(status=502, body="<html>", content_type="text/html", times=1)
    async with serve(server) as url:
        with pytest.raises(InvalidStatus) as caught:
            await anonymous(url)
        assert caught.value.response.status_code == 502
        assert bytes(caught.value.response.body or b"") == b"<html>"
        await (await anonymous(url)).close()


async def test_a_websocket_ping_counts_as_a_sign_of_life() -> None:
    """The idle timeout starts anew."""
    desk = Desk()
    async with serve(desk.server) as url:
        socket = await anonymous(url)
        desk.clock.advance(40)
        await (await socket.ping())
        desk.clock.advance(40)
        assert len(desk.server.sockets) == 1
        desk.clock.advance(5)
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1000


async def test_a_restart_closes_the_port_and_opens_it_again() -> None:
    """REST and sockets alike; a keep-alive connection does not get around it."""
    desk = Desk()
    async with serve(desk.server) as url, httpx2.AsyncClient(base_url=url) as http:
        assert (await http.get("/api/me")).status_code == 401
        desk.server.restart(downtime=10, linger=5)
        with pytest.raises(httpx2.TransportError):
            await http.get("/api/me")  # on the connection that was kept alive
        with pytest.raises(httpx2.ConnectError):
            await http.get("/api/me")
        desk.clock.advance(10)
        assert (await http.get("/api/me")).status_code == 401


async def test_many_frames_at_once_keep_their_order() -> None:
    """A thousand heartbeats, answered one by one."""
    async with serve(DevServer()) as url:
        socket = await anonymous(url)
        count = 1000
        for number in range(count):
            await socket.send(f'[null,"{number}","phoenix","heartbeat",{{}}]')
        async with asyncio.timeout(30):
            refs = [str(await socket.recv()).split(",")[1] for _ in range(count)]
        assert refs == [f'"{number}"' for number in range(count)]
        await socket.close()
