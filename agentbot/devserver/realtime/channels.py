"""The channels, one for each joined topic of each socket: processes, on the real server.

A channel answers pushes, hears its topic, and crashes on whatever it does not know: the socket
then sees ``phx_error`` and stays open [T: crashes].
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from agentbot.devserver.backend import Backend, Timer
from agentbot.devserver.faults import Lose, Mute, ShoutTimings
from agentbot.devserver.store import views
from agentbot.devserver.store.memory import Invalid, Missing
from agentbot.devserver.store.records import Conversation, Message, User
from agentbot.phoenix import frames
from agentbot.phoenix.frames import Frame


class Crash(Exception):
    """The channel has died, as a process does of an exception that nobody handles."""


class JoinDenied(Exception):
    """The join is answered with an error; the text is its reason."""


class OwningSocket(Protocol):
    """The socket that a channel belongs to, as the channel sees it."""

    user: User | None

    def deliver(self, text: str, topic: str, event: str, origin: object | None) -> None:
        """Send an encoded frame to the client."""

    def channel_ended(self, channel: ServerChannel, event: str) -> None:
        """Forget the channel and tell the client with ``event`` (phx_close or phx_error)."""


class ServerChannel:
    """One joined topic of one socket."""

    def __init__(
        self, backend: Backend, socket: OwningSocket, topic: str, join_ref: str | None
    ) -> None:
        self.backend = backend
        self.socket = socket
        self.topic = topic
        self.join_ref = join_ref
        self._tracked: list[str] = []
        self._mailbox: deque[Frame] = deque()
        self._busy: Timer | None = None
        self._ended = False

    # Life

    def join(self, payload: object) -> None:
        """Check the join. Raises :class:`JoinDenied`, or :class:`Crash`."""

    def joined(self) -> None:
        """Do what follows the reply to the join."""

    def end(self) -> None:
        """Stop at once: the client is not told, unfinished work is lost, presence ends."""
        if self._ended:
            return
        self._ended = True
        if self._busy is not None:
            self._busy.cancel()
        self._mailbox.clear()
        self.backend.hub.unsubscribe(self.topic, self)
        self.backend.presence.untrack(self, self._tracked)

    def crash(self) -> None:
        """Die as an exception in the process lets it die."""
        self.end()
        self.socket.channel_ended(self, frames.ERROR)

    def track(self, topic: str, key: str, **meta: object) -> None:
        """Be present on ``topic`` for as long as this channel lives."""
        self._tracked.append(topic)
        online_at = str(int(self.backend.now().timestamp()))
        self.backend.presence.track(self, topic, key, {"online_at": online_at, **meta})

    # Frames

    def receive(self, frame: Frame) -> None:
        """Take a push, now or after the work that is going on."""
        if self._busy is not None:
            self._mailbox.append(frame)
        elif frame.event == frames.LEAVE:
            self.reply(frame.ref, {})
            self.end()
            self.socket.channel_ended(self, frames.CLOSE)
        else:
            self._guarded(lambda: self.handle(frame.event, frame.payload, frame.ref))

    def handle(self, event: str, payload: object, ref: str | None) -> None:
        """Answer a push. Raises :class:`Crash` for an unknown event."""
        if event != "ping":
            raise Crash
        self.reply(ref, payload)

    def hear(self, text: str, event: str, origin: object | None) -> None:
        """Pass a broadcast of the topic on to the client."""
        self.socket.deliver(text, self.topic, event, origin)

    def push(self, event: str, payload: object) -> None:
        """Send to this client alone."""
        frame = Frame(None, None, self.topic, event, payload)
        self.socket.deliver(frames.encode(frame), self.topic, event, self.socket)

    def reply(self, ref: str | None, response: object) -> None:
        """Answer the push ``ref`` with ok."""
        payload = {"status": "ok", "response": response}
        frame = Frame(self.join_ref, ref, self.topic, frames.REPLY, payload)
        self.socket.deliver(frames.encode(frame), self.topic, frames.REPLY, self.socket)

    # Work that takes its time

    def work(self, steps: Sequence[tuple[float, Callable[[], None]]]) -> None:
        """Do the steps, each so many seconds after now; take nothing else in until the last."""
        left = deque(steps)
        passed = 0.0

        def go_on() -> None:
            nonlocal passed
            self._busy = None
            while left and not self._ended:
                at, step = left[0]
                if at > passed:
                    wait, passed = at - passed, at
                    self._busy = self.backend.call_later(wait, go_on)
                    return
                left.popleft()
                self._guarded(step)
            self._catch_up()

        go_on()

    def _catch_up(self) -> None:
        while self._mailbox and self._busy is None:
            self.receive(self._mailbox.popleft())

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (Crash, Invalid, Missing):
            self.crash()


class RoomChannel(ServerChannel):
    """``room:<account_id>``: shows which agents are there; joining it tracks nobody."""

    def joined(self) -> None:
        """Show who is there."""
        self.push(frames.PRESENCE_STATE, self.backend.presence.state(self.topic))

    def handle(self, event: str, payload: object, ref: str | None) -> None:
        """Take nothing at all, a ping included (papercups: room_channel.ex)."""
        del event, payload, ref
        raise Crash


class LobbyChannel(ServerChannel):
    """``conversation:lobby:<customer_id>``: hears of the customer's new conversations."""

    def handle(self, event: str, payload: object, ref: str | None) -> None:
        """Pass a shout on to the lobby as it came."""
        if event == "shout":
            self.backend.hub.broadcast(self.topic, event, payload, origin=self.socket)
        elif event != "messages:seen":
            super().handle(event, payload, ref)


class _Shouting(ServerChannel):
    """What the two channels that take shouts have in common."""

    def shout(self, payload: object, ref: str | None) -> None:
        """Store, stamp, announce and settle, as fast as :meth:`Faults.slow_shout` lets it."""
        if self.backend.faults.is_pool_dry(self.backend.now()):
            raise Crash
        effect = self.backend.faults.on_shout(self.topic)
        if isinstance(effect, Lose):
            return
        at = effect if isinstance(effect, ShoutTimings) else ShoutTimings()
        stored: list[Message] = []

        def store() -> None:
            message = self.store_message(payload)
            if message is not None:
                stored.append(message)

        def with_stored(step: Callable[[Message], None]) -> Callable[[], None]:
            def run() -> None:
                for message in stored:
                    step(message)

            return run

        steps = [
            (at.store, store),
            (at.stamp, with_stored(self.backend.store.stamp_activity)),
            (at.broadcast, with_stored(self.announce)),
            (at.settle, with_stored(lambda message: self.settle(message, ref))),
        ]
        self.work(steps[:2] if isinstance(effect, Mute) else steps)

    def store_message(self, payload: object) -> Message | None:
        """Store what was shouted, or do what is done instead and return ``None``."""
        raise NotImplementedError

    def announce(self, message: Message) -> None:
        """Shout the message to all who are to hear it."""
        self.backend.announce_message(message, origin=self.socket)

    def settle(self, message: Message, ref: str | None) -> None:
        """Do what follows: the conversation's changes, and the reply if there is one."""
        raise NotImplementedError

    def add_message(self, payload: object, **fixed: object) -> Message:
        """Store a message with its attachments. Raises :class:`Crash`, and what the store does."""
        if not isinstance(payload, dict):
            raise Crash
        store = self.backend.store
        message = store.add_message({**payload, **fixed})
        file_ids = payload.get("file_ids")
        if isinstance(file_ids, list):
            message.file_ids = [one for one in file_ids if one in store.uploads]
        return message


class NotificationChannel(_Shouting):
    """``notification:<account_id>``: the agents' topic. Joining it makes an agent present."""

    @property
    def account_id(self) -> str:
        """The account that the topic names."""
        return self.topic.partition(":")[2]

    @property
    def user(self) -> User:
        """The agent. Raises :class:`JoinDenied` for anybody else."""
        user = self.socket.user
        if user is None or user.account_id != self.account_id:
            reason = "Unauthorized"
            raise JoinDenied(reason)
        return user

    def join(self, payload: object) -> None:
        """Let in the account's agents alone."""
        del payload
        _ = self.user

    def joined(self) -> None:
        """Track the agent here and in the room, and show who is there."""
        user = self.user
        key = f"user:{user.id}"
        self.track(self.topic, key, user_id=user.id)

        def appear() -> None:
            self.track(f"room:{self.account_id}", key, user_id=user.id)

        wait = self.backend.faults.on_appearance()
        if wait:
            self.backend.call_later(wait, lambda: None if self._ended else appear())
        else:
            appear()
        self.push(frames.PRESENCE_STATE, self.backend.presence.state(self.topic))

    def handle(self, event: str, payload: object, ref: str | None) -> None:
        """Take shouts and read receipts."""
        if event == "shout":
            self.shout(payload, ref)
        elif event == "read":
            self._read(payload, ref)
        else:
            super().handle(event, payload, ref)

    def store_message(self, payload: object) -> Message | None:
        """Store it as the agent's; whatever is wrong with it crashes the channel."""
        return self.add_message(payload, user_id=self.user.id, account_id=self.account_id)

    def settle(self, message: Message, ref: str | None) -> None:
        """Change the conversation and confirm."""
        self.backend.settle(message)
        self.reply(ref, {})

    def _read(self, payload: object, ref: str | None) -> None:
        wanted = payload.get("conversation_id") if isinstance(payload, dict) else None
        conversation = self.backend.store.conversations.get(str(wanted))
        if conversation is None:
            raise Crash
        self.backend.store.update_conversation(conversation, {"read": True})
        self.backend.announce_updated(conversation)
        self.reply(ref, {})


class ConversationChannel(_Shouting):
    """``conversation:<id>``: open to anyone who knows the id."""

    conversation: Conversation
    customer_id: str | None = None
    _activity_before: str | None = None

    def join(self, payload: object) -> None:
        """Let in anyone who names a conversation that exists."""
        wanted = self.topic.partition(":")[2]
        try:
            uuid.UUID(wanted)
        except ValueError:
            raise Crash from None
        if self.backend.faults.is_pool_dry(self.backend.now(), share=0.2):
            raise Crash
        conversation = self.backend.store.conversations.get(wanted)
        if conversation is None:
            reason = "unauthorized"
            raise JoinDenied(reason)
        self.conversation = conversation
        customer_id = payload.get("customer_id") if isinstance(payload, dict) else None
        self.customer_id = customer_id if isinstance(customer_id, str) else None

    def joined(self) -> None:
        """Track a customer, here and for the agents."""
        if self.customer_id is None:
            return
        presence = self.backend.presence
        agents = f"notification:{self.conversation.account_id}"
        for topic in (self.topic, agents):
            self.track(topic, f"customer:{self.customer_id}", customer_id=self.customer_id)
        self.push(frames.PRESENCE_STATE, presence.state(self.topic))
        self.backend.hub.broadcast(agents, frames.PRESENCE_STATE, presence.state(agents))

    def handle(self, event: str, payload: object, ref: str | None) -> None:
        """Take shouts and the customer's receipts."""
        if event == "shout":
            self.shout(payload, ref)
        elif event == "messages:seen":
            self.backend.store.mark_seen(self.conversation.id)
        else:
            super().handle(event, payload, ref)

    def store_message(self, payload: object) -> Message | None:
        """Store it with the user or customer that it names."""
        # The update that agents hear of still shows the activity before this message
        # [T: receipts].
        self._activity_before = views.zulu(self.conversation.last_activity_at)
        try:
            return self.add_message(
                payload,
                conversation_id=self.conversation.id,
                account_id=self.conversation.account_id,
            )
        except Invalid:
            # What the changeset refuses is broadcast as it came, to this topic alone
            # [T: reply_on_conversation_channel].
            self.backend.hub.broadcast(self.topic, "shout", payload, origin=self.socket)
            return None

    def announce(self, message: Message) -> None:
        """Shout to this topic, private or not, and to the agents."""
        hub = self.backend.hub
        shout = views.message(message, self.backend.store)
        hub.broadcast(self.topic, "shout", shout, origin=self.socket)
        hub.broadcast(f"notification:{message.account_id}", "shout", shout, origin=self.socket)

    def settle(self, message: Message, ref: str | None) -> None:
        """Change the conversation. There is no reply: the echo is the only confirmation."""
        del ref
        self.backend.settle(message, last_activity_at=self._activity_before)


def channel_for(topic: str) -> type[ServerChannel] | None:
    """Return the class of channel that serves ``topic``; ``None`` where none does."""
    kind, colon, rest = topic.partition(":")
    if not colon:
        return None
    if kind == "conversation":
        lobby = rest == "lobby" or rest.startswith("lobby:")
        return LobbyChannel if lobby else ConversationChannel
    return {"notification": NotificationChannel, "room": RoomChannel}.get(kind)
