"""Supabase's realtime with an empty handler: ``realtime_client.py FILE``, see
``../peers.py``.

Its own server is another; the load server sends it the same events in that one's envelope.
"""

# mypy: ignore-errors

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

from realtime import AsyncRealtimeClient
from realtime.message import Message


async def answer(told: dict) -> None:
    """Answer until killed."""
    params = {"token": told["token"], "enveloped": "1"}
    client = AsyncRealtimeClient(told["socket"], params=params)
    await client.connect()
    sending = set()

    def answering(topic: str) -> Callable[[dict], None]:
        async def send() -> None:
            for event, payload in (("messages:seen", {}), ("shout", told["reply"])):
                await client.send(Message(event=event, payload=payload, topic=topic, ref="1"))

        def shouted(payload: dict) -> None:
            if payload["payload"]["customer_id"] is not None:
                task = asyncio.create_task(send())
                sending.add(task)
                task.add_done_callback(sending.discard)

        return shouted

    for topic in told["topics"]:
        channel = client.channel(topic)
        if topic.startswith("conversation:"):
            channel.on_broadcast("shout", answering(channel.topic))
        await channel.subscribe()
    await asyncio.Event().wait()


asyncio.run(answer(json.loads(Path(sys.argv[1]).read_text())))
