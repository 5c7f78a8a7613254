"""How frames are written on the wire: as arrays, or as the objects that older clients want.

Papercups speaks both, by ``vsn`` (PROTOCOL, 2). The third is for Supabase's client, whose server is
not Papercups: the same events, in the envelope in which that one sends them.
"""

from __future__ import annotations

from typing import Any, Protocol

import orjson

Frame = list[Any]
"""``[join_ref, ref, topic, event, payload]``."""


class Dialect(Protocol):
    """One way to write frames; ``payload`` is JSON."""

    def read(self, data: bytes) -> Frame:
        """Return what a client has sent."""

    def broadcast(self, topic: str, event: str, payload: bytes) -> bytes:
        """Return a frame that answers nothing."""

    def write(self, frame: Frame) -> bytes:
        """Return any frame."""


class Arrays:
    """``vsn=2.0.0``."""

    def read(self, data: bytes) -> Frame:
        """Return what a client has sent."""
        frame: Frame = orjson.loads(data)
        return frame

    def broadcast(self, topic: str, event: str, payload: bytes) -> bytes:
        """Return a frame that answers nothing."""
        return b'[null,null,"%b","%b",%b]' % (topic.encode(), event.encode(), payload)

    def write(self, frame: Frame) -> bytes:
        """Return any frame."""
        return orjson.dumps(frame)


class Objects:
    """``vsn=1.0.0``. The reference of the join is left out of what the server sends."""

    def read(self, data: bytes) -> Frame:
        """Return what a client has sent."""
        sent = orjson.loads(data)
        ref, topic = sent.get("ref"), sent["topic"]
        return [sent.get("join_ref") or ref, ref, topic, sent["event"], sent["payload"]]

    def broadcast(self, topic: str, event: str, payload: bytes) -> bytes:
        """Return a frame that answers nothing."""
        form = b'{"event":"%b","payload":%b,"ref":null,"topic":"%b"}'
        return form % (event.encode(), payload, topic.encode())

    def write(self, frame: Frame) -> bytes:
        """Return any frame."""
        _, ref, topic, event, payload = frame
        return orjson.dumps({"event": event, "payload": payload, "ref": ref, "topic": topic})


class Enveloped(Objects):
    """As Supabase's server sends: topics have a prefix, and what is not its own is a broadcast."""

    _PREFIX = "realtime:"
    _OWN = ("presence_state", "presence_diff")

    def read(self, data: bytes) -> Frame:
        """Return what a client has sent."""
        join_ref, ref, topic, event, payload = super().read(data)
        return [join_ref, ref, topic.removeprefix(self._PREFIX), event, payload]

    def broadcast(self, topic: str, event: str, payload: bytes) -> bytes:
        """Return a frame that answers nothing."""
        if event in self._OWN:
            return super().broadcast(self._PREFIX + topic, event, b"{}")
        wrapped = b'{"event":"%b","payload":%b,"type":"broadcast"}' % (event.encode(), payload)
        return super().broadcast(self._PREFIX + topic, "broadcast", wrapped)

    def write(self, frame: Frame) -> bytes:
        """Return any frame."""
        join_ref, ref, topic, event, payload = frame
        prefixed = topic if topic == "phoenix" else self._PREFIX + topic
        return super().write([join_ref, ref, prefixed, event, payload])


ARRAYS: Dialect = Arrays()
OBJECTS: Dialect = Objects()
ENVELOPED: Dialect = Enveloped()


def dialect_of(query: dict[str, list[str]]) -> Dialect:
    """Return the dialect that a socket's address asks for."""
    if "enveloped" in query:
        return ENVELOPED
    return ARRAYS if query.get("vsn", [""])[0].startswith("2") else OBJECTS
