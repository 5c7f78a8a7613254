"""What network, server and database do to the bots, at random, one fault at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from agentbot.devserver.faults import Fault
from agentbot.devserver.server import DevServer
from tests.support.postgres import PostgresServer
from tests.support.proxy import Direction, FaultyProxy, Link

_PAUSE = 1.0
"""Mean seconds between two faults while they come: a bot meets several of them at once."""
_STORM, _CALM = 4.0, 3.0
"""Mean seconds with faults, and without any. Without the calm a bot would do nothing but wait,
ever longer, for its next attempt."""
_RARE = frozenset(
    {
        "server: restart",
        "server: socket refused",
        "network: half open",
        "database: crash",
        "database: hang",
    }
)


class FaultMaker:
    """A source of faults while :meth:`run` runs; ``counts`` says how many of each kind."""

    def __init__(
        self,
        server: DevServer,
        proxies: Sequence[FaultyProxy],
        *,
        database: PostgresServer | None,
        random: Random,
    ) -> None:
        self._server = server
        self._proxies = proxies
        self._database = database
        self._away: asyncio.Task[None] | None = None
        self._random = random
        self._switched_on: list[Fault[Any]] = []
        self.counts: Counter[str] = Counter()
        self._kinds: dict[str, Callable[[], object]] = {
            "network: cut": lambda: self._link().cut(),
            "network: reset": lambda: self._link().reset(),
            "network: stall": lambda: self._link().stall(self._random.uniform(0.2, 5.0)),
            "network: delay": lambda: self._link().delay(self._random.uniform(0.01, 0.3)),
            "network: half open": lambda: self._link().lose(Direction.UP, Direction.DOWN),
            "network: lost upwards": lambda: self._link().lose(Direction.UP),
            "network: lost downwards": lambda: self._link().lose(Direction.DOWN),
            "network: crumbs": lambda: self._link().crumble(self._random.uniform(0.02, 0.5)),
            "server: shout stored, unheard": lambda: server.faults.mute_shout(
                times=self._random.randint(1, 3)
            ),
            "server: shout lost": lambda: server.faults.drop_shout(times=1),
            "server: broadcast twice": lambda: server.faults.duplicate(times=10),
            "server: echo lost": lambda: server.faults.lose(event="shout", echo=True, times=1),
            "server: cut at the echo": lambda: server.faults.cut(
                event="shout", echo=True, code=self._random.choice([None, 1000, 1011])
            ),
            "server: slow topic": lambda: server.faults.delay(
                self._random.uniform(0.05, 0.5), topic="notification:", times=20
            ),
            "server: notification crash": self._crash_notification,
            "server: conversations crash": self._crash_conversations,
            "server: close 1000": lambda: server.drop(1000),
            "server: tokens expire": self._expire,
            "server: REST 500": lambda: server.faults.answer(
                status=500, body="<html>", content_type="text/html", path="/api", times=3
            ),
            "server: REST 429": lambda: server.faults.answer(
                status=429, headers={"Retry-After": "1"}, path="/api", times=3
            ),
            "server: REST slow": lambda: server.faults.slow(
                self._random.uniform(0.1, 1.5), path="/api", times=10
            ),
            "server: socket refused": lambda: server.faults.refuse(status=503, times=2),
            "server: restart": self._restart,
        }
        if database is not None:
            self._kinds["database: crash"] = lambda: self._take_away(database.stop, database.start)
            self._kinds["database: hang"] = lambda: self._take_away(database.pause, database.resume)

    async def run(self) -> None:
        """Make a fault now and then, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._random.expovariate(1 / _CALM))
            until = loop.time() + self._random.expovariate(1 / _STORM)
            while loop.time() < until:
                self._make_one()
                await asyncio.sleep(self._random.expovariate(1 / _PAUSE))
            self.switch_off()

    def _make_one(self) -> None:
        kinds = sorted(self._kinds)
        kind = self._random.choices(kinds, [1 if kind in _RARE else 3 for kind in kinds])[0]
        try:
            made = self._kinds[kind]()
        except _NothingToBreak:
            return
        if isinstance(made, Fault):
            self._switched_on.append(made)
        self.counts[kind] += 1

    def switch_off(self) -> None:
        """End what is left of the faults.

        A bot that asks every twenty seconds meets fewer than are added meanwhile: they would pile
        up, and it would never get through.
        """
        for rule in self._switched_on:
            rule.remove()
        self._switched_on.clear()

    async def clear_up(self) -> None:
        """End all faults, and wait until server and database are there again."""
        self._server.faults.clear()
        if self._away is not None:
            await self._away
        there = asyncio.Event()
        self._server.on_listening.append(lambda _listening: there.set())
        if not self._server.listening:
            await there.wait()
        for proxy in self._proxies:
            for link in proxy.links:
                link.reset()

    def _link(self) -> Link:
        """Return one of the bots' connections: mostly a socket, else a REST one."""
        proxy = self._random.choice(self._proxies)
        links = proxy.sockets if self._random.random() < 0.7 else proxy.links
        if not links:
            raise _NothingToBreak
        return self._random.choice(links)

    def _crash_notification(self) -> None:
        for account_id in self._server.store.accounts:
            self._server.crash(f"notification:{account_id}")

    def _crash_conversations(self) -> None:
        conversations = list(self._server.store.conversations)[-30:]
        for id_ in conversations:
            self._server.crash(f"conversation:{id_}")

    def _expire(self) -> None:
        self._server.expire_tokens(renew_tokens=self._random.random() < 0.3)
        self._server.drop()

    def _take_away(self, leave: Callable[[], None], come_back: Callable[[], None]) -> None:
        """Let the database be away for a while."""
        if self._away is not None and not self._away.done():
            raise _NothingToBreak
        seconds = self._random.uniform(0.2, 2.0)

        async def be_away() -> None:
            await asyncio.to_thread(leave)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(come_back)

        self._away = asyncio.get_running_loop().create_task(be_away())

    def _restart(self) -> None:
        if not self._server.listening:
            raise _NothingToBreak
        self._server.restart(downtime=self._random.uniform(0.5, 2.0), linger=0.3)


class _NothingToBreak(Exception):
    """No connection is open that could be broken."""
