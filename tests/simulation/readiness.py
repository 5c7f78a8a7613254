"""Whether a bot that says it is ready is."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.simulation.world import Running, World

_LOOK = 5.0
_STATE_MAY_LAG = 4
"""Looks: the state is tried every 5 seconds."""
_LOSS_MAY_LAG = 3
"""Looks: an end of the connection is told within the longest delay."""
_STALL_MAY_LAG = 11
"""Looks: a half-open connection is found by the heartbeat, every 30 seconds, and its grace."""


async def watch(world: World) -> None:
    """Look every few seconds, without end; what is untrue becomes a violation."""
    lags: Counter[tuple[str, str]] = Counter()
    while True:
        await asyncio.sleep(_LOOK)
        for running in world.bots.values():
            is_up = running.process.alive and world.kernel.now >= running.process.frozen_until
            is_ready = is_up and running.bot is not None and not running.bot.not_ready()
            for what, is_bad, limit in _troubles(world, running):
                key = (running.holder, what)
                lags[key] = lags[key] + 1 if is_ready and is_bad else 0
                if lags[key] == limit:
                    world.fail(f"{running.holder} says READY, but {what}")


def _troubles(world: World, running: Running) -> list[tuple[str, bool, int]]:
    connections = [one for one in world.network.connections if one.process is running.process]
    return [
        ("the state is down", world.database.health.is_down, _STATE_MAY_LAG),
        ("there is no connection", not connections, _LOSS_MAY_LAG),
        # By when it began: one that goes on in between begins anew.
        *(
            (f"the connection stands still since {one.stalled_at:.3f}", one.stalled, _STALL_MAY_LAG)
            for one in connections
        ),
    ]
