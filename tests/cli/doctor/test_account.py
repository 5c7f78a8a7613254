"""The account is tried as the bot's user, and as a chat window (`cli/doctor/account.py`)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentbot.cli.doctor import account as module
from agentbot.cli.doctor.account import AccountChecks
from agentbot.cli.doctor.checkup import CheckFailed, NeedsALook, NotTried
from agentbot.config import load_settings
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.devserver.store.records import Account, User, WorkingHours
from agentbot.errors import LoginRefused, TransportError
from agentbot.papercups.agent import AgentSession
from tests.cli.test_commands import agentbot, login
from tests.support.timing import TIMEOUT_SCALE


@dataclass(slots=True)
class Desk:
    """A server, its account and bot, and the checks of them."""

    server: DevServer
    account: Account
    bot: User
    checks: AccountChecks


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Yield a server, and the checks that are logged in to it."""
    server = DevServer()
    account, bot, _ = server.seed()
    async with serve(server) as url, AsyncExitStack() as stack:
        checks = AccountChecks(load_settings(login(url)), stack, prompts=lambda: None)
        await checks.login()
        yield Desk(server, account, bot, checks)


async def test_the_role_and_the_name_that_customers_see(desk: Desk) -> None:
    """An administrator can do more than a bot needs; one that was disabled can do nothing."""
    assert "a user that is no admin would do" in await desk.checks.role()
    desk.bot.role = "user"
    assert (await desk.checks.role()).startswith("user, named ")
    users = [{"id": desk.bot.id, "disabled_at": "2026-11-26T12:00:00Z"}]
    desk.server.faults.answer(
        status=200,
        body=json.dumps({"data": users}),
        content_type="application/json",
        path="/api/users",
    )
    with pytest.raises(CheckFailed, match="disabled"):
        await desk.checks.role()


async def test_hours_that_nobody_has_set_need_a_look(desk: Desk) -> None:
    """Whose hours count is told, and what they say now."""
    with pytest.raises(NotTried):
        await desk.checks.hours()
    await desk.checks.account()
    with pytest.raises(NeedsALook, match="takes it that it is open"):
        await desk.checks.hours()
    desk.account.time_zone = "Europe/Oslo"
    desk.account.working_hours = (WorkingHours("everyday", 0, 1440),)
    await desk.checks.account()
    found = await desk.checks.hours()
    assert found.startswith("of the account, where it is ")
    assert found.endswith("(Europe/Oslo): open")


async def test_a_login_that_ends_meanwhile_is_told_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the failure that it is, and not as a server that does not answer."""

    async def refused(_session: AgentSession) -> None:
        raise LoginRefused("POST", "/api/session", 401, "no")

    monkeypatch.setattr(AgentSession, "run", refused)
    with pytest.raises(LoginRefused):
        await desk.checks.socket()


async def test_an_open_conversation_is_joined(desk: Desk) -> None:
    """Where there is none, nothing is tried."""
    await desk.checks.socket()
    with pytest.raises(NotTried, match="no conversation is open"):
        await desk.checks.joins()
    customer = desk.server.store.add_customer({"account_id": desk.account.id})
    desk.server.store.add_conversation({"account_id": desk.account.id, "customer_id": customer.id})
    assert await desk.checks.joins() == "the open conversation"


async def test_a_chat_window_sees_the_bot_while_it_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From outside, without a login: what customers see, not what the bot believes."""
    with pytest.raises(NotTried, match="socket comes first"):
        await desk.checks.outside()
    await desk.checks.socket()
    await desk.checks.presence()
    assert await desk.checks.outside() == "a chat window sees the bot online"
    session = desk.checks._session
    assert session is not None
    session.set_present(False)
    monkeypatch.setattr(module, "_GIVE_UP_AFTER", 1.0 * TIMEOUT_SCALE)
    with pytest.raises(CheckFailed, match="a chat window sees 0 online, and not the bot"):
        await desk.checks.outside()
    desk.server.faults.refuse(status=503)
    with pytest.raises(TransportError, match="503"):
        await desk.checks.outside()


async def test_the_whole_is_told_as_json_too(tmp_path: Path) -> None:
    """Every check by its name, and nothing else on stdout."""
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        settings = login(url, AGENTBOT_HTTP__PORT="0")
        ran = await agentbot("doctor", "--json", cwd=tmp_path, **settings)
    lines = {line["check"]: line["result"] for line in json.loads(ran.out)}
    assert ran.code == 0, ran.out
    assert lines["seen from outside"] == "ok"
    assert lines["clock"] == "ok"
    assert lines["hours"] == "ok"
    assert lines["language model"] == "not_tried"
    assert len(lines) == 21
