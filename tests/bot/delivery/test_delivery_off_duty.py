"""Deliveries off duty: the bot is not seen, so that e-mails are written over REST."""

from __future__ import annotations

import httpx2
import pytest
from structlog.testing import capture_logs

from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.errors import LoginRefused
from tests.support.bot_delivery import BUTTONS, Delivering, deliver
from tests.support.bot_parts import reply
from tests.support.virtual_time import now


def test_off_duty_an_email_is_answered_over_rest() -> None:
    """What a shout does, this does too, and nobody sees the bot online."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        result = await it.deliver(reply("Sure?", quick_replies=BUTTONS))
        [said] = it.visitor.said
        assert result == DeliveryResult(DeliveryStatus.CONFIRMED, said.id)
        assert said.body == "Sure?\n\n- Yes, please\n- No"
        assert (said.metadata or {})["agentbot"]["in_reply_to"] == it.asked.id
        assert it.visitor.conversation.assignee_id is None
        assert "POST /api/messages" in it.parts.network.asked

    deliver(story, source="email")


def test_off_duty_a_chat_is_answered_on_its_own_topic() -> None:
    """Being there is not being seen."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert [one.user_id for one in it.visitor.said] == [None]
        assert "POST /api/messages" not in it.parts.network.asked

    deliver(story)


def is_post(request: httpx2.Request) -> bool:
    """Say whether a request writes a message."""
    return request.method == "POST" and request.url.path == "/api/messages"


def test_a_server_that_is_away_is_nothing_to_give_up_writing_for() -> None:
    """Neither one that cannot be reached, nor one that a proxy speaks for."""

    async def unreachable(it: Delivering) -> None:
        it.parts.session.set_present(False)
        cut: list[str] = []

        def is_cut(request: httpx2.Request) -> bool:
            if is_post(request) and len(cut) < 4:
                cut.append(request.method)
                return True
            return False

        it.parts.network.is_cut = is_cut
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert (len(cut), len(it.texts)) == (4, 1)

    async def unavailable(it: Delivering) -> None:
        it.parts.session.set_present(False)
        it.faults.answer(status=503, method="POST", path="/api/messages", times=4)
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.CONFIRMED
        assert len(it.texts) == 1

    for story in (unreachable, unavailable):
        deliver(story, source="email")


def test_what_the_server_cannot_write_is_given_up() -> None:
    """It answers that it failed, as it will for ever."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        failed = it.faults.answer(status=500, method="POST", path="/api/messages")
        result = await it.deliver(reply())
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert (failed.hits, it.texts) == (3, [])

    with capture_logs() as said:
        deliver(story, source="email")
    assert [line["event"] for line in said].count("reply.not_written") == 3


def test_a_refused_login_is_nothing_that_a_delivery_mends() -> None:
    """It ends the bot."""

    async def story(it: Delivering) -> None:
        it.parts.session.set_present(False)
        delivery = await it.delivery()
        it.server.expire_tokens(renew_tokens=True)
        it.parts.account.bot.password = "another"
        began = now()
        with pytest.raises(LoginRefused):
            await delivery.carry_out(it.plan(reply()))
        assert now() - began < 1, "nothing is looked for first"

    deliver(story, source="email")
