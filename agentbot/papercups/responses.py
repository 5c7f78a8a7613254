"""From an HTTP answer to data or to a typed error: the only place where statuses have meaning."""

from __future__ import annotations

from typing import Any

import httpx2

from agentbot.errors import (
    AgentbotError,
    ApiError,
    NotFound,
    RateLimited,
    ServerFailed,
    TransportError,
    Unauthenticated,
    Unprocessable,
)
from agentbot.network import why_unreachable
from agentbot.papercups import tolerant

_SERVER_FAULT = 500
"""The status from which on the fault is the server's, not the request's (RFC 9110, 15.6)."""
_EXCERPT = 80
"""Characters of a foreign answer that an error shows: a line, enough to tell a proxy's page."""

_LONGEST_MESSAGE = 200
"""Characters of what Papercups says of an error: its own messages have less than 100."""

_SAID_IN_JSON = frozenset({400, 401, 404, 422})
"""Statuses that mean something only where Papercups gives them itself, in JSON [T]. Some proxies
answer 404 while there is nobody behind them."""


def read_body(response: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object that a good answer holds.

    Raises a subclass of :class:`ApiError` for any other.
    """
    method, path, status = _names(response)
    try:
        body = tolerant.loads(response.content)
    except ValueError:
        body = None
    if status in _SAID_IN_JSON and not isinstance(body, dict):
        raise ServerFailed(method, path, status, _not_our_api(response))
    if status >= httpx2.codes.BAD_REQUEST:
        raise _error(response, body)
    if not isinstance(body, dict):
        raise ServerFailed(method, path, status, _not_our_api(response))
    return body


def read_data(response: httpx2.Response) -> Any:  # noqa: ANN401 - JSON, checked by the models
    """Return what stands under ``data`` in a good answer. Raises like :func:`read_body`."""
    return data_of(read_body(response), response.request.method, response.request.url.path)


def data_of(body: dict[str, Any], method: str, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what stands under ``data``. Raises :class:`ServerFailed` where nothing does."""
    if "data" not in body:
        raise ServerFailed(method, path, httpx2.codes.OK, "answered JSON without data")
    return body["data"]


def request_failed(request: httpx2.Request, error: httpx2.HTTPError) -> TransportError:
    """Return the error for a request that got no answer."""
    url = f"{request.url.scheme}://{request.url.netloc.decode()}"
    problem = why_unreachable(error)
    if isinstance(error, httpx2.TimeoutException):
        problem = f"no answer in time ({type(error).__name__})"
    elif isinstance(error, httpx2.RemoteProtocolError) and request.url.scheme == "http":
        problem = f"{problem}; if it speaks TLS, its address begins with https://"
    return TransportError(url, problem)


def _error(response: httpx2.Response, body: object) -> AgentbotError:
    method, path, status = _names(response)
    message = _message(body)
    match status:
        case 401:
            return Unauthenticated(method, path, status, message)
        case 400 | 404:
            return NotFound(method, path, status, message)
        case 422:
            return Unprocessable(method, path, status, message, _complaints(body))
        case 429:
            return RateLimited(method, path, status, message, _retry_after(response))
        case _ if status >= _SERVER_FAULT:
            return ServerFailed(method, path, status, message or _not_our_api(response))
        case _:
            return ApiError(method, path, status, message)


def _names(response: httpx2.Response) -> tuple[str, str, int]:
    return response.request.method, response.request.url.path, response.status_code


def _message(body: object) -> str:
    """Find the text in ``{"error":{"message"}}`` or ``{"errors":{"detail"}}`` (PROTOCOL, 4)."""
    match body:
        case {"error": {"message": str(text)}} | {"errors": {"detail": str(text)}}:
            return _on_one_line(text)
        case {"error": str(text)}:
            return _on_one_line(text)
    return ""


def _on_one_line(text: str) -> str:
    """Return a server's words without line breaks, and no more of them than a line or two hold."""
    return " ".join(text[: 2 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]


def _complaints(body: object) -> dict[str, Any]:
    match body:
        case {"error": {"errors": dict(errors)}} | {"errors": dict(errors)}:
            return errors
    return {}


def _not_our_api(response: httpx2.Response) -> str:
    if response.has_redirect_location:
        # Papercups behind TLS sends every http:// elsewhere (papercups: config/runtime.exs).
        target = response.request.url.join(response.headers["location"])
        return f"sends us to {target.scheme}://{target.netloc.decode()}; is that PAPERCUPS_URL?"
    kind = response.headers.get("content-type", "no content type").partition(";")[0]
    # HTML is half white space: a longer piece still fills the excerpt once that is squeezed.
    start = " ".join(response.text[: 4 * _EXCERPT].split())[:_EXCERPT]
    if kind == "application/json":
        return _not_our_json(response.content, start)
    return f"answered {kind}, which is not the Papercups API; a proxy in between? {start!r}"


def _not_our_json(content: bytes, start: str) -> str:
    if not start:
        return "answered with an empty body"
    try:
        tolerant.loads(content)
    except ValueError:
        if start[0] in "[{":  # not shown: it may be the first half of a token
            return f"answered JSON that breaks off, or is none, in {len(content)} bytes"
        return f"answered what is no JSON: {start!r}"
    return f"answered JSON of another shape: {start}"


def _retry_after(response: httpx2.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None
