"""The agent's session on a devserver in the same process, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from agentbot.errors import LoginRefused, PushLost, PushNotSent
from agentbot.papercups import events
from agentbot.papercups.customer import CustomerSession
from agentbot.phoenix.frames import Frame, encode
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual

GONE = "00000000-0000-4000-8000-000000000000"


def in_account(story: Any) -> None:  # noqa: ANN401 - any of the stories below
    """Run ``story(account, agent)`` with an agent that is connected."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent:
            scene: Coroutine[Any, Any, None] = story(account, agent)
            await scene

    run_virtual(main())


async def next_from_bot(customer: CustomerSession) -> str | None:
    """Return the text of the next message that is not the customer's own."""
    async for message in customer.messages():
        if not message.is_from_customer:
            return message.body
    raise AssertionError


def test_being_connected_is_being_seen_by_others_and_not_counted_by_oneself() -> None:
    """A person who comes and goes is counted; the bot itself and known bots are not."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        session = agent.session
        assert session.is_ready
        assert (session.user_id, session.account_id) == (account.bot.id, account.account.id)
        async with Agent(account, account.rest("ann@example.com")) as ann:
            [came] = await agent.saw(events.AgentsOnlineChanged)
            assert came.user_ids == session.agents_online == {account.ann.id}
            [seen] = await ann.saw(events.AgentsOnlineChanged)
            assert seen.user_ids == {account.bot.id}
            session.set_bots(frozenset({account.ann.id}))
            session.set_bots(frozenset({account.ann.id}))
            assert session.agents_online == frozenset()
            session.set_bots(frozenset())
        await agent.saw(events.AgentsOnlineChanged, 4)
        assert session.agents_online == frozenset()

    in_account(story)


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
            echoes = (await agent.saw(events.MessageReceived, 3))[1:]
            assert {echo.via for echo in echoes} == {"conversation", "notification"}
            assert {echo.message.user_id for echo in echoes} == {None}
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
            heard = await agent.saw(events.MessageReceived, 2)
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


@pytest.mark.parametrize("code", [None, 1000, 1011])
def test_every_end_is_followed_by_a_reconnect_and_a_call_to_catch_up(code: int | None) -> None:
    """All followed conversations are joined again."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            await agent.session.joined(customer.conversation_id)
            account.server.drop(code)
            await agent.saw(events.Connected, 2)
            [lost] = await agent.saw(events.Disconnected)
            assert lost.reason.startswith(str(code or 1006))
            await agent.saw(events.ConversationJoined, 2)
            assert agent.session.counters.connects == 2

    in_account(story)


def test_a_crashed_topic_is_joined_again_and_calls_for_catching_up() -> None:
    """What was shouted meanwhile was not heard."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        with pytest.raises(PushLost):
            await agent.session.read(GONE)
        [lost] = await agent.saw(events.Disconnected)
        assert lost.reason == f"notification:{account.account.id} crashed"
        assert not agent.session.is_ready
        await agent.saw(events.Connected, 2)
        assert agent.session.counters.connects == 1

    in_account(story)


def test_the_end_of_duty_makes_a_session_ready_that_waited_for_its_duty_alone() -> None:
    """The agents' topic crashed, and is given up before it is joined again: what was said
    meanwhile was not heard, so that is told like any other connection."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.crash(f"notification:{account.account.id}")
        await agent.saw(events.Disconnected)
        agent.session.set_present(False)
        assert agent.session.is_ready
        assert agent.count(events.Connected) == 2
        assert isinstance(agent.told[-1], events.Connected)
        await asyncio.sleep(60)
        assert agent.count(events.Connected) == 2

    in_account(story)


def test_a_connection_that_is_lost_while_duty_begins_is_told() -> None:
    """The session has been connected without the agents' topic; now it is not."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        agent.session.set_present(False)
        await asyncio.sleep(1)
        agent.session.set_present(True)
        account.server.drop(1000)
        await agent.saw(events.Disconnected)
        await agent.saw(events.Connected, 2)
        assert agent.count(events.Disconnected) == 1

    in_account(story)


def test_a_conversations_crash_while_duty_begins_is_no_end_of_the_connection() -> None:
    """Only the session's own topics make it ready."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            await agent.session.joined(customer.conversation_id)
            agent.session.set_present(False)
            await asyncio.sleep(1)
            account.server.crash(f"conversation:{customer.conversation_id}")
            agent.session.set_present(True)
            await agent.saw(events.ConversationJoined, 2)
            assert agent.count(events.Disconnected) == 0

    in_account(story)


def test_a_conversations_own_crash_is_nobody_elses_business() -> None:
    """The session stays ready, and the topic comes back."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            await agent.session.joined(customer.conversation_id)
            account.server.crash(f"conversation:{customer.conversation_id}")
            await agent.saw(events.ConversationJoined, 2)
            assert agent.count(events.Disconnected) == 0
            await customer.shout("after the crash")

    in_account(story)


def test_an_expired_token_is_renewed_at_the_upgrade() -> None:
    """And where the renew token is spent too, the bot logs in again."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.expire_tokens()
        account.server.drop(1000)
        await agent.saw(events.Connected, 2)
        refused = await agent.saw(events.Unreachable)
        assert len(refused) == 1
        account.server.expire_tokens(renew_tokens=True)
        account.server.drop(1000)
        await agent.saw(events.Connected, 3)

    in_account(story)


def test_403_that_renewal_does_not_mend_leads_to_a_login() -> None:
    """A proxy's whim, say: each attempt is told, and the back-off holds."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.faults.refuse(status=403, times=4)
        logins = account.server.backend.tokens
        before = agent.rest.login.token
        account.server.drop()
        await agent.saw(events.Connected, 2)
        assert agent.count(events.Unreachable) == 4
        assert agent.rest.login.token != before
        assert logins.user_id(agent.rest.login.token) == account.bot.id

    in_account(story)


def test_a_long_life_renews_tokens_before_their_end() -> None:
    """The socket outlives its token; the next connect has a fresh one."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        await asyncio.sleep(40 * 60)
        assert agent.count(events.Disconnected) == 0
        account.server.drop(1000)
        await agent.saw(events.Connected, 2)
        assert agent.count(events.Unreachable) == 0

    in_account(story)


def test_a_restart_of_ten_minutes_is_waited_out() -> None:
    """With a bounded number of attempts, and the same session after it."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.restart(downtime=600)
        await agent.saw(events.Connected, 2)
        assert 30 < agent.count(events.Unreachable) < 60

    in_account(story)


def test_a_wrong_password_ends_the_run() -> None:
    """With the error that says so; whoever waits for a conversation is told too."""

    async def main() -> None:
        account = VirtualAccount()
        async with account.rest(password="wrong") as rest:
            agent = Agent(account, rest)
            waiting = asyncio.create_task(agent.session.joined(GONE))
            await asyncio.sleep(0)
            with pytest.raises(LoginRefused):
                await agent.session.run()
            with pytest.raises(PushNotSent, match="has ended"):
                await waiting
            with pytest.raises(PushNotSent, match="has ended"):
                await agent.session.joined(GONE)
            assert agent.session.user_id == -1
            assert not agent.session.is_ready
            agent.session.set_bots(frozenset({1}))

    run_virtual(main())


def test_a_server_that_comes_up_late_is_waited_for() -> None:
    """From the very first attempt."""

    async def main() -> None:
        account = VirtualAccount()
        account.server.faults.answer(path="/api/session", status=502, times=3)
        async with Agent(account, account.rest()) as agent:
            assert agent.count(events.Unreachable) == 3

    run_virtual(main())


def test_a_token_that_is_not_for_our_topics_leads_to_a_new_login() -> None:
    """As where the user was moved to another account meanwhile."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        before = agent.rest.login.token
        account.server.store.users[account.bot.id].account_id = GONE
        account.server.drop()
        await agent.saw(events.Connected, 2)
        assert agent.rest.login.token != before
        assert agent.session.account_id == GONE

    in_account(story)


def test_presence_can_be_left_and_taken_up_again() -> None:
    """Off duty, the room does not show the bot; on duty again, it must catch up."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with Agent(account, account.rest("ann@example.com")) as ann:
            await ann.saw(events.AgentsOnlineChanged)
            agent.session.set_present(False)
            agent.session.set_present(False)
            assert (await ann.saw(events.AgentsOnlineChanged, 2))[1].user_ids == frozenset()
            assert agent.session.is_ready
            account.server.drop(1000)
            await agent.saw(events.Connected, 2)
            agent.session.set_present(True)
            await agent.saw(events.Connected, 3)
            await ann.saw(events.Connected, 2)
            assert ann.session.agents_online == {account.bot.id}

    in_account(story)


def test_presence_may_be_decided_before_the_first_login() -> None:
    """Then the bot is never seen at all."""

    async def main() -> None:
        account = VirtualAccount()
        agent = Agent(account, account.rest())
        agent.session.set_present(False)
        async with agent:
            assert agent.session.is_ready

    run_virtual(main())


def test_a_topic_of_our_own_that_is_refused_is_told_and_another_login_tried() -> None:
    """The bot's user has moved to another account, say: nobody waits without a word."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        other = account.server.create_account("Other")
        account.bot.account_id = other.id
        account.server.drop(1000)
        lost, refused = await agent.saw(events.Disconnected, 2)
        assert lost.reason == "1000"
        assert refused.reason == f"notification:{account.account.id} was refused: Unauthorized"
        await agent.saw(events.Connected, 2)
        assert agent.session.account_id == other.id

    in_account(story)


def test_closing_leaves_the_room_at_once() -> None:
    """People see it, and the run returns."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        leaver = Agent(account, account.rest("ann@example.com"))
        async with leaver:
            await agent.saw(events.AgentsOnlineChanged)
        gone = await agent.saw(events.AgentsOnlineChanged, 2)
        assert gone[1].user_ids == frozenset()
        assert leaver.running.done()

    in_account(story)


def test_closing_does_not_wait_for_a_dead_connection() -> None:
    """Longer than a farewell takes."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.faults.stall()
        before = asyncio.get_running_loop().time()
        await agent.session.close()
        assert asyncio.get_running_loop().time() - before == pytest.approx(2)

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


def test_a_thousand_conversations_are_joined_again_at_a_pace() -> None:
    """Not in one burst: the server must not drown."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        store = account.server.store
        customer = store.add_customer({"account_id": account.account.id})
        for _ in range(1000):
            conversation = store.add_conversation(
                {"account_id": account.account.id, "customer_id": customer.id}
            )
            agent.session.follow(conversation.id)
        await agent.saw(events.ConversationJoined, 1000)
        began = asyncio.get_running_loop().time()
        account.server.drop(1000)
        await agent.saw(events.ConversationJoined, 2000)
        assert 1.5 < asyncio.get_running_loop().time() - began < 10

    in_account(story)
