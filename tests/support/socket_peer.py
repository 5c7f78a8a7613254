"""A socket and the other end of its connection, for the tests of ``phoenix/socket.py``."""

from __future__ import annotations

from agentbot.phoenix import events
from agentbot.phoenix.frames import Frame, decode, encode
from agentbot.phoenix.options import SocketOptions
from agentbot.phoenix.socket import Socket

TOPIC = "room:1"


class Peer:
    """A socket and the other end of its connection."""

    def __init__(self, **options: float) -> None:
        self.now = 0.0
        self.socket = Socket(random=lambda: 0.5, options=SocketOptions(**options))  # type: ignore[arg-type]  # whole ones

    def sent(self) -> list[Frame]:
        """Return what has been sent since the last look."""
        return [decode(text) for text in self.socket.data_to_send()]

    def tell(
        self,
        event: str,
        payload: object = None,
        *,
        ref: str | None = None,
        join_ref: str | None = None,
        topic: str = TOPIC,
    ) -> list[events.Event]:
        """Let a frame come."""
        frame = Frame(join_ref, ref, topic, event, payload or {})
        return self.socket.receive(encode(frame), self.now)

    def reply(
        self,
        ref: str,
        response: object = None,
        *,
        status: str = "ok",
        join_ref: str | None = None,
        topic: str = TOPIC,
    ) -> list[events.Event]:
        """Let an answer come."""
        payload = {"status": status, "response": response}
        return self.tell("phx_reply", payload, ref=ref, join_ref=join_ref, topic=topic)

    def refuse(self, ref: str, reason: str, *, join_ref: str | None = None) -> list[events.Event]:
        """Let a refusal come."""
        return self.reply(ref, {"reason": reason}, status="error", join_ref=join_ref)

    def tick(self, now: float) -> list[events.Event]:
        """Let time pass to ``now``."""
        self.now = now
        return self.socket.tick(now)

    def join(self) -> str:
        """Join, be let in, and return the ref of the join."""
        self.socket.join(TOPIC, {}, self.now)
        if not self.socket.is_open:
            self.socket.opened(self.now)
        [join] = self.sent()
        assert join.ref is not None
        joined = self.reply(join.ref, join_ref=join.ref)
        assert joined == [events.ChannelJoined(TOPIC, None, rejoined=False)]
        return join.ref
