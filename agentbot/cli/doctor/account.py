"""The account at Papercups: its login, its people and hours, and the bot's socket and presence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from agentbot.bot.turns.context import build_account
from agentbot.cli.compose import client_options
from agentbot.cli.connections import agent_rest
from agentbot.cli.doctor.checkup import CheckFailed, NeedsALook, NotTried
from agentbot.cli.doctor.outside import users_seen_in
from agentbot.cli.other_bots import look_for_other_bots
from agentbot.config import Settings
from agentbot.errors import PushError, TransportError
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.models import Account
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.hours.schedule import Hours, account_hours
from agentbot.pipeline.prompts import Prompts

_GIVE_UP_AFTER = 15.0
"""Seconds for each thing that is waited for: more than connecting and joining take together."""


class AccountChecks:
    """What can be tried as the bot's user, and the connections that earlier checks have made.

    ``prompts`` returns the prompts folder, where it could be loaded.
    """

    def __init__(
        self, settings: Settings, stack: AsyncExitStack, *, prompts: Callable[[], Prompts | None]
    ) -> None:
        self._settings = settings
        self._stack = stack
        self._prompts = prompts
        self._rest: AgentRest | None = None
        self._account: Account | None = None
        self._session: AgentSession | None = None
        self._happened: asyncio.Queue[events.Event | None] = asyncio.Queue()

    async def login(self) -> str:
        """Log in."""
        login = self._settings.papercups_login()
        rest = await self._stack.enter_async_context(agent_rest(login))
        tokens = await rest.login.tokens()
        self._rest = rest
        return f"{login.url} as {tokens.email}, user {tokens.user_id}"

    async def role(self) -> str:
        """Look at what the bot's user may do, and at the name that customers see."""
        rest = self._logged_in()
        me = await rest.me()
        own = next((user for user in await rest.users() if user.id == me.id), None)
        if own is not None and (own.disabled_at or own.archived_at):
            raise CheckFailed(
                "the bot's user is disabled or archived", "enable it (Settings → Team)"
            )
        name = own and (own.display_name or own.full_name)
        # Papercups knows "admin" and "user": whatever a bot does, both may do (PROTOCOL, 4).
        more = "; a user that is no admin would do" if me.role == "admin" else ""
        return f"{me.role or 'user'}, named {name or 'nothing'}{more}"

    async def account(self) -> str:
        """Read the account."""
        self._account = account = await self._logged_in().account()
        return f"{account.company_name}, time zone {account.time_zone or 'not set'}"

    async def hours(self) -> str:
        """Say whose hours count, and what they say of this moment."""
        prompts = self._prompts()
        if prompts is not None and prompts.hours is not None:
            return _hours_now(prompts.hours, "hours.yaml", datetime.now(UTC))
        if self._account is None:
            raise NotTried("neither hours.yaml nor the account could be read")
        account = build_account(self._account, away_message=None)
        if account.time_zone is None or not account.working_hours:
            raise NeedsALook(
                "neither hours.yaml nor the account has any: the bot takes it that it is open",
                "set them in Papercups (Settings → Account), or write hours.yaml",
            )
        return _hours_now(account_hours(account), "the account", datetime.now(UTC))

    async def socket(self) -> str:
        """Open the socket, and join the account's topics."""
        rest = self._logged_in()
        session = AgentSession(
            url=rest.url,
            login=rest.login,
            on_events=self._hear,
            options=client_options(self._settings),
        )
        running = asyncio.create_task(session.run())
        running.add_done_callback(lambda _: self._happened.put_nowait(None))
        self._stack.push_async_callback(_stop, session, running)
        problem = "no answer"
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                while not isinstance(event := await self._happened.get(), events.Connected):
                    match event:
                        case None:
                            await running  # it has ended, and raises why
                        case events.Unreachable(problem=said) | events.Disconnected(reason=said):
                            problem = said
                        case _:
                            pass
        except TimeoutError:
            raise TransportError(rest.url.socket(), problem) from None
        self._session = session
        return "notification: and room: joined"

    def _hear(self, happened: Sequence[events.Event]) -> None:
        for event in happened:
            self._happened.put_nowait(event)

    async def joins(self) -> str:
        """Join one of the open conversations, as the bot does with all of them."""
        rest, session = self._logged_in(), self._connected()
        page = await rest.conversations()
        if not page.data:
            raise NotTried("no conversation is open")
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                await session.joined(page.data[0].id)
        except TimeoutError:
            raise CheckFailed(
                f"no answer within {_GIVE_UP_AFTER:g} s", "look into Papercups' log"
            ) from None
        except PushError as error:
            raise CheckFailed(str(error), "look into Papercups' log") from error
        session.unfollow(page.data[0].id)
        count = len(page.data)
        return "the open conversation" if count == 1 else f"the newest of {count} on the first page"

    async def presence(self) -> str:
        """Find ourselves in the room."""
        session = self._connected()
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                while not session.is_seen:
                    await self._happened.get()
        except TimeoutError:
            raise TransportError("room:", "the bot does not appear in the presence") from None
        people = len(session.agents_online)
        return f"the bot is seen online, {people} {'person' if people == 1 else 'people'} beside it"

    async def outside(self) -> str:
        """Look as a chat window does, without a login, whether the bot is there."""
        rest, session = self._logged_in(), self._connected()
        seen = await users_seen_in(
            rest.url,
            session.account_id,
            wanted=session.user_id,
            options=client_options(self._settings),
            seconds=_GIVE_UP_AFTER,
        )
        if session.user_id not in seen:
            raise CheckFailed(
                f"a chat window sees {len(seen)} online, and not the bot",
                "look whether a proxy before Papercups treats /socket/websocket in its own way",
            )
        return "a chat window sees the bot online"

    async def other_bots(self) -> str:
        """Look for a bot that answers on the account without sharing our state."""
        rest, session = self._logged_in(), self._connected()
        return await look_for_other_bots(
            rest,
            session,
            shares_state=self._settings.state_is_shared,
            now=datetime.now(UTC),
        )

    def _logged_in(self) -> AgentRest:
        if self._rest is None:
            raise NotTried("login comes first")
        return self._rest

    def _connected(self) -> AgentSession:
        if self._session is None:
            raise NotTried("the socket comes first")
        return self._session


def _hours_now(hours: Hours, whose: str, now: datetime) -> str:
    zone = hours.zone()
    there = now.astimezone(zone)
    said = f"of {whose}, where it is {there:%A %H:%M} ({zone}): "
    if hours.is_open(now):
        return said + "open"
    opening = hours.next_opening(now)
    if opening is None:
        raise NeedsALook(f"{said}closed, and never open for a year", "look at the hours again")
    return said + f"closed until {opening.astimezone(zone):%A %Y-%m-%d %H:%M}"


async def _stop(session: AgentSession, running: asyncio.Task[None]) -> None:
    await session.close()
    await asyncio.wait({running}, timeout=_GIVE_UP_AFTER)
    running.cancel()
    await asyncio.wait({running})
    if not running.cancelled():
        running.exception()  # a check has told of it; asyncio would tell of it once more
