"""Tools of MCP servers: programs and addresses, for real, and all that may go wrong with them."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.tools import mcp_client
from agentbot.pipeline.tools.toolbox import LookedUp, Toolbox
from tests.support.optional import requires_packages
from tests.support.timing import within
from tests.support.tools import read_tools, resolving

pytestmark = requires_packages("mcp", install="pip install -c constraints.txt '.[mcp]'")

ANSWERS = {
    "json": {"content": [{"type": "text", "text": '{"id": "FF123456", "status": "sent"}'}]},
    "structured": {
        "content": [],
        "structuredContent": {"id": "FF123456", "status": "sent", "margin": 1},
    },
    "text": {"content": [{"type": "text", "text": "It is on its way."}]},
    "failed": {"content": [{"type": "text", "text": "s3cret"}], "isError": True},
    "long": {"content": [{"type": "text", "text": "x" * 200_000}]},
    "empty": {"content": []},
}
"""What tools of the servers here give, by the tools' names."""


def reply(asked: dict[str, Any]) -> dict[str, Any] | None:
    """Return a server's reply to one message; None to what needs none."""
    if "id" not in asked:
        return None
    head = {"jsonrpc": "2.0", "id": asked["id"]}
    result: object
    if asked["method"] == "initialize":
        version = asked["params"]["protocolVersion"]
        info = {"name": "shop", "version": "1"}
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    elif asked["method"] == "tools/list":
        schema = {"type": "object"}
        result = {"tools": [{"name": name, "inputSchema": schema} for name in ANSWERS]}
    elif asked["method"] == "tools/call" and asked["params"]["name"] in ANSWERS:
        result = ANSWERS[asked["params"]["name"]]
    else:
        return {**head, "error": {"code": -32601, "message": "s3cret"}}
    return {**head, "result": result}


_LOOP = """
log = open(sys.argv[1], "a")
print(json.dumps(dict(os.environ)), file=log, flush=True)
for line in sys.stdin:
    print("s3cret", file=sys.stderr)
    print(line, end="", file=log, flush=True)
    if said := reply(json.loads(line)):
        print(json.dumps(said), flush=True)
"""
"""A server that is a program: it keeps its environment, and what it was asked."""


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, str]:
    """Return what a server that is a program is run with: its file, and that of what it keeps."""
    path = tmp_path / "server.py"
    head = "from __future__ import annotations\nimport json, os, sys\n"
    text = f"{head}ANSWERS = {ANSWERS!r}\n{inspect.getsource(reply)}{_LOOP}"
    path.write_text(text, encoding="utf-8")
    return str(path), str(tmp_path / "log")


def kept(log: str) -> list[str]:
    """Return the lines that such a program has kept."""
    return Path(log).read_text(encoding="utf-8").splitlines()


def _file(place: str, tool: str) -> str:
    return f"""
servers:
  - {{name: shop, {place}}}
tools:
  - name: order_status
    about: Says how far an order is.
    server: shop
    tool: {tool}
    parameters:
      order: {{pattern: '[A-Z]{{2}}[0-9]+'}}
      lines: {{type: integer, required: false}}
    result: {{status: {{path: {"text" if tool == "text" else "status"}}}}}
"""


async def look_up(place: str, tool: str, *, seconds: float = 20.0) -> LookedUp:
    """Ask a tool of a server."""
    (made,), problems = read_tools(_file(place, tool))
    assert not problems
    resolve, _ = resolving(["127.0.0.1"])
    toolbox = Toolbox(
        [replace(made, seconds=seconds)], {"SHOP_TOKEN": "s3cret-of-the-shop"}, resolve=resolve
    )
    async with within(40):
        return await toolbox.look_up("order_status", {"order": "FF123456", "lines": 2})


def _command(*arguments: str) -> str:
    return f"command: {json.dumps([sys.executable, *arguments])}, env: {{TOKEN: '${{SHOP_TOKEN}}'}}"


async def test_a_program_is_run_and_asked(
    program: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the secrets that it is given, and none of agentbot's own; what it logs goes nowhere."""
    monkeypatch.setenv("PAPERCUPS_PASSWORD", "of-papercups")
    looked = await look_up(_command(*program), "json")
    assert looked.values == {"status": "sent"}, looked
    environment, *asked = kept(program[1])
    assert json.loads(environment)["TOKEN"] == "s3cret-of-the-shop"
    assert "of-papercups" not in environment
    (call,) = [one for one in map(json.loads, asked) if one["method"] == "tools/call"]
    assert call["params"]["arguments"] == {"order": "FF123456", "lines": 2}
    assert "s3cret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("arguments", [["-c", "pass"], ["-c", "print('hello')"]])
async def test_a_program_that_speaks_no_mcp_is_a_failure(arguments: list[str]) -> None:
    """In time, and with a word for the journal."""
    looked = await look_up(_command(*arguments), "json", seconds=15)
    assert looked.outcome == "failed", looked
    assert looked.problem


async def test_a_program_that_is_not_there_is_a_failed_connection() -> None:
    """As a host that nobody listens at."""
    looked = await look_up("command: [/no/such/program]", "json")
    assert (looked.code, looked.problem) == ("connection", "No such file or directory")


async def test_a_program_that_says_nothing_ends_in_time() -> None:
    """And is ended itself."""
    looked = await look_up(_command("-c", "import sys; sys.stdin.read()"), "json", seconds=0.5)
    assert looked.outcome == "timed_out"


@asynccontextmanager
async def endpoint(*, packed: bool = False) -> AsyncIterator[tuple[int, list[str]]]:
    """Yield the port of a server that is an address, and the heads of what it was asked."""
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            heads.append(head)
            length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
            asked = json.loads(await reader.readexactly(length)) if length else {"id": 0}
            said = reply(asked) if head.startswith("post") else None
            body = json.dumps(said).encode() if said else b""
            status = "200 OK" if said else "202 Accepted" if length else "405 No"
            more = "content-encoding: gzip\r\n" if packed else ""
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}"
                f"content-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heads


def _url(port: int, more: str = "private: true") -> str:
    return (
        f"url: http://shop.test:{port}/mcp, allow_http: true, {more},"
        " headers: {Authorization: 'Bearer ${SHOP_TOKEN}'}"
    )


@pytest.mark.parametrize(
    ("tool", "status"),
    [("json", "sent"), ("structured", "sent"), ("text", "It is on its way.")],
)
async def test_an_address_is_asked_by_its_name(tool: str, status: str) -> None:
    """No name server knows it: it is judged and connected to as any other host."""
    async with endpoint() as (port, heads):
        looked = await look_up(_url(port), tool)
    assert looked.values == {"status": status}, looked
    assert all(f"host: shop.test:{port}" in head for head in heads)
    assert all("authorization: bearer s3cret-of-the-shop" in head for head in heads)


@pytest.mark.parametrize(
    ("tool", "code"),
    [
        ("failed", "server"),
        ("unknown", "unexpected"),
        ("empty", "unexpected"),
        ("long", "too_large"),
    ],
)
async def test_each_failure_has_its_code(tool: str, code: str) -> None:
    """And is told without a word of the server's."""
    async with endpoint() as (port, _):
        looked = await look_up(_url(port), tool)
    assert (looked.outcome, looked.code) == ("failed", code), looked
    assert "s3cret" not in repr(looked)


async def test_a_server_in_a_private_network_must_be_declared_so() -> None:
    """As any other host; nothing is sent to it."""
    async with endpoint() as (port, heads):
        looked = await look_up(_url(port, "private: false"), "json")
    assert looked.code == "address"
    assert heads == []


async def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anything else that it says of the network; and nothing packed is asked for."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with endpoint() as (port, heads):
        looked = await look_up(_url(port), "json")
    assert looked.outcome == "found", looked
    assert all("accept-encoding: identity" in head for head in heads)


async def test_what_comes_packed_is_not_unpacked() -> None:
    """It was not asked for, and may be a bomb."""
    async with endpoint(packed=True) as (port, _):
        looked = await look_up(_url(port), "json")
    assert looked.code == "unreadable"


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the folder is loaded; folders without servers need none."""
    monkeypatch.setattr(mcp_client, "find_spec", lambda _name: None)
    (made,), _ = read_tools(_file("command: [x]", "json"))
    with pytest.raises(ConfigurationError, match="its extra mcp"):
        Toolbox([made], {})
