"""phoenix-channels-python-client with an empty handler: ``channels_client.py FILE``.

Its version 2 of the protocol drops every broadcast, which has no reference of a join; version 1
hears them. It has no way to push but its protocol handler. See ``../peers.py``.
"""

# mypy: ignore-errors

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from phoenix_channels_python_client.client import PHXChannelsClient
from phoenix_channels_python_client.protocol_handler import PhoenixChannelsProtocolVersion
from phoenix_channels_python_client.utils import make_message


async def answer(told: dict) -> None:
    """Answer until killed."""
    address = f"{told['socket']}/websocket?token={told['token']}"
    version = PhoenixChannelsProtocolVersion.V1
    async with PHXChannelsClient(address, "none", protocol_version=version) as client:
        handler = client.get_protocol_handler()

        async def ignore(_message: object) -> None:
            pass

        def answering(topic: str) -> Callable[[dict], Awaitable[None]]:
            async def shouted(message: dict) -> None:
                if message["customer_id"] is not None:
                    for event, payload in (("messages:seen", {}), ("shout", told["reply"])):
                        push = make_message(event, topic, "1", payload)
                        await handler.send_message(client.connection, push)

            return shouted

        for topic in told["topics"]:
            await client.subscribe_to_topic(topic, ignore)
            if topic.startswith("conversation:"):
                client.add_event_handler(topic, "shout", answering(topic))
        await asyncio.Event().wait()


asyncio.run(answer(json.loads(Path(sys.argv[1]).read_text())))
