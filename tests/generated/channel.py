"""The state diagram of a Phoenix channel, found by trying: each input in each state.

A real ``Socket`` is driven, which has neither I/O nor a clock: what the page shows is what it does.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from agentbot.phoenix import frames
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame, decode, encode
from agentbot.phoenix.socket import Socket

TOPIC = "conversation:1"

_LATER = 1000.0
"""Seconds in which everything that is waited for has come too late."""

_HEAD = """\
# The states of a channel

Written by `python -m tests.generated`, from what a socket does: each input was tried in each state.
`joining` stands for a join that was sent and for one that waits for the connection or for its turn.
What is not shown changes nothing. The connection's own end is told to whoever pushed; pushes are
never sent again.

```mermaid
stateDiagram-v2
    accTitle: What leads from which state of a channel to which
    [*] --> closed
"""


class Trial:
    """A socket with at most one channel, and what was sent last of each kind."""

    def __init__(self) -> None:
        self.now = 0.0
        self.socket = Socket(random=lambda: 0.5)
        self._refs: dict[str, str | None] = {}

    @property
    def node(self) -> tuple[ChannelState, bool, bool]:
        """The channel's state, whether the connection is open, and whether a join was sent."""
        sent = self.socket.is_open and frames.JOIN in self._refs
        return self.socket.state(TOPIC), self.socket.is_open, sent

    def do(self, action: Callable[[Trial], None]) -> None:
        """Do something, and take note of what the socket sends."""
        action(self)
        for data in self.socket.data_to_send():
            frame = decode(data)
            if frame.topic == TOPIC:
                self._refs[frame.event] = frame.ref
        if not self.socket.is_open or self.socket.state(TOPIC) is ChannelState.CLOSED:
            self._refs.clear()

    def receive(self, event: str, payload: dict[str, object], *, to: str = frames.JOIN) -> None:
        """Let the server answer what was sent last of the kind ``to``; nothing where none was."""
        if self.socket.is_open and to in self._refs:
            ref = self._refs[to]
            join_ref = self._refs.get(frames.JOIN)
            self.socket.receive(encode(Frame(join_ref, ref, TOPIC, event, payload)), self.now)


def _opens(trial: Trial) -> None:
    if not trial.socket.is_open:
        trial.socket.opened(trial.now)


def _lost(trial: Trial) -> None:
    if trial.socket.is_open:
        trial.socket.lost()


def _join(trial: Trial) -> None:
    if trial.socket.state(TOPIC) in {ChannelState.CLOSED, ChannelState.LEAVING}:
        trial.socket.join(TOPIC, {}, trial.now)


def _leave(trial: Trial) -> None:
    trial.socket.leave(TOPIC, trial.now)


def _time(trial: Trial) -> None:
    trial.now += _LATER
    trial.socket.tick(trial.now)


def _push_unmatched(trial: Trial) -> None:
    if trial.socket.state(TOPIC) is ChannelState.JOINED:
        ref = trial.socket.push(TOPIC, "ping", {}, now=trial.now)
        payload = {"status": "error", "response": {"reason": "unmatched topic"}}
        trial.socket.receive(encode(Frame(None, ref, TOPIC, frames.REPLY, payload)), trial.now)


def _answer(status: str, reason: str = "", *, to: str = frames.JOIN) -> Callable[[Trial], None]:
    response = {"reason": reason} if reason else {}
    payload: dict[str, object] = {"status": status, "response": response}
    return lambda trial: trial.receive(frames.REPLY, payload, to=to)


INPUTS: dict[str, Callable[[Trial], None]] = {
    "join": _join,
    "leave": _leave,
    "the connection opens": _opens,
    "the connection is lost": _lost,
    "the join is accepted": _answer("ok"),
    "the join is refused": _answer("error", "join crashed"),
    "the join is refused for good": _answer("error", "unauthorized"),
    "the leave is answered": _answer("ok", to=frames.LEAVE),
    frames.ERROR: lambda trial: trial.receive(frames.ERROR, {}),
    frames.CLOSE: lambda trial: trial.receive(frames.CLOSE, {}),
    "a push finds the topic unknown": _push_unmatched,
    "time passes": _time,
}
"""What may happen, by the words of the page."""

Edge = tuple[ChannelState, ChannelState]


def _after(path: Sequence[str]) -> Trial:
    trial = Trial()
    for name in path:
        trial.do(INPUTS[name])
    return trial


def transitions() -> dict[Edge, list[str]]:
    """Return which inputs lead from which state to which, found by going everywhere."""
    found: dict[Edge, list[str]] = defaultdict(list)
    seen = {_after(()).node}
    waiting: deque[tuple[str, ...]] = deque([()])
    while waiting:
        path = waiting.popleft()
        for name in INPUTS:
            before, trial = _after(path).node, _after((*path, name))
            edge = (before[0], trial.node[0])
            if edge[0] is not edge[1] and name not in found[edge]:
                found[edge].append(name)
            if trial.node not in seen:
                seen.add(trial.node)
                waiting.append((*path, name))
    return {edge: names for edge, names in found.items() if names}


def text() -> str:
    """Return the page."""
    order = list(INPUTS)
    lines = [
        f"    {before.value} --> {after.value}: {'<br/>'.join(sorted(names, key=order.index))}\n"
        for (before, after), names in sorted(
            transitions().items(), key=lambda item: (item[0][0].value, item[0][1].value)
        )
    ]
    return _HEAD + "".join(lines) + "```\n"
