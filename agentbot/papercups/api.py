"""One HTTP exchange with Papercups: paced, timed, retried where that is safe, errors typed."""

from __future__ import annotations

import random as random_module
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
from aiolimiter import AsyncLimiter
from pydantic import TypeAdapter, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from agentbot.errors import ConfigurationError, RateLimited, ServerFailed, TransportError
from agentbot.papercups.responses import read_body, read_data, request_failed
from agentbot.papercups.url import PapercupsUrl

T = TypeVar("T")

# What may be asked twice without harm. A POST may have been acted upon before its answer was lost.
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})

_PASSING = (TransportError, ServerFailed, RateLimited)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What may be set on REST. Times are in seconds.

    ``attempts`` counts the first one; waits between them double from ``first_wait`` to
    ``max_wait``, or are what a 429 asks for, up to ``max_retry_after``. ``rate`` is requests a
    second.
    """

    timeout: float = 10.0
    connect_timeout: float = 5.0
    attempts: int = 4
    first_wait: float = 0.5
    max_wait: float = 8.0
    max_retry_after: float = 60.0
    rate: float = 20.0


class Api:
    """Sends requests to one server. ``transport`` replaces the network in tests."""

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
        return self._check(shape, await self._data("GET", path, params=params), "GET", path)

    async def _data(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401 - JSON
        return read_data(await self._send(method, path, **request))

    async def _body(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return read_body(await self._send(method, path, **request))

    async def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send, and return a good answer. Raises :class:`TransportError` or an ``ApiError``."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_PASSING),
            stop=stop_after_attempt(self._options.attempts if method in _IDEMPOTENT else 1),
            wait=self._wait,
            reraise=True,
        )
        return await retrying(self._send_once, method, path, request)

    async def _send_once(
        self, method: str, path: str, options: Mapping[str, Any]
    ) -> httpx2.Response:
        request = self._http.build_request(method, path, **options)
        async with self._limiter:
            try:
                response = await self._http.send(request, auth=self._auth())
            except httpx2.HTTPError as error:
                raise request_failed(request, error) from error
        read_body(response)
        return response

    def _auth(self) -> httpx2.Auth | None:
        return None

    def _wait(self, state: RetryCallState) -> float:
        """Return the seconds before the next attempt."""
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return min(error.retry_after, self._options.max_retry_after)
        doubled = self._options.first_wait * 2.0 ** (state.attempt_number - 1)
        return float(min(doubled, self._options.max_wait) * (0.5 + self._random() / 2))

    @staticmethod
    def _check(shape: TypeAdapter[T], data: object, method: str, path: str) -> T:
        try:
            return shape.validate_python(data)
        except ValidationError as error:
            first: Sequence[Any] = error.errors(include_input=False, include_url=False)[:1]
            raise ServerFailed(method, path, 200, f"answered another shape: {first}") from error


def _trusted() -> ssl.SSLContext:
    """Return whom to trust: the system's authorities, or those of ``SSL_CERT_FILE``, as the socket
    does. Raises :class:`ConfigurationError` where that cannot be read."""
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        problem = f"holds no certificates that can be read: {error.strerror}"
        remedy = "name a file of certificates in PEM, or unset it"
        raise ConfigurationError("SSL_CERT_FILE", problem, remedy) from None
