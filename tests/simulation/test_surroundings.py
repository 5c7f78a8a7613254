"""Slow and hostile surroundings, in scenes: long outages, doors that shut at once, overflow."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.stage import Stage, perform
from tests.simulation.world import metrics


def test_ten_minutes_without_a_server_are_waited_out() -> None:
    """The bot asks now and then (the pace is an invariant), and answers once the server is back."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        stage.world.server.restart(downtime=600.0, linger=5.0)
        await asyncio.sleep(300)
        assert running.bot is not None
        assert "socket" in running.bot.not_ready()
        await asyncio.sleep(301)
        await visitor.say("hello ?")
        await stage.until(lambda: running.bot is not None and not running.bot.not_ready())
        await asyncio.sleep(60)
        assert len(stage.replies(visitor)) == 1

    perform(scene)


@pytest.mark.parametrize("closes_after", [0.0, 0.3, 5.0])
def test_a_server_that_lets_nobody_stay_is_not_hammered(closes_after: float) -> None:
    """Neither one that closes at once, nor one that closes after the joins."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitor = stage.visitor()
        stage.world.weather.closes_connections = closes_after
        stage.connection.cut(delivers_out=True, delivers_in=True, lingers=False)
        await asyncio.sleep(600)
        stage.world.weather.closes_connections = None
        await visitor.say("hello ?")
        await asyncio.sleep(120)
        assert len(stage.replies(visitor)) == 1
        assert running.bot is not None
        assert running.bot.not_ready() == {}

    perform(scene)


def test_customers_beyond_the_limit_are_shed_counted_and_answered_later() -> None:
    """A full house turns nobody away for good."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        visitors = [stage.visitor() for _ in range(6)]
        await asyncio.sleep(10)  # all are known by now: nobody is fresh
        for visitor in visitors:
            await visitor.say("think 4 ?")
        await asyncio.sleep(1)
        assert running.bot is not None
        assert len(running.bot._mailboxes) == stage.world.settings.turns.queue_limit == 2
        # Each heard twice, on the conversation's topic and on the agents', and shed once.
        assert metrics().shed["turn"] == 4
        await asyncio.sleep(300)
        assert [len(stage.replies(visitor)) for visitor in visitors] == [1] * 6

    perform(scene, tight=True)
