"""The frames that wait to be written, and the refs that tell the server's answers apart."""

from __future__ import annotations

from agentbot.phoenix import frames
from agentbot.phoenix.frames import Frame


class Outbox:
    """Frames in the order in which they are to be written, encoded."""

    __slots__ = ("_last_ref", "_unsent")

    def __init__(self) -> None:
        self._unsent: list[str] = []
        self._last_ref = 0

    def __len__(self) -> int:
        return len(self._unsent)

    def put(self, join_ref: str | None, topic: str, event: str, payload: object) -> str:
        """Add a frame with a new ref; return the ref.

        Raises :class:`LocalProtocolError` where the payload is no JSON.
        """
        ref = self._next_ref()
        self._unsent.append(frames.encode(Frame(join_ref, ref, topic, event, payload)))
        return ref

    def put_join(self, topic: str, payload: object) -> str:
        """Add a join, whose ref names the channel too; return the ref."""
        ref = self._next_ref()
        self._unsent.append(frames.encode(Frame(ref, ref, topic, frames.JOIN, payload)))
        return ref

    def take(self) -> list[str]:
        """Take out all frames."""
        unsent, self._unsent = self._unsent, []
        return unsent

    def _next_ref(self) -> str:
        self._last_ref += 1
        return str(self._last_ref)
