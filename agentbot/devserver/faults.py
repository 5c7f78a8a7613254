"""Fault switches for tests: each adds a rule that can be counted, narrowed and taken back.

Every switch returns its :class:`Rule`. ``times`` makes it act on the next so many occasions only
(``None``: until removed); ``rule.hits`` counts; ``rule.remove()`` switches it off. Rules on frames
and shouts are narrowed by ``topic`` (a prefix), ``event``, ``connection`` (a socket that
``DevServer.connect`` returned, or one of ``DevServer.sockets``) and ``echo`` (only frames that go
back to the connection that caused them); rules on REST by ``method`` and ``path`` (a prefix).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer an HTTP request, or a socket's upgrade, with this instead."""

    status: int
    body: str = ""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slow:
    """Let an HTTP request wait for so many seconds, then go on; or its answer, once it is made."""

    seconds: float
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Hold a frame back for so many seconds; frames of one topic keep their order."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lose:
    """Let a frame, or a shout, vanish."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Send a frame twice."""


@dataclass(frozen=True, slots=True)
class Cut:
    """End the connection in place of a frame: with a close code, or without any (``None``)."""

    code: int | None


@dataclass(frozen=True, slots=True)
class Mute:
    """Store a shout and tell nobody."""


@dataclass(frozen=True, slots=True)
class Work:
    """How long a channel works on a shout: seconds from its arrival to each step.

    Until the last step the channel takes nothing else in; a second join of its topic ends it, and
    with it the steps to come (PROTOCOL.md, "A first message that nobody hears").
    """

    store: float = 0.0
    stamp: float = 0.0
    broadcast: float = 0.0
    settle: float = 0.0


OnRequest = Answer | Slow
OnFrame = Delay | Lose | Duplicate | Cut
OnShout = Lose | Mute | Work
E = TypeVar("E")


@dataclass(slots=True, eq=False)
class Rule(Generic[E]):
    """One switch that is on. ``hits`` counts how often it has acted."""

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
        """Switch off. Harmless where the rule is spent already."""
        self.times = self.hits

    def hit(self) -> E:
        """Count one more time that the rule acts, and return what it does."""
        self.hits += 1
        return self.effect

    @property
    def spent(self) -> bool:
        """Whether the rule will not act again."""
        return self.times is not None and self.hits >= self.times


class Faults:
    """The switches of one server; see the module's docstring for what they have in common."""

    def __init__(self) -> None:
        self._connects: list[Rule[Answer]] = []
        self._requests: list[Rule[OnRequest]] = []
        self._sent: list[Rule[OnFrame]] = []
        self._received: list[Rule[OnFrame]] = []
        self._shouts: list[Rule[OnShout]] = []

    def clear(self) -> None:
        """Switch everything off."""
        self._connects.clear()
        self._requests.clear()
        self._sent.clear()
        self._received.clear()
        self._shouts.clear()

    # -- connections and REST --------------------------------------------------------------

    def refuse(
        self,
        *,
        status: int = 503,
        body: str = "",
        content_type: str = "text/plain",
        times: int | None = None,
    ) -> Rule[Answer]:
        """Refuse sockets at the upgrade, with a status; HTML, if that is what ``body`` holds."""
        return _add(self._connects, Rule(Answer(status, body, content_type), times))

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
    ) -> Rule[OnRequest]:
        """Answer REST requests with this (500, 429 with ``Retry-After``, an HTML page, …)."""
        effect = Answer(status, body, content_type, headers or {})
        return _add(self._requests, Rule[OnRequest](effect, times, method=method, path=path))

    def slow(
        self,
        seconds: float,
        *,
        answer: bool = False,
        method: str | None = None,
        path: str = "",
        times: int | None = None,
    ) -> Rule[OnRequest]:
        """Let REST requests wait before they are handled, or with ``answer`` afterwards.

        An answer that waits tells what was true when the request came: a listing is out of date.
        """
        effect = Slow(seconds, answer)
        return _add(self._requests, Rule[OnRequest](effect, times, method=method, path=path))

    # -- frames from the server ------------------------------------------------------------

    def delay(
        self,
        seconds: float,
        *,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        times: int | None = None,
    ) -> Rule[OnFrame]:
        """Hold frames back. On one topic only, this reorders across topics."""
        return _add(self._sent, Rule[OnFrame](Delay(seconds), times, topic, event, connection))

    def lose(
        self,
        *,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        echo: bool = False,
        times: int | None = None,
    ) -> Rule[OnFrame]:
        """Let frames to the client vanish."""
        return _add(self._sent, Rule[OnFrame](Lose(), times, topic, event, connection, echo))

    def duplicate(
        self,
        *,
        topic: str = "",
        event: str | None = "shout",
        connection: object | None = None,
        times: int | None = None,
    ) -> Rule[OnFrame]:
        """Send frames twice."""
        return _add(self._sent, Rule[OnFrame](Duplicate(), times, topic, event, connection))

    def cut(
        self,
        *,
        code: int | None = None,
        topic: str = "",
        event: str | None = None,
        connection: object | None = None,
        echo: bool = False,
        times: int | None = 1,
    ) -> Rule[OnFrame]:
        """End the connection in place of a frame: abruptly, or with a close ``code``.

        ``cut(event="shout", echo=True)`` is the line that breaks after a shout has been stored
        and delivered to others, and before its sender sees the echo.
        """
        return _add(self._sent, Rule[OnFrame](Cut(code), times, topic, event, connection, echo))

    def stall(self, *, connection: object | None = None) -> Rule[OnFrame]:
        """Say nothing and hear nothing: the line is half open. New sockets open, silently."""
        rule = Rule[OnFrame](Lose(), connection=connection)
        self._received.append(rule)
        return _add(self._sent, rule)

    # -- shouts ----------------------------------------------------------------------------

    def drop_shout(self, *, topic: str = "", times: int | None = 1) -> Rule[OnShout]:
        """Let shouts vanish before they are stored; no reply either."""
        return _add(self._shouts, Rule[OnShout](Lose(), times, topic))

    def mute_shout(self, *, topic: str = "", times: int | None = 1) -> Rule[OnShout]:
        """Store shouts and tell nobody: no broadcast, no update, no reply."""
        return _add(self._shouts, Rule[OnShout](Mute(), times, topic))

    def work(
        self,
        *,
        store: float = 0.0,
        stamp: float | None = None,
        broadcast: float | None = None,
        settle: float | None = None,
        topic: str = "",
        times: int | None = None,
    ) -> Rule[OnShout]:
        """Let channels take their time over shouts; each step is no earlier than the one before.

        The steps: store the message, stamp the conversation's activity, broadcast, settle what
        follows (the conversation's update, and the reply on ``notification:``).
        """
        stamp = max(store, stamp or 0.0)
        broadcast = max(stamp, broadcast or 0.0)
        effect = Work(store, stamp, broadcast, max(broadcast, settle or 0.0))
        return _add(self._shouts, Rule[OnShout](effect, times, topic))

    # -- asked by the server ---------------------------------------------------------------

    def on_connect(self) -> Answer | None:
        """Return how to refuse the next socket, if it is to be refused."""
        return next((rule.hit() for rule in _live(self._connects)), None)

    def on_request(self, method: str, path: str) -> list[OnRequest]:
        """Return what is to happen to a REST request, in order."""
        return [
            rule.hit()
            for rule in _live(self._requests)
            if path.startswith(rule.path) and rule.method in (None, method)
        ]

    def on_received(self, connection: object) -> bool:
        """Return whether what ``connection`` sent is to be ignored."""
        return any(rule.connection in (None, connection) for rule in _live(self._received))

    @property
    def quiet(self) -> bool:
        """Whether no rule touches frames (the common case, kept cheap)."""
        return not self._sent

    def on_sent(
        self, topic: str, event: str, connection: object, origin: object | None
    ) -> list[OnFrame]:
        """Return what is to happen to a frame for ``connection`` that ``origin`` caused."""
        return [
            rule.hit()
            for rule in _live(self._sent)
            if topic.startswith(rule.topic)
            and rule.event in (None, event)
            and rule.connection in (None, connection)
            and (not rule.echo or origin is connection)
        ]

    def on_shout(self, topic: str) -> OnShout:
        """Return what is to happen to a shout; the first rule that fits decides."""
        for rule in _live(self._shouts):
            if topic.startswith(rule.topic):
                return rule.hit()
        return Work()


def _add(rules: list[Rule[E]], rule: Rule[E]) -> Rule[E]:
    rules.append(rule)
    return rule


def _live(rules: list[Rule[E]]) -> list[Rule[E]]:
    """Forget spent rules and return the others."""
    if rules:
        rules[:] = [rule for rule in rules if not rule.spent]
    return list(rules)
