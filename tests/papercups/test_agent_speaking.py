"""What an agent's session hears, says and marks read, and what it follows for that."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.errors import PushNotSent
from agentbot.papercups import events
from agentbot.papercups.customer import CustomerSession
from agentbot.phoenix.frames import Frame, encode
from tests.support.agent_story import GONE, in_account
from tests.support.virtual_account import Agent, VirtualAccount


async def next_from_bot(customer: CustomerSession) -> str | None:
    """Return the text of the next message that is not the customer's own."""
    async for message in customer.messages():
        if not message.is_from_customer:
            return message.body
    raise AssertionError


def test_a_question_is_heard_and_answered_and_the_echo_confirms_it() -> None:
    """Through the conversation's own topic, as the account: unread and unassigned."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            [created] = await agent.saw(events.ConversationCreated)
            assert created.conversation_id == customer.conversation_id
            [presence] = await agent.saw(events.CustomerPresenceChanged)
            assert (presence.customer_id, presence.online) == (customer.customer_id, True)
            await customer.shout("Do you ship to Norway?")
            [heard] = await agent.saw(events.MessageReceived)
            assert heard.via == "notification"
            assert heard.message.is_from_customer
            id_ = created.conversation_id
            await agent.session.joined(id_)
            await agent.session.joined(id_)
            agent.session.shout(id_, "Yes", metadata={"a": 1})
            [_, echo] = await agent.saw(events.MessageReceived, 2)
            assert echo.message.user_id is None
            [dropped] = await agent.saw(events.DuplicatesDropped)
            assert dropped.count == 1
            assert await next_from_bot(customer) == "Yes"
            stored = await agent.rest.conversation(id_)
            assert (stored.read, stored.assignee_id) == (False, None)
            assert agent.session.seen(id_)
            await agent.session.read(id_)
            assert (await agent.rest.conversation(id_)).read
            [updated, *_] = await agent.saw(events.ConversationUpdated)
            assert updated.conversation_id == id_
        assert (await agent.saw(events.CustomerPresenceChanged, 2))[1].online is False

    in_account(story)


@pytest.mark.parametrize("via", ["conversation", "notification"])
def test_speaking_as_the_user_is_stored_so(via: events.Via) -> None:
    """On either topic, and the first such message assigns the conversation."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            await agent.session.joined(customer.conversation_id)
            agent.session.shout(customer.conversation_id, "Hi", as_user=True, via=via)
            heard = await agent.saw(events.MessageReceived)
            assert heard[0].message.user_id == account.bot.id
            assert heard[0].message.is_bot
            await agent.saw(events.ConversationUpdated)
            stored = await agent.rest.conversation(customer.conversation_id)
            assert stored.assignee_id == account.bot.id

    in_account(story)


def test_the_server_can_be_asked_whether_it_has_dealt_with_all() -> None:
    """A channel works in order; a customer's window is known to be there or gone."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            id_ = customer.conversation_id
            waiting = [asyncio.create_task(agent.session.joined(id_)) for _ in range(2)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await waiting[1]
            agent.session.shout(id_, "Hi")
            await agent.session.dealt_with(id_)
            assert len((await agent.rest.conversation(id_)).messages) == 1
            await agent.session.dealt_with(id_, via="notification")
            assert agent.session.is_seen
            assert agent.session.is_here(customer.customer_id)
            agent.session.reconnect()
            await agent.saw(events.ConnectionLost)
            await agent.saw(events.Connected, 2)
        await agent.saw(events.CustomerPresenceChanged, 2)
        assert not agent.session.is_here(customer.customer_id)

    in_account(story)


def test_what_is_not_followed_cannot_be_spoken_on() -> None:
    """A push that cannot be sent says so; a receipt is not worth an error."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            with pytest.raises(PushNotSent):
                agent.session.shout(customer.conversation_id, "Hi")
            assert not agent.session.seen(customer.conversation_id)
            agent.session.follow(customer.conversation_id)
            agent.session.follow(customer.conversation_id)
            waiting = asyncio.create_task(agent.session.joined(customer.conversation_id))
            await asyncio.sleep(0)
            agent.session.unfollow(customer.conversation_id)
            with pytest.raises(PushNotSent, match="no longer followed"):
                await waiting

    in_account(story)


def test_a_conversation_that_is_gone_is_refused_by_name() -> None:
    """Whoever waits for it is told; it is not tried again."""

    async def story(_: VirtualAccount, agent: Agent) -> None:
        cancelled = asyncio.create_task(agent.session.joined(GONE))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(PushNotSent, match="unauthorized"):
            await agent.session.joined(GONE)
        assert await agent.saw(events.ConversationRefused) == [
            events.ConversationRefused(GONE, "unauthorized")
        ]

    in_account(story)


def test_what_cannot_be_read_is_told_and_counted() -> None:
    """A raw broadcast without id, a malformed update, and bytes that are no frame."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        connection = account.connector.connections[-1]
        topic = f"notification:{account.account.id}"
        connection.bring(encode(Frame(None, None, topic, "shout", {"body": "raw"})))
        connection.bring(encode(Frame(None, None, topic, "conversation:updated", {"id": 1})))
        connection.bring(encode(Frame(None, None, topic, "something:else", {})))
        connection.bring(encode(Frame(None, None, "room:other", "presence_state", {})))
        connection.bring("rubbish")
        unreadable = await agent.saw(events.Unreadable, 3)
        assert [event.reason for event in unreadable] == ["raw_shout", "updated", "frame"]
        assert agent.session.counters.drops == {"malformed": 1, "unjoined": 1}

    in_account(story)


def test_ten_thousand_shouts_in_a_burst_are_all_heard() -> None:
    """In order, and the bot is alive after them."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            for number in range(1000):
                await customer.shout(str(number))
            heard = await agent.saw(events.MessageReceived, 1000)
            assert [event.message.body for event in heard] == [str(n) for n in range(1000)]
            assert agent.session.is_ready

    in_account(story)
