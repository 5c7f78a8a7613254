"""The state diagram of a Phoenix channel, found by trying: each input in each state.

A real ``Socket`` is driven, which has neither I/O nor a clock: what the page shows is what it does.
Where a state alone does not say what comes, the page says when which does; `test_channel.py` walks
at random, and finds out whether anything else counts.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from agentbot.phoenix import frames
from agentbot.phoenix.channel import MAX_REFUSALS, ChannelState
from agentbot.phoenix.frames import Frame, decode, encode
from agentbot.phoenix.options import SocketOptions
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


class Node(NamedTuple):
    """All that decides what comes next: the channel's state, and what a state does not tell.

    ``is_sent``: its join has left. ``is_owed``: the server owes an answer to a join, this one's or
    one before it, so that another has to wait for its turn. ``failures`` are the joins in a row
    that have failed, as far as they count.
    """

    state: ChannelState
    is_open: bool = True
    is_sent: bool = True
    is_owed: bool = False
    failures: int = 0


class Trial:
    """A socket with at most one channel, and what was sent last of each kind.

    It sends one join at a time, so that waiting for a turn is tried too.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.socket = Socket(random=lambda: 0.5, options=SocketOptions(joins_first=1, joins_most=1))
        self._refs: dict[str, str | None] = {}
        self._is_owed = False
        self._failures = 0

    @property
    def node(self) -> Node:
        """Where it stands."""
        return Node(
            self.socket.state(TOPIC),
            self.socket.is_open,
            frames.JOIN in self._refs,
            self._is_owed,
            self._failures,
        )

    def do(self, name: str) -> None:
        """Let what :data:`INPUTS` calls so happen, and take note of what the socket sends."""
        before = self.socket.state(TOPIC)
        INPUTS[name](self)
        after = self.socket.state(TOPIC)
        self._count_failures(before, after)
        is_new = after is ChannelState.JOINING and before is not after
        if is_new or after is ChannelState.CLOSED or not self.socket.is_open:
            self._refs.clear()
        if not self.socket.is_open:
            self._is_owed = False
        for data in self.socket.data_to_send():
            frame = decode(data)
            if frame.topic == TOPIC:
                self._refs[frame.event] = frame.ref
                self._is_owed |= frame.event == frames.JOIN

    def receive(self, event: str, payload: dict[str, object], *, to: str = frames.JOIN) -> None:
        """Let the server answer what was sent last of the kind ``to``; nothing where none was."""
        if self.socket.is_open and to in self._refs:
            ref = self._refs[to]
            join_ref = self._refs.get(frames.JOIN)
            is_known = self.socket.state(TOPIC) is not ChannelState.ERRORED
            if (event, to) == (frames.REPLY, frames.JOIN) and is_known:
                self._is_owed = False
            self.socket.receive(encode(Frame(join_ref, ref, TOPIC, event, payload)), self.now)

    def wait(self) -> None:
        """Let so much time pass that whatever is waited for has come too late."""
        self.now += _LATER
        self._is_owed = False
        self.socket.tick(self.now)

    def _count_failures(self, before: ChannelState, after: ChannelState) -> None:
        if after is ChannelState.ERRORED and before is not after:
            self._failures = min(self._failures + 1, MAX_REFUSALS - 1)
        elif before is not after and (before, after) != _REJOINS:
            self._failures = 0


_REJOINS = (ChannelState.ERRORED, ChannelState.JOINING)
"""The way on which failures in a row are counted on."""


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
    trial.wait()


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

WHEN: dict[tuple[ChannelState, str, ChannelState], str] = {
    (ChannelState.JOINING, "leave", ChannelState.CLOSED): "before the join is sent",
    (ChannelState.JOINING, "leave", ChannelState.LEAVING): "once the join is sent",
    (ChannelState.JOINING, "time passes", ChannelState.ERRORED): "once the join is sent",
    (ChannelState.JOINING, "the join is refused", ChannelState.CLOSED): (
        f"the {MAX_REFUSALS}th failure in a row"
    ),
    (ChannelState.JOINING, "the join is refused", ChannelState.ERRORED): "an earlier one",
}
"""When an input leads from a state to this one, where it may lead to several, or to none."""

Edge = tuple[ChannelState, ChannelState]


def _after(path: Sequence[str]) -> Trial:
    trial = Trial()
    for name in path:
        trial.do(name)
    return trial


def explore() -> dict[tuple[Node, str], Node]:
    """Return where each input leads from each node, found by going everywhere."""
    found: dict[tuple[Node, str], Node] = {}
    start = _after(()).node
    seen, waiting = {start}, deque[tuple[Node, tuple[str, ...]]]([(start, ())])
    while waiting:
        node, path = waiting.popleft()
        for name in INPUTS:
            after = found[node, name] = _after((*path, name)).node
            if after not in seen:
                seen.add(after)
                waiting.append((after, (*path, name)))
    return found


def transitions(found: Mapping[tuple[Node, str], Node]) -> dict[Edge, list[str]]:
    """Return which inputs lead from which state to which, in the page's words.

    Raises `AssertionError` where one leads to several, and :data:`WHEN` does not say when.
    """
    leads: dict[tuple[ChannelState, str], set[ChannelState]] = defaultdict(set)
    for (before, name), after in found.items():
        if after.state is not before.state:
            leads[before.state, name].add(after.state)
    edges: dict[Edge, list[str]] = defaultdict(list)
    order = list(INPUTS)
    for (state, name), states in sorted(leads.items(), key=lambda item: order.index(item[0][1])):
        for to in states:
            when = WHEN.get((state, name, to), "")
            assert when or len(states) == 1, f"{state}: {name} leads to {states}"
            edges[state, to].append(f"{name} ({when})" if when else name)
    return edges


def text() -> str:
    """Return the page."""
    lines = [
        f"    {before.value} --> {after.value}: {'<br/>'.join(names)}\n"
        for (before, after), names in sorted(
            transitions(explore()).items(), key=lambda item: [state.value for state in item[0]]
        )
    ]
    return _HEAD + "".join(lines) + "```\n"
