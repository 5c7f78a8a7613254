"""``docs/asyncapi.yaml``: the realtime surface that agentbot uses, from its own models.

What is heard is described by the pydantic models that read it; what is said, by what the sessions
send. Frames stand as they are on the wire: arrays of five.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agentbot import __version__
from agentbot.papercups.models import ConversationUpdates, Message
from agentbot.papercups.translate import SHOUT
from agentbot.phoenix import frames

Way = Literal["publish", "subscribe"]
"""As the description has it: a client publishes to the server, and subscribes to it."""

Schema = dict[str, Any]

_REF = "#/components/schemas/{model}"
_MODELS: tuple[type[BaseModel], ...] = (Message, ConversationUpdates)


def _ref(name: str) -> Schema:
    return {"$ref": _REF.format(model=name)}


def _object(required: Iterable[str] = (), **properties: Schema) -> Schema:
    """Return the schema of an object: what stands here, and whatever else the other side adds."""
    schema: Schema = {"type": "object"}
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = list(required)
    return schema


_TEXT: Schema = {"type": "string"}
_EMPTY: Schema = {"type": "object", "maxProperties": 0}
_NULL: Schema = {"type": "null"}
_METADATA: Schema = {"type": ["object", "null"]}

SCHEMAS: dict[str, Schema] = {
    "Created": _object(["id"], id=_TEXT),
    "Updated": _object(["id", "updates"], id=_TEXT, updates=_ref("ConversationUpdates")),
    "Reply": _object(["status", "response"], status={"enum": ["ok", "error"]}, response={}),
    "Presences": {
        "type": "object",
        "additionalProperties": _object(
            ["metas"],
            metas={"type": "array", "items": _object(["phx_ref"], phx_ref=_TEXT)},
        ),
    },
    "PresenceDiff": _object(joins=_ref("Presences"), leaves=_ref("Presences")),
    "BotShout": _object(
        ["body", "type", "metadata"],
        body=_TEXT, type={"const": "bot"}, metadata=_METADATA, user_id={"type": "integer"},
    ),
    "BotShoutByMail": _object(
        ["body", "type", "metadata", "conversation_id"],
        body=_TEXT, type={"const": "bot"}, metadata=_METADATA, conversation_id=_TEXT,
    ),
    "CustomerShout": _object(
        ["body", "customer_id", "sent_at"],
        body=_TEXT, customer_id=_TEXT, sent_at={"type": "string", "format": "date-time"},
        metadata=_METADATA,
    ),
    "CustomerJoin": _object(["customer_id"], customer_id=_TEXT),
    "Read": _object(["conversation_id"], conversation_id=_TEXT),
}  # fmt: skip
"""What has no model: what is sent, and what the phoenix floor reads by hand."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event on one topic, one way. ``about`` is for people."""

    topic: str
    way: Way
    event: str
    payload: Schema
    about: str

    @property
    def key(self) -> str:
        """The message's name among the components."""
        words = f"{self.topic.partition(':')[0]} {self.event} {self.way}"
        if self.topic.startswith("conversation:lobby"):
            words = "lobby " + words.partition(" ")[2]
        payload = self.payload.get("$ref", "").rpartition("/")[2]
        suffix = {"CustomerShout": "OfCustomer", "CustomerJoin": "OfCustomer"}.get(payload, "")
        return "".join(
            word.title() for word in words.replace("_", " ").replace(":", " ").split()
        ) + (suffix)


_CONVERSATION = "conversation:{id}"
_LOBBY = "conversation:lobby:{customer_id}"
_ROOM = "room:{account_id}"
_NOTIFICATION = "notification:{account_id}"
_PHOENIX = frames.PHOENIX_TOPIC

PARAMETERS = {
    "id": "The conversation's id, a UUID",
    "customer_id": "The customer's id, a UUID",
    "account_id": "The account's id, a UUID",
}

_JOINED = (_CONVERSATION, _LOBBY, _ROOM, _NOTIFICATION)

_OWN: tuple[Row, ...] = (
    Row(_CONVERSATION, "publish", frames.JOIN, _EMPTY, "The bot joins, to speak there."),
    Row(_CONVERSATION, "publish", frames.JOIN, _ref("CustomerJoin"), "A customer joins."),
    Row(_CONVERSATION, "publish", SHOUT, _ref("BotShout"), "A reply; its echo confirms it."),
    Row(_CONVERSATION, "publish", SHOUT, _ref("CustomerShout"), "What a customer says."),
    Row(_CONVERSATION, "publish", "messages:seen", _EMPTY, "Agents' messages have been seen."),
    Row(_CONVERSATION, "publish", "ping", _EMPTY, "Answered once all before it was dealt with."),
    Row(_CONVERSATION, "subscribe", SHOUT, _ref("Message"), "A message, whoever wrote it."),
    Row(_CONVERSATION, "subscribe", "messages:seen", {},
        "Understood, though the server never sends it."),
    Row(_LOBBY, "publish", frames.JOIN, _EMPTY, "A customer waits for agents to begin."),
    Row(_LOBBY, "subscribe", "conversation:created", _ref("Created"), "An agent has begun one."),
    Row(_LOBBY, "subscribe", SHOUT, _ref("Message"), "Counted and passed over."),
    Row(_ROOM, "publish", frames.JOIN, _EMPTY, "To see which agents are there."),
    Row(_NOTIFICATION, "publish", frames.JOIN, _EMPTY, "To hear all, and to be seen in the room."),
    Row(_NOTIFICATION, "publish", SHOUT, _ref("BotShoutByMail"), "A reply to e-mail or SMS."),
    Row(_NOTIFICATION, "publish", "read", _ref("Read"), "An agent has read the conversation."),
    Row(_NOTIFICATION, "publish", "ping", _EMPTY, "Answered once all before it was dealt with."),
    Row(_NOTIFICATION, "subscribe", SHOUT, _ref("Message"), "A message of any conversation."),
    Row(_NOTIFICATION, "subscribe", "conversation:created", _ref("Created"), "One has begun."),
    Row(_NOTIFICATION, "subscribe", "conversation:updated", _ref("Updated"), "One has changed."),
    Row(_PHOENIX, "publish", frames.HEARTBEAT, _EMPTY, "The client is alive."),
    Row(_PHOENIX, "subscribe", frames.REPLY, _ref("Reply"), "So is the server."),
)  # fmt: skip

_ON_EACH: tuple[tuple[Way, str, Schema, str], ...] = (
    ("publish", frames.LEAVE, _EMPTY, "The topic is left."),
    ("subscribe", frames.REPLY, _ref("Reply"), "The answer to a join, a leave or a push."),
    ("subscribe", frames.CLOSE, {}, "The topic was left, or the server has closed it."),
    ("subscribe", frames.ERROR, {}, "The channel has crashed, and has to be joined again."),
    ("subscribe", frames.PRESENCE_STATE, _ref("Presences"), "Who is there; a full reset."),
    ("subscribe", frames.PRESENCE_DIFF, _ref("PresenceDiff"), "Who came and went."),
)
"""What Phoenix itself says on each topic that is joined."""

ROWS: tuple[Row, ...] = _OWN + tuple(
    Row(topic, way, event, payload, about)
    for topic in _JOINED
    for way, event, payload, about in _ON_EACH
    if topic is not _LOBBY or not event.startswith("presence")
)
"""All that is said and heard."""

_INFO = {
    "title": "Papercups' realtime surface, as agentbot uses it",
    "version": __version__,
    "description": (
        "Phoenix Channels on one WebSocket. Each message is a text frame: a JSON array of "
        "join_ref, ref, topic, event and payload. `publish` is what a client sends, `subscribe` "
        "what it hears. Objects may hold more than stands here. Written by "
        "`python -m tests.generated`."
    ),
    "license": {"name": "MIT"},
}

_SERVER: Schema = {
    "url": "{host}/socket/websocket",
    "protocol": "wss",
    "description": "An agent names a token; a customer names none.",
    "variables": {"host": {"description": "Papercups itself", "default": "papercups.example.com"}},
    "bindings": {},
}

_QUERY = _object(["vsn"], vsn={"const": frames.VSN}, token={**_TEXT, "description": "an agent's"})


def frame(row: Row) -> Schema:
    """Return the schema of a whole frame, as it is on the wire."""
    heard = row.way == "subscribe"
    pattern = "^" + row.topic.partition("{")[0]
    ref: Schema = {"type": ["string", "null"]}
    return {
        "type": "array",
        "minItems": 5,
        "maxItems": 5,
        "items": [
            ref,
            ref if heard else _TEXT,
            {"type": "string", "pattern": pattern},
            {"const": row.event},
            row.payload,
        ],
    }


def _channel(topic: str) -> Schema:
    names = [name for name in PARAMETERS if "{" + name + "}" in topic]
    channel: Schema = {
        "bindings": {"ws": {"method": "GET", "query": _QUERY, "bindingVersion": "0.1.0"}}
    }
    if names:
        channel["parameters"] = {
            name: {"description": PARAMETERS[name], "schema": _TEXT} for name in names
        }
    for way in ("publish", "subscribe"):
        messages = [
            {"$ref": f"#/components/messages/{row.key}"}
            for row in ROWS
            if (row.topic, row.way) == (topic, way)
        ]
        words = topic.partition("{")[0].strip(":").replace(":", "_")
        channel[way] = {
            "operationId": f"{way}_{words}",
            "message": {"oneOf": messages} if len(messages) > 1 else messages[0],
        }
    return channel


def schemas() -> dict[str, Schema]:
    """Return the schemas of all payloads by name, those of the models among them."""
    _, made = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
    return {**made["$defs"], **SCHEMAS}


def document() -> Schema:
    """Return the whole description."""
    topics = dict.fromkeys(row.topic for row in ROWS)
    return {
        "asyncapi": "2.6.0",
        "info": _INFO,
        "defaultContentType": "application/json",
        "tags": [{"name": "phoenix", "description": "Phoenix Channels, serializer 2.0.0"}],
        "servers": {"papercups": _SERVER},
        "channels": {topic: _channel(topic) for topic in topics},
        "components": {
            "messages": {
                row.key: {
                    "messageId": row.key,
                    "name": row.event,
                    "summary": row.about,
                    "payload": frame(row),
                }
                for row in ROWS
            },
            "schemas": schemas(),
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes what occurs twice twice: anchors are for machines."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def text() -> str:
    """Return the file."""
    return yaml.dump(document(), Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)
