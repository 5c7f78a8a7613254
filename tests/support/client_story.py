"""A Phoenix client that lives, for the tests of ``phoenix/client.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from agentbot.errors import TransportError
from agentbot.phoenix import events
from agentbot.phoenix.client import Client, ClientOptions
from tests.support.transport import ScriptedConnector

TOPIC = "room:1"

OK = {"status": "ok", "response": {}}

DOWN = TransportError("ws://server", "connection refused")


@dataclass
class Story:
    """A client and all that it tells."""

    client: Client = field(init=False)
    told: list[events.Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, happened: Sequence[events.Event]) -> None:
        """Keep what is told."""
        self.told += happened
        self.news.set()

    async def saw(self, kind: type[events.Event], count: int = 1) -> list[Any]:
        """Wait until so many events of this kind were told; return them."""
        while len(found := [event for event in self.told if isinstance(event, kind)]) < count:
            self.news.clear()
            await self.news.wait()
        return found


async def default_url() -> str:
    """Return where the client connects to, where it does not matter."""
    return "ws://server/socket?token=secret"


@asynccontextmanager
async def living(
    connector: ScriptedConnector,
    *,
    url: Callable[[], Coroutine[Any, Any, str]] | None = None,
    on_forbidden: Callable[[int], Coroutine[Any, Any, None]] | None = None,
    options: ClientOptions | None = None,
) -> AsyncIterator[Story]:
    """Yield the story of a client that runs, with one topic joined or to be joined."""
    story = Story()
    client = story.client = Client(
        url=url or default_url,
        on_events=story.hear,
        on_forbidden=on_forbidden,
        connector=connector,
        options=options,
        random=lambda: 0.5,
    )
    client.join(TOPIC)
    running = asyncio.create_task(client.run())
    try:
        yield story
    finally:
        client.close()
        await running
