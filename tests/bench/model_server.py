"""A server that speaks enough of OpenAI's protocol to be a load's other end, in its own process.

Each request is answered ``seconds`` after it came: streamed, a token an event, spread over the
second half of that time, or whole. It parses nothing but the request's length and whether a stream
is asked for, so that it is never what bounds a measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import Any

import orjson

ANSWER: dict[str, Any] = {
    "meant": "Whether parcels are sent to Norway.",
    "action": "answer",
    "sources": ["shipping-abroad"],
    "language": "en",
    "text": "Yes, we ship to Norway.",
    "ask": "",
}
"""The answer in the form: about 60 tokens, as most are."""
_CHARACTERS_A_TOKEN = 4
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)


def events(answer: str) -> list[bytes]:
    """Return the events of a stream: the role, a token each, the end, the usage."""
    tokens = [
        answer[place : place + _CHARACTERS_A_TOKEN]
        for place in range(0, len(answer), _CHARACTERS_A_TOKEN)
    ]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": token} for token in tokens]
    chunks = [_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]
    chunks.append(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    chunks.append(_chunk([], usage=_usage(len(tokens))))
    return [b"data: " + chunk + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def _chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
    common = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_764_000_000}
    return orjson.dumps({**common, "model": "bench", "choices": choices, **more})


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 1200, "completion_tokens": tokens, "total_tokens": 1200 + tokens}


def body(answer: str) -> bytes:
    """Return a whole answer."""
    message = {"role": "assistant", "content": answer}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _chunk([choice], object="chat.completion", usage=_usage(len(answer) // 4))


class _Connection(asyncio.Protocol):
    """One connection, kept alive, a request at a time."""

    def __init__(self, answer: str, seconds: float) -> None:
        self._seconds = seconds
        self._events = [b"%x\r\n%s\r\n" % (len(one), one) for one in events(answer)]
        self._events[-1] += b"0\r\n\r\n"
        whole = body(answer)
        self._whole = _head(b"content-length: %d" % len(whole), b"application/json") + whole
        self._stream_head = _head(b"transfer-encoding: chunked", b"text/event-stream")
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, split, rest = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not split or (length and len(rest) < int(length[1])):
            return
        self._came = b""
        loop = asyncio.get_running_loop()
        if b'"stream":true' not in rest.replace(b" ", b""):
            loop.call_later(self._seconds, self._transport.write, self._whole)
            return
        half = self._seconds / 2
        self._transport.write(self._stream_head)
        for number, event in enumerate(self._events, 1):
            wait = half + half * number / len(self._events)
            loop.call_later(wait, self._transport.write, event)


def _head(framing: bytes, kind: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: " + kind + b"\r\n" + framing + b"\r\n\r\n"


async def serve(seconds: float) -> None:
    """Serve until killed; print the port as the first line."""
    answer = orjson.dumps(ANSWER).decode()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answer, seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.3)
    asyncio.run(serve(parser.parse_args().seconds))
