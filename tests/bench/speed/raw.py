"""The raw client: it shows what the load server can carry, so that nobody has to believe it.

``python -m tests.bench.speed.raw URL``. No library, no JSON: it looks for the bytes of a customer's
shout, and answers with bytes that were made before.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from tests.bench.speed.joining import join, log_in, reply, seen
from tests.bench.speed.wire import framed, frames

_SHOUT = b'","shout",{'
_NO_CUSTOMER = b'"customer_id":null'
_TOPIC_AT = len('[null,null,"')
_TOPIC_LENGTH = len("conversation:") + 36


class RawClient(asyncio.Protocol):
    """One connection. ``answers``: what is sent, by topic. ``gone`` is set at its end."""

    def __init__(self, opening: bytes, joins: bytes, answers: Mapping[bytes, bytes]) -> None:
        self.gone = asyncio.Event()
        self._opening = opening
        self._joins = joins
        self._answers = answers
        self._buffer = bytearray()
        self._is_open = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._opening)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """End with the server."""
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        """Answer the customers' shouts of one read."""
        self._buffer += data
        if not self._is_open:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._is_open = True
            self._transport.write(self._joins)
        out = [
            self._answers.get(data[_TOPIC_AT : _TOPIC_AT + _TOPIC_LENGTH], b"")
            for _, data in frames(self._buffer)
            if _SHOUT in data and _NO_CUSTOMER not in data
        ]
        self._transport.write(b"".join(out))


async def answer(url: str) -> None:
    """Answer until the server is gone."""
    address, topics = log_in(url)
    parts = urlsplit(address)
    opening = (
        f"GET {parts.path}?{parts.query} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    joins = b"".join(framed(join(one, n), masked=True) for n, one in enumerate(topics, 1))
    answers = {
        topic.encode(): framed(seen(topic), masked=True) + framed(reply(topic), masked=True)
        for topic in topics[1:]
    }
    _, client = await asyncio.get_running_loop().create_connection(
        lambda: RawClient(opening.encode(), joins, answers), parts.hostname or "", parts.port or 0
    )
    await client.gone.wait()


if __name__ == "__main__":
    asyncio.run(answer(sys.argv[1]))
