"""``agentbot state``: the journal, and what is kept of customers."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal

import typer

from agentbot.cli.connections import agent_rest, settings_store
from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_json
from agentbot.cli.progress import said_if_slow
from agentbot.config import Settings
from agentbot.errors import AgentbotError
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.state.export import json_lines
from agentbot.state.store import Store

What = Literal["prune", "export", "forget"]

_DOING: Mapping[What, str] = {
    "prune": "still deleting, some at a time; the bot goes on meanwhile",
    "export": "still printing the journal",
    "forget": "still erasing",
}
"""What is said where it takes long."""


async def main(
    what: What,
    *,
    days: float | None = None,
    customer_id: str = "",
    as_json: bool = False,
) -> int:
    """Do ``what`` with the store that the settings name, beside a bot that may be running."""
    settings = read_settings()
    with said_if_slow(_DOING[what]):
        return await _do(what, settings, days=days, customer_id=customer_id, as_json=as_json)


async def _do(
    what: What, settings: Settings, *, days: float | None, customer_id: str, as_json: bool
) -> int:
    async with opened(settings) as store:
        match what:
            case "prune":
                age = timedelta(days=days) if days is not None else settings.state.retention
                deleted = await store.prune(older_than=age)
                if as_json:
                    print_json({"records_deleted": deleted})
                else:
                    typer.echo(f"{deleted} records deleted")
            case "export":
                async for line in json_lines(store.records()):
                    sys.stdout.write(line)
            case "forget":
                conversations = await _conversations_of(settings, customer_id)
                erased = await store.forget(customer_id, conversations)
                if as_json:
                    print_json({"rows_erased": erased})
                else:
                    typer.echo(f"{erased} rows erased")
    return 0


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """Yield the store, opened for an operator's command."""
    store = settings_store(settings, exclusive=False)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def _conversations_of(settings: Settings, customer_id: str) -> list[str]:
    """Ask Papercups for the customer's conversations: a claim does not say whose it is."""
    if settings.papercups_url is None:
        return []
    login = settings.papercups_login()
    url = PapercupsUrl.parse(login.url)
    try:
        async with agent_rest(login) as rest:
            account_id = (await rest.login.tokens()).account_id
        async with CustomerRest(url) as customers:
            found = await customers.conversations(account_id, customer_id)
    except AgentbotError as error:
        typer.echo(f"Papercups could not be asked for conversations ({error})", err=True)
        return []
    return [conversation.id for conversation in found]
