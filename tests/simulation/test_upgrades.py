"""A rolling upgrade of two replicas: nobody is answered twice or not at all meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.actors import SimulatedVisitor
from tests.simulation.stage import Stage, perform

ADDS = (
    "ALTER TABLE conversations ADD COLUMN mood text",
    "CREATE TABLE moods (name text PRIMARY KEY)",
    "CREATE INDEX by_mood ON conversations (mood)",
)
"""What a next release may do to the schema: see ``tests/state/test_upgrades.py``."""


@pytest.mark.parametrize("seconds", [0.0, 1.5, 4.0])
def test_replicas_are_replaced_one_after_the_other(seconds: float) -> None:
    """The schema changes under the one that still runs, in the middle of its turns."""

    async def scene(stage: Stage) -> None:
        visitors = [stage.visitor() for _ in range(4)]
        for name in ("one", "two"):
            await stage.bot(name)
        for number, name in enumerate(("one", "two")):
            for visitor in visitors:
                await visitor.say("think 3 ?")
            await asyncio.sleep(seconds)
            await replace(stage, name, changes_schema=number == 0)
            await asyncio.sleep(60)
        check(stage, visitors, times=2)

    perform(scene)


async def replace(stage: Stage, name: str, *, changes_schema: bool) -> None:
    """Stop a replica as an orchestrator does, and start the next release in its place."""
    running = stage.world.bots[name]
    assert running.bot is not None
    if changes_schema:
        stage.world.database.upgrade(ADDS)
    stopped = running.process.create_task(running.bot.drain())
    await stage.until(stopped.done)
    running.process.kill()
    stage.world.bury_bot(running, lingers=False)
    await stage.bot(name)


def check(stage: Stage, visitors: list[SimulatedVisitor], *, times: int) -> None:
    """Check that each customer has one answer to each of their questions."""
    for visitor in visitors:
        answered = [ids for one in stage.replies(visitor) for ids in stage.answered_by(one)]
        assert len(answered) == len(set(answered)) == times
