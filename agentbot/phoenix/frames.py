"""The wire format of Phoenix Channels, serializer version 2.0.0.

A text frame is a JSON array of five: ``[join_ref, ref, topic, event, payload]``
(phoenixframework/phoenix, ``lib/phoenix/socket/serializers/v2_json_serializer.ex``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from agentbot.errors import LocalProtocolError, RemoteProtocolError

VSN = "2.0.0"

JOIN = "phx_join"
LEAVE = "phx_leave"
REPLY = "phx_reply"
CLOSE = "phx_close"
ERROR = "phx_error"
HEARTBEAT = "heartbeat"
PRESENCE_STATE = "presence_state"
PRESENCE_DIFF = "presence_diff"

PHOENIX_TOPIC = "phoenix"

_EXCERPT = 200
"""Characters of a malformed frame that an error shows: enough to tell what it was."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on the wire.

    ``join_ref`` names the join that the message belongs to and is ``None`` on broadcasts;
    ``ref`` names the push that it answers, or is; ``payload`` is any JSON value, in practice an
    object.
    """

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: Any


def encode(frame: Frame) -> str:
    """Return the text of ``frame``.

    Raises :class:`LocalProtocolError` where the payload is nothing that JSON can hold.
    """
    try:
        return orjson.dumps(
            (frame.join_ref, frame.ref, frame.topic, frame.event, frame.payload)
        ).decode()
    except TypeError as error:
        msg = f"payload of {frame.event} on {frame.topic} is no JSON: {error}"
        raise LocalProtocolError(msg) from error


def decode(data: str | bytes) -> Frame:
    """Return the frame that ``data`` holds.

    Raises :class:`RemoteProtocolError`, and nothing else, for any other data.
    """
    try:
        parts = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RemoteProtocolError(f"frame is no JSON ({error})", _excerpt(data)) from error
    match parts:
        case [
            None | str() as join_ref,
            None | str() as ref,
            str() as topic,
            str() as event,
            payload,
        ]:
            return Frame(join_ref, ref, topic, event, payload)
    raise RemoteProtocolError("frame is no array of [ref, ref, text, text, any]", _excerpt(data))


def _excerpt(data: str | bytes) -> str:
    start = data[:_EXCERPT]
    return start if isinstance(start, str) else start.decode(errors="replace")
