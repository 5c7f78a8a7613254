"""An agent's session comes back after lost connections, crashed topics and restarts."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.errors import PushLost
from agentbot.papercups import events
from tests.support.agent_story import GONE, in_account
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual


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


def test_a_conversations_own_crash_is_nobody_elses_business() -> None:
    """The session stays ready, and the topic comes back."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        async with account.customer() as customer:
            await agent.session.joined(customer.conversation_id)
            account.server.crash(f"conversation:{customer.conversation_id}")
            await agent.saw(events.ConversationJoined, 2)
            assert agent.count(events.Disconnected) == 0
            [crashed] = await agent.saw(events.ConversationCrashed)
            assert crashed.conversation_id == customer.conversation_id
            await customer.shout("after the crash")

    in_account(story)


def test_a_restart_of_ten_minutes_is_waited_out() -> None:
    """With a bounded number of attempts, and the same session after it."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        account.server.restart(downtime=600)
        await agent.saw(events.Connected, 2)
        assert 30 < agent.count(events.Unreachable) < 60

    in_account(story)


def test_a_server_that_comes_up_late_is_waited_for() -> None:
    """From the very first attempt."""

    async def main() -> None:
        account = VirtualAccount()
        account.server.faults.answer(path="/api/session", status=502, times=3)
        async with Agent(account, account.rest()) as agent:
            assert agent.count(events.Unreachable) == 3

    run_virtual(main())


def test_a_thousand_conversations_are_joined_again_as_fast_as_the_server_answers() -> None:
    """A customer is answered before that: the topic that a reply waits for is joined first."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        store = account.server.store
        customer = store.add_customer({"account_id": account.account.id})
        fields = {"account_id": account.account.id, "customer_id": customer.id}
        ids = [store.add_conversation(fields).id for _ in range(1000)]
        for id_ in ids:
            agent.session.follow(id_)
        await agent.saw(events.ConversationJoined, 1000)
        began = asyncio.get_running_loop().time()
        account.server.drop(1000)
        await agent.saw(events.ConnectionLost)
        await agent.session.joined(ids[-1])
        assert agent.count(events.ConversationJoined) < 1010
        await agent.saw(events.ConversationJoined, 2000)
        assert asyncio.get_running_loop().time() - began < 1.0

    in_account(story)
