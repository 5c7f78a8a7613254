"""Replicas of the bot: each behind a proxy of its own, killed at any moment, started again.

A *life* is one process, from its start to its end.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.chaos.claims import Claims
from tests.support.bot_process import BotProcess, ExitedEarly
from tests.support.proxy import Direction, FaultyProxy, Link

DRAIN_SECONDS = 5.0
"""The bots' grace time when they are stopped: more than any answer here takes."""
_MEAN_LIFE = 2.0
"""Seconds, ready, until a kill at just any moment: most bots have begun something by then."""
_LONGEST_LIFE = 6.0
"""Seconds after which a bot is killed at the latest, whatever is waited for: a run has an end."""
_LONGEST_TURN = 4.0
"""Seconds: twice the slowest answer, so that a kill hits every part of a turn, and what follows."""
_LONGEST_FREEZE = 8.0
"""Seconds: twice a lease."""
_LOOK = 0.05
"""Seconds between two questions to the store: a small part of a turn."""
_START_AGAIN = 0.5
"""Seconds until a bot that ended by itself is started again, as a supervisor would."""
_NO_DATABASE = "agentbot: state at postgresql://"
_STARTUP = 2.5
"""Seconds that a start takes on a busy machine: a kill may come at any moment of it."""
_REPLY = b'"in_reply_to"'
_LEAST_REPLY = 150
"""Bytes: no other frame that the bot sends is as long as a reply, or as one that announces it."""
_STOPPED_TWICE = {0, 1, -signal.SIGTERM}
"""Drained before the second signal, ended by it at once, or ended by it on the way out."""

OnKill = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Lives:
    """What became of the lives of all replicas."""

    kills: Counter[str] = field(default_factory=Counter)
    stops: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    peak_kb: int = 0
    starts: int = 0
    start_cpu: float = 0.0

    def lived(self, process: BotProcess) -> None:
        """Take note of a process that still lives."""
        self.peak_kb = max(self.peak_kb, process.resident_kb)


class Replica:
    """One replica, life after life, until :meth:`stop`."""

    def __init__(
        self,
        name: str,
        *,
        settings: Mapping[str, str],
        proxy: FaultyProxy,
        folder: Path,
        random: Random,
        lives: Lives,
        claims: Claims,
        before_kill: OnKill,
    ) -> None:
        self.name = name
        self.proxy = proxy
        self.folder = folder
        self.kills_left = 0
        self._settings = settings
        self._random = random
        self._lives = lives
        self._claims = claims
        self._before_kill = before_kill
        self._count = 0
        self._doom = asyncio.Event()
        self._process: BotProcess | None = None

    async def run(self) -> None:
        """Start and kill while kills are left; then start the last life, and leave it running."""
        while self.kills_left > 0:
            process = await self._start()
            try:
                await self._end(process)
            except ExitedEarly as error:
                await self._exited(process, error)
        while True:
            process = await self._start()
            try:
                return await process.ready()
            except ExitedEarly as error:
                await self._exited(process, error)

    async def last_life(self) -> BotProcess:
        """Return the process that lives on, ready."""
        assert self._process is not None
        await self._process.ready()
        return self._process

    async def stop(self) -> None:
        """Let the last life drain. It must end with 0."""
        if self._process is not None:
            self._lives.lived(self._process)
            self._process.send(signal.SIGTERM)
            self._expect(await self._process.ended(), {0}, self._process)

    def story(self) -> str:
        """Return which life it is at, and how much of its task is left."""
        state = "alive" if self._process is not None and self._process.is_alive else "not running"
        return f"{self.name}: life {self._count}, {state}, {self.kills_left} kills left"

    async def kill(self) -> None:
        """End whatever runs; counts for nothing."""
        if self._process is not None:
            await self._process.kill()

    async def _start(self) -> BotProcess:
        self._count += 1
        self._lives.starts += 1
        log = self.folder / f"{self.name}-{self._count:03}.log"
        self._process = await BotProcess.start(
            {**self._settings, "PAPERCUPS_URL": self.proxy.url}, log=log, folder=self.folder
        )
        return self._process

    async def _end(self, process: BotProcess) -> None:
        """Let the process live for a while, and end it in one of many ways."""
        way = self._random.choices(
            ["starting", "moment", "working", "echo", "reply", "frozen", "drain", "twice"],
            [12, 16, 31, 15, 10, 8, 5, 3],
        )[0]
        if way == "starting":
            await self._lives_for(process, self._random.uniform(0.0, _STARTUP))
        else:
            await process.ready()
            self._lives.start_cpu = max(self._lives.start_cpu, process.cpu_seconds)
            await self._live_on(process, way)
        self._lives.lived(process)
        if way == "frozen":
            await self._freeze(process)
        if way in {"drain", "twice"}:
            await self._drain(process, way)
            return
        await self._before_kill()
        await process.kill()
        self._lives.kills[way] += 1
        self.kills_left -= 1

    async def _exited(self, process: BotProcess, error: ExitedEarly) -> None:
        """Note that it ended by itself: without its database it may, as long as it says so."""
        if any(_NO_DATABASE in str(entry.get("message")) for entry in process.events()):
            self._lives.stops["no database"] += 1
        else:
            self._lives.broken.append(str(error))
        await asyncio.sleep(_START_AGAIN)

    async def _live_on(self, process: BotProcess, way: str) -> None:
        if way in {"echo", "reply"}:
            self._doom.clear()
            self.proxy.spy = self._kill_at_echo if way == "echo" else self._kill_at_reply
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_LIFE):
                    await self._doom.wait()
            self.proxy.spy = lambda _link, _direction, _data: None
        elif way in {"working", "frozen"}:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_LIFE):
                    await self._until_working()
            await self._lives_for(process, self._random.uniform(0.0, _LONGEST_TURN))
        else:
            await self._lives_for(process, self._random.expovariate(1 / _MEAN_LIFE))

    async def _until_working(self) -> None:
        before = await self._claims.open()
        while True:
            if await self._claims.open() - before:
                return
            await asyncio.sleep(_LOOK)

    async def _lives_for(
        self, process: BotProcess, seconds: float, *, may_end: bool = False
    ) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _LONGEST_LIFE)):
                code = await process.ended()
                if not may_end:
                    raise ExitedEarly(f"exit {code}: {process.log}")

    def _kill_at_echo(self, link: Link, direction: Direction, data: bytes) -> None:
        """Kill between the server's storing a reply and the bot's hearing of it."""
        if link.is_socket and direction is Direction.DOWN and _REPLY in data:
            self._doomed(link)

    def _kill_at_reply(self, link: Link, direction: Direction, data: bytes) -> None:
        """Kill as a reply, or a holding message, is on its way: it may arrive, or may not."""
        if link.is_socket and direction is Direction.UP and len(data) > _LEAST_REPLY:
            self._doomed(link, arrives=self._random.random() < 0.5)

    def _doomed(self, link: Link, *, arrives: bool = False) -> None:
        if self._process is not None and not self._doom.is_set():
            self._doom.set()
            self._process.send(signal.SIGKILL)
            if not arrives:
                link.reset()

    async def _freeze(self, process: BotProcess) -> None:
        """Stop it, mostly for longer than a lease, and let it go on with what it was doing."""
        process.send(signal.SIGSTOP)
        await asyncio.sleep(self._random.uniform(0.5, _LONGEST_FREEZE))
        process.send(signal.SIGCONT)
        await self._lives_for(process, self._random.uniform(0.0, _LONGEST_TURN))

    async def _drain(self, process: BotProcess, way: str) -> None:
        """Stop it as an operator does: it must end with 0 within its grace time, or at once."""
        process.send(signal.SIGTERM)
        if way == "twice":
            await self._lives_for(process, self._random.uniform(0.0, 0.3), may_end=True)
            process.send(signal.SIGTERM)
        code = await process.ended()
        self._lives.stops[way] += 1
        self._expect(code, _STOPPED_TWICE if way == "twice" else {0}, process)

    def _expect(self, code: int, wanted: AbstractSet[int], process: BotProcess) -> None:
        if code not in wanted:
            self._lives.broken.append(f"exit {code}, not one of {wanted}: {process.log}")
