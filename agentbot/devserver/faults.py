"""Faults for tests, switched on one by one: each can be counted, narrowed and taken back.

Every switch of :class:`Faults` returns the :class:`Fault` that it has switched on. ``times`` makes
it act on the next so many occasions only (``None``: until removed); ``fault.hits`` counts;
``fault.remove()`` switches it off. Faults of frames, joins and shouts are narrowed by ``topic`` (a
prefix), ``event``, ``connection`` (a socket that ``DevServer.connect`` returned, or one of
``DevServer.sockets``) and ``echo`` (only frames that go back to the connection that caused them);
faults of REST by ``method`` and ``path`` (a prefix).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """An answer to an HTTP request, or to a socket's upgrade, in place of the server's own."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slow:
    """Seconds that an HTTP request waits before it is handled; or its answer, once it is made."""

    seconds: float
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds for which a frame is held back; frames of one topic keep their order."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lose:
    """The loss of a frame, or of a shout."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A frame that is sent twice."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection's end in place of a frame: with a close code, or without any (``None``)."""

    code: int | None


@dataclass(frozen=True, slots=True)
class Deny:
    """A join that is answered with an error, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Late:
    """Seconds after its join at which an agent appears in the room."""

    seconds: float


@dataclass(slots=True)
class SmallPool:
    """A pool of database connections: each shout takes one for so many seconds, each join for a
    fifth of that, for it reads one row."""

    connections: int
    seconds: float
    busy_until: list[datetime] = field(default_factory=list)

    def take(self, now: datetime, share: float) -> bool:
        """Take a connection; return whether there was one."""
        self.busy_until = [until for until in self.busy_until if until > now]
        if len(self.busy_until) >= self.connections:
            return False
        self.busy_until.append(now + timedelta(seconds=self.seconds * share))
        return True


@dataclass(frozen=True, slots=True)
class Mute:
    """A shout that is stored, and of which nobody is told."""


@dataclass(frozen=True, slots=True)
class ShoutTimings:
    """How long a channel works on a shout: seconds from its arrival to each step.

    Until the last step the channel takes nothing else in; a second join of its topic ends it, and
    with it the steps to come, so that a message is stored of which nobody ever hears
    [T: first_shout_then_rejoin].
    """

    store: float = 0.0
    stamp: float = 0.0
    broadcast: float = 0.0
    settle: float = 0.0


OnRequest = CannedAnswer | Slow
OnFrame = Delay | Lose | Duplicate | Cut
OnShout = Lose | Mute | ShoutTimings
E = TypeVar("E")


@dataclass(slots=True, eq=False)
class Fault(Generic[E]):
    """One fault that is switched on. ``hits`` counts how often it has acted."""

    effect: E
    times: int | None = None
    topic: str = ""
    event: str | None = None
    connection: object | None = None
    echo: bool = False
    method: str | None = None
    path: str = ""
    hits: int = 0

    def remove(self) -> None:
        """Switch off. Harmless where the fault is spent already."""
        self.times = self.hits

    def hit(self) -> E:
        """Count one more time that the fault acts, and return what it does."""
        self.hits += 1
        return self.effect

    @property
    def spent(self) -> bool:
        """Whether the fault will not act again."""
        return self.times is not None and self.hits >= self.times


class Faults:
    """The switches of one server; see the module's docstring for what they have in common."""

    def __init__(self) -> None:
        self._connects: list[Fault[CannedAnswer]] = []
        self._joins: list[Fault[Deny]] = []
        self._requests: list[Fault[OnRequest]] = []
        self._sent: list[Fault[OnFrame]] = []
        self._received: list[Fault[OnFrame]] = []
        self._shouts: list[Fault[OnShout]] = []
        self._appearances: list[Fault[Late]] = []
        self._pools: list[Fault[SmallPool]] = []

    def clear(self) -> None:
        """Switch everything off."""
        self._connects.clear()
        self._joins.clear()
        self._requests.clear()
        self._sent.clear()
        self._received.clear()
        self._shouts.clear()
        self._appearances.clear()
        self._pools.clear()

    # Connections and REST

    def refuse(
        self,
        *,
        status: int = 503,
        body: str = "",
        content_type: str = "text/plain",
        times: int | None = None,
    ) -> Fault[CannedAnswer]:
        """Refuse sockets at the upgrade, with a status; HTML, if that is what ``body`` holds."""
        return _add(self._connects, Fault(CannedAnswer(status, body, content_type), times))

    def answer(
        self,
        *,
        status: int,
        body: str = "",
        content_type: str = "text/plain",
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        path: str = "",
        times: int | None = None,
    ) -> Fault[OnRequest]:
        """Answer REST requests with this (500, 429 with ``Retry-After``, an HTML page, …)."""
        effect = CannedAnswer(status, body, content_type, headers or {})
        return _add(self._requests, Fault[OnRequest](effect, times, method=method, path=path))

    def slow(
        self,
        seconds: float,
        *,
        answer: bool = False,
        method: str | None = None,
        path: str = "",
        times: int | None = None,
    ) -> Fault[OnRequest]:
        """Let REST requests wait before they are handled, or with ``answer`` afterwards.

        An answer that waits tells what was true when the request came: a listing is out of date.
        """
        effect = Slow(seconds, answer)
        return _add(self._requests, Fault[OnRequest](effect, times, method=method, path=path))

    # Frames from the server

    def delay(
        self,
        seconds: float,
        *,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        times: int | None = None,
    ) -> Fault[OnFrame]:
        """Hold frames back. On one topic only, this reorders across topics."""
        return _add(self._sent, Fault[OnFrame](Delay(seconds), times, topic, event, connection))

    def lose(
        self,
        *,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        echo: bool = False,
        times: int | None = None,
    ) -> Fault[OnFrame]:
        """Let frames to the client vanish."""
        return _add(self._sent, Fault[OnFrame](Lose(), times, topic, event, connection, echo))

    def duplicate(
        self,
        *,
        topic: str = "",
        event: str | None = "shout",
        connection: object | None = None,
        times: int | None = None,
    ) -> Fault[OnFrame]:
        """Send frames twice."""
        return _add(self._sent, Fault[OnFrame](Duplicate(), times, topic, event, connection))

    def cut(
        self,
        *,
        code: int | None = None,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        echo: bool = False,
        times: int | None = 1,
    ) -> Fault[OnFrame]:
        """End the connection in place of a frame: abruptly, or with a close ``code``.

        ``cut(event="shout", echo=True)`` is the connection that breaks after a shout has been
        stored and delivered to others, and before its sender sees the echo.
        """
        return _add(self._sent, Fault[OnFrame](Cut(code), times, topic, event, connection, echo))

    def stall(self, *, connection: object | None = None) -> Fault[OnFrame]:
        """Say nothing and hear nothing: the connection is half open. New sockets open, silently."""
        fault = Fault[OnFrame](Lose(), connection=connection)
        self._received.append(fault)
        return _add(self._sent, fault)

    # Joins and shouts

    def refuse_join(
        self, *, reason: str = "unauthorized", topic: str = "", times: int | None = None
    ) -> Fault[Deny]:
        """Answer joins with an error; ``reason`` is what the client reads in it."""
        return _add(self._joins, Fault(Deny(reason), times, topic))

    def drop_shout(self, *, topic: str = "", times: int | None = 1) -> Fault[OnShout]:
        """Let shouts vanish before they are stored; no reply either."""
        return _add(self._shouts, Fault[OnShout](Lose(), times, topic))

    def mute_shout(self, *, topic: str = "", times: int | None = 1) -> Fault[OnShout]:
        """Store shouts and tell nobody: no broadcast, no update, no reply."""
        return _add(self._shouts, Fault[OnShout](Mute(), times, topic))

    def slow_shout(
        self,
        *,
        store: float = 0.0,
        stamp: float | None = None,
        broadcast: float | None = None,
        settle: float | None = None,
        topic: str = "",
        times: int | None = None,
    ) -> Fault[OnShout]:
        """Let channels take their time over shouts; each step is no earlier than the one before.

        The steps: store the message, stamp the conversation's activity, broadcast, settle what
        follows (the conversation's update, and the reply on ``notification:``).
        """
        stamp = max(store, stamp or 0.0)
        broadcast = max(stamp, broadcast or 0.0)
        effect = ShoutTimings(store, stamp, broadcast, max(broadcast, settle or 0.0))
        return _add(self._shouts, Fault[OnShout](effect, times, topic))

    def small_pool(self, connections: int, *, seconds: float) -> Fault[SmallPool]:
        """Let channels crash that shout or join while all database connections are taken.

        Papercups has ten; fifty shouts within a second have used them up. ``hits`` counts crashes.
        """
        return _add(self._pools, Fault(SmallPool(connections, seconds)))

    def appear_late(self, seconds: float, *, times: int | None = None) -> Fault[Late]:
        """Let agents appear in the room so long after their join, as a diff.

        Where a client pushes both its joins at once, the room's first state is mostly without it
        [T: joins_pushed_together].
        """
        return _add(self._appearances, Fault(Late(seconds), times))

    # Asked by the server

    def on_connect(self) -> CannedAnswer | None:
        """Return how to refuse the next socket, if it is to be refused."""
        return next((fault.hit() for fault in _live(self._connects)), None)

    def on_join(self, topic: str) -> Deny | None:
        """Return how to refuse a join of ``topic``, if it is to be refused."""
        for fault in _live(self._joins):
            if topic.startswith(fault.topic):
                return fault.hit()
        return None

    def is_pool_dry(self, now: datetime, *, share: float = 1.0) -> bool:
        """Take a database connection, for a share of the time; say whether there was none."""
        dry = [fault for fault in _live(self._pools) if not fault.effect.take(now, share)]
        for fault in dry:
            fault.hit()
        return bool(dry)

    def on_appearance(self) -> float:
        """Return how many seconds it takes until an agent who joins appears in the room."""
        return sum(fault.hit().seconds for fault in _live(self._appearances))

    def on_request(self, method: str, path: str) -> list[OnRequest]:
        """Return what is to happen to a REST request, in order."""
        return [
            fault.hit()
            for fault in _live(self._requests)
            if path.startswith(fault.path) and fault.method in (None, method)
        ]

    def on_received(self, connection: object) -> bool:
        """Say whether what ``connection`` sent is to be ignored."""
        return any(fault.connection in (None, connection) for fault in _live(self._received))

    @property
    def quiet(self) -> bool:
        """Whether no fault touches frames (the common case, kept cheap)."""
        return not self._sent

    def on_sent(
        self, topic: str, event: str, connection: object, origin: object | None
    ) -> list[OnFrame]:
        """Return what is to happen to a frame for ``connection`` that ``origin`` caused."""
        return [
            fault.hit()
            for fault in _live(self._sent)
            if topic.startswith(fault.topic)
            and fault.event in (None, event)
            and fault.connection in (None, connection)
            and (not fault.echo or origin is connection)
        ]

    def on_shout(self, topic: str) -> OnShout:
        """Return what is to happen to a shout; the first fault that fits decides."""
        for fault in _live(self._shouts):
            if topic.startswith(fault.topic):
                return fault.hit()
        return ShoutTimings()


def _add(faults: list[Fault[E]], fault: Fault[E]) -> Fault[E]:
    faults.append(fault)
    return fault


def _live(faults: list[Fault[E]]) -> list[Fault[E]]:
    """Forget spent faults and return the others."""
    if faults:
        faults[:] = [fault for fault in faults if not fault.spent]
    return list(faults)
