"""A customer's session: what the chat window does, for the demo, ``agentbot chat`` and tests."""

from __future__ import annotations

import asyncio
import random as random_module
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from agentbot.errors import ApiError, PushNotSent, TransportError
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.events import ConversationCreated, MessageReceived, Unreadable
from agentbot.papercups.models import Message
from agentbot.papercups.translate import (
    conversation_topic,
    lobby_topic,
    read_created,
    read_shout,
)
from agentbot.phoenix import events as phoenix
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.client import Client, ClientOptions
from agentbot.phoenix.transport import Connector

MAX_UNREAD = 10_000
"""Messages that wait to be read, at most: more than any conversation has."""


def _wall_clock() -> datetime:
    return datetime.now(UTC)


class CustomerSession:
    """One customer in one conversation at a time: made on entry, connected until exit.

    ::

        async with CustomerSession(rest, account_id) as customer:
            await customer.shout("Do you ship to Norway?")
            async for message in customer.messages():
                ...

    ``messages`` yields every message of the conversation, the customer's own echoes included. Where
    an agent begins another one with the customer, the session goes over to it, as the widget does:
    ``conversation_id`` changes, and its messages follow, those from before we joined it first.
    ``fields`` go into the new customer: ``name``, ``email``, ``metadata`` and the like. Of more
    than ``max_unread`` messages that wait to be read the oldest goes, and is counted.
    """

    def __init__(
        self,
        rest: CustomerRest,
        account_id: str,
        *,
        fields: Mapping[str, Any] | None = None,
        connector: Connector | None = None,
        options: ClientOptions | None = None,
        clock: Callable[[], datetime] = _wall_clock,
        random: Callable[[], float] = random_module.random,
        max_unread: int = MAX_UNREAD,
    ) -> None:
        self.customer_id = ""
        self.conversation_id = ""
        self.dropped: Counter[str] = Counter()
        self._rest = rest
        self._account_id = account_id
        self._fields = dict(fields or {})
        self._clock = clock
        self._client = Client(
            url=self._url,
            on_events=self._hear,
            connector=connector,
            options=options,
            random=random,
        )
        self._unread: asyncio.Queue[Message] = asyncio.Queue(max_unread)
        self._seen_ids: set[str] = set()
        self._reading: asyncio.Task[None] | None = None
        self._early: list[MessageReceived | Unreadable] | None = None
        self._settled = asyncio.Event()
        self._refused: str | None = None
        self._running: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Make the customer and the conversation, connect, and join.

        Raises :class:`TransportError` or an :class:`ApiError` where REST does, and
        :class:`PushNotSent` where the server refuses the conversation.
        """
        customer = await self._rest.create_customer(self._account_id, **self._fields)
        conversation = await self._rest.create_conversation(self._account_id, customer.id)
        self.customer_id, self.conversation_id = customer.id, conversation.id
        self._client.join(lobby_topic(customer.id))
        self._client.join(self._topic, {"customer_id": customer.id})
        self._running = asyncio.create_task(self._client.run())
        try:
            await self._be_joined()
        except BaseException:
            self._running.cancel()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._client.close()
        await self._running

    async def shout(self, body: str, *, metadata: Mapping[str, Any] | None = None) -> None:
        """Say something, as soon as the conversation is joined. Its echo confirms it.

        Raises :class:`PushNotSent` where the server refuses the conversation.
        """
        await self._be_joined()
        payload: dict[str, Any] = {
            "body": body,
            "customer_id": self.customer_id,
            "sent_at": self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if metadata is not None:
            payload["metadata"] = metadata
        self._client.send(self._topic, "shout", payload)

    def seen(self) -> None:
        """Say that the agents' messages have been seen. Raises :class:`PushNotSent`."""
        self._client.send(self._topic, "messages:seen", {})

    async def next_message(self) -> Message:
        """Return the next message of the conversation, waiting for it."""
        return await self._unread.get()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield the messages of the conversation as they come, without end."""
        while True:
            yield await self.next_message()

    async def rejoin(self) -> None:
        """Leave the conversation's topic and join it again at once, as the widget does."""
        self._settled.clear()
        self._client.leave(self._topic)
        self._client.join(self._topic, {"customer_id": self.customer_id})
        await self._be_joined()

    @property
    def _topic(self) -> str:
        return conversation_topic(self.conversation_id)

    async def _url(self) -> str:
        return self._rest.url.socket()

    async def _be_joined(self) -> None:
        await self._settled.wait()
        if self._refused is not None:
            raise PushNotSent(self._topic, "shout", f"its join was refused: {self._refused}")

    def _hear(self, happened: Sequence[phoenix.Event]) -> None:
        for event in happened:
            match event:
                case phoenix.MessageReceived(topic=topic, event="shout", payload=payload):
                    self._hear_shout(read_shout(topic, payload))
                case phoenix.MessageReceived(
                    topic=topic, event="conversation:created", payload=payload
                ) if topic == lobby_topic(self.customer_id):
                    self._go_over(read_created(payload))
                case phoenix.JoinRefused(topic=self._topic, reason=reason, final=True):
                    self._refused = reason
                case phoenix.FrameDropped(reason="malformed"):
                    self.dropped["frame"] += 1
                case _:
                    pass
        if self._refused is not None or self._client.state(self._topic) is ChannelState.JOINED:
            self._settled.set()
        else:
            self._settled.clear()

    def _go_over(self, begun: ConversationCreated | Unreadable) -> None:
        """Leave the conversation for the one that an agent has begun."""
        if isinstance(begun, Unreadable):
            self.dropped[begun.reason] += 1
            return
        if begun.conversation_id == self.conversation_id:
            return
        self._client.leave(self._topic)
        self.conversation_id = begun.conversation_id
        self._client.join(self._topic, {"customer_id": self.customer_id})
        if self._reading is not None:
            self._reading.cancel()  # of a conversation that we have left
        self._early = early = list[MessageReceived | Unreadable]()
        self._reading = asyncio.create_task(self._read_history(begun.conversation_id, early))

    async def _read_history(
        self, conversation_id: str, early: list[MessageReceived | Unreadable]
    ) -> None:
        """Read what was said before we joined: an agent begins a conversation with a message.

        Once we have joined, so that nothing is said between the two; what is heard meanwhile, which
        is kept in ``early``, comes after it.
        """
        said: list[Message] = []
        try:
            await self._be_joined()
            found = await self._rest.conversations(self._account_id, self.customer_id)
            said += next((one.messages for one in found if one.id == conversation_id), ())
        except (PushNotSent, TransportError, ApiError):
            self.dropped["history"] += 1
        self._early = None
        for message in sorted(said, key=lambda one: one.created_at):
            self._keep(message)
        for heard in early:
            self._take(heard)

    def _hear_shout(self, heard: MessageReceived | Unreadable) -> None:
        """Take what was heard, at once or once the history before it was read."""
        if self._early is None:
            self._take(heard)
        else:
            self._early.append(heard)

    def _take(self, heard: MessageReceived | Unreadable) -> None:
        if isinstance(heard, Unreadable):
            self.dropped[heard.reason] += 1
        else:
            self._keep(heard.message)

    def _keep(self, message: Message) -> None:
        """Keep the message to be read, once: what is heard may stand in the history too."""
        if message.id in self._seen_ids:
            return
        self._seen_ids.add(message.id)
        if self._unread.full():
            self._unread.get_nowait()
            self.dropped["unread"] += 1
        self._unread.put_nowait(message)
