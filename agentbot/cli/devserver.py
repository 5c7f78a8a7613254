"""``agentbot devserver``: the embedded Papercups-compatible server alone."""

from __future__ import annotations

import typer

from agentbot.cli.serving import serve_at
from agentbot.cli.tasks import wait_for_stop
from agentbot.devserver.server import DEMO_PASSWORD, DevServer


async def main(*, host: str, port: int) -> int:
    """Serve until stopped."""
    server = DevServer()
    account, bot, ann = server.seed()
    async with serve_at(server, host=host, port=port) as url:
        typer.echo(f"PAPERCUPS_URL={url}")
        typer.echo(f"PAPERCUPS_EMAIL={bot.email}")
        typer.echo(f"PAPERCUPS_PASSWORD={DEMO_PASSWORD}")
        typer.echo(f"# account {account.id}; a person: {ann.email}, the same password")
        await wait_for_stop()
    return 0
