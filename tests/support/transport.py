"""Connections without a network: one that a test scripts, and one into a devserver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from agentbot.devserver.realtime.socket import ServerSocket
from agentbot.devserver.server import DevServer, Refused
from agentbot.errors import TransportError, UpgradeRefused
from agentbot.phoenix import frames
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.transport import Connection, Listener

Answer = Callable[["ScriptedConnection", Frame], None]


def say_nothing(connection: ScriptedConnection, frame: Frame) -> None:
    """Answer no frame: a half-open connection."""


def be_well(connection: ScriptedConnection, frame: Frame) -> None:
    """Answer every push with ok, and a leave with the close that follows it."""
    connection.reply(frame, {})
    if frame.event == frames.LEAVE:
        connection.tell(Frame(frame.join_ref, frame.join_ref, frame.topic, frames.CLOSE, {}))


@dataclass(eq=False)
class ScriptedConnection:
    """One connection, with what was sent on it, in frames; ``writes`` counts the calls."""

    url: str
    opened_at: float
    listener: Listener
    answer: Answer
    sent: list[Frame] = field(default_factory=list)
    writes: int = 0
    is_writable: bool = True
    closed_with: int | None = None
    aborted: bool = False
    _lost: bool = False

    # The client's side.

    def send(self, frames_: Sequence[str], /) -> None:
        """Take the frames and let the script answer."""
        if self._lost:
            return
        self.writes += 1
        for text in frames_:
            frame = frames.decode(text)
            self.sent.append(frame)
            self.answer(self, frame)

    def close(self, code: int = 1000) -> None:
        """Say goodbye; the peer answers at once."""
        self.closed_with = code
        self.lose(code)

    def abort(self) -> None:
        """Cut the connection."""
        self.aborted = True
        self.lose(1006, "cut")

    # The test's side.

    def tell(self, *told: Frame | str) -> None:
        """Let these arrive in one read, soon."""
        texts = [text if isinstance(text, str) else frames.encode(text) for text in told]
        asyncio.get_running_loop().call_soon(self._arrive, texts)

    def reply(self, to: Frame, response: object, *, status: str = "ok") -> None:
        """Answer a push."""
        payload = {"status": status, "response": response}
        self.tell(Frame(to.join_ref, to.ref, to.topic, frames.REPLY, payload))

    def refuse(self, to: Frame, reason: str) -> None:
        """Answer a push with an error."""
        self.reply(to, {"reason": reason}, status="error")

    def lose(self, code: int = 1006, reason: str = "") -> None:
        """End the connection, soon."""
        if not self._lost:
            self._lost = True
            asyncio.get_running_loop().call_soon(self.listener.on_lost, code, reason)

    def heard(self, event: str) -> list[Frame]:
        """Return what was sent with this event."""
        return [frame for frame in self.sent if frame.event == event]

    def _arrive(self, texts: Sequence[str]) -> None:
        if not self._lost:
            self.listener.on_batch(texts)


class ScriptedConnector:
    """A connector that opens scripted connections.

    ``fails`` holds what the next attempts raise, ``None`` for a good one; when it is used up,
    ``then`` is raised for ever, or every attempt succeeds.
    """

    def __init__(
        self,
        answer: Answer = be_well,
        *,
        fails: Iterable[Exception | None] = (),
        then: Exception | None = None,
        on_open: Callable[[ScriptedConnection], None] | None = None,
    ) -> None:
        self.connections: list[ScriptedConnection] = []
        self.attempts: list[float] = []
        self.urls: list[str] = []
        self.answer = answer
        self.on_open = on_open
        self._fails = iter(fails)
        self._then = then
        self._news = asyncio.Event()

    @property
    def connection(self) -> ScriptedConnection:
        """The newest connection."""
        return self.connections[-1]

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a connection, or fail as scripted."""
        now = asyncio.get_running_loop().time()
        self.attempts.append(now)
        self.urls.append(url)
        self._news.set()
        if error := next(self._fails, self._then):
            raise error
        connection = ScriptedConnection(url, now, listener, self.answer)
        self.connections.append(connection)
        if self.on_open is not None:
            self.on_open(connection)
        return connection

    async def attempted(self, count: int) -> None:
        """Return when so many attempts have been made."""
        while len(self.attempts) < count:
            self._news.clear()
            await self._news.wait()


class DevServerConnection:
    """A connection into a devserver in the same process.

    What a client sends arrives in the next turn of the loop, what the server sends too; all that
    one turn brings is one read.
    """

    def __init__(self, server: DevServer, url: str, listener: Listener) -> None:
        self.is_writable = True
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._coming: list[str] = []
        self._end: tuple[int, str] | None = None
        self._over = False
        self._arriving = False
        params = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        self._socket: ServerSocket = server.connect(params, send=self.bring, close=self._close)

    def send(self, frames_: Sequence[str], /) -> None:
        """Let the frames arrive in the next turn of the loop."""
        self._loop.call_soon(self._go, list(frames_))

    def close(self, code: int = 1000) -> None:
        """Say goodbye; the server answers with the same code."""
        self._loop.call_soon(self._socket.disconnected)
        self._close(code, "")

    def abort(self) -> None:
        """Cut the connection."""
        if not self._over:
            self._loop.call_soon(self._socket.disconnected)
            self._close(1006, "cut")

    def _go(self, texts: Sequence[str]) -> None:
        for text in texts:
            if self._socket.open:
                self._socket.receive(text)

    def bring(self, text: str) -> None:
        """Let a text frame of the server's arrive, soon."""
        self._coming.append(text)
        self._arrive_soon()

    def _close(self, code: int, reason: str) -> None:
        if self._end is None:
            self._end = (code, reason)
            self._arrive_soon()

    def _arrive_soon(self) -> None:
        if not self._arriving:
            self._arriving = True
            self._loop.call_soon(self._arrive)

    def _arrive(self) -> None:
        self._arriving = False
        coming, self._coming = self._coming, []
        if self._over:
            return
        if coming:
            self._listener.on_batch(coming)
        if self._end is not None:
            self._over = True
            self._listener.on_lost(*self._end)


class DevServerConnector:
    """Opens connections into a devserver, as its own faults allow."""

    def __init__(self, server: DevServer) -> None:
        self.connections: list[DevServerConnection] = []
        self.attempts: list[float] = []
        self._server = server

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a connection. Raises :class:`UpgradeRefused` where the server refuses the token."""
        self.attempts.append(asyncio.get_running_loop().time())
        try:
            connection = DevServerConnection(self._server, url, listener)
        except Refused as refused:
            if refused.status is None:
                raise TransportError("devserver", str(refused)) from None
            raise UpgradeRefused("devserver", str(refused), refused.status) from None
        self.connections.append(connection)
        return connection
