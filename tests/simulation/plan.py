"""When what goes wrong: at random times, and aimed at a phase of a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from agentbot.devserver.store.records import Conversation
from tests.simulation.assigning import WORD
from tests.simulation.network import SimulatedConnection
from tests.simulation.people import Person
from tests.simulation.speech import is_address
from tests.simulation.table import cell
from tests.simulation.turns import Phase, SeenTurn
from tests.simulation.world import Moment, Running, World

Fault = Callable[["FaultPlan"], Awaitable[bool | None]]
"""Does harm. Returns False where it had nothing to strike, or has told of its strikes itself."""

CUSTOMER = "customer writes"
PERSON = "person: "
"""What stands before a deed of people's, where that is what is aimed."""

_LONGEST_AIM = 20.0
"""Seconds after which the next aim is taken."""
_LONG_TROUBLE, _AIMED_TROUBLE = 600.0, 100.0
_JITTER, _LATER = (0.0, 0.001, 0.003), 0.1
"""Seconds from a phase's beginning to what is aimed at it; the last where a phase is a long one."""
_BEFORE_ACTS = frozenset({Phase.CHECKPOINTING, Phase.SENDING, Phase.AWAITING, Phase.ACTING})
_AT_ACTS = (PERSON, "kill", "outlive lease")
_AT_THE_ACT, _ACTS_WITHIN = 0.7, 1.5
"""How often a deed waits for an assignment or an address that may follow, and for how long."""
_LONG_ONES = frozenset({Phase.GATHERING, Phase.DECIDING, Phase.WAITING, Phase.ACTING})


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to happen (a kind of fault, or a deed) as soon as a turn is in which phase."""

    what: str
    phase: Phase


class FaultPlan:
    """Lets some kinds of faults happen, until it is told to stop."""

    def __init__(
        self,
        world: World,
        random: Random,
        faults: Mapping[str, Fault],
        kinds: Sequence[str],
        orders: Sequence[str],
    ) -> None:
        self.world = world
        self.random = random
        self.faults = faults
        self.kinds = [kind for kind in faults if kind in set(kinds)]
        self.latest = 0
        self.gate_until = 0.0
        self.set_at: dict[str, float] = {}
        self.ending: set[str] = set()
        """Lives of bots that are being ended, and will be followed by the next."""
        self._orders = orders
        self._target: Running | None = None
        self._under_way: list[asyncio.Task[None]] = []

    async def run(self, *, until: float, pause: float) -> None:
        """Do harm until then (the world's time), with pauses of about so many seconds."""
        if not self.kinds:
            return
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause * (0.2 + 1.6 * self.random.random()))
            if loop.time() >= until:
                return
            await self.strike(self.random.choice(self.kinds))

    async def strike(self, kind: str) -> None:
        """Let one fault happen, and count in which phases it finds turns."""
        self.world.kernel.note("fault", kind)
        self.world.count(f"fault {kind}")
        phases = self.world.follower.phases()
        if await self.faults[kind](self) is not False:
            self.count(kind, phases)

    def struck(self, kind: str) -> None:
        """Count a fault that waited for its moment, which is now."""
        self.count(kind, self.world.follower.phases())

    def count(self, kind: str, phases: set[Phase]) -> None:
        """Count a strike in each of the phases."""
        for phase in phases:
            self.world.count(cell(kind, phase))

    async def aim(self, aims: Sequence[Aim], *, until: float) -> None:
        """Wait for one phase after the other, and strike; give up at that time (the world's)."""
        person = Person(self.world, self.random, 0)
        for aim in aims:
            turn = await self._reached(aim.phase, min(until, self.world.kernel.now + _LONGEST_AIM))
            if turn is None:
                continue
            self.world.kernel.note("aim", f"{aim.what} at {aim.phase} of {turn.where}")
            conversation = self.world.server.store.conversations.get(turn.where)
            if aim.phase in _BEFORE_ACTS and aim.what.startswith(_AT_ACTS) and conversation:
                await self._at_the_act(conversation)
            if aim.what in self.faults:
                self._target = self._running(turn.who)
                await self.strike(aim.what)
                self._target = None
            elif conversation is not None:
                self._deed(aim.what, conversation, person)
            await asyncio.sleep(self.random.choice((0.5, 2.0, 4.0)) * self.random.random())
        person.leave()

    async def _at_the_act(self, conversation: Conversation) -> None:
        """Wait, now and then, for the moment between a plan's look and its assignment, or in which
        an e-mail address is on its way."""
        asked = {word for m in conversation.messages for word in (m.body or "").split()}
        acts = WORD in asked or any(map(is_address, asked))
        if acts and self.random.random() < _AT_THE_ACT:
            await self.world.next(Moment.ACT_LEAVES, within=_ACTS_WITHIN)
            await asyncio.sleep(self.random.choice(_JITTER))

    async def _reached(self, phase: Phase, until: float) -> SeenTurn | None:
        """Wait until a turn is in that phase."""
        world, follower = self.world, self.world.follower
        while (left := until - world.kernel.now) > 0:
            turn = await world.reached(phase, within=left)
            if turn is None:
                return None
            waits = (*_JITTER, _LATER) if phase in _LONG_ONES else _JITTER
            if wait := self.random.choice(waits):
                await asyncio.sleep(wait)
            if follower.find(turn.who, turn.where) is turn and turn.phase is phase:
                return turn
        return None

    def _deed(self, what: str, conversation: Conversation, person: Person) -> None:
        if what == CUSTOMER:
            words = self.random.choice(self._orders)
            visitor = self.world.visitors[conversation.id]
            self.meanwhile(visitor.say(words))
        else:
            person.act(what.removeprefix(PERSON), conversation)

    def _running(self, holder: str) -> Running | None:
        return next((one for one in self.world.bots.values() if one.holder == holder), None)

    async def end(self) -> None:
        """Let everything be well again: bots run, connections carry, the database answers."""
        world = self.world
        world.weather.calm()
        world.database.health.calm()
        world.notices.hook.calm()
        world.server.faults.clear()
        world.marks_to_lose = 0
        for connection in world.network.connections:
            if connection.stalled:
                connection.go_on()
        await asyncio.gather(*self._under_way)
        world.server.faults.clear()
        for running in world.bots.values():
            running.process.clock_error = 0.0

    # What there is to harm.

    def connection(self) -> SimulatedConnection | None:
        """Return some open connection: the one that is aimed at, if any."""
        connections = self.world.network.connections
        if self._target is not None:
            aimed = [one for one in connections if one.process is self._target.process]
            return aimed[0] if aimed else None
        return self.random.choice(connections) if connections else None

    def bot(self) -> Running | None:
        """Return some bot that runs: the one that is aimed at, if any."""
        if self._target is not None:
            is_there = self._target.process.alive and self._target.holder not in self.ending
            return self._target if is_there else None
        running = [
            bot
            for bot in self.world.bots.values()
            if bot.process.alive and bot.holder not in self.ending
        ]
        return self.random.choice(running) if running else None

    @property
    def is_aimed(self) -> bool:
        """Whether this very moment was chosen."""
        return self._target is not None

    def some_time(self, *seconds: float) -> float:
        """Return one of the times, give or take."""
        return self.random.choice(seconds) * (0.5 + self.random.random())

    def minutes(self) -> float:
        """Return the seconds of a long trouble: fewer where it is aimed, for its beginning."""
        return _AIMED_TROUBLE if self.is_aimed else _LONG_TROUBLE

    def later(self, seconds: float, function: Callable[[], object]) -> None:
        """Call later."""
        self.world.clock.call_later(seconds, function)

    def meanwhile(self, doing: Coroutine[Any, Any, None]) -> None:
        """Let this go on while other things happen; all is not well before it has ended."""
        self._under_way.append(asyncio.get_running_loop().create_task(doing))

    def restart_after(self, bot: Running, seconds: float, *, lose_state: bool = False) -> None:
        """Start the bot again after a while; the next one, not this."""

        async def restart() -> None:
            await asyncio.sleep(seconds)
            if lose_state and not any(one.process.alive for one in self.world.bots.values()):
                self.world.count("state lost")
                self.world.kernel.note("fault", "the state is lost")
                self.world.tell("state lost", detail=self.world.database.lose())
            self.world.start_bot(bot.name)

        self.meanwhile(restart())
