"""A delivery's step SEND: its text is confirmed, sent again or given up, and stored once at most.

On a devserver in the same process; the way over real sockets is tested in ``tests/e2e``.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.delivery import Delivery
from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.echoes import Echoes
from agentbot.bot.objections import Objection
from agentbot.papercups import events
from tests.support.bot_delivery import TAGS, Delivering, deliver
from tests.support.bot_parts import reply
from tests.support.virtual_time import now


def test_a_text_that_was_lost_is_sent_again() -> None:
    """The connection holds, and the server does not have it."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=1)
        began = now()
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert (lost.hits, len(it.texts)) == (1, 1)
        assert now() - began == pytest.approx(5 + 2, abs=0.1), "the time-out, and the settling"
        assert it.parts.metric("replies_resent_total") == 1
        assert it.parts.metric("replies_confirmed_total") == 1

    with capture_logs() as said:
        deliver(story)
    [line] = [line for line in said if line["event"] == "reply.unconfirmed"]
    assert (line["why"], line["attempt"]) == ("late", 1)


def test_a_text_that_the_server_stores_never_is_given_up() -> None:
    """After so many sendings; nothing follows it."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=3)
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert result.reason is not None
        assert result.reason.code == "unconfirmed"
        assert (lost.hits, it.texts, it.tags) == (3, [], set())
        assert it.parts.metric("replies_resent_total") == 2

    with capture_logs() as said:
        deliver(story)
    attempts = [line["attempt"] for line in said if line["event"] == "reply.unconfirmed"]
    assert attempts == [1, 2, 3]


def test_an_outage_is_nothing_to_give_up_for() -> None:
    """However often the connection breaks while the text is under way."""

    async def story(it: Delivering) -> None:
        lost = it.faults.drop_shout(times=3)
        delivering = asyncio.create_task(it.deliver(reply()))
        for count in (1, 2, 3):
            await it.parts.until(lambda count=count: lost.hits == count)  # type: ignore[misc]
            it.server.drop()
        result = await delivering
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    with capture_logs() as said:
        deliver(story, reply={"max_attempts": 1})
    why = [line["why"] for line in said if line["event"] == "reply.unconfirmed"]
    assert why == ["connection_lost"] * 3


def test_an_echo_that_the_connection_loses_is_found_on_the_server() -> None:
    """The text was stored: it is not sent again."""

    async def story(it: Delivering) -> None:
        it.faults.cut(event="shout", echo=True)
        result = await it.deliver(reply(actions=TAGS))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert it.tags == {"one", "two"}
        assert it.parts.metric("replies_resent_total") == 0
        assert it.parts.count(events.Connected) == 2

    deliver(story)


def test_an_echo_that_does_not_come_is_looked_for() -> None:
    """The connection holds, but the server has told nobody."""

    async def story(it: Delivering) -> None:
        it.faults.mute_shout(topic="conversation:")
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    deliver(story)


def test_a_server_that_takes_its_time_is_waited_for() -> None:
    """Its channel works in order: as long as our ping is not answered, the text may yet come."""

    async def story(it: Delivering) -> None:
        it.faults.slow_shout(store=12.0, times=1)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1
        assert it.parts.metric("replies_resent_total") == 0

    deliver(story)


def test_a_connection_that_stands_still_is_given_up() -> None:
    """It might carry the text later, behind a second copy. That is no sending to be counted."""

    async def story(it: Delivering) -> None:
        await it.parts.session.joined(it.visitor.id)
        it.faults.stall(connection=it.server.sockets[0])
        began = now()
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert now() - began == pytest.approx(5 + 10 + 2, abs=0.5)
        assert it.parts.count(events.ConnectionLost) == 1
        assert len(it.texts) == 1

    deliver(story, reply={"max_attempts": 1})


def test_a_topic_that_crashes_while_it_is_asked_has_lost_the_text() -> None:
    """What was in the channel is gone with it."""

    async def story(it: Delivering) -> None:
        topic = f"conversation:{it.visitor.id}"
        it.faults.slow_shout(store=60.0, times=1)
        it.in_seconds(7, lambda: it.server.crash(topic))
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1
        assert it.parts.count(events.ConnectionLost) == 0

    deliver(story)


def test_a_topic_that_goes_as_the_text_is_to_leave_is_joined_again() -> None:
    """Nothing has left: that is no sending that went unheard."""

    async def story(it: Delivering) -> None:
        def lose_the_topic() -> Objection | None:
            if not gone:
                gone.append(True)
                it.parts.session.unfollow(it.visitor.id)
            return None

        gone: list[bool] = []
        conversation = await it.parts.rest.conversation(it.visitor.id)
        delivery = Delivery(
            it.parts.services, conversation, it.claim, as_of=1, objection=lose_the_topic
        )
        result = await delivery.carry_out(it.plan(reply()))
        assert gone
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    deliver(story, reply={"max_attempts": 1})


class NotingEchoes(Echoes):
    """Echoes that note what is waited for, and what no longer is."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited: list[str] = []
        self.forgotten: list[str] = []

    def expect(self, message_id: str) -> asyncio.Future[Any]:
        """Note it."""
        self.awaited.append(message_id)
        return super().expect(message_id)

    def forget(self, message_id: str) -> None:
        """Note it."""
        self.forgotten.append(message_id)
        super().forget(message_id)


def test_whatever_was_waited_for_is_forgotten() -> None:
    """Nothing of a delivery stays behind."""
    echoes = NotingEchoes()

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        await it.deliver(reply())
        assert echoes.awaited == echoes.forgotten == [it.asked.id] * 2

    deliver(story, echoes=echoes)
