"""A server whose pool of database connections is dry: a bot that catches up lets it come round.

What crashes for want of a connection is joined and said again. A bot that sends all that waits at
once loses it all; one that is paced, as many replies as were under way.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.turns import Event

if TYPE_CHECKING:
    from tests.simulation.world import World

_WINDOW = 1.0
MOST = 10
"""Replies of one bot that find no connection within a second, at most. It begins with four turns
under way, which grow to the pool's eight while answers are good, and halves that as soon as it
hears of a crash; those whose conversation was read by then go out all the same. Measured: 5 in most
worlds, 8 and 10 in one each of 10,000; 11 and more without pacing, though not in each world."""


class Drought:
    """Counts the replies of each bot that find no connection."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._crashes: defaultdict[str, deque[float]] = defaultdict(deque)
        self.shouts: Counter[str] = Counter()
        """How many shouts were lost so, by the bot that sent them."""

    def take(self, event: Event) -> None:
        """Take note of what happened."""
        take = _TAKES.get(event.what)
        if take is not None:
            take(self, event)

    def _dry(self, event: Event) -> None:
        world, times = self._world, self._crashes[event.who]
        if not event.who:
            return
        world.see("a channel crashes for want of a database connection")
        if not event.detail:
            return  # a join, of which there are as many as conversations that are open
        self.shouts[event.who] += 1
        times.append(event.at)
        while times[0] < event.at - _WINDOW:
            times.popleft()
        if len(times) == MOST + 1:
            world.fail(f"{event.who} DROWNS the server: {len(times)} replies are lost in a second")


_TAKES: dict[str, Callable[[Drought, Event], None]] = {"pool dry": Drought._dry}
