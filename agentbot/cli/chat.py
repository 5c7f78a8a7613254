"""``agentbot chat``: a customer's window in the terminal, on the Papercups of the settings."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from io import TextIOWrapper, UnsupportedOperation

import httpx2
import typer

from agentbot.bot.proof import held
from agentbot.cli.connections import agent_rest
from agentbot.cli.loader import read_settings
from agentbot.cli.progress import said_if_slow, waiting_for
from agentbot.cli.tasks import in_background
from agentbot.config import Settings
from agentbot.errors import AgentbotError, ApiError, ConfigurationError, LoginRefused, PushNotSent
from agentbot.http_transport import HttpTransport
from agentbot.ops.logging import configure_logging
from agentbot.ops.printable import printable
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.models import Message
from agentbot.papercups.url import PapercupsUrl

_NO_ACCOUNT = frozenset({404, 422})
"""Statuses with which a customer of an account that is not there is refused."""
_PATIENCE = 5.0
"""Seconds for the demo, which runs on this machine, to say whose account it has."""


async def main(*, account: str | None, name: str, email: str | None, wait: float) -> int:
    """Say each line of standard input, and print what comes back.

    At the input's end, wait up to ``wait`` seconds for an answer to what was said last. Raises
    :class:`NoAnswer` where none comes: a script can tell.
    """
    settings = read_settings()
    configure_logging(level="warning", format="pretty")
    url = _url(settings)
    fields = {"name": name} if email is None else {"name": name, "email": email}
    async with AsyncExitStack() as stack:
        with said_if_slow(waiting_for(url.base)):
            account_id = account or await _account(settings, url)
            rest = await stack.enter_async_context(CustomerRest(url))
            session = CustomerSession(rest, account_id, fields=fields)
            try:
                customer = await stack.enter_async_context(session)
            except ApiError as error:
                if account is None or error.status not in _NO_ACCOUNT:
                    raise
                problem = f"{url.base} knows no account {account!r} ({error})"
                raise ConfigurationError("--account", problem, "write its id") from error
        typer.echo(f"conversation {customer.conversation_id}; end with Ctrl-D", err=True)
        await _Window(customer).chat(wait=wait)
    return 0


def _url(settings: Settings) -> PapercupsUrl:
    if settings.papercups_url is None:
        raise ConfigurationError(
            "PAPERCUPS_URL", "is not set", "name the server, as in https://papercups.example.com"
        )
    return PapercupsUrl.parse(settings.papercups_url)


async def _account(settings: Settings, url: PapercupsUrl) -> str:
    """Return the account's id: that of the login, or of the demo that listens there."""
    try:
        async with agent_rest(settings.papercups_login()) as rest:
            return (await rest.login.tokens()).account_id
    except (LoginRefused, ConfigurationError):
        if found := await _account_of_the_demo(url):
            return found
        typer.echo(
            f"note: --account takes the account's id, without a login at {url.base}", err=True
        )
        raise


async def _account_of_the_demo(url: PapercupsUrl) -> str | None:
    """Return the account of `agentbot demo`, whose logins nobody knows; None: it is no demo."""
    transport = HttpTransport()  # it reads no certificates where none are needed
    async with httpx2.AsyncClient(
        base_url=url.base, transport=transport, trust_env=False, timeout=_PATIENCE
    ) as http:
        with suppress(httpx2.HTTPError, ValueError, KeyError, TypeError):
            answer = await http.get("/demo/config")
            if answer.is_success:
                return str(answer.json()["account"]["id"])
    return None


class NoAnswer(AgentbotError):
    """Nobody has answered in time."""


class _Window:
    """The customer's window: what they say, and what they see."""

    def __init__(self, customer: CustomerSession) -> None:
        self._customer = customer
        self._answered = asyncio.Event()
        self._answered.set()

    async def chat(self, *, wait: float) -> None:
        """Say what is typed, show what comes; at the end wait ``wait`` seconds for an answer."""
        async with in_background(self._show()):
            async for line in _typed():
                self._answered.clear()
                await self._customer.shout(line)
            try:
                async with asyncio.timeout(wait):
                    await self._answered.wait()
            except TimeoutError:
                raise NoAnswer(f"no answer within {wait:g} s") from None

    async def _show(self) -> None:
        conversation_id = self._customer.conversation_id
        async for message in self._customer.messages():
            if message.conversation_id != conversation_id:
                conversation_id = message.conversation_id
                typer.echo(f"conversation {conversation_id}: begun by an agent", err=True)
            if message.is_from_customer:
                self._answered.clear()  # an answer that came before this echo is not one to it
                continue
            typer.echo(_shown(message))
            with suppress(PushNotSent):  # the connection is on its way back, and so is the window
                self._customer.seen()
            if held(message) is None:  # that it takes a moment is no answer
                self._answered.set()


def _shown(message: Message) -> str:
    """Return who says what, and the buttons below it."""
    user, name = message.user, "bot" if message.is_bot else "agent"
    if user is not None:
        name = user.display_name or user.full_name or name
    offered = (message.metadata or {}).get("quick_replies")
    buttons = [
        f"  [ {reply.get('text')} ]"
        for reply in (offered if isinstance(offered, list) else ())
        if isinstance(reply, dict)
    ]
    return printable("\n".join((f"{name}: {message.body or ''}", *buttons)))


async def _typed() -> AsyncIterator[str]:
    """Yield the lines of standard input that are not blank.

    They are read in a thread that nobody waits for, since reading a terminal cannot be cancelled.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str]()

    def read() -> None:
        with suppress(RuntimeError):  # the chat has ended meanwhile, and its loop with it
            try:
                for line in sys.stdin or ():  # it may have been closed
                    loop.call_soon_threadsafe(lines.put_nowait, line)
            except OSError as error:
                problem = f"cannot be read: {error.strerror}"
                broken.append(ConfigurationError("standard input", problem, "pipe text into it"))
            finally:
                loop.call_soon_threadsafe(lines.put_nowait, "")

    broken: list[ConfigurationError] = []
    if isinstance(sys.stdin, TextIOWrapper):
        with suppress(UnsupportedOperation):  # where it has been read from already
            sys.stdin.reconfigure(errors="replace")  # what is no text in its encoding becomes "�"
    threading.Thread(target=read, daemon=True, name="stdin").start()
    while line := await lines.get():
        if line.strip():
            yield line.strip()
    for error in broken:
        raise error
