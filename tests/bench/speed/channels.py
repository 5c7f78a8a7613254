"""The load server's channels: what each socket has joined, and what is told to whom.

Order and shapes are those of the recorded transcripts; who is online is the bot alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import orjson

from tests.bench.speed.account import (
    NOTIFICATION,
    ROOM,
    USER_ID,
    Clock,
    Conversation,
    Json,
    agents_message_id,
)
from tests.bench.speed.dialects import ARRAYS, Dialect
from tests.bench.speed.wire import CLOSE, PING, PONG, TEXT, framed

OnReply = Callable[[Conversation, Json], None]
"""Told of each public message that the bot has shouted in a conversation, and what it shouted."""


class Peer:
    """One socket. ``joined``: by topic, the reference of its join."""

    def __init__(self, write: Callable[[bytes], None], dialect: Dialect = ARRAYS) -> None:
        self.dialect = dialect
        self.joined: dict[str, str | None] = {}
        self.presences: dict[str, Json] = {}
        self.outbox: list[bytes] = []
        self._write = write

    def flush(self) -> None:
        """Write what has gathered, in one go."""
        if self.outbox:
            self._write(b"".join(self.outbox))
            self.outbox.clear()


class Joins:
    """When conversations were joined, since the start or the last cut: how many, and how long."""

    def __init__(self) -> None:
        self.count = 0
        self._first = self._last = 0.0

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return self._last - self._first

    def note(self) -> None:
        """Count one."""
        self._last = time.perf_counter()
        self._first = self._first or self._last
        self.count += 1


class Hub:
    """All channels. ``frames`` counts what has come in.

    ``on_reply`` may be added to; ``on_account`` is called when a client has joined the account's
    topic.
    """

    def __init__(self, conversations: Iterable[Conversation]) -> None:
        self.clock = Clock()
        self.peers: set[Peer] = set()
        self.on_reply: list[OnReply] = []
        self.on_account: Callable[[], None] = lambda: None
        self.joins = Joins()
        self.frames = 0
        self.numbers = count(1)
        """Of customers' messages, whichever load they belong to."""
        self.conversations = tuple(conversations)
        self._by_topic = {one.topic: one for one in self.conversations}
        self._answers = 0
        self._refs = 0

    # What comes in

    def take(self, peer: Peer, opcode: int, data: bytes) -> bool:
        """Take one frame. False: the peer has said goodbye."""
        if opcode == PING:
            peer.outbox.append(framed(data, PONG))
        elif opcode == CLOSE:
            peer.outbox.append(framed(data[:2], CLOSE))
            return False
        elif opcode == TEXT:
            self.frames += 1
            self._hear(peer, peer.dialect.read(data))
        return True

    def gone(self, peer: Peer) -> None:
        """Forget a socket that was lost."""
        self.peers.discard(peer)
        for topic in (NOTIFICATION, ROOM):
            self._leave_presence(peer, topic)

    def flush(self) -> None:
        """Write what has gathered for everybody."""
        for peer in self.peers:
            peer.flush()

    def _hear(self, peer: Peer, frame: list[Any]) -> None:
        join_ref, ref, topic, event, payload = frame
        match event:
            case "shout" if topic in peer.joined:
                self._shouted(peer, frame)
            case "messages:seen" if topic in peer.joined:
                pass  # it stamps what carries a user_id, and tells nobody [T: receipts]
            case "phx_join":
                self._join(peer, topic, join_ref, ref)
            case "phx_leave":
                self._leave(peer, topic, join_ref, ref)
            case "heartbeat":
                self._reply(peer, None, ref, topic)
            case "ping" | "read" if topic in peer.joined:
                self._reply(peer, join_ref, ref, topic, response=payload if event == "ping" else {})
            case _:
                reason = {"reason": "unmatched topic"}
                self._reply(peer, None, ref, topic, status="error", response=reason)

    def _shouted(self, peer: Peer, frame: list[Any]) -> None:
        join_ref, ref, topic, _, said = frame
        conversation = self._by_topic.get(topic)
        if conversation is None:  # on notification:, which names it, and answers
            conversation = self._by_topic[f"conversation:{said['conversation_id']}"]
            said = {"user_id": USER_ID, **said}
        self._say(conversation, said)
        if topic == NOTIFICATION:
            self._reply(peer, join_ref, ref, topic)

    def say(self, conversation: Conversation, said: Json) -> bytes:
        """Store and tell what an agent has said by REST; return the message."""
        return self._say(conversation, {"user_id": USER_ID, **said})

    def _say(self, conversation: Conversation, said: Json) -> bytes:
        self._answers += 1
        id_ = agents_message_id(self._answers)
        message = conversation.answer(id_, said, self.clock.now())
        self.shout(conversation, message)
        if not said.get("private"):
            for told in self.on_reply:
                told(conversation, said)
        return message

    # What goes out

    def shout(self, conversation: Conversation, message: bytes) -> None:
        """Tell a message on its conversation's topic, and again on ``notification:``."""
        for topic in (conversation.topic, NOTIFICATION):
            self._tell(topic, "shout", message)

    def _tell(self, topic: str, event: str, payload: bytes, *, but: Peer | None = None) -> None:
        for peer in self.peers:
            if topic in peer.joined and peer is not but:
                peer.outbox.append(framed(peer.dialect.broadcast(topic, event, payload)))

    def _join(self, peer: Peer, topic: str, join_ref: str | None, ref: str | None) -> None:
        if topic.startswith("conversation:") and topic not in self._by_topic:
            reason = {"reason": "join crashed"}
            self._reply(peer, join_ref, ref, topic, status="error", response=reason)
            return
        peer.joined[topic] = join_ref
        if topic not in (NOTIFICATION, ROOM):
            self.joins.note()
        self._reply(peer, join_ref, ref, topic)
        if topic == NOTIFICATION:
            self._appear(peer, topic)
            self._appear(peer, ROOM)
        if topic in (NOTIFICATION, ROOM):
            state = self._presence_state(topic)
            told = peer.dialect.broadcast(topic, "presence_state", orjson.dumps(state))
            peer.outbox.append(framed(told))
        if topic == NOTIFICATION:
            self.on_account()

    def _leave(self, peer: Peer, topic: str, join_ref: str | None, ref: str | None) -> None:
        joined = peer.joined.pop(topic, None)
        if topic == NOTIFICATION:
            for one in (NOTIFICATION, ROOM):
                self._leave_presence(peer, one)
        self._reply(peer, join_ref, ref, topic)
        if joined is not None:
            closed = [joined, joined, topic, "phx_close", {}]
            peer.outbox.append(framed(peer.dialect.write(closed)))

    def _appear(self, peer: Peer, topic: str) -> None:
        self._refs += 1
        meta = {
            "online_at": str(int(time.time())),
            "phx_ref": f"ref-{self._refs:012}",
            "user_id": USER_ID,
        }
        peer.presences[topic] = meta
        self._tell(topic, "presence_diff", _diff(joins=meta))

    def _leave_presence(self, peer: Peer, topic: str) -> None:
        meta = peer.presences.pop(topic, None)
        if meta is not None:
            self._tell(topic, "presence_diff", _diff(leaves=meta), but=peer)

    def _presence_state(self, topic: str) -> Json:
        metas = [peer.presences[topic] for peer in self.peers if topic in peer.presences]
        return {f"user:{USER_ID}": {"metas": metas}} if metas else {}

    def _reply(
        self,
        peer: Peer,
        join_ref: str | None,
        ref: str | None,
        topic: str,
        *,
        status: str = "ok",
        response: Json | None = None,
    ) -> None:
        payload = {"response": response or {}, "status": status}
        reply = [join_ref, ref, topic, "phx_reply", payload]
        peer.outbox.append(framed(peer.dialect.write(reply)))


def _diff(*, joins: Json | None = None, leaves: Json | None = None) -> bytes:
    def of(meta: Json | None) -> Json:
        return {} if meta is None else {f"user:{USER_ID}": {"metas": [meta]}}

    return orjson.dumps({"joins": of(joins), "leaves": of(leaves)})
