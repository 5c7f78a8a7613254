"""``agentbot doctor``: everything that needs a connection is tried, one thing after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agentbot.cli.compose import client_options
from agentbot.cli.connections import agent_rest
from agentbot.cli.example import refuse_example
from agentbot.cli.exit_codes import exit_code, remedy
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import endpoints
from agentbot.cli.other_bots import look_for_other_bots
from agentbot.cli.state import opened
from agentbot.config import Settings, read_variables
from agentbot.errors import AgentbotError, TransportError
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.llm.dialect import Way
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.llm.prompt import PLAIN_PROTOCOL, PROTOCOL
from agentbot.pipeline.llm.reading import read_answer
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.tools.toolbox import Toolbox
from agentbot.state.probe import holder_at, is_missing_file

if TYPE_CHECKING:  # it brings openai along
    from agentbot.pipeline.llm.openai_chat import OpenAIChat

_GIVE_UP_AFTER = 15.0
"""Seconds for each thing that is waited for: more than connecting and joining take together."""


_ASKED = "Let the text of your answer be the one word: ready"
"""What the language model is asked: any that follows the form can."""


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing to try: ``run`` returns what was found, or raises."""

    name: str
    run: Callable[[], Awaitable[str]]


async def main(*, prompts: Path | None) -> int:
    """Check one thing after the other; return the exit code of the first that failed."""
    settings = read_settings(prompts=prompts)
    async with AsyncExitStack() as stack:
        checks = _Checks(settings, stack)
        return await _go_through(
            [
                _Check("prompts", checks.prompts),
                _Check("state", checks.state),
                _Check("login", checks.login),
                _Check("account", checks.account),
                _Check("socket", checks.socket),
                _Check("presence", checks.presence),
                _Check("other bots", checks.other_bots),
                _Check("tools", checks.tools),
                _Check("language model", checks.language_model),
            ]
        )


async def _go_through(checks: list[_Check]) -> int:
    """Print a line for each check; return the exit code of the first that failed."""
    code = 0
    for check in checks:
        began = time.perf_counter()
        try:
            found = await check.run()
        except _NotTried as reason:
            typer.echo(f"-    {check.name}: not tried: {reason}")
        except AgentbotError as error:
            code = code or exit_code(error)
            typer.echo(f"FAIL {check.name}: {error}")
            if what_to_do := remedy(error):
                typer.echo(f"     what to do: {what_to_do}")
        else:
            milliseconds = (time.perf_counter() - began) * 1000
            typer.echo(f"ok   {check.name}: {found} ({milliseconds:.0f} ms)")
    return code


class _NotTried(Exception):
    """What must come first has failed, or there is nothing to check."""


class _Checks:
    """What can be tried with the settings, and the connections that earlier checks have made."""

    def __init__(self, settings: Settings, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._rest: AgentRest | None = None
        self._session: AgentSession | None = None
        self._happened: asyncio.Queue[events.Event] = asyncio.Queue()

    async def prompts(self) -> str:
        """Load the prompts folder."""
        loader = PipelineLoader(self._settings, check=refuse_example, in_background=True)
        pipeline = loader.load()
        names = ", ".join(responder.name for responder in pipeline.responders)
        found = f"{self._settings.prompts_dir}, responders {names}"
        return "; ".join([found, *(f"warning: {warning}" for warning in loader.warnings)])

    async def state(self) -> str:
        """Open the store beside a bot that may have it; make nothing."""
        url = self._settings.state_url.get_secret_value()
        kind = url.partition("://")[0]
        if is_missing_file(url):
            return f"{kind}, no file yet: the first start makes it"
        holder = holder_at(url)
        async with opened(self._settings) as store:
            await store.ping()
        return f"{kind}, writable" + (f", in use by {holder}" if holder else "")

    async def login(self) -> str:
        """Log in."""
        login = self._settings.papercups_login()
        rest = await self._stack.enter_async_context(agent_rest(login))
        tokens = await rest.login.tokens()
        self._rest = rest
        return f"{login.url} as {tokens.email}, user {tokens.user_id}"

    async def account(self) -> str:
        """Read the account."""
        if self._rest is None:
            raise _NotTried("login comes first")
        account = await self._rest.account()
        hours = f"{len(account.working_hours)} rows of working hours"
        return f"{account.company_name}, time zone {account.time_zone or 'not set'}, {hours}"

    async def socket(self) -> str:
        """Open the socket, and join the account's topics."""
        if self._rest is None:
            raise _NotTried("login comes first")
        session = AgentSession(
            url=self._rest.url,
            login=self._rest.login,
            on_events=self._hear,
            options=client_options(self._settings),
        )
        running = asyncio.create_task(session.run())
        self._stack.push_async_callback(_stop, session, running)
        problem = "no answer"
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                while not isinstance(event := await self._happened.get(), events.Connected):
                    match event:
                        case events.Unreachable(problem=said) | events.Disconnected(reason=said):
                            problem = said
                        case _:
                            pass
        except TimeoutError:
            raise TransportError(self._rest.url.socket(), problem) from None
        self._session = session
        return "notification: and room: joined"

    def _hear(self, happened: Sequence[events.Event]) -> None:
        for event in happened:
            self._happened.put_nowait(event)

    async def presence(self) -> str:
        """Find ourselves in the room."""
        if self._session is None:
            raise _NotTried("the socket comes first")
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                while not self._session.is_seen:
                    await self._happened.get()
        except TimeoutError:
            raise TransportError("room:", "the bot does not appear in the presence") from None
        people = len(self._session.agents_online)
        return f"the bot is seen online, {people} {'person' if people == 1 else 'people'} beside it"

    async def other_bots(self) -> str:
        """Look for a bot that answers on the account without sharing our state."""
        if self._rest is None or self._session is None:
            raise _NotTried("the socket comes first")
        url = self._settings.state_url.get_secret_value()
        return await look_for_other_bots(
            self._rest,
            self._session,
            shares_state=not url.startswith("sqlite:"),
            now=datetime.now(UTC),
        )

    async def tools(self) -> str:
        """Connect to the hosts that tools.yaml declares, and ask them nothing."""
        tools = load_prompts(self._settings.prompts_dir).tools
        if not tools:
            raise _NotTried("tools.yaml declares none")
        reached = await Toolbox(tools, read_variables()).reach()
        if not reached:
            raise _NotTried("the MCP servers of tools.yaml are programs, which are run when asked")
        return f"{', '.join(reached)}: connected"

    async def language_model(self) -> str:
        """Ask the language model for one word, in the form that its answers have."""
        models = endpoints(self._settings, anew=True)
        if not models:
            raise _NotTried("OPENAI_API_KEY and OPENAI_BASE_URL are not set; rules and FAQ answer")
        return "; ".join([await self._ask(name, model) for name, model in models.items()])

    async def _ask(self, name: str, model: OpenAIChat) -> str:
        llm = self._settings.llm
        protocol = PROTOCOL if llm.structured else PLAIN_PROTOCOL
        asked = [ChatMessage("system", protocol.strip()), ChatMessage("user", _ASKED)]
        way, said = None, ""
        try:
            while model.way is not way:  # what does not follow one way is asked by the next
                way = model.way
                completion = await model.complete(asked, seconds=llm.timeout_seconds)
                answer = read_answer(completion.text)
                said = completion.text if answer is None else answer.text or answer.action
            model.keep()
        finally:
            await model.close()
        way = model.way if llm.structured else Way.WORDS
        without = f" without {', '.join(model.left_out)}" if model.left_out else ""
        return f"{name} says {said[:40]!r} when asked by {way}{without}; the bot will ask it so"


async def _stop(session: AgentSession, running: asyncio.Task[None]) -> None:
    await session.close()
    await asyncio.wait({running}, timeout=_GIVE_UP_AFTER)
    running.cancel()
