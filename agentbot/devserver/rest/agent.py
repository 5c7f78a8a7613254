"""The REST calls of an agent: session, account, users, profile, inboxes, tags, widget."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agentbot.devserver.rest.http import (
    Json,
    backend_of,
    body_of,
    disabled,
    not_found,
    raw,
    reply,
    session_refused,
    unauthenticated,
    user_of,
)
from agentbot.devserver.store import views
from agentbot.devserver.store.memory import BLANK, INVALID, Invalid
from agentbot.devserver.store.records import ApiKey, Tag, User, WorkingHours
from agentbot.devserver.store.tokens import TokenPair


async def log_in(request: Request) -> Response:
    """Log in: ``POST /api/session {"user": {"email", "password"}}``."""
    given = (await body_of(request)).get("user")
    backend = backend_of(request)
    fields = given if isinstance(given, dict) else {}
    user = backend.store.user_by_email(fields.get("email"))
    if user is None or user.password != fields.get("password"):
        raise session_refused("Invalid email or password")
    if user.shut_out_at is not None:
        raise disabled()
    return _session(user, backend.tokens.issue(user.id))


async def renew(request: Request) -> Response:
    """Renew the tokens: ``POST /api/session/renew``, the renew token as ``Authorization``."""
    backend = backend_of(request)
    pair = backend.tokens.renew(request.headers.get("authorization", ""))
    if pair is None:
        raise session_refused("Invalid token")
    return _session(backend.store.users[pair.user_id], pair)


async def log_out(request: Request) -> Response:
    """Log out: ``DELETE /api/session``. The token is void at once; open sockets stay open."""
    backend_of(request).tokens.end(request.headers.get("authorization", ""))
    return reply({})


async def me(request: Request) -> Response:
    """Show who asks: ``GET /api/me``."""
    user = user_of(request)
    return reply(
        {"id": user.id, "email": user.email, "account_id": user.account_id, "role": user.role}
    )


async def account(request: Request) -> Response:
    """Show their account: ``GET /api/accounts/me``."""
    return _account(request, user_of(request))


async def update_account(request: Request) -> Response:
    """Change name, time zone, working hours or settings: ``PUT /api/accounts/:id {"account"}``."""
    user = user_of(request)
    if request.path_params["id"] != user.account_id:
        raise not_found()
    fields = await body_of(request, "account")
    record = backend_of(request).store.accounts[user.account_id]
    if "working_hours" in fields:
        record.working_hours = _working_hours(fields["working_hours"])
    for column in ("company_name", "time_zone", "settings", "company_logo_url"):
        if column in fields:
            setattr(record, column, fields[column])
    return _account(request, user)


async def users(request: Request) -> Response:
    """List the account's users but those who are disabled: ``GET /api/users`` [S]."""
    found = backend_of(request).store.users_of(user_of(request).account_id)
    return reply([views.user(one) for one in found if one.disabled_at is None])


async def inboxes(request: Request) -> Response:
    """List the account's inboxes: ``GET /api/inboxes``."""
    account_id = user_of(request).account_id
    found = backend_of(request).store.inboxes.values()
    return reply([views.inbox(one) for one in found if one.account_id == account_id])


async def profile(request: Request) -> Response:
    """Show the agent's profile: ``GET /api/profile``."""
    return reply(views.user(user_of(request)))


async def update_profile(request: Request) -> Response:
    """Change the agent's profile: ``PUT /api/profile {"user_profile": {…}}``."""
    user = user_of(request)
    fields = await body_of(request, "user_profile")
    shown = ("display_name", "full_name", "profile_photo_url")
    before = user.profile or dict.fromkeys(shown)
    user.profile = {**before, **{key: fields[key] for key in shown if key in fields}}
    return reply(views.user(user))


async def create_api_key(request: Request) -> Response:
    """Make an API key: ``POST /api/personal_api_keys {"label"}``."""
    user = user_of(request)
    backend = backend_of(request)
    label = str((await body_of(request)).get("label", ""))
    key = ApiKey(backend.ids.uuid("api_key"), user.account_id, user.id, label, backend.ids.token())
    backend.store.api_keys[key.id] = key
    return reply(views.api_key(key), 201)


async def tags(request: Request) -> Response:
    """List the account's tags: ``GET /api/tags``."""
    account_id = user_of(request).account_id
    found = backend_of(request).store.tags.values()
    return reply([views.tag(one) for one in found if one.account_id == account_id])


async def create_tag(request: Request) -> Response:
    """Make a tag, each name once: ``POST /api/tags {"tag": {"name"}}``."""
    user = user_of(request)
    backend = backend_of(request)
    fields = await body_of(request, "tag")
    name = fields.get("name")
    if not isinstance(name, str) or not name:
        raise Invalid({"name": BLANK})
    if any(t.name == name and t.account_id == user.account_id for t in backend.store.tags.values()):
        raise Invalid({"account_id": ["has already been taken"]})
    tag = Tag(
        id=backend.ids.uuid("tag"),
        account_id=user.account_id,
        name=name,
        created_at=backend.now(),
        color=fields.get("color"),
        description=fields.get("description"),
    )
    backend.store.tags[tag.id] = tag
    return reply(views.tag(tag), 201)


async def update_widget_settings(request: Request) -> Response:
    """Change the widget's settings: ``PUT /api/widget_settings {"widget_settings": {…}}``."""
    user = user_of(request)
    backend = backend_of(request)
    record = backend.store.accounts[user.account_id]
    record.widget.update(await body_of(request, "widget_settings"))
    inbox = backend.store.primary_inbox(record.id)
    return reply(views.widget_settings(record, inbox.id, backend.now()))


def _working_hours(given: object) -> tuple[WorkingHours, ...]:
    try:
        spans = [
            WorkingHours(str(one["day"]), int(one["start_minute"]), int(one["end_minute"]))
            for one in given  # type: ignore[attr-defined]  # whatever it is, it may not be iterable
        ]
    except (TypeError, KeyError, ValueError):
        raise Invalid({"working_hours": INVALID}) from None
    return tuple(spans)


def _session(user: User, pair: TokenPair) -> Response:
    shown: Json = {
        "user_id": user.id,
        "email": user.email,
        "account_id": user.account_id,
        "token": pair.token,
        "renew_token": pair.renew_token,
    }
    return raw({"data": shown})


def _account(request: Request, user: User) -> Response:
    backend = backend_of(request)
    record = backend.store.accounts[user.account_id]
    people = backend.store.users_of(record.id)
    return reply(views.account_for_agents(record, people, backend.now()))


async def nothing_here(request: Request) -> Response:
    """Answer any other path under ``/api``: 401 without a token, as Papercups does, else 404."""
    if request.headers.get("authorization") is None:
        raise unauthenticated()
    raise not_found()


ROUTES = [
    Route("/api/session", log_in, methods=["POST"]),
    Route("/api/session", log_out, methods=["DELETE"]),
    Route("/api/session/renew", renew, methods=["POST"]),
    Route("/api/accounts/{id}", update_account, methods=["PUT"]),
    Route("/api/profile", profile, methods=["GET"]),
    Route("/api/profile", update_profile, methods=["PUT"]),
    Route("/api/personal_api_keys", create_api_key, methods=["POST"]),
    Route("/api/widget_settings", update_widget_settings, methods=["PUT"]),
]
SHARED = [
    ("/me", me, "GET"),
    ("/accounts/me", account, "GET"),
    ("/users", users, "GET"),
    ("/inboxes", inboxes, "GET"),
    ("/tags", tags, "GET"),
    ("/tags", create_tag, "POST"),
]
"""Calls that an API key may make too, under ``/api/v1``."""
