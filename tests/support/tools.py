"""Tools for tests: compiled from a few lines, and a scripted server that answers them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from textwrap import dedent

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import parse_yaml, validate
from agentbot.pipeline.tools.compiler import compile_tools
from agentbot.pipeline.tools.file import ToolsFile
from agentbot.pipeline.tools.hosts import Resolve
from agentbot.pipeline.tools.tool import Tool
from agentbot.pipeline.turn import Customer
from tests.support.turns import turn
from tests.support.words import WORDS

ORDER_STATUS = r"""
tools:
  - name: order_status
    about: Says how far an order is.
    url: https://shop.example.com/api/orders/{order}
    headers: {Authorization: 'Bearer ${SHOP_TOKEN}'}
    parameters:
      order: {about: The order's number., pattern: '(?i)[A-Z]{2}\d{6}', from: message}
    result: [id, status]
"""
"""A tools.yaml with one tool."""
SECRETS = {"SHOP_TOKEN": "s3cret-of-the-shop"}
"""The environment that it needs."""


def read_tools(text: str) -> tuple[tuple[Tool, ...], list[str]]:
    """Return the tools of a file, and the problems with them."""
    problems = Problems()
    file = parse_yaml(dedent(text), "tools.yaml", problems)
    assert file is not None, problems.found
    model = validate(ToolsFile, file, problems)
    made = () if model is None else compile_tools(model, file, problems)
    return made, [str(problem) for problem in problems.found]


def tool(text: str = ORDER_STATUS) -> Tool:
    """Return the one tool of a file without mistakes."""
    (made,), problems = read_tools(text)
    assert not problems
    return made


def facts(text: str = "", customer: Customer | None = None) -> Facts:
    """Return the facts of a turn."""
    return Facts(turn(text, customer=customer), FactSources(words=WORDS))


def resolving(*answers: Sequence[str]) -> tuple[Resolve, list[str]]:
    """Return a name server that gives these answers in turn, the last for ever; and its log."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(f"{host}:{port}")
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


Script = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request, which comes with its headers; what it writes is sent as it is."""


@asynccontextmanager
async def serving(
    script: Script, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Yield the port of a server on this machine, and the requests that it has got."""
    got: list[bytes] = []
    answering: set[asyncio.Future[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.get_running_loop().create_future()
        answering.add(ended)
        try:
            got.append(await reader.readuntil(b"\r\n\r\n"))
            await script(got[-1], writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked has gone
        finally:
            writer.close()
            ended.set_result(None)

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], got
    finally:
        server.close()
        await asyncio.gather(*answering)


def http(
    body: bytes = b"{}", *headers: str, status: str = "200 OK", kind: str = "application/json"
) -> bytes:
    """Return an answer as it stands on the wire."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers]
    if not any(line.lower().startswith("content-length") for line in headers):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def saying(*answers: bytes) -> Script:
    """Return a script that gives these answers in turn, the last for ever."""
    count = 0

    async def script(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        writer.write(answers[min(count, len(answers)) - 1])
        await writer.drain()

    return script
