"""The bot stops in good order: what is in flight is waited for, all else is handed back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.bot import Bot
from agentbot.devserver.store import records
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, perform, reply, thinking
from tests.support.bot_running import QUICK
from tests.support.virtual_time import now


class Draining:
    """A bot at work, to be drained by the test."""

    def __init__(self, parts: Parts, bot: Bot, running: asyncio.Task[None]) -> None:
        self.parts = parts
        self.bot = bot
        self.running = running
        self.visitor = parts.visitor()
        self.visitor.open_window()

    def ask(self) -> records.Message:
        """Write to the bot."""
        return self.visitor.write("How much?")

    async def seconds_to_drain(self) -> float:
        """Drain; return the seconds that it took."""
        began = now()
        async with asyncio.timeout(120):
            await self.bot.drain()
            took = now() - began
            await self.running
        return round(took, 1)


def drain(story: Callable[[Draining], Awaitable[None]], **options: Any) -> None:
    """Play a story of a bot that is drained in it."""

    async def main(parts: Parts) -> None:
        bot = Bot(parts.services)
        parts.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await parts.until(lambda: not bot.not_ready())
        await asyncio.sleep(10)
        await story(Draining(parts, bot, running))

    perform(main, listening=False, **{**QUICK, **options})


def test_a_bot_with_nothing_to_do_drains_at_once() -> None:
    """And its run returns."""

    async def story(it: Draining) -> None:
        assert await it.seconds_to_drain() == 0.0
        assert [one for one in it.parts.account.server.sockets if one.user is not None] == []

    drain(story)


def test_what_is_thought_out_is_finished_within_the_grace_time() -> None:
    """It is said, and its turn settled; then the bot is gone."""

    async def story(it: Draining) -> None:
        it.parts.responder.script = thinking(15, reply())
        it.ask()
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == 14.0
        assert [one.outcome for one in it.parts.settled] == ["replied"]
        assert len(it.visitor.said) == 1

    drain(story)


def test_a_customer_who_may_write_on_is_not_waited_for() -> None:
    """No turn has begun: the next start finds what they wrote."""

    async def story(it: Draining) -> None:
        it.visitor.write("How much")
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == 0.0
        assert it.parts.store.asked.count("claim") == 0

    drain(story, turns={"idle_seconds": 5.0})


def test_what_the_customer_adds_to_a_turn_that_has_begun_belongs_to_it() -> None:
    """Else it would be answered as if they had said no more."""

    async def story(it: Draining) -> None:
        it.parts.responder.script = thinking(5, reply())
        it.ask()
        await asyncio.sleep(1)
        draining = asyncio.create_task(it.bot.drain())
        await asyncio.sleep(1)
        it.ask()
        await draining
        await it.running
        [record] = it.parts.settled
        assert len(record.message_ids) == 2
        assert len(it.visitor.said) == 1

    drain(story)


@pytest.mark.parametrize(("grace", "thought"), [(20.0, 18.0), (4.0, 3.0)])
def test_what_is_not_thought_out_in_time_is_handed_back(grace: float, thought: float) -> None:
    """A little before the grace time ends: another replica, or the next start, takes it."""

    async def story(it: Draining) -> None:
        it.parts.responder.script = thinking(40, reply())
        asked = it.ask()
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == thought
        assert (it.visitor.said, it.parts.settled) == ([], [])
        other = await it.parts.colleague()
        assert isinstance(await other.claim(it.visitor.id, (asked.id,)), Claim)

    with capture_logs() as said:
        drain(story, drain={"grace_seconds": grace})
    [line] = [line for line in said if line["event"] == "draining"]
    assert line["conversations"] == 1


def test_a_reply_in_flight_is_waited_for() -> None:
    """It is confirmed, and its turn settled."""

    async def story(it: Draining) -> None:
        it.parts.account.server.faults.slow_shout(broadcast=4.0, topic="conversation:")
        it.ask()
        await asyncio.sleep(1)
        assert await it.seconds_to_drain() == 3.0
        assert [one.outcome for one in it.parts.settled] == ["replied"]

    drain(story)


def test_a_turn_that_does_not_end_is_given_up_within_the_grace_time() -> None:
    """Its store is away, say; its claim is given back as far as that can be."""

    async def story(it: Draining) -> None:
        it.parts.store.failures["settle"] = 1_000
        it.ask()
        await asyncio.sleep(1)
        began = now()
        await it.bot.drain()
        assert now() - began == pytest.approx(7, abs=0.1)
        assert "release" in it.parts.store.asked
        assert it.parts.metric("conversations_active") == 0
        await it.running

    drain(story, drain={"grace_seconds": 7.0})


def test_a_draining_bot_takes_no_new_turn() -> None:
    """Neither what it hears nor what it finds; nothing is counted as found."""

    async def story(it: Draining) -> None:
        it.parts.store.failures["settle"] = 1_000
        it.ask()
        await asyncio.sleep(1)
        draining = asyncio.create_task(it.bot.drain())
        other = it.parts.visitor()
        other.write("How much?")
        third = it.parts.visitor()
        third.write("How much?", heard=False)
        await asyncio.sleep(15)
        assert it.parts.metric("conversations_active") == 1
        assert it.parts.metric("catch_up_found_total", path="periodic") == 0
        await draining
        await it.running
        assert (other.said, third.said) == ([], [])

    drain(story, catch_up={"interval_seconds": 5.0})
