"""The load: customers who write again as soon as they have been answered, and what they see."""

from __future__ import annotations

import asyncio
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a load is to be: so many in flight, for so many seconds, or so many turns if any."""

    in_flight: int = 64
    seconds: float = 2.0
    turns: int = 0


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
    """The one load of a server. ``questions`` are bodies as JSON without quotes, asked in turn."""

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
        self._idle = deque(conversations)
        self._waiting: dict[str, tuple[str, float]] = {}
        self._number = 0
        self._run: _Run | None = None
        hub.on_reply = self._replied

    def begin(self, wanted: Wanted, on_end: Callable[[Seen], None]) -> None:
        """Let customers write. ``on_end`` is told when the last of them has been answered."""
        if self._run is not None:
            raise RuntimeError("one load at a time")
        self._run = _Run(wanted, on_end, self._hub.frames, self._counts)
        self._waiting.clear()
        for _ in range(min(wanted.in_flight, len(self._idle))):
            self._ask()
        self._hub.flush()
        self._run.last = time.perf_counter()
        self._watch()

    def _ask(self) -> None:
        run = self._run
        if run is None:
            return
        conversation = self._idle.popleft()
        self._number += 1
        run.asked += 1
        id_ = customers_message_id(self._number)
        # Conversations begin at different places, so that all kinds of questions mix.
        place = (conversation.asked + hash(conversation.id)) % len(self._questions)
        message = conversation.ask(id_, self._questions[place], self._hub.clock.now())
        self._waiting[conversation.id] = (id_.decode(), time.perf_counter())
        self._hub.shout(conversation, message)

    def _replied(self, conversation: Conversation, said: Json) -> None:
        run = self._run
        if run is None:
            return
        asked = self._waiting.get(conversation.id)
        if asked is None or not _answers(said, asked[0]):
            run.doubled += 1
            return
        del self._waiting[conversation.id]
        run.last = now = time.perf_counter()
        run.waits.append(now - asked[1])
        self._idle.append(conversation)
        if run.goes_on(now):
            self._ask()
        elif not self._waiting:
            self._end()

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
        self.asked = 0
        self.doubled = 0
        self.waits: list[float] = []
        self.began = self.last = time.perf_counter()
        self._wanted = wanted
        self._on_end = on_end
        self._cpu = time.process_time()
        self._frames = frames
        self._counts = counts
        self._requests, self._unknown = counts.requests, counts.unknown

    def goes_on(self, now: float) -> bool:
        """Say whether another message is to be written."""
        if self._wanted.turns:
            return self.asked < self._wanted.turns
        return now - self.began < self._wanted.seconds

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


def _answers(said: Json, message_id: str) -> bool:
    """Say whether a reply is to this message; one without a mark is to whatever is open."""
    mark: Any = (said.get("metadata") or {}).get("agentbot")
    if mark is None:
        return True
    named = mark.get("in_reply_to", ())
    return message_id in ([named] if isinstance(named, str) else named)
