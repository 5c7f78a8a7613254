"""How an agent's session logs in, renews its tokens, and logs in again where that does not help."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.errors import LoginRefused, PushNotSent
from agentbot.papercups import events
from tests.support.agent_story import GONE, in_account
from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual


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
