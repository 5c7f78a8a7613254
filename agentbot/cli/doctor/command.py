"""``agentbot doctor``: what is tried, in which order, and how it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from agentbot.cli.doctor.account import AccountChecks
from agentbot.cli.doctor.checkup import Check, Line, go_through, print_line
from agentbot.cli.doctor.here import ChecksHere
from agentbot.cli.doctor.models import ask_models, reach_tools
from agentbot.cli.doctor.network import NetworkChecks
from agentbot.cli.doctor.told import reach_collector, reach_webhook
from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_json
from agentbot.config import Settings
from agentbot.threads import ThreadsLeftBehind


async def main(
    *,
    prompts: Path | None,
    as_json: bool = False,
    way: Callable[[Settings], NetworkChecks] = NetworkChecks,
) -> int:
    """Check one thing after the other; return the exit code of the first that failed.

    ``way`` makes the checks of what lies between this machine and Papercups.
    """
    settings = read_settings(prompts=prompts)
    # A name server that never answers is told of; the command does not wait for it to its end.
    asyncio.get_running_loop().set_default_executor(ThreadsLeftBehind())
    async with AsyncExitStack() as stack:
        tell: Callable[[Line], None] = _nothing if as_json else print_line
        lines = await go_through(_checks(settings, stack, way(settings)), tell)
    if as_json:
        print_json([line.as_data() for line in lines])
    return next((line.code for line in lines if line.code), 0)


def _checks(settings: Settings, stack: AsyncExitStack, network: NetworkChecks) -> list[Check]:
    """Return what is tried, in its order: what others need first."""
    here = ChecksHere(settings)
    account = AccountChecks(settings, stack, prompts=lambda: here.loaded)
    return [
        Check("prompts", here.prompts),
        Check("state", here.state),
        Check("disk", here.disk),
        Check("running bot", here.running),
        Check("dns", network.dns),
        Check("tls", network.tls, after=("dns",)),
        Check("http", network.http, after=("dns", "tls")),
        Check("clock", network.clock, after=("http",)),
        Check("login", account.login, after=("http",)),
        Check("role", account.role, after=("login",)),
        Check("account", account.account, after=("login",)),
        Check("hours", account.hours, after=("prompts",)),
        Check("socket", account.socket, after=("login",)),
        Check("joins", account.joins, after=("socket",)),
        Check("presence", account.presence, after=("socket",)),
        Check("seen from outside", account.outside, after=("socket",)),
        Check("other bots", account.other_bots, after=("socket",)),
        Check("tools", partial(reach_tools, settings), after=("prompts",)),
        Check("language model", partial(ask_models, settings)),
        Check("webhook", partial(reach_webhook, settings)),
        Check("traces", partial(reach_collector, settings)),
    ]


def _nothing(_line: Line) -> None:
    """Wait for all lines."""
