"""``agentbot devserver``: the embedded Papercups-compatible server alone."""

from __future__ import annotations

import asyncio

import typer

from agentbot.cli.signals import on_signals
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.errors import ConfigurationError


async def main(*, host: str, port: int) -> int:
    """Serve until stopped."""
    server = DevServer()
    account, bot, ann = server.seed()
    stopping = asyncio.Event()
    try:
        async with serve(server, host=host, port=port) as url:
            typer.echo(f"PAPERCUPS_URL={url}")
            typer.echo(f"PAPERCUPS_EMAIL={bot.email}")
            typer.echo(f"PAPERCUPS_PASSWORD={DEMO_PASSWORD}")
            typer.echo(f"# account {account.id}; a person: {ann.email}, the same password")
            with on_signals(stop=stopping.set, reload=lambda: None):
                await stopping.wait()
    except OSError as error:
        raise ConfigurationError(
            "--port", f"{host}:{port} cannot be had: {error.strerror}", "try --port 0"
        ) from error
    return 0
