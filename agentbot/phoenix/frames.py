"""The wire format of Phoenix Channels, serializer version 2.0.0.

A text frame is a JSON array of five: ``[join_ref, ref, topic, event, payload]``
(phoenixframework/phoenix, ``lib/phoenix/socket/serializers/v2_json_serializer.ex``).
"""

from __future__ import annotations

from typing import Any, NamedTuple

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

Data = str | bytes | bytearray | memoryview
"""A frame as it came."""

_PARTS = 5
"""Elements of a frame's array."""
_EXCERPT = 200
"""Characters of a malformed frame that an error shows: enough to tell what it was."""


class Frame(NamedTuple):
    """One message on the wire.

    A tuple, as it is on the wire: one is made for each message, in a third of the time that a
    frozen dataclass takes.

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
        return orjson.dumps(tuple(frame)).decode()
    except TypeError as error:
        msg = f"payload of {frame.event} on {frame.topic} is no JSON: {error}"
        raise LocalProtocolError(msg) from error


def decode(data: Data) -> Frame:
    """Return the frame that ``data`` holds.

    Raises :class:`RemoteProtocolError`, and nothing else, for any other data.
    """
    try:
        parts = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RemoteProtocolError(f"frame is no JSON ({error})", _excerpt(data)) from error
    # Not `match`, which takes twice as long: this is done for each message.
    if isinstance(parts, list) and len(parts) == _PARTS:
        join_ref, ref, topic, event, payload = parts
        if (
            isinstance(topic, str)
            and isinstance(event, str)
            and (ref is None or isinstance(ref, str))
            and (join_ref is None or isinstance(join_ref, str))
        ):
            return Frame(join_ref, ref, topic, event, payload)
    raise RemoteProtocolError("frame is no array of [ref, ref, text, text, any]", _excerpt(data))


def _excerpt(data: Data) -> str:
    start = data[:_EXCERPT]
    return start if isinstance(start, str) else bytes(start).decode(errors="replace")
