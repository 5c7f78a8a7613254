"""The toolbox: what rules and model call to look something up, and what came of it."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx2
import orjson

from agentbot.errors import ToolFailed
from agentbot.pipeline.tools.address import Address, AddressProblem, Origin
from agentbot.pipeline.tools.client import Answer, Client, Question
from agentbot.pipeline.tools.hosts import Resolve, resolve
from agentbot.pipeline.tools.mcp_client import McpClient
from agentbot.pipeline.tools.parameter import Value
from agentbot.pipeline.tools.result import Kept, Nothing, Unexpected, keep
from agentbot.pipeline.tools.secrets import read_secrets
from agentbot.pipeline.tools.tool import Tool, as_text
from agentbot.tracing import span

Outcome = Literal["found", "not_found", "timed_out", "failed"]
"""What came of a look-up, as rules tell it apart. Why it failed, a code beside it says."""

_MOST_AT_ONCE = 20
"""Look-ups of one toolbox that are under way: as many as a small shop's server answers at once.
What waits for its turn uses up its own time."""
_FAILURES = 5
"""Failures in a row after which a host is let be for a while: no accident any more."""
_REST_SECONDS = 30.0
"""Seconds for which it is let be: customers get their answer at once meanwhile, and not after the
time-out."""
_LEAST_SECONDS = 0.5
"""Seconds that must be left for a second attempt: less is not worth a connection."""
_PAUSE_SECONDS = 0.2
"""Seconds before a second attempt: a restarting server's next process may listen by then."""
_PASSING = frozenset({"connection", "server", "rate_limited"})
"""Failures that may be over a moment later."""
_HOSTS_OWN = frozenset({"connection", "server", "timeout"})
"""Failures that say something about the host, and not about what was asked."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up gave: ``values`` where something was found, else why not.

    ``code`` says more exactly what came of it: for a failure the code of :class:`ToolFailed`.
    """

    tool: str
    outcome: Outcome
    code: str
    seconds: float
    values: Mapping[str, Kept] = field(default_factory=dict)
    problem: str = ""


@dataclass(slots=True)
class _Host:
    """How a host has answered lately: failures in a row, and until when it is let be."""

    failures: int = 0
    closed_until: float = 0.0


class Toolbox:
    """The tools of one prompts folder, with their secrets.

    ``environ`` holds the environment's variables; None: the process's. Raises
    ``ConfigurationError`` where a secret is missing. ``report`` is told of each look-up which tool
    it was, what came of it, and how many seconds it took. ``resolve`` and ``transport`` replace the
    name server and the network in tests.
    """

    def __init__(
        self,
        tools: Iterable[Tool],
        environ: Mapping[str, str] | None = None,
        *,
        resolve: Resolve = resolve,
        transport: Callable[[], httpx2.AsyncBaseTransport] | None = None,
        report: Callable[[str, str, float], None] = lambda _tool, _code, _seconds: None,
    ) -> None:
        self._report = report
        self.tools = {tool.name: tool for tool in tools}
        self._secrets = read_secrets(
            self.tools.values(), os.environ if environ is None else environ
        )
        origins = {tool.origin for tool in self.tools.values()}
        self._client = Client(origins, resolve=resolve, transport=transport)
        has_servers = any(tool.server is not None for tool in self.tools.values())
        self._mcp = McpClient(self._client, self._secrets) if has_servers else None
        self._under_way = asyncio.Semaphore(_MOST_AT_ONCE)
        self._hosts: defaultdict[Origin, _Host] = defaultdict(_Host)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        return tuple(self._secrets.values())

    async def look_up(self, name: str, arguments: Mapping[str, Value]) -> LookedUp:
        """Ask the tool of this name, once; a GET that fails by what may pass, a second time.

        The server's own word for when (``Retry-After``) is kept, where that is within the tool's
        time. ``arguments`` come from :meth:`Tool.arguments`. Never raises: whatever fails is an
        outcome.
        """
        asked = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
        with span(f"execute_tool {name}", asked, is_client=True) as under_way:
            looked = await self._look_up(name, arguments)
            under_way.note({"agentbot.outcome": looked.code})
        self._report(name, looked.code, looked.seconds)
        return looked

    async def _look_up(self, name: str, arguments: Mapping[str, Value]) -> LookedUp:
        tool = self.tools[name]
        now = asyncio.get_running_loop().time
        began = now()
        try:
            async with asyncio.timeout(tool.seconds):
                values = await self._found(tool, arguments, ends=began + tool.seconds)
        except TimeoutError:
            self._note(tool, "timeout")
            problem = f"gave no answer within {tool.seconds:g} s"
            return LookedUp(name, "timed_out", "timeout", now() - began, problem=problem)
        except ToolFailed as error:
            self._note(tool, error.kind)
            outcome = _OUTCOMES.get(error.kind, "failed")
            return LookedUp(name, outcome, error.kind, now() - began, problem=error.problem)
        self._note(tool, "found")
        return LookedUp(name, "found", "found", now() - began, values)

    async def reach(self) -> tuple[str, ...]:
        """Connect to each host, and ask nothing; return the hosts. Raises :class:`ToolFailed`."""
        reached: dict[str, None] = {}
        for tool in self.tools.values():
            scheme, host, _ = tool.origin
            if host not in reached and scheme != "mcp":  # a program is not run to see whether it is
                await self._client.reach(tool.name, tool.origin, private=tool.is_private)
                reached[host] = None
        return tuple(reached)

    async def _found(
        self, tool: Tool, arguments: Mapping[str, Value], *, ends: float
    ) -> Mapping[str, Kept]:
        now = asyncio.get_running_loop().time
        if now() < self._hosts[tool.origin].closed_until:
            raise ToolFailed(tool.name, "let_be", "has failed several times in a row just now")
        try:
            return await self._ask(tool, arguments)
        except ToolFailed as error:
            pause = max(_PAUSE_SECONDS, error.retry_after or 0.0)
            is_worth_it = error.kind in _PASSING and ends - now() >= pause + _LEAST_SECONDS
            is_told = error.kind != "rate_limited" or error.retry_after is not None
            if tool.method != "GET" or not is_worth_it or not is_told:
                raise
        await asyncio.sleep(pause)
        return await self._ask(tool, arguments)

    async def _ask(self, tool: Tool, arguments: Mapping[str, Value]) -> Mapping[str, Kept]:
        async with self._under_way:
            if tool.address is None:
                assert self._mcp is not None  # noqa: S101 - it is there where there are servers
                return _fields_of(tool, await self._mcp.ask(tool, arguments))
            question = self._question(tool, tool.address, arguments)
            return _kept(tool, await self._client.ask(question))

    def _question(self, tool: Tool, address: Address, arguments: Mapping[str, Value]) -> Question:
        texts = {name: as_text(value) for name, value in arguments.items()}
        body = None
        if tool.body is not None:
            filled = {
                key: text.plainly(texts)
                for key, text in tool.body.items()
                if all(name in texts for name in text.names)
            }
            body = orjson.dumps(filled)
        headers = {header.name: header.filled(self._secrets) for header in tool.headers}
        return Question(
            tool=tool.name,
            method=tool.method,
            url=_filled(tool, address, texts),
            origin=address.origin,
            private=tool.private,
            headers=headers,
            max_bytes=tool.max_bytes,
            body=body,
        )

    def _note(self, tool: Tool, kind: str) -> None:
        """Note how a host has answered; after some failures in a row it is let be."""
        if kind == "let_be":
            return
        host = self._hosts[tool.origin]
        host.failures = host.failures + 1 if kind in _HOSTS_OWN else 0
        if host.failures >= _FAILURES:
            host.closed_until = asyncio.get_running_loop().time() + _REST_SECONDS
            host.failures = _FAILURES - 1  # one attempt after that, and it is let be again


_OUTCOMES: Mapping[str, Outcome] = {"not_found": "not_found", "timeout": "timed_out"}


def _filled(tool: Tool, address: Address, texts: Mapping[str, str]) -> str:
    try:
        return address.fill(texts)
    except AddressProblem as error:
        raise ToolFailed(tool.name, "value", error.problem) from error


def _kept(tool: Tool, answer: Answer) -> Mapping[str, Kept]:
    """Return what is kept of an answer. Raises :class:`ToolFailed`."""
    status = answer.status
    if status in _GONE:
        raise ToolFailed(tool.name, "not_found", f"answered {status}")
    if not 200 <= status < 300:
        raise ToolFailed(tool.name, _kind_of(status), f"answered {status}", answer.retry_after)
    kind = answer.content_type
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise ToolFailed(tool.name, "unreadable", f"answers {kind[:60]!r}, not JSON")
    try:
        data = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise ToolFailed(tool.name, "unreadable", "answers what is no JSON") from error
    return _fields_of(tool, data)


def _fields_of(tool: Tool, data: object) -> Mapping[str, Kept]:
    """Return what is kept of the data of an answer. Raises :class:`ToolFailed`."""
    try:
        return keep(data, tool.fields, tool.found)
    except Nothing as error:
        raise ToolFailed(tool.name, "not_found", "answered that there is none") from error
    except Unexpected as error:
        raise ToolFailed(tool.name, "unexpected", f"answers another shape: {error}") from error


_GONE = frozenset({404, 410})
_REFUSED = frozenset({401, 403, 407})
_TOO_MANY = 429


def _kind_of(status: int) -> str:
    if status in _REFUSED:
        return "refused"
    if status == _TOO_MANY:
        return "rate_limited"
    return "server" if status >= 500 else "unexpected"
