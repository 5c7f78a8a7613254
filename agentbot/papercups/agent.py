"""The agent's session: logged in, in the room's presence, hearing every conversation."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from agentbot.errors import PushNotSent
from agentbot.papercups import events
from agentbot.papercups.auth import Login
from agentbot.papercups.heard import Heard
from agentbot.papercups.models import Tokens
from agentbot.papercups.presence import (
    Room,
    customers_who_came,
    customers_who_went,
    is_here,
    sockets_of,
)
from agentbot.papercups.translate import SHOUT, conversation_of, conversation_topic, translate
from agentbot.papercups.url import PapercupsUrl
from agentbot.papercups.waiting import JoinWaiters
from agentbot.phoenix import events as phoenix
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.client import Client, ClientOptions
from agentbot.phoenix.driver import ConnectionCounters
from agentbot.phoenix.transport import Connector

__all__ = ["AgentSession", "ConnectionCounters", "OnEvents"]

OnEvents = Callable[[Sequence[events.Event]], None]

_FAREWELL = 2.0
"""Seconds that the server may take to confirm that our presence has left. It does so at once if it
can; whoever stops the bot should not wait for one that cannot."""

_ENDED = "the session has ended"


class AgentSession:
    """An agent that is connected while :meth:`run` runs, and hears what happens in the account.

    ``on_events`` gets the events of one read from the connection at a time. It must not block;
    what it raises ends :meth:`run`. After every :class:`events.Connected` the caller has to catch
    up: what was said before it was not heard. ``push_timeout`` is in seconds.
    """

    def __init__(
        self,
        *,
        url: PapercupsUrl,
        login: Login,
        on_events: OnEvents,
        connector: Connector | None = None,
        options: ClientOptions | None = None,
        push_timeout: float = 10.0,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self._url = url
        self._login = login
        self._on_events = on_events
        self._push_timeout = push_timeout
        self._client = Client(
            url=self._next_url,
            on_events=self._hear,
            on_forbidden=self._on_forbidden,
            connector=connector,
            options=options,
            random=random,
        )
        self._heard = Heard()
        self._tokens: Tokens | None = None
        self._in_room = Room()
        self._wants_presence = True
        self._distrusted: str | None = None
        self._said_connected = False
        self._must_catch_up = True
        self._has_ended = False
        self._waiters = JoinWaiters()
        self._left = asyncio.Event()

    async def run(self) -> None:
        """Log in, connect and stay connected until :meth:`close`.

        Raises :class:`LoginRefused` where e-mail and password are wrong. An unreachable server
        is waited for.
        """
        try:
            await self._client.run()
        finally:
            self._has_ended = True
            self._waiters.refuse_all(_ENDED)

    async def close(self) -> None:
        """Leave the room's presence, then say goodbye; :meth:`run` returns after it."""
        if self._tokens is not None and self._is_joined(self._notification):
            self._left.clear()
            self._client.leave(self._notification)
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL):
                    await self._left.wait()
        self._client.close()

    # Who we are, who is there.

    @property
    def is_ready(self) -> bool:
        """Whether everything of the session's own is joined."""
        if self._tokens is None or not self._is_joined(self._room):
            return False
        return not self._wants_presence or self._is_joined(self._notification)

    @property
    def user_id(self) -> int:
        """The agent's own user id, -1 before the first login."""
        return -1 if self._tokens is None else self._tokens.user_id

    @property
    def account_id(self) -> str:
        """The account's id, empty before the first login."""
        return "" if self._tokens is None else self._tokens.account_id

    @property
    def agents_online(self) -> frozenset[int]:
        """The people in the room, as user ids; neither this bot nor known bots count."""
        return self._in_room.people

    @property
    def is_on_duty(self) -> bool:
        """Whether the room's presence is wanted; if not, only followed conversations are heard."""
        return self._wants_presence

    @property
    def is_seen(self) -> bool:
        """Whether the room's presence shows this agent: its users see the bot online."""
        return bool(self.own_sockets)

    @property
    def own_sockets(self) -> frozenset[str]:
        """The refs of the sockets that the room shows under this agent's user, ours included."""
        return sockets_of(self.user_id, self._client.presence(self._room))

    def is_here(self, customer_id: str) -> bool:
        """Say whether the customer's window is open, as far as was last heard."""
        return is_here(customer_id, self._client.presence(self._notification))

    @property
    def counters(self) -> ConnectionCounters:
        """The figures of all connections so far: what they carried, dropped and suffered."""
        return self._client.counters

    def set_bots(self, user_ids: frozenset[int]) -> None:
        """Say which users are bots too, and so no people."""
        self._in_room.bots = user_ids
        if self._tokens is not None and (told := self._room_news()):
            self._on_events(told)

    def set_present(self, present: bool) -> None:  # noqa: FBT001 - a setter
        """Be in the room's presence, or not. The account's shouts come only while we are."""
        if present == self._wants_presence:
            return
        self._wants_presence = present
        if self._tokens is None:
            return
        if present:
            # What was shouted meanwhile was not heard.
            self._must_catch_up = True
            self._join(self._notification)
        else:
            self._client.leave(self._notification)
            # It may have been the topic that the session was waiting for.
            if told := self._ready():
                self._on_events(told)

    # Conversations.

    def follow(self, conversation_id: str) -> None:
        """Join the conversation's topic, and stay on it, as soon as the server has time for it."""
        self._join(conversation_topic(conversation_id))

    def unfollow(self, conversation_id: str) -> None:
        """Leave the conversation's topic."""
        self._client.leave(conversation_topic(conversation_id))
        self._waiters.refuse(conversation_id, "the conversation is no longer followed")

    async def joined(self, conversation_id: str) -> None:
        """Follow the conversation, and return when it can be spoken on.

        Its join goes before those that nobody waits for. Raises :class:`PushNotSent` where the
        server refuses us the topic, or the session ends.
        """
        topic = conversation_topic(conversation_id)
        if self._is_joined(topic):
            return
        if self._has_ended:
            raise PushNotSent(topic, SHOUT, _ENDED)
        self.follow(conversation_id)
        self._client.hurry(topic)
        await self._waiters.wait(conversation_id)

    def shout(
        self,
        conversation_id: str,
        body: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        as_user: bool = False,
        via: events.Via = "conversation",
    ) -> str:
        """Send a message of type ``bot``; return the push's ref. Its echo confirms it.

        On ``conversation:`` without a user it leaves the conversation unread and unassigned, and
        reaches chat alone; on ``notification:`` it is always the user's, and reaches e-mail and
        SMS too (PROTOCOL, 3). Raises :class:`PushNotSent` where that topic is not joined now.
        """
        payload: dict[str, Any] = {"body": body, "type": "bot", "metadata": metadata}
        if via == "notification":
            payload["conversation_id"] = conversation_id
            return self._client.send(self._notification, SHOUT, payload)
        if as_user:
            payload["user_id"] = self.user_id
        return self._client.send(conversation_topic(conversation_id), SHOUT, payload)

    async def dealt_with(self, conversation_id: str, *, via: events.Via = "conversation") -> None:
        """Return once the server has dealt with all that we have sent there.

        A channel works in order, and both kinds answer a ``ping`` [T: joins_and_leaves].
        Raises a :class:`PushError`; :class:`PushTimedOut` means that the connection, or the
        server, may still hold what was sent.
        """
        speaks = via == "conversation"
        topic = conversation_topic(conversation_id) if speaks else self._notification
        await self._client.push(topic, "ping", {}, timeout=self._push_timeout)

    def reconnect(self) -> None:
        """Give up the connection for a new one: :class:`events.ConnectionLost` follows."""
        self._client.reconnect()

    def seen(self, conversation_id: str) -> bool:
        """Send the *customer's* receipt for agents' messages; return whether it was sent.

        It stamps every message with a user id that was not seen yet, ours included.
        """
        try:
            self._client.send(conversation_topic(conversation_id), "messages:seen", {})
        except PushNotSent:
            return False
        return True

    async def read(self, conversation_id: str) -> None:
        """Send the agent's receipt: the conversation becomes read for all agents.

        Raises a :class:`PushError`. An id that does not exist crashes the topic (PROTOCOL, 2).
        """
        await self._client.push(
            self._notification,
            "read",
            {"conversation_id": conversation_id},
            timeout=self._push_timeout,
        )

    # The connection.

    async def _next_url(self) -> str:
        if self._distrusted is not None:
            self._tokens = await self._login.log_in_again(instead_of=self._distrusted)
            self._distrusted = None
        else:
            self._tokens = await self._login.tokens()
        # In this order: notification: is what makes us seen in room:.
        if self._wants_presence:
            self._join(self._notification)
        self._join(self._room)
        return self._url.socket(token=self._tokens.token)

    async def _on_forbidden(self, count: int) -> None:
        renew = self._login.renew if count == 1 else self._login.log_in_again
        await renew(instead_of=self._login.token)

    @property
    def _notification(self) -> str:
        return f"notification:{self.account_id}"

    @property
    def _room(self) -> str:
        return f"room:{self.account_id}"

    def _join(self, topic: str) -> None:
        if self._client.state(topic) in {ChannelState.CLOSED, ChannelState.LEAVING}:
            self._client.join(topic)

    def _is_joined(self, topic: str) -> bool:
        return self._client.state(topic) is ChannelState.JOINED

    # What is heard.

    def _hear(self, happened: Sequence[phoenix.Event]) -> None:
        told: list[events.Event] = []
        duplicates = 0
        for event in happened:
            if isinstance(event, phoenix.MessageReceived):
                if event.event == SHOUT and self._heard.has(event.payload):
                    duplicates += 1
                elif (meant := translate(*event)) is not None:
                    told.append(meant)
                    if isinstance(meant, events.MessageReceived):
                        self._heard.note(event.payload)
            elif isinstance(event, phoenix.PresenceSynced):
                told += self._presence_changed(event)
            else:
                told += self._connection_changed(event)
        if duplicates:
            told.append(events.DuplicatesDropped(duplicates))
        if told:
            self._on_events(told)

    def _connection_changed(self, event: phoenix.Event) -> list[events.Event]:
        told: list[events.Event] = []
        match event:
            case phoenix.ChannelJoined(topic=topic):
                told = self._joined(topic)
            case phoenix.JoinRefused(topic=topic, reason=reason, final=True):
                told = self._refused(topic, reason)
            case phoenix.ChannelErrored(
                topic=(self._notification | self._room) as topic, reason=reason
            ):
                told = self._not_ready(f"{topic} {reason}")
            case phoenix.ChannelErrored(topic=topic) if (id_ := conversation_of(topic)) is not None:
                told = [events.ConversationCrashed(id_)]
            case phoenix.ChannelClosed(topic=self._notification):
                self._left.set()
            case phoenix.SocketLost(code=code, reason=reason):
                self._in_room.is_seen = False
                told = [*self._not_ready(f"{code} {reason}".strip()), events.ConnectionLost()]
            case phoenix.ConnectFailed(problem=problem, retry_in=retry_in):
                told = [events.Unreachable(problem, retry_in)]
            case phoenix.FrameDropped(event=problem, reason="malformed"):
                told = [events.Unreadable("frame", problem)]
            case _:
                pass
        return told

    def _joined(self, topic: str) -> list[events.Event]:
        if (conversation_id := conversation_of(topic)) is not None:
            self._waiters.joined(conversation_id)
            return [events.ConversationJoined(conversation_id)]
        return self._ready()

    def _refused(self, topic: str, reason: str) -> list[events.Event]:
        if (conversation_id := conversation_of(topic)) is not None:
            self._waiters.refuse(conversation_id, f"its join was refused: {reason}")
            return [events.ConversationRefused(conversation_id, reason)]
        # Our own topics are refused to a token that is not ours: begin anew with another.
        self._distrusted = self._login.token
        self._client.reconnect()
        self._said_connected = False
        return [events.Disconnected(f"{topic} was refused: {reason}")]

    def _ready(self) -> list[events.Event]:
        """Return what the caller is to be told where the session may have become ready."""
        if not self.is_ready or (self._said_connected and not self._must_catch_up):
            return []
        self._said_connected, self._must_catch_up = True, False
        return [events.Connected()]

    def _not_ready(self, reason: str) -> list[events.Event]:
        """Return what the caller is to be told where the session may be ready no longer."""
        if not self._said_connected or self.is_ready:
            return []
        self._said_connected = False
        return [events.Disconnected(reason)]

    def _presence_changed(self, event: phoenix.PresenceSynced) -> list[events.Event]:
        if event.topic == self._room:
            return self._room_news()
        if event.topic != self._notification:
            return []
        here = self._client.presence(event.topic)
        return [*customers_who_came(event.joins), *customers_who_went(event.leaves, here)]

    def _room_news(self) -> list[events.Event]:
        return self._in_room.news(self.user_id, self._client.presence(self._room))
