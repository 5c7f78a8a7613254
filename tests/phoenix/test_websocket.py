"""The WebSocket connection, against real servers on loopback."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from agentbot.errors import ConfigurationError, TransportError, UpgradeRefused
from agentbot.phoenix.client import WebSocketConnector, without_query
from agentbot.phoenix.frames import Data
from tests.support.timing import within

Handler = Callable[[ServerConnection], Awaitable[None]]


@dataclass
class Ear:
    """A listener that keeps what it is told."""

    batches: list[list[Data]] = field(default_factory=list)
    lost: asyncio.Future[tuple[int, str]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    writable: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def on_batch(self, batch: Sequence[Data], /) -> None:
        """Keep the batch."""
        self.batches.append(list(batch))
        self.news.set()

    def on_writable(self) -> None:
        """Keep that the connection has drained."""
        self.writable.set()

    def on_lost(self, code: int, reason: str) -> None:
        """Keep the end; a second one fails here."""
        self.lost.set_result((code, reason))

    async def heard(self, count: int) -> list[Data]:
        """Wait until so many frames have come; return them."""
        while len(frames := [frame for batch in self.batches for frame in batch]) < count:
            self.news.clear()
            async with within(10):
                await self.news.wait()
        return frames

    async def end(self) -> tuple[int, str]:
        """Wait for the end."""
        async with within(10):
            return await self.lost


@asynccontextmanager
async def server(
    handler: Handler,
    process_request: Callable[[ServerConnection, Request], Response | None] | None = None,
) -> AsyncIterator[str]:
    """Serve WebSockets; yield the URL."""
    async with serve(
        handler, "127.0.0.1", 0, process_request=process_request, close_timeout=0.1
    ) as served:
        port = next(iter(served.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/socket/websocket?token=secret"


@asynccontextmanager
async def raw_server(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve TCP; yield a WebSocket URL."""

    done: list[asyncio.Event] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done.append(asyncio.Event())
        try:
            with suppress(ConnectionError):  # a client that cuts its connection resets it
                await handler(reader, writer)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        finally:
            done[-1].set()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as served:
        yield f"ws://127.0.0.1:{served.sockets[0].getsockname()[1]}/socket?token=secret"
        async with within(10):
            for event in done:
                await event.wait()


async def echo(socket: ServerConnection) -> None:
    """Say back what is said."""
    async for message in socket:
        await socket.send(message)


async def test_frames_go_both_ways_and_the_end_is_polite() -> None:
    """Closing says goodbye and hears of the answer, once."""
    ear = Ear()
    async with server(echo) as url:
        connection = await WebSocketConnector().connect(url, ear)
        connection.send(["a", "ü"])
        assert await ear.heard(2) == [b"a", "ü".encode()]
        connection.close(1000)
        connection.close(1000)
        assert await ear.end() == (1000, "")
        connection.send(["after the end"])
        connection.abort()


async def test_frames_of_one_read_are_one_batch() -> None:
    """Fragments are put together, pings are answered and not told."""

    async def burst(socket: ServerConnection) -> None:
        pong = await socket.ping()
        await socket.send(["frag", "men", "ted"])
        for number in range(500):
            await socket.send(str(number))
        await pong
        await socket.send("ponged")
        await socket.wait_closed()

    ear = Ear()
    async with server(burst) as url:
        connection = await WebSocketConnector().connect(url, ear)
        frames = await ear.heard(502)
        assert frames == [b"fragmented", *(str(n).encode() for n in range(500)), b"ponged"]
        assert len(ear.batches) < 300
        connection.close()
        await ear.end()


@pytest.mark.parametrize("code", [1000, 1011, 4000])
async def test_the_servers_goodbye_is_told_with_its_code(code: int) -> None:
    """What came in the same read before it is not lost."""

    async def leave(socket: ServerConnection) -> None:
        await socket.send("last words")
        await socket.close(code, "why")

    ear = Ear()
    async with server(leave) as url:
        await WebSocketConnector().connect(url, ear)
        assert await ear.end() == (code, "why")
        assert await ear.heard(1) == [b"last words"]


async def test_an_end_without_goodbye_is_1006() -> None:
    """As when the server process dies."""

    async def die(socket: ServerConnection) -> None:
        socket.transport.abort()

    ear = Ear()
    async with server(die) as url:
        await WebSocketConnector().connect(url, ear)
        code, _ = await ear.end()
        assert code == 1006


async def test_a_frame_of_five_megabytes_ends_the_connection_with_1009() -> None:
    """With a text that says why; memory is not spent on it."""

    async def shout(socket: ServerConnection) -> None:
        socket.transport.set_write_buffer_limits(high=10_000_000)
        await socket.send("x" * 5_000_000)
        await socket.wait_closed()

    ear = Ear()
    async with server(shout) as url:
        await WebSocketConnector().connect(url, ear)
        code, reason = await ear.end()
        assert code == 1009
        assert "5000000 bytes exceeds limit of 1048576" in reason
        assert ear.batches == []


async def test_a_peer_that_does_not_say_goodbye_is_cut_in_time() -> None:
    """The close time-out is the connector's."""

    async def handshake_then_nothing(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(_accept(head))
        await reader.read()

    ear = Ear()
    async with raw_server(handshake_then_nothing) as url:
        connection = await WebSocketConnector(close_timeout=0.05).connect(url, ear)
        connection.close()
        assert await ear.end() == (1006, "cut")


async def test_a_connection_that_does_not_drain_says_so() -> None:
    """And says again when it does."""
    reading = asyncio.Event()

    async def read_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_accept(await reader.readuntil(b"\r\n\r\n")))
        await reading.wait()
        while await reader.read(2**20):
            pass

    ear = Ear()
    async with raw_server(read_late) as url:
        connection = await WebSocketConnector(close_timeout=0.05).connect(url, ear)
        connection.send(["x" * 1_000_000] * 50)
        assert not connection.is_writable
        reading.set()
        async with within(10):
            await ear.writable.wait()
        connection.abort()
        assert await ear.end() == (1006, "cut")


async def test_a_connection_that_is_cut_delivers_nothing_behind_our_back() -> None:
    """What the system still held is thrown away: the peer sees a reset, not the rest and an end."""
    reading = asyncio.Event()
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def read_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_accept(await reader.readuntil(b"\r\n\r\n")))
        await reading.wait()
        try:
            while await reader.read(2**20):
                pass
        except ConnectionResetError:
            ended.set_result("reset")
        else:
            ended.set_result("end of file")

    async with raw_server(read_late) as url:
        connection = await WebSocketConnector().connect(url, Ear())
        connection.send(["x" * 1_000_000] * 50)
        connection.abort()
        reading.set()
        async with within(10):
            assert await ended == "reset"


async def test_a_connection_that_was_said_goodbye_on_delivers_what_was_sent_before() -> None:
    """The peer that reads late sees all of it, and an end, not a reset."""
    closing, reading = asyncio.Event(), asyncio.Event()
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def read_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_accept(await reader.readuntil(b"\r\n\r\n")))
        await closing.wait()
        writer.write(b"\x88\x02\x03\xe8")  # a close frame with the code 1000
        await reading.wait()
        try:
            while await reader.read(2**20):
                pass
        except ConnectionResetError:
            ended.set_result("reset")
        else:
            ended.set_result("end of file")

    async with raw_server(read_late) as url:
        ear = Ear()
        connection = await WebSocketConnector().connect(url, ear)
        connection.send(["x" * 100_000])
        closing.set()
        assert await ear.end() == (1000, "")
        reading.set()
        async with within(10):
            assert await ended == "end of file"


async def test_a_refused_upgrade_tells_its_status() -> None:
    """403 is what a bad token gets; the token is not shown."""

    def forbid(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(403, "")

    async with server(echo, forbid) as url:
        with pytest.raises(UpgradeRefused) as caught:
            await WebSocketConnector().connect(url, Ear())
    assert caught.value.status == 403
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("length", [b"", b"Content-Length: 15\r\n"])
async def test_a_server_that_speaks_html_is_named_by_its_status(length: bytes) -> None:
    """Whether or not it says how long its page is."""

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n<html>. </html>")

    async with raw_server(page) as url:
        with pytest.raises(UpgradeRefused, match="answered 200 instead of opening a WebSocket"):
            await WebSocketConnector().connect(url, Ear())


@pytest.mark.parametrize("says", [b"220 mail.example.com ESMTP\r\n", b"", b"HTTP/1.1 101"])
async def test_what_is_no_http_server_is_told_so(says: bytes) -> None:
    """Rubbish, nothing, and an answer that breaks off."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(says)

    async with raw_server(say) as url:
        with pytest.raises(TransportError) as caught:
            await WebSocketConnector().connect(url, Ear())
    assert not isinstance(caught.value, UpgradeRefused)
    assert "secret" not in str(caught.value)


async def test_a_connection_cut_in_the_handshake_is_told_so() -> None:
    """No answer at all, and a reset."""

    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with raw_server(cut) as url:
        with pytest.raises(TransportError):
            await WebSocketConnector().connect(url, Ear())


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_closed_port_is_unreachable(scheme: str) -> None:
    """The URL is shown without its query."""
    async with server(echo) as url:
        pass
    with pytest.raises(TransportError) as caught:
        await WebSocketConnector().connect(scheme + url.removeprefix("ws"), Ear())
    assert caught.value.url == scheme + without_query(url).removeprefix("ws")


async def test_tls_is_spoken_for_wss() -> None:
    """A plain server does not understand it."""
    async with server(echo) as url:
        with pytest.raises(TransportError, match=r"(?i)ssl|reset"):
            await WebSocketConnector().connect("wss" + url.removeprefix("ws"), Ear())


@pytest.mark.parametrize("url", ["https://host/?token=secret", "ws:///x?token=secret", "ws://h:x/"])
async def test_a_wrong_url_is_a_matter_of_configuration(url: str) -> None:
    """And shown without its token."""
    with pytest.raises(ConfigurationError) as caught:
        await WebSocketConnector().connect(url, Ear())
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_an_abandoned_attempt_leaves_no_connection_behind() -> None:
    """Whoever gives up waiting hears nothing more of it."""
    asked, cut = asyncio.Event(), asyncio.Event()

    async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        with suppress(ConnectionError):
            await reader.read()
        cut.set()

    ear = Ear()
    async with raw_server(stall) as url, within(10):
        attempt = asyncio.create_task(WebSocketConnector().connect(url, ear))
        await asked.wait()
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        await cut.wait()
    assert not ear.lost.done()


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_an_attempt_may_be_given_up_at_any_moment(*, hangs_up: bool) -> None:
    """By a server that says nothing, or ends the connection: nothing is logged as unheard."""
    unheard: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: unheard.append(context["message"]))

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if hangs_up:
            writer.transport.abort()
        await reader.read()

    async with raw_server(stay) as url:
        for turns in range(30):
            attempt = asyncio.create_task(WebSocketConnector().connect(url, Ear()))
            for _ in range(turns):
                await asyncio.sleep(0)
            attempt.cancel()
            with suppress(asyncio.CancelledError, TransportError):
                await attempt
            await asyncio.sleep(0)
    gc.collect()
    assert unheard == []


def _accept(head: bytes) -> bytes:
    """Return the answer to a WebSocket handshake."""
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
    key = accept_key(lines["Sec-WebSocket-Key"])
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {key}\r\n\r\n"
    ).encode()


async def test_a_server_that_is_not_there_is_told_in_words() -> None:
    """Without the number of the error, which says nothing to an operator."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(TransportError) as caught:
        await WebSocketConnector().connect(f"ws://127.0.0.1:{port}/", Ear())
    assert "Errno" not in caught.value.problem
    assert caught.value.problem
