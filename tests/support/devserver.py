"""A seeded devserver on a clock of the test's, and clients of it without a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import orjson

from agentbot.devserver.app import create_app
from agentbot.devserver.server import DevServer
from agentbot.devserver.store.ids import Ids
from agentbot.devserver.store.records import Account, Conversation, Customer, User
from tests.support.manual_clock import ManualClock

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning."""

Heard = tuple[str, Any]


class SocketClient:
    """The client's end of one socket; all that comes is kept."""

    def __init__(self, server: DevServer, params: Mapping[str, str]) -> None:
        self.frames: list[list[Any]] = []
        self.closed: tuple[int, str] | None = None
        self._ref = 0
        self.socket = server.connect(params, send=self._take, close=self._end)

    def push(self, topic: str, event: str, payload: object = None) -> str:
        """Send a push; return its ref, which is also its join_ref."""
        self._ref += 1
        ref = str(self._ref)
        frame = [ref, ref, topic, event, {} if payload is None else payload]
        self.socket.receive(orjson.dumps(frame).decode())
        return ref

    def join(self, topic: str, payload: object = None) -> str:
        """Join a topic; return the ref."""
        return self.push(topic, "phx_join", payload)

    def heard(self, topic: str, event: str | None = None) -> list[Heard]:
        """Return event and payload of what came on ``topic`` so far, and forget all frames."""
        found = [
            (frame[3], frame[4])
            for frame in self.frames
            if frame[2] == topic and event in (None, frame[3])
        ]
        self.frames.clear()
        return found

    def bodies(self, topic: str) -> list[str]:
        """Return the texts of the shouts that came on ``topic``, and forget all frames."""
        return [payload["body"] for _, payload in self.heard(topic, "shout")]

    def _take(self, text: str) -> None:
        self.frames.append(orjson.loads(text))

    def _end(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


@dataclass(slots=True)
class Desk:
    """A server with one account, its bot, a person, and a customer with a conversation."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    server: DevServer = field(init=False)
    account: Account = field(init=False)
    bot: User = field(init=False)
    ann: User = field(init=False)
    customer: Customer = field(init=False)
    conversation: Conversation = field(init=False)

    def __post_init__(self) -> None:
        self.server = DevServer(
            now=self.clock.now, call_later=self.clock.call_later, ids=Ids.seeded(1)
        )
        self.account, self.bot, self.ann = self.server.seed()
        store = self.server.store
        self.customer = store.add_customer({"account_id": self.account.id, "name": "Vera"})
        self.conversation = self.new_conversation()

    @property
    def agents(self) -> str:
        """The agents' topic."""
        return f"notification:{self.account.id}"

    @property
    def room(self) -> str:
        """The room's topic."""
        return f"room:{self.account.id}"

    @property
    def topic(self) -> str:
        """The conversation's topic."""
        return f"conversation:{self.conversation.id}"

    def new_conversation(self) -> Conversation:
        """Add a conversation of the customer's."""
        return self.server.store.add_conversation(
            {"account_id": self.account.id, "customer_id": self.customer.id}
        )

    def token(self, user: User | None = None) -> str:
        """Return a fresh access token, the bot's unless told otherwise."""
        return self.server.backend.tokens.issue((user or self.bot).id).token

    def agent(self, user: User | None = None) -> SocketClient:
        """Return an agent's client that has joined ``notification:``; frames so far are gone."""
        client = SocketClient(self.server, {"token": self.token(user), "vsn": "2.0.0"})
        client.join(self.agents)
        client.frames.clear()
        return client

    def visitor(self) -> SocketClient:
        """Return a client in the conversation as its customer; frames so far are gone."""
        client = SocketClient(self.server, {"vsn": "2.0.0"})
        client.join(self.topic, {"customer_id": self.customer.id})
        client.frames.clear()
        return client

    def shout(self, client: SocketClient, body: str) -> None:
        """Let the customer say something."""
        client.push(self.topic, "shout", {"body": body, "customer_id": self.customer.id})

    def http(self) -> httpx2.AsyncClient:
        """Return a REST client of the bot's user; close it."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(create_app(self.server)),
            base_url="http://devserver",
            headers={"authorization": self.token()},
        )


async def call(
    http: httpx2.AsyncClient, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    """Return the status and the body of a REST call."""
    response = await http.request(method, path, json=body)
    return response.status_code, response.json()
