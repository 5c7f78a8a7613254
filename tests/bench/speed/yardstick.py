"""The yardstick: a bare asyncio ``websockets`` with orjson, which decides nothing.

``python -m tests.bench.speed.yardstick URL``. It reads every frame, and answers a customer's shout
with the frames that the bot sends too, prebuilt: the receipt and a reply.
"""

from __future__ import annotations

import asyncio
import sys

import orjson
from websockets.asyncio.client import connect

from tests.bench.speed.joining import join, log_in, reply, seen


async def answer(url: str) -> None:
    """Answer until the server is gone."""
    address, topics = log_in(url)
    frames = {topic: (seen(topic).decode(), reply(topic).decode()) for topic in topics[1:]}
    async with connect(address, compression=None, max_size=None, ping_interval=None) as socket:
        for number, topic in enumerate(topics, 1):
            await socket.send(join(topic, number).decode())
        async for frame in socket:
            _, _, topic, event, payload = orjson.loads(frame)
            if event == "shout" and topic in frames and payload["customer_id"] is not None:
                receipt, text = frames[topic]
                await socket.send(receipt)
                await socket.send(text)


if __name__ == "__main__":
    asyncio.run(answer(sys.argv[1]))
