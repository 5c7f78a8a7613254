"""The presence of an account as its chat windows see it: over a socket without a login."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from agentbot.errors import TransportError
from agentbot.papercups.presence import users_in
from agentbot.papercups.url import PapercupsUrl
from agentbot.phoenix import events
from agentbot.phoenix.client import Client, ClientOptions


async def users_seen_in(
    url: PapercupsUrl, account_id: str, *, wanted: int, options: ClientOptions, seconds: float
) -> frozenset[int]:
    """Return the users that the account's room shows to everybody, once ``wanted`` is one of them.

    After ``seconds`` those that are seen then are returned. Raises ``TransportError`` where the
    room could not be joined.
    """
    room = f"room:{account_id}"
    changed = asyncio.Event()
    problem = "no answer"

    def hear(happened: Sequence[events.Event]) -> None:
        nonlocal problem
        for event in happened:
            match event:
                case events.PresenceSynced(topic=topic) if topic == room:
                    problem = ""
                case events.ConnectFailed(problem=said):
                    problem = said
                case events.JoinRefused(reason=reason):
                    problem = f"{room} is refused: {reason}"
                case _:
                    continue
            changed.set()

    async def address() -> str:
        return url.socket()

    client = Client(url=address, on_events=hear, options=options)
    client.join(room)
    running = asyncio.create_task(client.run())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while wanted not in users_in(client.presence(room)):
                await changed.wait()
                changed.clear()
    seen = users_in(client.presence(room))
    client.close()
    await running
    if problem:
        raise TransportError(url.socket(), problem)
    return seen
