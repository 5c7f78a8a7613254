"""The operator's webhook, by which people are told outside Papercups: who was told what, how often.

It takes what reaches it, unless it is away, and may be slow to say so. Whether a message that was
told twice, or never, is in order follows from what happened to its answers and to the processes.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import orjson

from agentbot.state.store import Claim
from tests.simulation.kernel import Process, give
from tests.simulation.turns import Event

if TYPE_CHECKING:
    from tests.simulation.world import World

URL = "http://people/hook"
WORD = "notify"
"""What a customer writes of which the operator's rule tells people."""
_WHERE = re.compile(r"cid=([0-9a-f-]+)\s*$")
_GOOD, _SERVER_ERRORS = 200, 500
_ASKED_WITHIN = 75.0
"""Seconds after a reply in which its message to people is surely sent or given up: a minute of
attempts, and the pauses between acts."""


@dataclass(slots=True)
class Hook:
    """How the webhook is at the moment: what the fault plan sets."""

    refuses: bool = False
    slow: float = 0.0
    """Seconds that its answers take."""
    lost_answers: int = 0
    statuses: list[int] = field(default_factory=list)
    """What it answers next, and takes nothing."""

    def calm(self) -> None:
        """Let all be well."""
        self.refuses, self.slow, self.lost_answers = False, 0.0, 0
        self.statuses.clear()


@dataclass(slots=True)
class Told:
    """A message that reached people. ``is_known``: the bot had a good answer to it in time."""

    at: float
    who: str
    where: str
    text: str
    is_known: bool = False


class Notices:
    """All messages of one world, and what explains how often each was told."""

    def __init__(self, world: World) -> None:
        self.hook = Hook()
        self.told: list[Told] = []
        self.given_up: Counter[str] = Counter()
        """How often a process said so, by conversation."""
        self.taken_over: Counter[str] = Counter()
        """How often a plan was taken over, by conversation."""
        self._world = world
        self._workers: defaultdict[str, set[str]] = defaultdict(set)
        self._ends: dict[str, float] = {}
        self._under_way: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def take(self, event: Event) -> None:
        """Take note of what happened."""
        take = _TAKES.get(event.what)
        if take is not None:
            take(self, event)

    def may_be_lost(self, where: str, since: float) -> bool:
        """Say whether what was to be told since then may not have been."""
        ends = (self._ends.get(who, 0.0) for who in self._workers[where])
        return bool(self.given_up[where]) or any(
            since - 1.0 <= at <= since + _ASKED_WITHIN for at in ends
        )

    # What may be told.

    def _claimed(self, event: Event) -> None:
        if isinstance(event.detail, Claim):
            self._workers[event.where].add(event.who)
            self.taken_over[event.where] += event.detail.plan is not None

    def _given_up(self, event: Event) -> None:
        self.given_up[event.where] += 1
        self._under_way[event.who].clear()
        self._world.see("a message to people is given up")

    def _ended(self, event: Event) -> None:
        self._ends.setdefault(event.who, event.at)
        if event.what == "killed" and self._under_way[event.who].total():
            self._world.see("killed with a message to people under way")

    def _drained(self, event: Event) -> None:
        if self._under_way[event.who].total():
            self._world.see("told to stop with a message to people under way")

    # What the transport tells.

    def posted(self, who: str, text: str) -> None:
        """Note an attempt."""
        self._under_way[who][text] = 1

    def arrived(self, who: str, text: str) -> Told | None:
        """Take what has arrived, or refuse it; None: refused."""
        found = _WHERE.search(text)
        told = Told(self._world.kernel.now, who, found.group(1) if found else "", text)
        if any(one.text == text for one in self.told):
            self._world.see("people are told the same again")
        self.told.append(told)
        self._world.kernel.note("people", f"are told of {told.where}")
        return told

    def answered(self, who: str, text: str, told: Told | None) -> None:
        """Note that a process has the answer; a good one, where it was ``told``."""
        if told is not None:
            told.is_known = True
            del self._under_way[who][text]
            self._world.see("people are told")


_TAKES: dict[str, Callable[[Notices, Event], None]] = {
    "claim answered": Notices._claimed,
    "log notice.failed": Notices._given_up,
    "log notice.dropped": Notices._given_up,
    "killed": Notices._ended,
    "ended": Notices._ended,
    "drained": Notices._drained,
}


class WebhookTransport(httpx2.AsyncBaseTransport):
    """Carries what one process tells people."""

    def __init__(self, process: Process, world: World) -> None:
        self._process = process
        self._world = world

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it over. Raises ``httpx2.TransportError`` as a network makes it."""
        process, world = self._process, self._world
        done: asyncio.Future[Any] = process.create_future()
        text = orjson.loads(await request.aread())["text"]
        if not process.operation():
            await done
        world.notices.posted(process.name, text)
        if world.notices.hook.refuses:
            world.see("the webhook is away")
            process.call_later(world.weather.delay(), give, done, httpx2.ConnectError("refused"))
        else:
            world.clock.call_later(world.weather.delay(), self._arrive, text, done)
        seconds = request.extensions["timeout"]["read"]
        late = process.call_later(seconds, give, done, httpx2.ReadTimeout("no answer"))
        try:
            answer = await done
        finally:
            late.cancel()
        if not process.operation():
            await process.create_future()
        if isinstance(answer, Exception):
            process.kernel.note(process.name, f"webhook {answer!r}")
            raise answer
        status, told = answer
        world.notices.answered(process.name, text, told)
        process.kernel.note(process.name, f"webhook {status}")
        headers = {} if status >= _SERVER_ERRORS or status == _GOOD else {"retry-after": "2"}
        return httpx2.Response(status, headers=headers, request=request)

    def _arrive(self, text: str, done: asyncio.Future[Any]) -> None:
        world, process, hook = self._world, self._process, self._world.notices.hook
        if hook.statuses:
            status, told = hook.statuses.pop(), None
            world.see(f"the webhook answers {status}")
        else:
            status, told = _GOOD, world.notices.arrived(process.name, text)
        if told is not None and hook.lost_answers:
            hook.lost_answers -= 1
            world.see("the webhook's answer is lost")
        elif process.alive:
            process.call_later(hook.slow + world.weather.delay(), give, done, (status, told))
