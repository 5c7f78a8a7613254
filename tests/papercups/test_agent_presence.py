"""Who is online, as an agent's session sees it and is seen: on duty, off duty, and leaving."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.papercups import events
from tests.support.agent_story import in_account
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual


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


def test_an_appearance_after_the_rooms_first_state_is_told() -> None:
    """Being joined is not yet being seen: the room was empty at first, and a diff brought us in."""

    async def main() -> None:
        account = VirtualAccount()
        account.server.faults.appear_late(0.5)
        async with Agent(account, account.rest()) as agent:
            seen = [agent.session.is_seen]
            [own] = await agent.saw(events.OwnPresenceChanged)
            seen.append(agent.session.is_seen)
            agent.session.set_present(False)
            [_, gone] = await agent.saw(events.OwnPresenceChanged, 2)
            seen.append(agent.session.is_seen)
            assert (own.seen, gone.seen) == (True, False)
            assert seen == [False, True, False]

    run_virtual(main())


def test_after_a_break_the_own_appearance_is_told_again() -> None:
    """The room was left with the connection, and nobody said so."""

    async def story(account: VirtualAccount, agent: Agent) -> None:
        assert agent.session.is_seen
        account.server.drop()
        await agent.saw(events.Connected, 2)
        told = await agent.saw(events.OwnPresenceChanged, 2)
        assert [one.seen for one in told] == [True, True]

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
