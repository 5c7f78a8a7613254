"""A second bot on the account, with a state of its own: it comes and goes, and answers everything.

Nobody keeps two such bots from answering each message once each; but each does it once, none of
them loses any, and ours notices the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

from tests.simulation.world import Running, World

KINDS = ("cut", "crash channel", "freeze", "kill", "reorder", "slow network")
"""Faults of worlds with another bot, beside it."""
_STAYS = (8.0, 20.0, 40.0)
"""Seconds for which it stays."""


async def come_and_go(world: World, random: Random) -> None:
    """Let another bot come, answer, and go again, perhaps twice, with what it remembers."""
    for _ in range(random.choice((1, 1, 2))):
        await asyncio.sleep(random.random() * 8.0)
        other = world.start_rival()
        world.kernel.note("fault", "another bot")
        world.count("another bot")
        await asyncio.sleep(random.choice(_STAYS) * (0.5 + random.random()))
        if random.random() < 0.5 and other.bot is not None:
            other.process.create_task(other.bot.drain())
            await asyncio.sleep(world.settings.drain.grace_seconds)
        _end(world, other, lingers=random.random() < 0.3)


def _end(world: World, other: Running, *, lingers: bool) -> None:
    other.process.kill()
    world.bury_bot(other, lingers=lingers)


def unnoticed(world: World) -> Iterator[str]:
    """Yield who has not noticed another bot, though no fault kept it from hearing of it."""
    if not world.rivals or any(what.startswith("fault ") for what in world.counts):
        return
    theirs = [id_ for id_, who in world.hands.items() if who in world.rivals]
    for running in world.bots.values():
        if theirs and running.bot is not None and not running.bot.warnings():
            yield f"{running.holder} has NOT NOTICED another bot, which wrote {len(theirs)} replies"
