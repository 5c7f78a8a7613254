"""The client alone, without a bot: ``python -m tests.bench.speed.follower URL`` joins everything.

It is `agentbot.phoenix` with the options that the bot has by default.
"""

from __future__ import annotations

import asyncio
import sys

from agentbot.cli.compose import client_options
from agentbot.config import Settings
from agentbot.phoenix.client import Client
from tests.bench.speed.joining import log_in


async def follow(url: str) -> None:
    """Be on all topics, until killed."""
    address, topics = log_in(url)

    async def same_address() -> str:
        return address

    client = Client(
        url=same_address, on_events=lambda _events: None, options=client_options(Settings())
    )
    for topic in topics:
        client.join(topic)
    await client.run()


if __name__ == "__main__":
    asyncio.run(follow(sys.argv[1]))
