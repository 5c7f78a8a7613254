"""One HTTP exchange with Papercups: paced, timed, retried where that is safe, errors typed."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
from aiolimiter import AsyncLimiter
from pydantic import TypeAdapter, ValidationError

from agentbot.errors import ServerFailed, TransportError
from agentbot.papercups.http import Http
from agentbot.papercups.responses import data_of, read_body
from agentbot.papercups.url import PapercupsUrl
from agentbot.retry import TRANSIENT, RetryPolicy

T = TypeVar("T")

# What may be asked twice without harm. A POST may have been acted upon before its answer was lost.
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})

_TOO_MANY = 429
_SERVER_ERRORS = 500
"""HTTP statuses: too many requests, and from where on the server is at fault (RFC 9110, 6585)."""

RETRY = RetryPolicy(first_pause=0.5, longest_pause=8.0, attempts=4)
"""Its own pauses add up to at most 3.5 s: enough for what passes by itself, and not too long for
whoever waits at a terminal. The bot goes on asking: see
:func:`~agentbot.retry.retry_while_away`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What may be set on REST. Times are in seconds.

    ``timeout`` is for any one silence of the server, ``connect_timeout`` for its address to answer.
    ``retry`` is for requests that may be sent twice; ``rate`` is requests a second, at most, of
    those that nobody waits for: what is paced. The defaults suit a command at a terminal, which
    asks little; the bot's rate is one of its settings.
    ``on_answer`` is told of each answer how long it took, and whether the server could give it: no
    answer at all, a 5xx and a 429 say that it could not.
    """

    on_answer: Callable[[float, bool], None] = lambda _seconds, _ok: None
    timeout: float = 10.0
    connect_timeout: float = 5.0
    retry: RetryPolicy = RETRY
    rate: float = 20.0


class Api:
    """A client of one server's REST. ``transport`` replaces the network in tests."""

    def __init__(
        self,
        url: PapercupsUrl,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        options: ApiOptions | None = None,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.url = url
        self._options = options or ApiOptions()
        self._random = random
        rate = self._options.rate
        self._limiter = AsyncLimiter(max(rate, 1.0), max(1.0, 1.0 / rate))  # holds one at least
        timeout = httpx2.Timeout(self._options.timeout, connect=self._options.connect_timeout)
        self._http = Http(url, transport=transport, timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _get(
        self,
        shape: TypeAdapter[T],
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        paced: bool = False,
    ) -> T:
        """Return what stands under ``data``, checked."""
        return await self._ask(shape, "GET", path, params=params, paced=paced)

    async def _ask(self, shape: TypeAdapter[T], method: str, path: str, **request: Any) -> T:
        """Ask for something; return what the answer holds under ``data``, checked."""
        return self._check(shape, await self._data(method, path, **request), method, path)

    async def _data(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - JSON
        return data_of(await self._body(method, path, **request), method, path)

    async def _body(
        self, method: str, path: str, *, once: bool = False, paced: bool = False, **request: Any
    ) -> dict[str, Any]:
        """Send, and return a good answer. Raises :class:`TransportError` or an ``ApiError``.

        ``once``: whoever asks again has something to do before. ``paced``: nobody waits for it,
        and it keeps to the rate.
        """
        try:
            return await self._send(method, path, request, paced=paced)
        except TRANSIENT as error:
            if once or method not in _IDEMPOTENT:
                raise
            failures = [error]

        async def attempt() -> dict[str, Any]:
            # The first has been made without tenacity, which costs as much as to ask.
            if failures:
                raise failures.pop()
            return await self._send(method, path, request, paced=paced)

        return await self._options.retry.retrying(random=self._random)(attempt)

    async def _send(
        self, method: str, path: str, options: Mapping[str, Any], *, paced: bool
    ) -> dict[str, Any]:
        request = self._http.request(method, path, **options)
        if paced:
            await self._limiter.acquire()
        now = asyncio.get_running_loop().time
        began = now()
        try:
            response = await self._exchange(request)
        except TransportError:
            self._options.on_answer(now() - began, False)  # noqa: FBT003 - not ok
            raise
        could = response.status_code < _SERVER_ERRORS and response.status_code != _TOO_MANY
        self._options.on_answer(now() - began, could)
        return read_body(response)

    async def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        return await self._http.send(request)

    @staticmethod
    def _check(shape: TypeAdapter[T], data: object, method: str, path: str) -> T:
        try:
            return shape.validate_python(data)
        except ValidationError as error:
            first: Sequence[Any] = error.errors(include_input=False, include_url=False)[:1]
            raise ServerFailed(method, path, 200, f"answered another shape: {first}") from error
