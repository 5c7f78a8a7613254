"""The load: customers who write again as soon as they have been answered, and what they see."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.speed.account import Conversation, Json, customers_message_id
from tests.bench.speed.channels import Hub

PATIENCE = 20.0
"""Seconds after which a message that has no answer is lost: a claim held by nobody runs out after
15."""
_SEED = 8
"""Of the order in which customers write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a load is to be: so many in flight, for so many seconds, or so many turns if any.

    With a ``rate`` so many customers a second write instead, whether others are answered or not.
    ``when_joined``: it begins when a client has joined the account's topic the next time.
    """

    in_flight: int = 64
    seconds: float = 2.0
    turns: int = 0
    rate: float = 0.0
    when_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of a load. ``waits`` are seconds from shout to reply, in order of the replies.

    ``seconds`` goes from the first shout to the last reply, ``server_cpu`` (seconds) too.
    ``doubled`` are replies that nobody waited for. ``requests`` is what was asked by REST, and
    ``unknown`` what of it the load server does not know.
    """

    turns: int
    lost: int
    doubled: int
    seconds: float
    server_cpu: float
    requests: int
    unknown: int
    frames: int
    waits: tuple[float, ...]

    def to_json(self) -> Json:
        """Return it as JSON's own kinds of values."""
        return asdict(self)


@dataclass(slots=True)
class Counts:
    """What REST was asked, from the start."""

    requests: int = 0
    unknown: int = 0


class Load:
    """A load on these conversations, one at a time.

    ``questions`` are bodies as JSON without quotes, asked in turn.
    """

    def __init__(
        self,
        hub: Hub,
        conversations: Sequence[Conversation],
        questions: Sequence[bytes],
        counts: Counts,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._hub = hub
        self._patience = patience
        self._by_id = {one.id: one for one in conversations}
        self._questions = questions
        self._counts = counts
        shuffled = list(conversations)
        # Who writes first is not who is joined first.
        random.Random(_SEED).shuffle(shuffled)  # noqa: S311 - the same ones in each run
        self._idle = deque(shuffled)
        self._waiting: dict[str, tuple[str, float]] = {}
        self._run: _Run | None = None
        hub.on_reply.append(self._replied)

    def begin(self, wanted: Wanted, on_end: Callable[[Seen], None]) -> None:
        """Let customers write. ``on_end`` is told when the last of them has been answered."""
        if self._run is not None:
            raise RuntimeError("one load at a time")
        self._run = run = _Run(wanted, on_end, self._hub.frames, self._counts)
        self._waiting.clear()
        if wanted.when_joined:
            self._hub.on_account = lambda: self._start(run)
        else:
            self._start(run)
            self._hub.flush()

    def _start(self, run: _Run) -> None:
        self._hub.on_account = _nothing
        run.start()
        if run.wanted.rate:
            self._pace()
        else:
            for _ in range(min(run.wanted.in_flight, len(self._idle))):
                self._ask()
        self._watch()

    def _pace(self) -> None:
        """Let the next customer write, and the one after, until the time is over."""
        run = self._run
        if run is None:
            return
        now = time.perf_counter()
        if run.goes_on(now):
            if self._idle:
                self._ask()
                self._hub.flush()
            # By the time that has gone, so that a server that was busy makes up for it.
            due = run.began + run.asked / run.wanted.rate
            asyncio.get_running_loop().call_later(max(0.0, due - now), self._pace)
        elif not self._waiting:
            self._end()

    def _ask(self) -> None:
        run = self._run
        if run is None:
            return
        conversation = self._idle.popleft()
        run.asked += 1
        id_ = customers_message_id(next(self._hub.numbers))
        # Conversations begin at different places, so that all kinds of questions mix.
        place = (conversation.asked + hash(conversation.id)) % len(self._questions)
        message = conversation.ask(id_, self._questions[place], self._hub.clock.now())
        self._waiting[conversation.id] = (id_.decode(), time.perf_counter())
        self._hub.shout(conversation, message)

    def _replied(self, conversation: Conversation, said: Json) -> None:
        run = self._run
        if run is None or conversation.id not in self._by_id:
            return
        asked = self._waiting.get(conversation.id)
        if asked is None or not _answers(said, asked[0]):
            run.doubled += 1
            return
        del self._waiting[conversation.id]
        run.last = now = time.perf_counter()
        run.waits.append(now - asked[1])
        self._idle.append(conversation)
        if not run.goes_on(now):
            if not self._waiting:
                self._end()
        elif not run.wanted.rate:
            self._ask()

    def _watch(self) -> None:
        """End a load that gets no answers any more."""
        run = self._run
        if run is None:
            return
        if time.perf_counter() - run.last > self._patience:
            self._end()
        else:
            asyncio.get_running_loop().call_later(self._patience / 20, self._watch)

    def _end(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        self._idle.extend(self._by_id[id_] for id_ in self._waiting)
        run.end(lost=len(self._waiting), frames=self._hub.frames)


class _Run:
    """A load under way."""

    def __init__(
        self, wanted: Wanted, on_end: Callable[[Seen], None], frames: int, counts: Counts
    ) -> None:
        self.wanted = wanted
        self.asked = 0
        self.doubled = 0
        self.waits: list[float] = []
        self._on_end = on_end
        self._frames = frames
        self._counts = counts
        self.start()

    def start(self) -> None:
        """Let it begin now."""
        self.began = self.last = time.perf_counter()
        self._cpu = time.process_time()
        self._requests, self._unknown = self._counts.requests, self._counts.unknown

    def goes_on(self, now: float) -> bool:
        """Say whether another message is to be written."""
        if self.wanted.turns:
            return self.asked < self.wanted.turns
        return now - self.began < self.wanted.seconds

    def end(self, *, lost: int, frames: int) -> None:
        """Tell what was seen."""
        self._on_end(
            Seen(
                turns=len(self.waits),
                lost=lost,
                doubled=self.doubled,
                seconds=self.last - self.began,
                server_cpu=time.process_time() - self._cpu,
                requests=self._counts.requests - self._requests,
                unknown=self._counts.unknown - self._unknown,
                frames=frames - self._frames,
                waits=tuple(self.waits),
            )
        )


def _nothing() -> None:
    """Do nothing: no load waits for a client."""


def _answers(said: Json, message_id: str) -> bool:
    """Say whether a reply is to this message; one without a mark is to whatever is open."""
    mark: Any = (said.get("metadata") or {}).get("agentbot")
    if mark is None:
        return True
    named = mark.get("in_reply_to", ())
    return message_id in ([named] if isinstance(named, str) else named)
