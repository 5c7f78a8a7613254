"""The load server: ``python -m tests.bench.speed.server --port-file FILE``. A process of its own.

It speaks as much of Papercups as the bot needs, REST and socket on one port, and makes the load.
What it is to do is asked of it over HTTP as well:

- ``POST /bench/load {"in_flight", "seconds" or "turns"}``: one load; answered when it is over.
- ``POST /bench/beside``: the same, of other customers, who ask the FAQ alone.
- ``GET /bench/state``: how many sockets there are, and how many topics of conversations are joined.
- ``POST /bench/cut``: every socket is cut off.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.bench.speed.account import (
    KEPT,
    NOTIFICATION,
    Conversation,
    agents_message_id,
    customers_message_id,
)
from tests.bench.speed.channels import Hub, Joins, Peer
from tests.bench.speed.dialects import dialect_of
from tests.bench.speed.load import Counts, Load, Seen, Wanted
from tests.bench.speed.questions import FAQ_QUESTIONS, QUESTIONS
from tests.bench.speed.rest import Rest
from tests.bench.speed.wire import accept_key, frames

_END = b"\r\n\r\n"
"""What ends a request's head."""
_OLD = b"2026-01-05T09:00:00"
"""When everything was said that stands in a conversation at the start."""
_SEEDED = 1 << 31
"""From where on the numbers of seeded messages count, so that they meet no others."""


class LoadServer:
    """One account's server, of so many conversations, and those of the load beside."""

    def __init__(
        self, count: int, *, kept: int = KEPT, history: int = KEPT, beside: int = 0
    ) -> None:
        conversations = [seeded(number, kept, history) for number in range(beside + count)]
        counts = Counts()
        self.hub = Hub(conversations)
        self.rest = Rest(self.hub, counts)
        self.loads = {
            "load": Load(self.hub, conversations[beside:], QUESTIONS, counts),
            "beside": Load(self.hub, conversations[:beside], FAQ_QUESTIONS, counts),
        }
        self.connections: set[_Connection] = set()

    def protocol(self) -> asyncio.Protocol:
        """Return what takes one connection."""
        return _Connection(self)

    def state(self) -> dict[str, float]:
        """Return how many sockets, joined accounts and joined conversations there are."""
        peers = self.hub.peers
        topics = (topic for peer in peers for topic in peer.joined)
        return {
            "sockets": len(peers),
            "accounts": sum(NOTIFICATION in peer.joined for peer in peers),
            "join_seconds": self.hub.joins.seconds,
            "joined": sum(topic.startswith("conversation:") for topic in topics),
        }

    def cut(self) -> None:
        """Cut every socket off; count joins anew."""
        self.hub.joins = Joins()
        for connection in list(self.connections):
            connection.cut()


class _Connection(asyncio.Protocol):
    """One connection: HTTP, until it asks to be a socket."""

    def __init__(self, server: LoadServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._peer: Peer | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._server.connections.discard(self)
        if self._peer is not None:
            self._server.hub.gone(self._peer)
            self._server.hub.flush()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._peer is None:
            self._take_requests()
        if self._peer is not None:
            self._take_frames(self._peer)

    def cut(self) -> None:
        """End it without a word, if it is a socket."""
        if self._peer is not None:
            self._transport.abort()

    # The socket

    def _take_frames(self, peer: Peer) -> None:
        hub = self._server.hub
        stays = [hub.take(peer, opcode, data) for opcode, data in frames(self._buffer)]
        hub.flush()
        if not all(stays):
            self._transport.close()

    def _upgrade(self, target: str, headers: dict[str, str]) -> None:
        query = parse_qs(urlsplit(target).query)
        if not self._server.rest.lets_in(query.get("token", [""])[0]):
            self._transport.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            return
        accept = accept_key(headers["sec-websocket-key"].encode())
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-accept: %b\r\n\r\n" % accept
        )
        self._peer = Peer(self._transport.write, dialect_of(query))
        self._server.hub.peers.add(self._peer)

    # HTTP

    def _take_requests(self) -> None:
        while self._peer is None and (end := self._buffer.find(_END)) >= 0:
            head = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:])
            }
            size = end + len(_END) + int(headers.get("content-length", 0))
            if len(self._buffer) < size:
                return
            body = bytes(self._buffer[end + len(_END) : size])
            del self._buffer[:size]
            method, target, _ = head[0].split(" ")
            if headers.get("upgrade", "").lower() == "websocket":
                self._upgrade(target, headers)
            elif target.startswith("/bench/"):
                self._obey(target, body)
            else:
                token = headers.get("authorization", "")
                self._answer(*self._server.rest.answer(method, target, token, body))
                self._server.hub.flush()

    def _answer(self, status: int, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 %d Said\r\ncontent-type: application/json; charset=utf-8\r\n"
            b"content-length: %d\r\n\r\n%b" % (status, len(body), body)
        )

    def _obey(self, target: str, body: bytes) -> None:
        server = self._server
        match target:
            case "/bench/load" | "/bench/beside":
                load = server.loads[target.rpartition("/")[2]]
                load.begin(Wanted(**json.loads(body)), self._tell)
            case "/bench/state":
                self._answer(200, orjson.dumps(server.state()))
            case "/bench/cut":
                server.cut()
                self._answer(200, b"{}")
            case _:
                self._answer(404, b"{}")

    def _tell(self, seen: Seen) -> None:
        self._answer(200, orjson.dumps(seen.to_json()))


def seeded(number: int, kept: int, history: int) -> Conversation:
    """Return a conversation in which so much has been said, all of it answered."""
    conversation = Conversation(number, kept=kept)
    for place in range(history // 2):
        count = _SEEDED + number * history + place
        id_ = customers_message_id(count)
        conversation.ask(id_, QUESTIONS[place % len(QUESTIONS)], _OLD)
        mark = {"v": 1, "in_reply_to": id_.decode(), "by": "rule", "source": "seed"}
        said = {"body": "An old answer.", "type": "bot", "metadata": {"agentbot": mark}}
        conversation.answer(agents_message_id(count), said, _OLD)
    return conversation


async def serve(server: LoadServer, *, port_file: Path) -> None:
    """Serve until cancelled; the port is written into the file."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server.protocol, "127.0.0.1", 0, backlog=1024)
    port = listening.sockets[0].getsockname()[1]
    unready = port_file.with_suffix(".part")
    unready.write_text(str(port))
    unready.rename(port_file)
    await listening.serve_forever()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--core", type=int, help="the only processor to run on")
    parser.add_argument("--conversations", type=int, default=100)
    parser.add_argument("--kept", type=int, default=KEPT, help="messages of each, at most")
    parser.add_argument("--history", type=int, default=KEPT, help="messages of each at the start")
    parser.add_argument("--beside", type=int, default=0, help="conversations of the load beside")
    chosen = parser.parse_args(arguments)
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    server = LoadServer(
        chosen.conversations, kept=chosen.kept, history=chosen.history, beside=chosen.beside
    )
    gc.freeze()  # what is there stays: it is not looked through again and again
    asyncio.run(serve(server, port_file=chosen.port_file))


if __name__ == "__main__":
    main()
