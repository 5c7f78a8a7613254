"""From what a topic brings to what happened in the account."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from agentbot.papercups import events
from agentbot.papercups.models import ConversationUpdates, Message

SHOUT = "shout"
"""The event that brings a message, and sends one."""

_CONVERSATION = "conversation:"
_NOTIFICATION = "notification:"
_LOBBY = "conversation:lobby:"


class _Created(BaseModel):
    id: str


class _Updated(BaseModel):
    id: str
    updates: ConversationUpdates


def conversation_topic(conversation_id: str) -> str:
    """Return the topic of a conversation."""
    return _CONVERSATION + conversation_id


def lobby_topic(customer_id: str) -> str:
    """Return the topic on which a customer hears of conversations that agents begin with them."""
    return _LOBBY + customer_id


def conversation_of(topic: str) -> str | None:
    """Return the conversation whose topic this is, if it is one's."""
    return topic.removeprefix(_CONVERSATION) if topic.startswith(_CONVERSATION) else None


def translate(topic: str, event: str, payload: object) -> events.Event | None:
    """Return what a message on a topic means, ``None`` where it means nothing to an agent.

    What a customer can cause on another topic, a room's say, means nothing.
    """
    if event == SHOUT:  # as nearly all are
        is_ours = topic.startswith((_CONVERSATION, _NOTIFICATION))
        return read_shout(topic, payload) if is_ours else None
    match topic.partition(":")[0], event:
        case "conversation", "messages:seen":
            return events.MessagesSeen(topic.removeprefix(_CONVERSATION))
        case "notification", "conversation:created":
            return read_created(payload)
        case "notification", "conversation:updated":
            return _read_updated(payload)
    return None


def read_created(payload: object) -> events.ConversationCreated | events.Unreadable:
    """Return which conversation has begun, or why that cannot be read."""
    try:
        return events.ConversationCreated(_Created.model_validate(payload).id)
    except ValidationError as error:
        return _unreadable("created", error)


def _read_updated(payload: object) -> events.Event:
    try:
        updated = _Updated.model_validate(payload)
    except ValidationError as error:
        return _unreadable("updated", error)
    return events.ConversationUpdated(updated.id, updated.updates)


def read_shout(topic: str, payload: object) -> events.MessageReceived | events.Unreadable:
    """Return the message that was shouted, or why it is none."""
    try:
        message = Message.model_validate(payload)
    except ValidationError as error:
        # A message that the database refuses is broadcast all the same, as it came (PROTOCOL, 3).
        raw = isinstance(payload, dict) and "id" not in payload
        return _unreadable("raw_shout" if raw else "shout", error)
    spoken_in = conversation_of(topic)
    if spoken_in is None:
        return events.MessageReceived(message, "notification")
    if spoken_in != message.conversation_id:
        # Such a broadcast is whatever its sender wrote, who may only know one conversation's id.
        return events.Unreadable("shout", "conversation_id: is not the topic's")
    return events.MessageReceived(message, "conversation")


def _unreadable(reason: str, error: ValidationError) -> events.Unreadable:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return events.Unreadable(reason, f"{place}: {first['msg']}")
