"""Tools of MCP servers, through the official package ``mcp``: an extra of agentbot.

A server is a program, which is run for one question and talked to over its standard input and
output, or an address, which is reached as any other (`client`). Nothing stays open between two
questions.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import orjson

from agentbot.errors import ConfigurationError, ToolFailed
from agentbot.network import why_unreachable
from agentbot.pipeline.tools.client import Client
from agentbot.pipeline.tools.file import MOST_BYTES
from agentbot.pipeline.tools.parameter import Value
from agentbot.pipeline.tools.tool import Server, Tool

if TYPE_CHECKING:  # an extra, and it takes most of a second
    import mcp

_TEXT = "text"
"""The field in which an answer stands that is no JSON."""


class McpClient:
    """What asks the MCP servers of one prompts folder.

    Raises ``ConfigurationError`` where the package is missing.
    """

    def __init__(self, client: Client, secrets: Mapping[str, str]) -> None:
        if find_spec("mcp") is None:
            problem = "declares MCP servers, for which the package mcp is missing"
            raise ConfigurationError("tools.yaml", problem, "install agentbot with its extra mcp")
        import mcp  # noqa: PLC0415 - see above; it is made off the event loop

        self._mcp = mcp
        self._client = client
        self._secrets = secrets

    async def ask(self, tool: Tool, arguments: Mapping[str, Value]) -> object:
        """Return what a server's tool gives, as JSON has it. Raises :class:`ToolFailed`.

        The caller bounds its whole time.
        """
        assert tool.server is not None  # noqa: S101 - only tools of servers come here
        try:
            async with self._connected(tool, tool.server) as connected:
                result = await connected.call_tool(tool.remote_name, dict(arguments))
        except Exception as error:  # the package raises groups of what its tasks have raised
            raise self._failure(tool, error) from error
        return _data(tool, result)

    @asynccontextmanager
    async def _connected(self, tool: Tool, server: Server) -> AsyncIterator[mcp.Client]:
        async with AsyncExitStack() as stack:
            if server.address is None:
                place = self._program(server, stack)
            else:
                place = await self._endpoint(tool, server, stack)
            yield await stack.enter_async_context(self._mcp.Client(place))

    def _program(self, server: Server, stack: AsyncExitStack) -> Any:  # noqa: ANN401 - theirs
        """Return the transport to a program. Its own log goes nowhere: it may tell secrets."""
        silent = stack.enter_context(Path(os.devnull).open("w"))  # noqa: SIM115 - it is one
        asked = self._mcp.StdioServerParameters(
            command=server.command[0],
            args=list(server.command[1:]),
            env={one.name: one.filled(self._secrets) for one in server.secrets},
        )
        return self._mcp.stdio_client(asked, errlog=silent)

    async def _endpoint(self, tool: Tool, server: Server, stack: AsyncExitStack) -> Any:  # noqa: ANN401
        """Return the transport to an address."""
        from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 - see above

        assert server.address is not None  # noqa: S101 - see `_connected`
        http = httpx2.AsyncClient(
            transport=self._client.pinned(
                tool.name,
                server.address.origin,
                private=server.private,
                most=MOST_BYTES,
            ),
            headers={
                "Accept-Encoding": "identity",
                **{one.name: one.filled(self._secrets) for one in server.secrets},
            },
            trust_env=False,
            timeout=None,
        )
        await stack.enter_async_context(http)
        return streamable_http_client(server.address.fill({}), http_client=http)

    def _failure(self, tool: Tool, error: Exception) -> ToolFailed:
        """Return what stands behind an error."""
        for one in _all(error):
            match one:
                case ToolFailed():
                    return one
                case self._mcp.MCPError():
                    return ToolFailed(tool.name, "unexpected", f"answers the error {one.code}")
                case OSError() | httpx2.HTTPError():
                    return ToolFailed(tool.name, "connection", why_unreachable(one))
        return ToolFailed(
            tool.name, "connection", f"the conversation fails: {type(error).__name__}"
        )


def _all(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what it holds as a group, and what it came from."""
    yield error
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _all(inner)
    if error.__cause__ is not None:
        yield from _all(error.__cause__)


def _data(tool: Tool, result: mcp.types.CallToolResult) -> object:
    """Return a result's data: what is structured, else its texts as JSON, or as they are."""
    if result.is_error:
        raise ToolFailed(tool.name, "server", "says that it has failed")
    if result.structured_content is not None:
        return result.structured_content
    texts = [one.text for one in result.content if one.type == "text"]
    text = "\n".join(texts)
    if len(text) > tool.max_bytes:
        raise ToolFailed(tool.name, "too_large", f"answers more than {tool.max_bytes:,} bytes")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return {_TEXT: text}
