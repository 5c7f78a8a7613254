"""What happens in an account, as its agent sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentbot.papercups.models import ConversationUpdates, Message

Via = Literal["conversation", "notification"]


@dataclass(frozen=True, slots=True)
class Connected:
    """The session's own topics are joined: nobody knows what was said meanwhile."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection, or a topic of the session's own, is gone; it is being got back."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection is gone: nothing more comes on it.

    Nobody can know whether what was sent last has arrived.
    """


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection could be opened; the next attempt follows in ``retry_in`` seconds."""

    problem: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A shout, told once: a copy that says the same on its other topic is left out."""

    message: Message
    via: Via


@dataclass(frozen=True, slots=True)
class DuplicatesDropped:
    """So many shouts of one read said what had been told already, as is usual."""

    count: int


@dataclass(frozen=True, slots=True)
class ConversationCreated:
    """A customer has begun a conversation, or an agent one with them."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class ConversationUpdated:
    """Fields of a conversation have changed."""

    conversation_id: str
    updates: ConversationUpdates


@dataclass(frozen=True, slots=True)
class MessagesSeen:
    """The customer has seen what agents wrote: when, the messages' own stamps tell.

    Papercups itself does not broadcast it, though it is described as if it did.
    """

    conversation_id: str


@dataclass(frozen=True, slots=True)
class ConversationJoined:
    """The conversation's own topic is joined: it can be spoken on."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class ConversationRefused:
    """The conversation's topic cannot be joined, and is given up: it is gone, say."""

    conversation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConversationCrashed:
    """The conversation's topic has crashed on the server; it is joined again.

    Where many do at once, the server has run out of something: of database connections, say.
    """

    conversation_id: str


@dataclass(frozen=True, slots=True)
class AgentsOnlineChanged:
    """The people in the room are now these; neither this bot nor known bots count."""

    user_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class OwnPresenceChanged:
    """The room's presence shows this agent from now on (``seen``), or does so no longer.

    Being joined is not yet being seen: where both joins are pushed at once, the room's first state
    is mostly empty, and our own appearance follows as a diff [T: joins_pushed_together].
    """

    seen: bool


@dataclass(frozen=True, slots=True)
class CustomerPresenceChanged:
    """A customer's window has come (``online``) or gone."""

    customer_id: str
    online: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something came that is not what the server should send; it was dropped.

    ``reason`` is a short code for counting: ``raw_shout`` (a message that the database refused is
    broadcast without an id all the same), ``shout``, ``created``, ``updated`` (what a
    ``conversation:…`` event holds), ``frame``.
    """

    reason: str
    problem: str


Event = (
    Connected
    | Disconnected
    | ConnectionLost
    | Unreachable
    | MessageReceived
    | DuplicatesDropped
    | ConversationCreated
    | ConversationUpdated
    | MessagesSeen
    | ConversationJoined
    | ConversationRefused
    | ConversationCrashed
    | AgentsOnlineChanged
    | OwnPresenceChanged
    | CustomerPresenceChanged
    | Unreadable
)
