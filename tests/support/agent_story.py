"""An agent that is connected to a devserver, for the tests of ``papercups/agent.py``."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from tests.support.virtual_account import Agent, VirtualAccount
from tests.support.virtual_time import run_virtual

GONE = "00000000-0000-4000-8000-000000000000"


def in_account(story: Any) -> None:  # noqa: ANN401 - any of the stories
    """Run ``story(account, agent)`` with an agent that is connected."""

    async def main() -> None:
        account = VirtualAccount()
        async with Agent(account, account.rest()) as agent:
            scene: Coroutine[Any, Any, None] = story(account, agent)
            await scene

    run_virtual(main())
