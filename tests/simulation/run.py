"""One seed, from its scenario to its result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import structlog

from tests.simulation import aims as aimed
from tests.simulation import bounds, faults, invariants, readiness, rival
from tests.simulation.actors import ORDERS, SimulatedVisitor
from tests.simulation.aims import aims_of
from tests.simulation.kernel import Deadlock, Kernel, Process, Spinning
from tests.simulation.people import Person
from tests.simulation.plan import Aim, FaultPlan
from tests.simulation.storage import Tell
from tests.simulation.world import World, metrics, settings

_QUIET = 80.0
_LONGEST_QUIET = 260.0
"""Seconds after the last fault in which everything must have come right: lingering presences go
after 45, leases run out after 15, and all conversations are looked at once a minute."""
_LOOK_AGAIN = 20.0
_TALKATIVE = 0.01
"""The share of worlds in which one customer goes on and on, as another machine does."""
_RUSH = 0.01
"""The share of worlds in which many customers wait when the bot starts, and the pool is dry."""
_RIVAL, _RIVAL_FAULT = 0.015, 0.15
"""The share of worlds with another bot on the account; and of each kind of fault in these."""
_TO_BOTH = ("hello ?", "hello ?", "think 0.5 ?", "think 3 ?")
"""What is said where two bots answer: the acts of both would get into each other's way."""
_KINDS_BESIDE_AIMS = 2
"""Kinds of faults at random times, at most, in a world in which others are aimed."""
_PROMPTLY = 0.1
"""Seconds: twice the longest latency."""

_TOLD = frozenset(
    {
        "action.skipped",
        "action.undone",
        "catch_up.found",
        "connected",
        "disconnected",
        "notice.dropped",
        "notice.failed",
        "other_bot.noticed",
        "reply.unconfirmed",
        "turn.decided",
        "turn.handed_back",
        "turn.settled",
        "turn.taken",
    }
)
"""What a bot logs that turns are followed by."""


def _nobody(_what: str, _who: str, _where: str, _detail: object) -> None:
    """Be told, and do nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one seed. ``seconds`` are virtual; ``most`` counts attempts a minute."""

    seed: int
    violations: tuple[str, ...]
    counts: dict[str, int]
    seconds: float
    most: dict[str, int]
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens in a world, all by its seed.

    ``harm`` and ``rush`` are the seconds in which faults happen and visitors come; ``pause`` is
    about how long it is quiet between two faults; ``orders`` is what customers say; ``aims`` are
    what strikes when a turn is in which phase (``aims.py``).
    ``is_shared`` and ``is_tight``: see :class:`~tests.simulation.world.World`.
    """

    bots: int
    visitors: int
    turns: int
    deeds: int
    kinds: tuple[str, ...]
    harm: float
    pause: float
    sources: tuple[str, ...] = ("chat", "chat", "chat", "chat", "email")
    is_shared: bool = True
    is_tight: bool = False
    rush: float = 15.0
    orders: tuple[str, ...] = ORDERS
    aims: tuple[Aim, ...] = ()
    late: float = 0.0
    """Seconds after which the bots start."""
    has_rival: bool = False
    """Whether another bot, with a state of its own, is on the account now and then."""

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """Choose one. Each run has its own few kinds of faults: all at once hide each other."""
        random = Random(f"{seed} scenario")  # noqa: S311 - to be had again
        chosen = cls._by_chance(random)
        if random.random() < _TALKATIVE:
            return replace(chosen, visitors=1, turns=20, deeds=0, orders=("hello ?",), rush=1.0)
        if random.random() < _RUSH:
            calm = replace(chosen, deeds=0, orders=("hello ?",), rush=1.0, is_tight=False, bots=1)
            return replace(calm, visitors=20, turns=1, kinds=("dry pool",), pause=5.0, late=14.0)
        if random.random() < _RIVAL:
            beside = tuple(one for one in rival.KINDS if random.random() < _RIVAL_FAULT)
            alone = replace(chosen, bots=1, deeds=0, kinds=beside, is_tight=False, harm=60.0)
            return replace(alone, has_rival=True, visitors=3, orders=_TO_BOTH, rush=20.0)
        if not (aims := aims_of(seed)):
            return chosen
        brief = [kind for kind in chosen.kinds if kind not in faults.TEN_MINUTES]
        kinds = random.sample(brief, min(len(brief), _KINDS_BESIDE_AIMS))
        if any(aim.what == "outlive lease" for aim in aims):
            chosen = replace(chosen, bots=2, is_shared=True)
        return replace(
            chosen,
            aims=aims,
            kinds=tuple(kinds),
            orders=aimed.ORDERS,
            visitors=3,
            turns=3,
            deeds=0,
            harm=40.0,
            rush=5.0,
        )

    @classmethod
    def _by_chance(cls, random: Random) -> Scenario:
        kinds = [kind for kind in faults.KINDS if random.random() < faults.chance(kind)]
        bots = random.choice((1, 1, 2))
        is_tight = random.random() < 0.1
        return cls(
            bots=bots,
            visitors=random.choice((4, 6) if is_tight else (1, 2, 3, 4)),
            turns=random.choice((1, 2, 3, 4)),
            deeds=random.choice((0, 0, 1, 3)),
            kinds=tuple(kinds),
            harm=random.choice((20.0, 45.0, 90.0)),
            pause=random.choice((2.0, 5.0, 12.0)),
            is_shared=bots > 1 or random.random() < 0.5,
            is_tight=is_tight,
            rush=1.0 if is_tight else 15.0,
        )


def simulate(seed: int, *, trace: bool = False, scenario: Scenario | None = None) -> Result:
    """Run the world of ``seed``, the same every time."""
    scenario = scenario or Scenario.of(seed)
    world = World(seed, settings(tight=scenario.is_tight), is_shared=scenario.is_shared)
    kernel = world.kernel
    if trace:
        kernel.trace = []
    with silenced(kernel, world.tell):
        try:
            kernel.run(world.clock, _play(world, scenario))
        except (Deadlock, Spinning) as error:
            world.fail(repr(error))
        finally:
            for failure in world.clock.errors:
                world.fail(f"the world itself failed: {failure}")
            lines = tuple(kernel.trace or ())
            kernel.trace = None
            violations = tuple(world.violations)
            kernel.bury()
            world.database.close()
            world.rival_database.close()
    return Result(seed, violations, world.counts, kernel.now, world.pace.most, lines)


def _start(world: World, scenario: Scenario) -> None:
    for number in range(scenario.bots):
        world.start_bot(f"bot{number}")


async def _play(world: World, scenario: Scenario) -> None:
    random = world.random("play")
    world.kernel.note("scenario", repr(replace(scenario, orders=())))
    aimed_at = {aim.what for aim in scenario.aims if aim.what in faults.KINDS}  # not people's deeds
    if faults.PROMPT.issuperset({*scenario.kinds, *aimed_at}):
        world.heard_within = _PROMPTLY
    if scenario.late:
        world.clock.call_later(scenario.late, _start, world, scenario)
    else:
        _start(world, scenario)
    chance = world.random("faults")
    plan = FaultPlan(world, chance, faults.KINDS, scenario.kinds, scenario.orders)
    visitors = [
        SimulatedVisitor(
            world, world.random(f"visitor {number}"), scenario.turns, source, scenario.orders
        )
        for number, source in enumerate(random.choices(scenario.sources, k=scenario.visitors))
    ]
    person = Person(world, world.random("person"), scenario.deeds)

    async def come(visitor: SimulatedVisitor) -> None:
        await asyncio.sleep(random.random() * scenario.rush)
        await visitor.live()

    watching = [asyncio.create_task(watch(world)) for watch in (readiness.watch, bounds.watch)]
    await asyncio.gather(
        *(come(visitor) for visitor in visitors),
        person.live(),
        plan.run(until=scenario.harm, pause=scenario.pause),
        plan.aim(scenario.aims, until=scenario.harm),
        *([rival.come_and_go(world, world.random("rival"))] if scenario.has_rival else ()),
    )
    await plan.end()
    world.kernel.note("world", "all is well from here on")
    await asyncio.sleep(_QUIET)
    until = world.kernel.now + _LONGEST_QUIET - _QUIET
    for watch in watching:
        watch.cancel()
    problems = invariants.broken(world)
    while problems and world.kernel.now < until:
        await asyncio.sleep(_LOOK_AGAIN)
        problems = invariants.broken(world)
    for problem in problems:
        world.fail(problem)
    for conversation in world.server.store.conversations.values():
        for fate, _ in invariants.fates(world, conversation):
            world.count("messages")
            world.count(fate)
    for reason, count in metrics().shed.items():
        world.counts[f"shed: {reason}"] = count


@contextmanager
def silenced(kernel: Kernel, tell: Tell = _nobody) -> Iterator[None]:
    """Let what is logged be told, stand in the trace, if there is one, and nowhere else."""

    def note(_logger: object, level: str, event: MutableMapping[str, Any]) -> Any:  # noqa: ANN401
        if (name := event["event"]) in _TOLD:
            loop = asyncio.get_running_loop()
            if isinstance(loop, Process) and not loop.buried:
                tell(f"log {name}", loop.name, event.get("conversation_id", ""), event)
        if kernel.trace is not None:
            said = (f"{key}={value}" for key, value in sorted(event.items()) if key != "event")
            kernel.note(f"  {level}", f"{name} {' '.join(said)}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, note],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
