"""Many open conversations in one world: does the bot drown the server, or itself?

All of them wait for an answer when the bot starts. Once they have it the connection breaks, some
of the customers write while it is down, and the bot catches up again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from agentbot.config import Settings
from agentbot.devserver.store.records import Conversation, Customer
from agentbot.phoenix.options import SocketOptions
from tests.simulation import bounds, invariants
from tests.simulation.memory import size_of
from tests.simulation.network import SimulatedConnection
from tests.simulation.run import silenced
from tests.simulation.world import Running, World

_WINDOW = 10.0
_LOOK = 1.0
_PATIENCE = 3_600.0
_WRITE_AGAIN = 20
"""Every twentieth customer writes while the connection is down."""


class Gauge:
    """The most that happened within any so many seconds, as a rate a second."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.count = 0
        self.most = 0
        self._now = now
        self._times: deque[float] = deque()

    @property
    def rate(self) -> float:
        """The highest rate, a second."""
        return self.most / _WINDOW

    def note(self) -> None:
        """Count one."""
        now = self._now()
        self.count += 1
        self._times.append(now)
        while self._times[0] <= now - _WINDOW:
            self._times.popleft()
        self.most = max(self.most, len(self._times))


@dataclass(slots=True)
class CrowdFigures:
    """What became of a crowd. Times are virtual seconds."""

    conversations: int
    answered: int = 0
    lost: int = 0
    doubled: int = 0
    caught_up_in: float = 0.0
    caught_up_again_in: float = 0.0
    joins: int = 0
    joins_a_second: float = 0.0
    joins_of_a_reconnect: int = 0
    requests: int = 0
    requests_a_second: float = 0.0
    bytes_at_work: int = 0
    bytes_at_rest: int = 0
    violations: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the figures as lines."""
        rows = {
            "open conversations": f"{self.conversations}",
            "customers' messages answered once": f"{self.answered}",
            "lost, doubled": f"{self.lost}, {self.doubled}",
            "all answered after": f"{self.caught_up_in:.0f} s of virtual time",
            "after a reconnect": f"{self.caught_up_again_in:.0f} s",
            "joins": f"{self.joins}, at most {self.joins_a_second:.1f} a second",
            "joins of the reconnect": f"{self.joins_of_a_reconnect}",
            "pages of open ones": f"{self.requests}, at most {self.requests_a_second:.1f} a second",
            "bot's objects, at most": f"{self.bytes_at_work / self.conversations:.0f} B each",
            "bot's objects, at rest": f"{self.bytes_at_rest / self.conversations:.0f} B each",
        }
        width = max(map(len, rows))
        lines = [f"{name:{width}}  {value}" for name, value in rows.items()]
        return "\n".join(lines + self.violations[:10])


def crowd(conversations: int, settings: Settings, *, seed: int = 1) -> CrowdFigures:
    """Let so many customers wait at once."""
    world = World(seed, settings)
    figures = CrowdFigures(conversations)
    with silenced(world.kernel, world.tell):
        try:
            world.kernel.run(world.clock, _play(world, figures))
        finally:
            world.kernel.bury()
            world.database.close()
    figures.violations += world.violations
    return figures


async def _play(world: World, figures: CrowdFigures) -> None:
    waiting = [_open(world, number) for number in range(figures.conversations)]
    joins, requests = Gauge(world.clock.time), Gauge(world.clock.time)
    world.start_bot("bot", clock_error=0.0)
    running = world.bots["bot"]
    _count(world, running, joins, requests)
    watching = asyncio.create_task(bounds.watch(world))
    weighing = asyncio.create_task(_weigh(running, figures))
    await _reply_to(world, figures.conversations)
    weighing.cancel()
    figures.caught_up_in = world.kernel.now
    await _rest(running)
    figures.bytes_at_rest = size_of(running.bot)

    world.weather.refuses_connections = True
    world.network.connections[-1].cut(delivers_out=False, delivers_in=False, lingers=False)
    began, joined = world.kernel.now, joins.count
    again = waiting[::_WRITE_AGAIN]
    for conversation, customer in again:
        _ask(world, conversation, customer)
    await asyncio.sleep(5.0)
    world.weather.refuses_connections = False
    await _reply_to(world, figures.conversations + len(again))
    figures.caught_up_again_in = world.kernel.now - began
    await asyncio.sleep(world.settings.catch_up.interval_seconds)
    await _rest(running)
    watching.cancel()

    figures.joins, figures.joins_a_second = joins.count, joins.rate
    figures.joins_of_a_reconnect = joins.count - joined
    figures.requests, figures.requests_a_second = requests.count, requests.rate
    for conversation, _ in waiting:
        for fate, _ in invariants.fates(world, conversation):
            figures.answered += fate == "answered"
            figures.lost += fate == "lost"
            figures.doubled += fate == "doubled"
    figures.violations += invariants.broken(world)


def _open(world: World, number: int) -> tuple[Conversation, Customer]:
    """Open a conversation of some hours ago, in which a customer waits."""
    store, ids = world.server.store, {"account_id": world.account_id}
    customer = store.add_customer(ids)
    conversation = store.add_conversation({**ids, "customer_id": customer.id})
    world.server_error = -(number % 7_200)
    _ask(world, conversation, customer)
    world.server_error = 0
    return conversation, customer


async def _weigh(running: Running, figures: CrowdFigures) -> None:
    """Keep the most that the bot takes while it catches up."""
    while True:
        await asyncio.sleep(_WINDOW / 2)
        figures.bytes_at_work = max(figures.bytes_at_work, size_of(running.bot))


def _ask(world: World, conversation: Conversation, customer: Customer) -> None:
    backend = world.server.backend
    ids = {"conversation_id": conversation.id, "account_id": world.account_id}
    message = backend.store.add_message({**ids, "customer_id": customer.id, "body": "hello ?"})
    backend.store.stamp_activity(message)
    backend.announce_message(message)


def _count(world: World, running: Running, joins: Gauge, requests: Gauge) -> None:
    """Let the gauges see what the bot asks for unasked: joins, and pages of conversations.

    A crowd is no spinning.
    """
    on_send, tell = world.network.on_send, running.rest.tell

    def sent(connection: SimulatedConnection, text: str) -> None:
        if '"phx_join"' in text:
            joins.note()
        on_send(connection, text)

    world.network.on_send = sent
    running.process.on_attempt = lambda _what: None

    def told(what: str, who: str, where: str, detail: object) -> None:
        if (what, detail) == ("rest asked", ("GET", "/api/conversations")):
            requests.note()
        tell(what, who, where, detail)

    running.rest.tell = told


async def _reply_to(world: World, count: int) -> None:
    """Wait until so many replies are stored."""
    messages = world.server.store.messages.values()
    await _until(lambda: sum(one.type == "bot" for one in messages) >= count)


async def _rest(running: Running) -> None:
    """Wait until the bot has nothing to do."""
    await _until(lambda: running.bot is not None and not running.bot._tasks)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not holds():  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(_LOOK)


def too_fast(figures: CrowdFigures, settings: Settings) -> list[str]:
    """Return which paces were not kept; what may come at once is spread over the window."""
    a_second = settings.socket.joins_per_second or float("inf")
    joins = a_second + SocketOptions().join_burst / _WINDOW
    requests = settings.rest.requests_per_second
    requests += max(requests, 1.0) / _WINDOW
    return [
        f"{most:.1f} {what} a second, and {limit:.1f} are the most"
        for what, most, limit in (
            ("joins", figures.joins_a_second, joins),
            ("requests", figures.requests_a_second, requests),
        )
        if most > limit
    ]
