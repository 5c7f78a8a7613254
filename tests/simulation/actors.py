"""Customers who ask: coroutines in the world's process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random

import orjson

from agentbot.devserver.realtime.socket import ServerSocket
from agentbot.devserver.server import Refused
from agentbot.devserver.store.records import Conversation, Customer
from tests.simulation.hand import by
from tests.simulation.world import World

ORDERS = (
    *["hello ?"] * 10,
    *["hello"] * 6,
    "think 0.5 ?",
    "think 3 ?",
    "think 12 ?",
    "think 20 ?",
    "stall ?",
    "fail ?",
    "silent ?",
    "pass ?",
    "person ?",
    "tag ?",
    "close ?",
    "assign ?",
    "assign person ?",
    "notify ?",
    *["mail"] * 2,
)
"""What customers say, as :class:`tests.simulation.scripted.Scripted` and the operator's rules
understand it; ``mail`` is an e-mail address of theirs, and nothing else."""

_LOOKS = 0.3
"""How often a customer's window tells what it has shown, after a turn."""
_RECONNECT = 0.7
_LONGEST_RECONNECT = 6.0
_HEARTBEAT = 30.0


class Wire:
    """A socket of an actor's own, without faults: it comes back when the server does."""

    def __init__(self, world: World, token: str | None) -> None:
        self.joins: dict[str, object] = {}
        self._world = world
        self._token = token
        self._ref = 0
        self._gone = False
        self._pause = _RECONNECT
        self._socket: ServerSocket | None = None

    @property
    def is_gone(self) -> bool:
        """Whether whoever spoke here has gone for good."""
        return self._gone

    @property
    def patience(self) -> float:
        """Seconds after which a connection may be back, if there is none."""
        return self._pause

    def open(self) -> None:
        """Connect, and join all that is wanted."""
        if self._gone:
            return
        params = {"vsn": "2.0.0"}
        if self._token is not None:
            params["token"] = self._token
        try:
            self._socket = self._world.server.connect(
                params, send=lambda _text: None, close=self._closed
            )
        except Refused:
            self._world.clock.call_later(self._pause, self.open)
            self._pause = min(2 * self._pause, _LONGEST_RECONNECT)
            return
        self._pause = _RECONNECT
        for topic, payload in self.joins.items():
            self.push(topic, "phx_join", payload)
        self._beat(self._socket)

    def push(self, topic: str, event: str, payload: object) -> bool:
        """Send; return whether there was a connection."""
        if self._socket is None or not self._socket.open:
            return False
        if event != "phx_join" and topic in self.joins and topic not in self._socket.topics:
            self.push(topic, "phx_join", self.joins[topic])  # its channel has crashed
        self._ref += 1
        ref = str(self._ref)
        with by(""):
            self._socket.receive(orjson.dumps([ref, ref, topic, event, payload]).decode())
        return True

    def join(self, topic: str, payload: object) -> None:
        """Join, now and whenever the connection has come back."""
        self.joins[topic] = payload
        self.push(topic, "phx_join", payload)

    def close(self) -> None:
        """Go, for good."""
        self._gone = True
        if self._socket is not None:
            self._socket.disconnected()
            self._socket = None

    def _beat(self, socket: ServerSocket) -> None:
        if socket.open:
            socket.pinged()
            self._world.clock.call_later(_HEARTBEAT, self._beat, socket)

    def _closed(self, _code: int, _reason: str) -> None:
        self._socket = None
        self._world.clock.call_later(_RECONNECT, self.open)


@dataclass(slots=True)
class SimulatedVisitor:
    """A customer in a conversation."""

    world: World
    random: Random
    turns: int
    source: str = "chat"
    orders: tuple[str, ...] = ORDERS
    wire: Wire = field(init=False)
    customer: Customer = field(init=False)
    conversation: Conversation = field(init=False)
    said: int = 0

    async def live(self) -> None:
        """Come, write, wait a little, write again."""
        random = self.random
        self.open()
        await asyncio.sleep(random.random() * 0.05)
        for number in range(self.turns):
            await self._write()
            if number == 0 and random.random() < 0.5:
                await self._rejoin()
            await asyncio.sleep(random.choice((0.2, 0.8, 2.0, 6.0, 15.0)) * (0.5 + random.random()))
            if random.random() < _LOOKS:
                self.look()
        if random.random() < 0.2:
            self.wire.close()

    def open(self) -> None:
        """Open a conversation, and join it."""
        world = self.world
        store = world.server.store
        ids = {"account_id": world.account_id}
        self.customer = store.add_customer(ids)
        ids["customer_id"] = self.customer.id
        self.conversation = store.add_conversation({**ids, "source": self.source})
        world.kernel.note("visitor", f"opens {self.conversation.id} {self.source}")
        world.visitors[self.conversation.id] = self
        self.wire = Wire(world, None)
        self.wire.join(f"conversation:lobby:{self.customer.id}", {})
        self.wire.open()
        world.server.backend.announce_created(self.conversation)
        self.wire.join(self._topic, {"customer_id": self.customer.id})

    async def _write(self) -> None:
        """Write one turn: a message, or several in a row."""
        burst = self.random.choice((1, 1, 1, 1, 2, 3))
        for number in range(burst):
            if number:
                await asyncio.sleep(self.random.choice((0.0, 0.05, 0.4, 1.2)))
            await self.say(self.random.choice(self.orders))

    def look(self) -> None:
        """See what is there, as a widget tells when its window is opened or comes to the front."""
        self.wire.push(self._topic, "messages:seen", {})

    async def say(self, words: str) -> None:
        """Say something, once there is a connection."""
        if self.source != "chat":
            self.mail(words)
            return
        payload = self._next(words)
        while not self.wire.is_gone and not self.wire.push(self._topic, "shout", payload):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(self.wire.patience)

    def mail(self, words: str) -> None:
        """Say something by mail or SMS, which do not come by socket: the server stores them.

        In a conversation that has been deleted there is nothing to say any more.
        """
        if self.conversation.id in self.world.deleted:
            return
        backend = self.world.server.backend
        ids = {"conversation_id": self.conversation.id, "account_id": self.world.account_id}
        message = backend.store.add_message({**self._next(words), **ids, "source": self.source})
        backend.store.stamp_activity(message)
        backend.announce_message(message)
        backend.settle(message)

    def _next(self, words: str) -> dict[str, str]:
        self.said += 1
        # No two customers ever say the same, so that an answer in the wrong place is seen.
        said = f"{self.customer.id[:8]}.{self.said}"
        said += "@example.com" if words == "mail" else f" {words}"
        return {"body": said, "customer_id": self.customer.id}

    async def _rejoin(self) -> None:
        """Leave and come back at once, as the widget does: what was at work may be lost."""
        await asyncio.sleep(self.random.random() * 0.02)
        self.wire.push(self._topic, "phx_leave", {})
        self.wire.push(self._topic, "phx_join", {"customer_id": self.customer.id})

    @property
    def _topic(self) -> str:
        return f"conversation:{self.conversation.id}"
