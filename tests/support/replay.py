"""Replaying a transcript against a devserver: the player, and the two ways to reach the server."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx2
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agentbot.devserver.realtime.socket import ServerSocket
from agentbot.devserver.server import DevServer, Refused
from agentbot.devserver.store.ids import Ids
from tests.support.manual_clock import ManualClock
from tests.support.transcripts import Cast, Json, RefMapping, Transcript, cast_of, differences

GIVE_UP_AFTER = 5.0
"""Seconds within which the network must bring what is due: far more than loopback ever takes."""

Closed = tuple[int, str]
Answer = tuple[int, Any]


@dataclass(slots=True)
class Received:
    """All that came on one connection, in order, and how it ended."""

    frames: list[list[Any]] = field(default_factory=list)
    closed: Closed | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, text: str) -> None:
        """Note a frame."""
        self.frames.append(orjson.loads(text))
        self.changed.set()

    def end(self, code: int, reason: str) -> None:
        """Note the end."""
        self.closed = (code, reason)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds; it is asked again after each frame."""
        async with asyncio.timeout(GIVE_UP_AFTER):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class ReplayConnection(Protocol):
    """One open connection of a replay."""

    received: Received

    async def send(self, data: str | bytes) -> None:
        """Send, and return when the server has dealt with it."""

    async def leave(self) -> None:
        """Close from the client's side, and return when the server has noticed."""


class ReplayTransport(Protocol):
    """The player's way to the server."""

    async def request(self, method: str, path: str, body: Json | None, auth: str | None) -> Answer:
        """Return status and body of a REST call."""

    async def connect(self, params: Mapping[str, str]) -> ReplayConnection:
        """Open a socket. Raises :class:`Refused`."""


# In process


class InProcess:
    """A transport without any network."""

    def __init__(self, server: DevServer, http: httpx2.AsyncClient) -> None:
        self._server = server
        self._http = http

    async def request(self, method: str, path: str, body: Json | None, auth: str | None) -> Answer:
        """See :class:`ReplayTransport`."""
        return await _request(self._http, method, path, body, auth)

    async def connect(self, params: Mapping[str, str]) -> ReplayConnection:
        """See :class:`ReplayTransport`."""
        return InProcessConnection(self._server, params)


class InProcessConnection:
    """A connection that is a function call."""

    def __init__(self, server: DevServer, params: Mapping[str, str]) -> None:
        self.received = Received()
        self._socket = server.connect(params, send=self.received.take, close=self.received.end)

    async def send(self, data: str | bytes) -> None:
        """See :class:`ReplayConnection`."""
        self._socket.receive(data)

    async def leave(self) -> None:
        """See :class:`ReplayConnection`."""
        self._socket.disconnected()


# Over TCP


class OverTcp:
    """A transport of real HTTP and WebSocket connections."""

    def __init__(self, server: DevServer, http: httpx2.AsyncClient, url: str) -> None:
        self._server = server
        self._http = http
        self._url = url.replace("http", "ws", 1)

    async def request(self, method: str, path: str, body: Json | None, auth: str | None) -> Answer:
        """See :class:`ReplayTransport`."""
        return await _request(self._http, method, path, body, auth)

    async def connect(self, params: Mapping[str, str]) -> ReplayConnection:
        """See :class:`ReplayTransport`."""
        before = set(self._server.sockets)
        try:
            connection = await connect(
                f"{self._url}/socket/websocket?{urlencode(params)}",
                ping_interval=None,
                proxy=None,
            )
        except InvalidStatus as refusal:
            response = refusal.response
            raise Refused(response.status_code, bytes(response.body or b"").decode()) from refusal
        except ConnectionRefusedError as refusal:
            raise Refused(None) from refusal
        (socket,) = set(self._server.sockets) - before
        return WebSocketConnection(connection, socket)


class WebSocketConnection:
    """A WebSocket connection. A heartbeat of ours after each message shows that it was handled."""

    def __init__(self, connection: ClientConnection, socket: ServerSocket) -> None:
        self.received = Received()
        self._connection = connection
        self._socket = socket
        self._settled = 0
        self._reader = asyncio.create_task(self._read())

    async def send(self, data: str | bytes) -> None:
        """See :class:`ReplayConnection`."""
        await self._connection.send(data)
        await self.settle()

    async def settle(self) -> None:
        """Return when all that the server has for us so far has come."""
        before = self._settled
        with suppress(ConnectionClosed):
            await self._connection.send('[null,"settle","phoenix","heartbeat",{}]')
        await self.received.until(
            lambda: self._settled > before or self.received.closed is not None
        )

    async def leave(self) -> None:
        """See :class:`ReplayConnection`."""
        if self.received.closed is None:
            await self.settle()
        await self._connection.close()
        await self._reader
        async with asyncio.timeout(GIVE_UP_AFTER):
            while self._socket.open:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0)

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                if '"settle"' in str(text):
                    self._settled += 1
                    self.received.changed.set()
                else:
                    self.received.take(str(text))
        except ConnectionClosed:
            pass
        self.received.end(
            int(self._connection.close_code or 0), self._connection.close_reason or ""
        )


async def _request(
    http: httpx2.AsyncClient, method: str, path: str, body: Json | None, auth: str | None
) -> Answer:
    headers = {} if auth is None else {"authorization": auth}
    response = await http.request(method, path, json=body, headers=headers)
    return response.status_code, response.json()


# The player

PASSWORD = "a password of the replay"


class ScriptedIds(Ids):
    """The recorded UUIDs in their order, and new ones where none is left."""

    def __init__(self, script: Mapping[str, list[str]]) -> None:
        super().__init__()
        self._script = {kind: list(ids) for kind, ids in script.items()}

    def uuid(self, kind: str) -> str:
        """See :class:`Ids`."""
        left = self._script.get(kind)
        return left.pop(0) if left else super().uuid(kind)


@dataclass(slots=True)
class PreparedServer:
    """A devserver with what a transcript takes for granted, and the clock it runs on."""

    transcript: Transcript
    cast: Cast = field(init=False)
    clock: ManualClock = field(init=False)
    server: DevServer = field(init=False)

    def __post_init__(self) -> None:
        self.cast = cast = cast_of(self.transcript)
        self.clock = ManualClock(cast.start)
        self.server = DevServer(
            now=self.clock.now, call_later=self.clock.call_later, ids=ScriptedIds(cast.ids)
        )
        account = self.server.store.add_account(cast.company_name, id=cast.account_id)
        user = self.server.store.add_user(
            account, email=cast.email, password=PASSWORD, id=cast.user_id
        )
        user.created_at = cast.user_created_at or user.created_at


@dataclass(slots=True)
class _Part:
    """One connection of one actor, and what the recording says that it brings."""

    connection: ReplayConnection
    expected: list[tuple[int, list[Any]]] = field(default_factory=list)


@dataclass(slots=True)
class Player:
    """A transcript being played; :meth:`play` returns each difference with its line number.

    ``tokens`` names the token that a line uses where it is not the session's (``key``,
    ``bearer`` or ``renew``). ``server_closes`` holds the actors whose connection the server must
    end with 1000 (any other code is always the server's). ``before_send`` is called with the
    number of each line that sends.
    """

    prepared: PreparedServer
    transport: ReplayTransport
    tokens: Mapping[int, str] = field(default_factory=dict)
    server_closes: frozenset[str] = frozenset()
    before_send: Callable[[int], None] = lambda _: None
    found: list[tuple[int, str]] = field(default_factory=list)
    _mapping: RefMapping = field(default_factory=RefMapping)
    _known: dict[str, str] = field(default_factory=dict)
    _parts: dict[str, _Part] = field(default_factory=dict)
    _answer: Answer = (0, None)
    _connecting: _Part | Refused | None = None

    async def play(self) -> list[tuple[int, str]]:
        """Play to the end."""
        session = self.prepared.server.backend.tokens.issue(self.prepared.cast.user_id)
        self._know({"token": session.token, "renew_token": session.renew_token})
        for number, event in self.prepared.transcript.events:
            moment = self.prepared.cast.start + timedelta(milliseconds=event["ms"])
            self.prepared.clock.advance_to(moment)
            await self._play(number, event)
        return self.found

    async def _play(self, number: int, event: Json) -> None:
        actor = event.get("actor", "")
        match event.get("dir"):
            case "request":
                await self._request(number, event)
            case "response":
                self._compare(number, event["status"], self._answer[0])
                self._compare(number, event["body"], self._answer[1])
            case "connect":
                self._connecting = await self._connect(number, event["params"])
            case "open":
                await self._opened(number, event)
            case "refused":
                await self._refused(number, event)
            case "send" | "send_raw":
                self.before_send(number)
                await self._parts[actor].connection.send(_data(event))
            case "recv":
                self._parts[actor].expected.append((number, event["frame"]))
            case "closed":
                await self._closed(number, event)
            case None if event["note"] == "server restarts":
                self.prepared.server.restart()

    async def _request(self, number: int, event: Json) -> None:
        path, _, cursor = event["path"].partition("&after=")
        if cursor:
            path = f"{path}&after={self._mapping.replayed(cursor)}"
        body = event["body"]
        if body and body.get("user", {}).get("password") == "<password>":
            body = {"user": {**body["user"], "password": PASSWORD}}
        auth = None if event["auth"] is None else self._token(number)
        self._answer = await self.transport.request(event["method"], path, body, auth)
        data = self._answer[1].get("data")
        if isinstance(data, dict):
            self._know(data)

    def _know(self, data: Json) -> None:
        for field_name, name in (("token", "access"), ("renew_token", "renew"), ("value", "key")):
            if field_name in data:
                self._known.setdefault(name, data[field_name])
                self._known["bearer"] = f"Bearer {self._known.get('key')}"

    def _token(self, number: int) -> str:
        return self._known[self.tokens.get(number, "access")]

    async def _connect(self, number: int, params: Json) -> _Part | Refused:
        if params.get("token") == "<token>":
            params = {**params, "token": self._token(number)}
        try:
            return _Part(await self.transport.connect(params))
        except Refused as refusal:
            return refusal

    async def _opened(self, number: int, event: Json) -> None:
        if "after_restart" in event:
            part = await self._connect(number, {"token": "<token>", "vsn": "2.0.0"})
            if isinstance(part, Refused):
                self.found.append((number, f"still {part}"))
            else:
                await part.connection.leave()
        elif isinstance(self._connecting, _Part):
            self._parts[event["actor"]] = self._connecting
        else:
            self.found.append((number, str(self._connecting)))

    async def _refused(self, number: int, event: Json) -> None:
        outcome = self._connecting
        if event["status"] is None:
            outcome = await self._connect(number, {"token": "<token>", "vsn": "2.0.0"})
        if isinstance(outcome, Refused):
            self._compare(number, [event["status"], ""], [outcome.status, outcome.body])
        else:
            self.found.append((number, "the replay let it in"))

    async def _closed(self, number: int, event: Json) -> None:
        part = self._parts.pop(event["actor"])
        received = part.connection.received
        if event["code"] != 1000 or event["actor"] in self.server_closes:
            await received.until(lambda: received.closed is not None)
            self._compare(number, [event["code"], event["reason"]], list(received.closed or ()))
        elif received.closed is not None:
            self.found.append((number, f"the replay's server closed with {received.closed}"))
        await part.connection.leave()
        self._compare_frames(number, part)

    def _compare_frames(self, number: int, part: _Part) -> None:
        recorded, replayed = defaultdict(list), defaultdict(list)
        for line, frame in part.expected:
            recorded[frame[2]].append((line, frame))
        for frame in part.connection.received.frames:
            replayed[frame[2]].append(frame)
        for topic in {*recorded, *replayed}:
            for (line, frame), other in zip(recorded[topic], replayed[topic], strict=False):
                self._compare(line, frame, other)
            for line, frame in recorded[topic][len(replayed[topic]) :]:
                self.found.append((line, f"not in the replay: {frame[3]} on {topic}"))
            for frame in replayed[topic][len(recorded[topic]) :]:
                self.found.append((number, f"not recorded: {frame[3]} on {topic}"))

    def _compare(self, line: int, recorded: object, replayed: object) -> None:
        for text in differences(recorded, replayed, self._mapping):
            self.found.append((line, text))


def _data(event: Json) -> str | bytes:
    if event["dir"] == "send":
        return orjson.dumps(event["frame"]).decode()
    data: str = event["data"]
    return data.encode() if event["binary"] else data
