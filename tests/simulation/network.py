"""The connections between the bots and the server, with latency and with faults.

A connection delivers in order, as TCP does, or not at all. The server has no compare-and-swap: a
reply that the network holds back beyond every bound can meet the one that was sent in its stead. So
the network promises two things, and the bot leans on both (``catch_up.settle_seconds``):

- What is under way when a connection breaks arrives within :data:`LONGEST_DELAY`, or never.
- A connection that stands still keeps what it has, and delivers it when it goes on, for as long as
  its bot can give it up. While the bot is frozen nobody can, and another may take over its turns:
  then what the connection holds is lost with it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agentbot.devserver.realtime.socket import ServerSocket
from agentbot.devserver.server import DevServer, Refused
from agentbot.errors import TransportError, UpgradeRefused
from agentbot.phoenix.transport import Connection, Listener
from tests.simulation.hand import by
from tests.simulation.kernel import Kernel, Process, give

LONGEST_DELAY = 1.5
"""Seconds after which nothing that is under way on a broken connection arrives any more."""
_CLOSE_TIMEOUT = 5.0
_IN_ORDER = 1e-6


@dataclass(slots=True)
class Weather:
    """How the network is at the moment: what the fault plan sets. Times are in seconds."""

    random: Random
    latency: float = 0.02
    spike: float = 0.0
    refuses_connections: bool = False
    hangs_connections: bool = False
    closes_connections: float | None = None
    """Seconds after which the server closes what it has just accepted."""
    rest_lost_before: int = 0
    rest_lost_after: int = 0
    notes_lost_after: int = 0
    addresses_lost_after: int = 0
    """How many answers to a private note get lost."""
    counted: dict[str, int] = field(default_factory=dict)

    def delay(self) -> float:
        """Return how long the next packet takes."""
        wait = self.latency * (0.5 + self.random.random())
        if self.spike:
            wait += self.spike * self.random.random()
        return min(wait, LONGEST_DELAY)

    def calm(self) -> None:
        """Let all be well."""
        self.spike = 0.0
        self.refuses_connections = self.hangs_connections = False
        self.closes_connections = None
        self.rest_lost_before = self.rest_lost_after = self.notes_lost_after = (
            self.addresses_lost_after
        ) = 0


class SimulatedConnection:
    """One WebSocket between a bot and the server. Times are the world's."""

    is_writable = True

    def __init__(self, network: Network, process: Process, listener: Listener) -> None:
        self.opened_at = network.kernel.now
        self.stalled = False
        self.over = False
        self.socket: ServerSocket | None = None
        self.process = process
        self._network = network
        self._listener = listener
        self._out_at = 0.0
        self._in_at = 0.0
        self._out_dead = False
        self._held_out: list[Callable[[], None]] = []
        self._held_in: list[Callable[[], None]] = []
        self._coming: list[str] = []
        self._arriving: deque[Callable[[], None]] = deque()
        self._told = False
        self._deaf = False
        self._closing = False
        self.stalled_at = 0.0

    # The bot's end.

    def send(self, frames: Sequence[str], /) -> None:
        """Send, once the process may act."""
        if self.over or self._closing or not self.process.operation():
            return
        for text in frames:
            self._network.on_send(self, text)
        self._outward(lambda: self._arrive(list(frames)))
        self.process.operation()

    def close(self, code: int = 1000) -> None:
        """Say goodbye, behind all that was sent; cut where the server does not answer."""
        if not self.over and not self._closing and self.process.operation():
            self._closing = True
            self._outward(lambda: self._goodbye(code))
            self.process.call_later(_CLOSE_TIMEOUT, self.abort)

    def abort(self) -> None:
        """Cut: what the connection holds is gone, what is under way may arrive or not."""
        if self.over:
            return
        self.over = True
        self._network.connections.remove(self)
        # The listener is ours; it hears at once.
        self.process.call_soon(self._tell_lost, 1006, "cut")
        self._held_out.clear()
        self._network.break_late(self)

    # What faults do.

    def cut(self, *, delivers_out: bool, delivers_in: bool, lingers: bool) -> None:
        """Break the connection: what is under way either way arrives, or does not.

        ``lingers``: the server does not notice, and takes the bot for present until the connection
        has been idle for too long.
        """
        if self.over:
            return
        self.over = True
        self._network.connections.remove(self)
        self._out_dead = not delivers_out
        self._deaf = not delivers_in
        self._held_out.clear()
        self._held_in.clear()
        if delivers_in:
            self._arriving.append(lambda: self._lose(1006, "broken"))
            self._at(self.process, self._in_at + _IN_ORDER, self._next_in)
        else:
            self._at(self.process, 0.0, lambda: self._lose(1006, "broken"))
        if not lingers:
            self._network.break_late(self)

    def die(self, *, lingers: bool) -> None:
        """The process is dead: the kernel closes what it had, or the machine went with it."""
        if self.over:
            return
        self.over = True
        self._network.connections.remove(self)
        self._held_out.clear()
        if not lingers:
            self._network.break_late(self)

    def stall(self) -> None:
        """Carry nothing, either way, until :meth:`go_on`."""
        if not self.stalled:
            self.stalled = True
            self.stalled_at = self._network.kernel.now

    def go_on(self) -> None:
        """Carry what has waited, and what comes; break where the bot was frozen meanwhile."""
        if self.stalled:
            self._network.stalls.append((self.process, self.stalled_at, self._network.kernel.now))
        self.stalled = False
        if self.process.frozen_until > self.stalled_at:
            self.cut(delivers_out=False, delivers_in=True, lingers=False)
            return
        held, self._held_out = self._held_out, []
        for pass_on in held:
            self._outward(pass_on)
        held, self._held_in = self._held_in, []
        for pass_on in held:
            self._inward(pass_on)

    # The way there.

    def _outward(self, pass_on: Callable[[], None]) -> None:
        if self.stalled:
            self._held_out.append(pass_on)
            return
        now = self._network.kernel.now
        self._out_at = max(self._out_at + _IN_ORDER, now + self._network.weather.delay())
        self._at(self._network.world, self._out_at, pass_on)

    def _arrive(self, frames: Sequence[str]) -> None:
        if self._out_dead or self.socket is None:
            return
        with by(self.process.name):
            for text in frames:
                if self.socket.open:
                    self.socket.receive(text)

    def _goodbye(self, code: int) -> None:
        if self._out_dead or self.socket is None or not self.socket.open:
            return
        self.socket.disconnected()
        self._from_server_end(code, "")

    # The way back.

    def from_server(self, text: str) -> None:
        """Take a frame for the bot; what comes in one turn of the server makes one read."""
        if not self._coming:
            self._network.world.call_soon(self._flush)
        self._coming.append(text)

    def from_server_end(self, code: int, reason: str) -> None:
        """Take the end, behind all frames."""
        self._network.world.call_soon(self._from_server_end, code, reason)

    def _from_server_end(self, code: int, reason: str) -> None:
        if not self.over:
            self._inward(lambda: self._lose(code, reason))

    def _flush(self) -> None:
        coming, self._coming = self._coming, []
        if not self.over:
            self._inward(lambda: self._hear(coming))

    def _inward(self, pass_on: Callable[[], None]) -> None:
        if self.stalled:
            self._held_in.append(pass_on)
            return
        now = self._network.kernel.now
        self._in_at = max(self._in_at + _IN_ORDER, now + self._network.weather.delay())
        self._arriving.append(pass_on)
        self._at(self.process, self._in_at, self._next_in)

    def _next_in(self) -> None:
        # In order, whatever a machine that slept in between makes of the times.
        self._arriving.popleft()()

    def _hear(self, coming: Sequence[str]) -> None:
        if not self._told and not self._deaf:
            for text in coming:
                self._network.on_hear(self, text)
            self._listener.on_batch(coming)

    def _lose(self, code: int, reason: str) -> None:
        if not self.over:
            self.over = True
            self._network.connections.remove(self)
        self._tell_lost(code, reason)

    def _tell_lost(self, code: int, reason: str) -> None:
        if not self._told:
            self._told = True
            self._network.kernel.note(self.process.name, f"connection lost {code} {reason}")
            self._listener.on_lost(code, reason)

    @staticmethod
    def _at(process: Process, when: float, function: Callable[[], None]) -> None:
        if process.alive:
            process.call_at(max(when - process.slept, process.time()), function)


class Network:
    """All connections, and REST, between the processes of bots and one server."""

    def __init__(self, kernel: Kernel, world: Process, server: DevServer, weather: Weather) -> None:
        self.kernel = kernel
        self.world = world
        self.server = server
        self.weather = weather
        self.connections: list[SimulatedConnection] = []
        self.on_send: Callable[[SimulatedConnection, str], None] = lambda _connection, _text: None
        self.on_hear: Callable[[SimulatedConnection, str], None] = lambda _connection, _text: None
        self.stalls: list[tuple[Process, float, float]] = []
        """Which connections have stood still, since when and until when."""

    def break_late(self, connection: SimulatedConnection) -> None:
        """Let the server notice the end of a connection, within the longest delay."""
        delay = self.weather.random.random() * LONGEST_DELAY

        def gone() -> None:
            connection._out_dead = True
            if connection.socket is not None:
                connection.socket.disconnected()

        self.world.call_later(delay, gone)

    # What the bot is given.

    def connector(self, process: Process) -> Connector:
        """Return what opens connections for ``process``."""
        return Connector(self, process)

    async def over(self, process: Process, waiter: asyncio.Future[Any], seconds: float) -> None:
        """Wake ``process`` so many seconds from now, by way of ``waiter``."""
        process.call_later(seconds, give, waiter, None)
        await waiter


class Connector:
    """Opens connections for one process."""

    def __init__(self, network: Network, process: Process) -> None:
        self._network = network
        self._process = process

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a connection. Raises :class:`TransportError` or :class:`UpgradeRefused`."""
        network, process = self._network, self._process
        weather = network.weather
        process.on_attempt("connect")
        if weather.refuses_connections:
            raise TransportError("sim", "no way there")
        waiter = process.create_future()
        if weather.hangs_connections or not process.operation():
            await waiter
        await network.over(process, waiter, 2 * weather.delay())
        connection = SimulatedConnection(network, process, listener)
        params = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        if not process.operation():
            await process.create_future()
        try:
            connection.socket = network.server.connect(
                params, send=connection.from_server, close=connection.from_server_end
            )
        except Refused as refused:
            if refused.status is None:
                raise TransportError("sim", str(refused)) from None
            raise UpgradeRefused("sim", str(refused), refused.status) from None
        network.connections.append(connection)
        network.kernel.note(process.name, "connection open")
        if weather.closes_connections is not None:
            network.world.call_later(weather.closes_connections, connection.socket.close)
        return connection
