"""The socket against a model of a Phoenix server, in whatever order things happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentbot.errors import PushNotSent
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame, decode, encode
from agentbot.phoenix.socket import Socket

topics = st.sampled_from(["room:1", "room:2", "room:3"])


@dataclass
class PhoenixModel:
    """What Phoenix does with frames: one process a joined topic, its answers in order."""

    channels: dict[str, str] = field(default_factory=dict)
    says: list[Frame] = field(default_factory=list)

    def take(self, frame: Frame) -> None:
        """Answer one frame as Phoenix 1.5 does (PROTOCOL, Channels)."""
        current = self.channels.get(frame.topic)
        if frame.event == "heartbeat":
            self.answer(frame, None)
        elif frame.event == "phx_join":
            assert frame.join_ref is not None
            self.channels[frame.topic] = frame.join_ref
            self.answer(frame, frame.join_ref)
        elif current is None:
            self.answer(frame, None, "unmatched topic")
        elif frame.event == "phx_leave":
            del self.channels[frame.topic]
            self.answer(frame, current)
            self.says.append(Frame(current, current, frame.topic, "phx_close", {}))
        else:
            self.answer(frame, current)

    def answer(self, to: Frame, join_ref: str | None, reason: str | None = None) -> None:
        """Queue a reply."""
        payload = {
            "status": "error" if reason else "ok",
            "response": {"reason": reason} if reason else {},
        }
        self.says.append(Frame(join_ref, to.ref, to.topic, "phx_reply", payload))


class SocketMachine(RuleBasedStateMachine):
    """Joins, leaves, pushes, crashes, losses and waiting, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.socket = Socket(random=lambda: 0.5)
        self.server = PhoenixModel()
        self.wanted: set[str] = set()
        self.unanswered: set[str] = set()
        self.pushed: list[str] = []
        self.arrived: list[str] = []

    def happened(self, told: list[events.Event]) -> None:
        """Check that every push has exactly one end."""
        for event in told:
            if isinstance(event, events.ReplyReceived | events.ReplyTimedOut | events.ReplyLost):
                assert event.ref in self.unanswered
                self.unanswered.remove(event.ref)
            if isinstance(event, events.JoinRefused):
                raise AssertionError("this server refuses nobody")

    @rule(topic=topics)
    def join(self, topic: str) -> None:
        """Want a topic."""
        if self.socket.state(topic) in {ChannelState.CLOSED, ChannelState.LEAVING}:
            self.socket.join(topic, {}, self.now)
            self.wanted.add(topic)

    @rule(topic=topics)
    def leave(self, topic: str) -> None:
        """Want it no more."""
        self.wanted.discard(topic)
        self.happened(self.socket.leave(topic, self.now))

    @rule(topic=topics)
    def push(self, topic: str) -> None:
        """Say something that must arrive at most once."""
        try:
            ref = self.socket.push(topic, "shout", {}, now=self.now, timeout=5)
        except PushNotSent:
            assert self.socket.state(topic) is not ChannelState.JOINED
        else:
            self.unanswered.add(ref)
            self.pushed.append(ref)

    @rule()
    def open_or_lose(self) -> None:
        """The connection comes or goes; with it goes what was on it and on the server."""
        if self.socket.is_open:
            self.server = PhoenixModel()
            self.happened(self.socket.lost())
            assert not self.unanswered
        else:
            self.happened(self.socket.opened(self.now))

    @precondition(lambda self: self.socket.is_open)
    @rule(count=st.integers(1, 4))
    def exchange(self, count: int) -> None:
        """Let the client's frames arrive and some of the server's."""
        for text in self.socket.data_to_send():
            frame = decode(text)
            if frame.event == "shout":
                assert frame.ref is not None
                self.arrived.append(frame.ref)
            self.server.take(frame)
        says, self.server.says = self.server.says[:count], self.server.says[count:]
        for frame in says:
            self.happened(self.socket.receive(encode(frame), self.now))

    @precondition(lambda self: self.socket.is_open)
    @rule(topic=topics, silent=st.booleans())
    def crash(self, topic: str, silent: bool) -> None:  # noqa: FBT001 - hypothesis fills it in
        """A channel dies on the server, with or without a word."""
        join_ref = self.server.channels.pop(topic, None)
        if join_ref is not None and not silent:
            self.server.says.append(Frame(join_ref, join_ref, topic, "phx_error", {}))

    @rule(seconds=st.floats(0.1, 20))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.happened(self.socket.tick(self.now))

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        """A push arrives at most once, and only if it was made."""
        assert len(set(self.arrived)) == len(self.arrived)
        assert set(self.arrived) <= set(self.pushed)

    @invariant()
    def nothing_is_forgotten(self) -> None:
        """Every wanted topic is held on to, whatever happened."""
        assert self.wanted <= set(self.socket.topics)

    def teardown(self) -> None:
        """Left in peace, everything that is wanted gets joined, and nothing waits any more."""
        if not self.socket.is_open:
            self.happened(self.socket.opened(self.now))
        self._settle(lambda: self.wanted == set(self.socket.topics) and not self.unanswered)
        for topic in self.wanted:
            # A channel that died without a word is found out by the next push on it.
            if self.socket.state(topic) is ChannelState.JOINED:
                self.push(topic)
        self._settle(
            lambda: all(
                self.socket.state(topic) is ChannelState.JOINED
                and self.server.channels.get(topic) is not None
                for topic in self.wanted
            )
        )

    def _settle(self, done: Callable[[], bool]) -> None:
        for _ in range(40):
            self.exchange(100)
            self.wait(1)
        assert done()


SocketMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSocketMachine = SocketMachine.TestCase
