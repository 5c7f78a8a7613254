"""What the REST handlers have in common: who asks, what was sent, how errors look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from agentbot.devserver.backend import Backend
from agentbot.devserver.store.memory import Dangling, Invalid, Missing
from agentbot.devserver.store.records import User
from agentbot.errors import DataException

Json = dict[str, Any]


@dataclass(eq=False)
class HttpError(DataException):
    """The request is answered with this status and body."""

    status: int
    body: Json


def reply(data: object, status: int = 200, **more: object) -> Response:
    """Return ``{"data": …}`` with what else belongs beside it."""
    return raw({"data": data, **more}, status)


def raw(body: object, status: int = 200) -> Response:
    """Return ``body`` as JSON."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def unauthenticated() -> HttpError:
    """Return the error for a request without a valid token."""
    return HttpError(401, {"error": {"code": 401, "message": "Not authenticated"}})


def session_refused(message: str) -> HttpError:
    """Return the error for a login or a renewal that failed."""
    return HttpError(401, {"error": {"status": 401, "message": message}})


def disabled() -> HttpError:
    """Return the error for a user whose access was taken from them."""
    return session_refused(
        "Your account is disabled. Please contact your team admin to enable your account."
    )


def not_found() -> HttpError:
    """Return the error for an object that does not exist."""
    return HttpError(404, {"errors": {"detail": "Not Found"}})


def bad_request() -> HttpError:
    """Return the error for a malformed id, or a missing parameter."""
    return HttpError(400, {"errors": {"detail": "Bad Request"}})


def unprocessable(errors: dict[str, list[str]]) -> HttpError:
    """Return the error that names the fields at fault."""
    return HttpError(
        422, {"error": {"status": 422, "message": "Unprocessable Entity", "errors": errors}}
    )


def parameters_missing(names: str, received: list[str]) -> HttpError:
    """Return the error for a customer's call without what it needs."""
    message = f"The following parameters are required: {names}"
    return HttpError(422, {"error": {"status": 422, "message": message, "received": received}})


async def handle_error(request: Request, error: Exception) -> Response:
    """Return the answer to a request that raised."""
    del request
    match error:
        case HttpError():
            shown = error
        case Invalid(errors):
            shown = unprocessable(errors)
        case Missing() if not isinstance(error, Dangling):
            shown = not_found()
        case _:
            shown = HttpError(500, {"errors": {"detail": "Internal Server Error"}})
    return raw(shown.body, shown.status)


async def handle_gone(request: Request, error: Exception) -> Response:
    """Return an answer that nobody reads: the client went before its whole request had come."""
    del request, error
    return Response(status_code=400)


async def body_of(request: Request, *wrappers: str) -> Json:
    """Return the JSON object sent, or what stands in it under the first of ``wrappers``.

    Raises :class:`HttpError` 400 where there is none.
    """
    try:
        body = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError:
        raise bad_request() from None
    if not wrappers:
        found = body
    else:
        found = next(
            (body[one] for one in wrappers if isinstance(body, dict) and one in body), None
        )
    if not isinstance(found, dict):
        raise bad_request()
    return found


def backend_of(request: Request) -> Backend:
    """Return the server's backend."""
    backend: Backend = request.app.state.backend
    return backend


def maybe_user(request: Request) -> User | None:
    """Return the agent whose token, or API key under ``/api/v1``, came with the request, if any."""
    backend = backend_of(request)
    given = request.headers.get("authorization", "")
    if request.url.path.startswith("/api/v1/"):
        key = given.removeprefix("Bearer ")
        found = next((one for one in backend.store.api_keys.values() if one.value == key), None)
        user_id = None if found is None else found.user_id
    else:
        user_id = backend.tokens.user_id(given)
    return None if user_id is None else backend.store.users[user_id]


def user_of(request: Request) -> User:
    """Return the agent who asks. Raises :class:`HttpError` 401.

    Who was disabled goes on with the token that they have; one that is made later, which renewing
    gives them all the same, is void as soon as it is used [S: ensure_user_enabled_plug.ex].
    """
    user = maybe_user(request)
    if user is None:
        raise unauthenticated()
    if user.shut_out_at is not None:
        tokens, given = backend_of(request).tokens, request.headers.get("authorization", "")
        is_by_key = tokens.user_id(given) is None
        if is_by_key or tokens.is_made_after(user.shut_out_at, given):
            tokens.void(given)
            raise disabled()
    return user
