"""One HTTP exchange with Papercups: paced, timed, retried where that is safe, errors typed."""

from __future__ import annotations

import asyncio
import random as random_module
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
from aiolimiter import AsyncLimiter
from pydantic import TypeAdapter, ValidationError

from agentbot.errors import ConfigurationError, ServerFailed
from agentbot.papercups.responses import read_body, read_data, request_failed
from agentbot.papercups.url import PapercupsUrl
from agentbot.retry import RetryPolicy

T = TypeVar("T")

# What may be asked twice without harm. A POST may have been acted upon before its answer was lost.
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})

_TOO_MANY = 429
_SERVER_ERRORS = 500
"""HTTP statuses: too many requests, and from where on the server is at fault (RFC 9110, 6585)."""

RETRY = RetryPolicy(first_pause=0.5, longest_pause=8.0, attempts=4)
"""Its pauses add up to at most 3.5 s: enough for what passes by itself, and not too long for
whoever waits at a terminal. The bot goes on asking: see
:func:`~agentbot.retry.retry_while_away`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What may be set on REST. Times are in seconds.

    ``timeout`` is for any one silence of the server, ``connect_timeout`` for its address to answer.
    ``retry`` is for requests that may be sent twice; ``rate`` is requests a second, at most. The
    defaults suit a command at a terminal, which asks little; the bot's rate is one of its settings.
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
        self._limiter = AsyncLimiter(self._options.rate, 1.0)
        self._http = httpx2.AsyncClient(
            base_url=url.base,
            transport=transport,
            timeout=httpx2.Timeout(self._options.timeout, connect=self._options.connect_timeout),
            # The socket knows no proxies either: both take the same way.
            trust_env=False,
            verify=_trusted() if transport is None else True,
        )

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
        self, shape: TypeAdapter[T], path: str, params: Mapping[str, Any] | None = None
    ) -> T:
        """Return what stands under ``data``, checked."""
        return await self._ask(shape, "GET", path, params=params)

    async def _ask(self, shape: TypeAdapter[T], method: str, path: str, **request: Any) -> T:
        """Ask for something; return what the answer holds under ``data``, checked."""
        return self._check(shape, await self._data(method, path, **request), method, path)

    async def _data(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - JSON
        return read_data(await self._send(method, path, **request))

    async def _body(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return read_body(await self._send(method, path, **request))

    async def _send(
        self, method: str, path: str, *, once: bool = False, **request: Any
    ) -> httpx2.Response:
        """Send, and return a good answer. Raises :class:`TransportError` or an ``ApiError``.

        ``once``: whoever asks again has something to do before.
        """
        if once or method not in _IDEMPOTENT:
            return await self._send_once(method, path, request)
        retrying = self._options.retry.retrying(random=self._random)
        return await retrying(self._send_once, method, path, request)

    async def _send_once(
        self, method: str, path: str, options: Mapping[str, Any]
    ) -> httpx2.Response:
        request = self._http.build_request(method, path, **options)
        async with self._limiter:
            began = asyncio.get_running_loop().time()
            try:
                response = await self._http.send(request, auth=self._auth())
            except httpx2.HTTPError as error:
                self._options.on_answer(asyncio.get_running_loop().time() - began, False)  # noqa: FBT003 - not ok
                raise request_failed(request, error) from error
        could = response.status_code < _SERVER_ERRORS and response.status_code != _TOO_MANY
        self._options.on_answer(asyncio.get_running_loop().time() - began, could)
        read_body(response)
        return response

    def _auth(self) -> httpx2.Auth | None:
        return None

    @staticmethod
    def _check(shape: TypeAdapter[T], data: object, method: str, path: str) -> T:
        try:
            return shape.validate_python(data)
        except ValidationError as error:
            first: Sequence[Any] = error.errors(include_input=False, include_url=False)[:1]
            raise ServerFailed(method, path, 200, f"answered another shape: {first}") from error


def _trusted() -> ssl.SSLContext:
    """Return whom to trust: the system's authorities or, as for the socket, ``SSL_CERT_FILE``'s.

    Raises :class:`ConfigurationError` where that cannot be read.
    """
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        problem = f"holds no certificates that can be read: {error.strerror}"
        remedy = "name a file of certificates in PEM, or unset it"
        raise ConfigurationError("SSL_CERT_FILE", problem, remedy) from None
