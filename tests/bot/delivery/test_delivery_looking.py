"""A delivery's step LOOK: before a text is sent again, it is looked for on the server."""

from __future__ import annotations

import asyncio

from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from tests.support.bot_delivery import Delivering, deliver
from tests.support.bot_parts import reply
from tests.support.virtual_time import now


def test_a_text_that_arrives_after_the_connection_broke_is_not_sent_again() -> None:
    """Its last bytes may take a moment: so long nobody looks."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        delivering = asyncio.create_task(it.deliver(reply()))
        await it.parts.until(lambda: lost.hits)
        it.server.drop()
        it.in_seconds(1.9, it.arrive)
        result = await delivering
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)

    deliver(story)


def test_what_is_said_while_it_is_looked_for_is_heard_first() -> None:
    """The connection broke once more meanwhile: it is looked for again."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        delivering = asyncio.create_task(it.deliver(reply()))
        await it.parts.until(lambda: lost.hits)
        it.server.drop()
        await it.parts.until(lambda: it.parts.services.current.connections == 2)
        await it.parts.session.joined(it.visitor.id)
        await asyncio.sleep(1.0)
        it.server.drop()
        result = await delivering
        assert result.status is DeliveryStatus.CONFIRMED
        looks = it.parts.network.asked.count(f"GET /api/conversations/{it.visitor.id}")
        assert looks == 1 + 2, "one of the test's own"
        assert len(it.texts) == 1

    deliver(story)


def test_a_server_that_is_away_is_waited_for_before_anything_is_sent_again() -> None:
    """Whoever cannot look does not speak."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        it.faults.drop_shout(times=1)
        away = it.faults.answer(status=503, method="GET", path="/api/conversations/")
        it.in_seconds(60, away.remove)
        began = now()
        result = await delivery.carry_out(it.plan(reply()))
        assert result.status is DeliveryStatus.CONFIRMED
        assert now() - began >= 60
        assert away.hits > 3

    deliver(story)
