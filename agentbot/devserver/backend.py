"""What REST and the channels share: the store, who listens where, and what a message sets off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agentbot.devserver.faults import Faults
from agentbot.devserver.presence import PresenceTracker
from agentbot.devserver.store import views
from agentbot.devserver.store.ids import Ids
from agentbot.devserver.store.memory import MemoryStore
from agentbot.devserver.store.records import Conversation, Message
from agentbot.devserver.store.tokens import TokenIssuer
from agentbot.phoenix.frames import Frame, encode


class Timer(Protocol):
    """A call that is due later, as :data:`CallLater` returns it."""

    def cancel(self) -> None:
        """Forget the call."""


CallLater = Callable[[float, Callable[[], None]], Timer]
"""A function that calls another after so many seconds, as an asyncio loop's ``call_later`` does."""


class Subscriber(Protocol):
    """A channel that hears the broadcasts of its topic."""

    def hear(self, text: str, event: str, origin: object | None) -> None:
        """Take the encoded frame of ``event`` that ``origin`` (a socket) caused."""


class Hub:
    """The subscribers of each topic."""

    def __init__(self) -> None:
        self._subscribers: dict[str, dict[Subscriber, None]] = {}

    def subscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Let ``subscriber`` hear ``topic``."""
        self._subscribers.setdefault(topic, {})[subscriber] = None

    def unsubscribe(self, topic: str, subscriber: Subscriber) -> None:
        """Let ``subscriber`` hear ``topic`` no more."""
        subscribers = self._subscribers.get(topic, {})
        subscribers.pop(subscriber, None)
        if not subscribers:
            self._subscribers.pop(topic, None)

    def broadcast(
        self, topic: str, event: str, payload: object, *, origin: object | None = None
    ) -> None:
        """Send to everyone on ``topic``. A broadcast's join_ref and ref are null."""
        subscribers = self._subscribers.get(topic)
        if subscribers:
            text = encode(Frame(None, None, topic, event, payload))
            for subscriber in list(subscribers):
                subscriber.hear(text, event, origin)


@dataclass(slots=True)
class Backend:
    """The server without REST and sockets. All that differs between runs is handed in."""

    now: Callable[[], datetime]
    call_later: CallLater
    ids: Ids
    faults: Faults = field(default_factory=Faults)
    hub: Hub = field(default_factory=Hub)
    store: MemoryStore = field(init=False)
    tokens: TokenIssuer = field(init=False)
    presence: PresenceTracker = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(now=self.now, ids=self.ids)
        self.tokens = TokenIssuer(now=self.now, ids=self.ids)
        self.presence = PresenceTracker(self.ids, self.hub.broadcast)

    def announce_created(self, conversation: Conversation) -> None:
        """Tell the agents and the customer's lobby of a new conversation."""
        for topic in (
            f"notification:{conversation.account_id}",
            f"conversation:lobby:{conversation.customer_id}",
        ):
            self.hub.broadcast(topic, "conversation:created", {"id": conversation.id})

    def announce_updated(self, conversation: Conversation, **shown: object) -> None:
        """Tell the agents how a conversation is now; ``shown`` overrides fields."""
        self.hub.broadcast(
            f"notification:{conversation.account_id}",
            "conversation:updated",
            {"id": conversation.id, "updates": {**views.conversation(conversation), **shown}},
        )

    def announce_message(self, message: Message, *, origin: object | None = None) -> None:
        """Shout to the agents, and to the conversation unless the message is private."""
        shout = views.message(message, self.store)
        if not message.private:
            self.hub.broadcast(
                f"conversation:{message.conversation_id}", "shout", shout, origin=origin
            )
        self.hub.broadcast(f"notification:{message.account_id}", "shout", shout, origin=origin)

    def settle(self, message: Message, **shown: object) -> None:
        """Change the conversation as the new message demands; agents hear of it if it differs.

        Raises ``Missing`` where the conversation has been deleted meanwhile.
        """
        conversation = self.store.conversation(message.conversation_id, message.account_id)
        # Papercups counts what users wrote, private notes too, at the time of the change: of two
        # that write at once neither may be first [S: count_agent_replies].
        if self.store.update_conversation(conversation, _consequences(message, conversation)):
            self.announce_updated(conversation, **shown)


def _consequences(message: Message, conversation: Conversation) -> Mapping[str, Any]:
    """Return the changes that a message brings [T: plain_reply_on_notification, private_note].

    The user who writes first, be it a private note, is assigned. A bot's message leaves the
    conversation unread, a person's marks it read, a customer's opens it again, unread.
    """
    changes: dict[str, Any] = {}
    by_users = sum(one.user_id is not None for one in conversation.messages)
    if message.user_id is not None and by_users == 1:
        changes["assignee_id"] = message.user_id
        changes["first_replied_at"] = message.created_at
    if message.type == "bot":
        changes["read"] = False
    elif message.customer_id is None:
        changes["read"] = True
    elif message.user_id is None:
        changes["read"] = False
        changes["status"] = "open"
    return changes
