"""A TCP proxy that misbehaves on demand: cuts, resets, stalls, delays, one-way loss, crumbs.

Bytes that a stalled connection holds are lost when the client's end dies, as they are where a host
vanishes, and so is all that is under way on a connection that is reset, as it is in a kernel. Bytes
that are merely delayed still arrive after an orderly end: that is what a bot's settle time is for.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import cast

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER switched on, with no seconds to linger: closing resets."""
_CRUMB_PAUSE = 0.001
"""Seconds between two single bytes: the least that keeps the kernel from joining them."""


class Direction(StrEnum):
    """Which way bytes go."""

    UP = "up"
    """From the client to the server."""
    DOWN = "down"


Spy = Callable[["Link", Direction, bytes], None]
"""What sees bytes before they are passed on. It may end their link: then they are not."""


class _OneWay:
    """One direction of a link: an ordered queue of bytes on their way to ``to``."""

    def __init__(self) -> None:
        self.to: asyncio.Transport | None = None
        self.latency = 0.0
        self.held = False
        self.lost = False
        self.crumbs_until = 0.0
        self._waiting: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes | None) -> None:
        """Take bytes; None is the end of the stream."""
        due = asyncio.get_running_loop().time() + self.latency
        self._waiting.append((due, data))
        self.flush()

    def flush(self) -> None:
        """Pass on what is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting and not self.held and self.to is not None:
            due, data = self._waiting[0]
            if due > loop.time():
                self._timer = loop.call_at(due, self.flush)
                return
            self._waiting.popleft()
            self._pass_on(data)

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _pass_on(self, data: bytes | None) -> None:
        if self.to is None or self.to.is_closing() or self.lost:
            return
        if data is None:
            self.to.close()
        elif len(data) > 1 and (now := asyncio.get_running_loop().time()) < self.crumbs_until:
            self.to.write(data[:1])
            # The loop must run in between, or the kernel joins them.
            self._waiting.appendleft((now + _CRUMB_PAUSE, data[1:]))
        else:
            self.to.write(data)


class _End(asyncio.Protocol):
    """One end of a link: what comes in goes to the other end."""

    def __init__(self, link: Link, direction: Direction) -> None:
        self._link = link
        self._direction = direction

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link.connected(self._direction, cast("asyncio.Transport", transport))

    def data_received(self, data: bytes) -> None:
        self._link.carry(self._direction, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.ended(self._direction, in_order=exc is None)


class Link:
    """One connection through the proxy. ``is_socket`` says whether it is a WebSocket's."""

    def __init__(self, proxy: FaultyProxy) -> None:
        self._proxy = proxy
        self.is_socket = False
        self.is_open = True
        self._first = True
        self._lanes = {Direction.UP: _OneWay(), Direction.DOWN: _OneWay()}
        self._ends: dict[Direction, asyncio.Transport] = {}

    # What the network does to it.

    def cut(self) -> None:
        """Close both ends in an orderly way (FIN); what waits is lost."""
        self._end()
        for transport in list(self._ends.values()):
            transport.close()

    def reset(self) -> None:
        """Reset both ends (RST)."""
        self._end()
        for transport in list(self._ends.values()):
            sock = transport.get_extra_info("socket")
            if sock is not None and not transport.is_closing():
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()

    def stall(self, seconds: float) -> None:
        """Let nothing through for so long; then all of it."""
        for lane in self._lanes.values():
            lane.held = True
        asyncio.get_running_loop().call_later(seconds, self._go_on)

    def delay(self, seconds: float) -> None:
        """Let all bytes take so much longer from now on."""
        for lane in self._lanes.values():
            lane.latency = seconds

    def lose(self, *directions: Direction) -> None:
        """Let nothing through any more, in these directions; the link stays open."""
        for direction in directions:
            self._lanes[direction].lost = True

    def crumble(self, seconds: float) -> None:
        """Pass on bytes one at a time for so long, in either direction."""
        until = asyncio.get_running_loop().time() + seconds
        for lane in self._lanes.values():
            lane.crumbs_until = until

    # What its ends tell.

    def connected(self, direction: Direction, transport: asyncio.Transport) -> None:
        """Take an end: bytes of ``direction`` come from it."""
        self._ends[direction] = transport
        other = Direction.DOWN if direction is Direction.UP else Direction.UP
        self._lanes[other].to = transport
        if not self.is_open:
            transport.abort()
        self._lanes[other].flush()

    def carry(self, direction: Direction, data: bytes) -> None:
        """Pass bytes on that have come in."""
        if self._first and direction is Direction.UP:
            self._first = False
            self.is_socket = data.startswith(b"GET /socket/")
        self._proxy.spy(self, direction, data)
        if self.is_open:
            self._lanes[direction].put(data)

    def ended(self, direction: Direction, *, in_order: bool) -> None:
        """Let an end go. What it sent is still passed on, unless it reset or the link holds it."""
        self._ends.pop(direction, None)
        lane = self._lanes[direction]
        if lane.held or lane.lost or not in_order:
            self.reset()
        else:
            lane.put(None)
        if not self._ends:
            self._end()

    def _go_on(self) -> None:
        for lane in self._lanes.values():
            lane.held = False
            lane.flush()

    def _end(self) -> None:
        self.is_open = False
        self._proxy.forget(self)
        for lane in self._lanes.values():
            lane.drop()


class FaultyProxy:
    """A proxy for connections to ``host:port``, which misbehaves as it is told to.

    ``turn_away`` accepts and closes at once; ``accepted`` counts connections; ``spy`` sees bytes.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._links: dict[Link, None] = {}
        self._connecting: set[asyncio.Task[None]] = set()
        self.turn_away = False
        self.accepted = 0
        self.spy: Spy = lambda _link, _direction, _data: None
        self.url = ""

    @property
    def links(self) -> list[Link]:
        """The open connections, the oldest first."""
        return list(self._links)

    @property
    def sockets(self) -> list[Link]:
        """The open WebSockets, the oldest first."""
        return [link for link in self._links if link.is_socket]

    def forget(self, link: Link) -> None:
        """Forget a link that has ended."""
        self._links.pop(link, None)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Listen on a free port of 127.0.0.1; yield the URL. Reset what is open at the end."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self.url
        finally:
            server.close()
            for task in list(self._connecting):
                task.cancel()
            await asyncio.gather(*self._connecting, return_exceptions=True)
            for link in self.links:
                link.reset()
            await server.wait_closed()

    def _accept(self) -> asyncio.Protocol:
        self.accepted += 1
        if self.turn_away:
            return _TurnedAway()
        link = Link(self)
        self._links[link] = None
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return _End(link, Direction.UP)

    async def _connect(self, link: Link) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: _End(link, Direction.DOWN), *self._target
            )
        except OSError:
            link.reset()


class _TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
