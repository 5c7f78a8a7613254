"""The REST calls of an agent on conversations and messages."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from agentbot.devserver.rest.http import (
    backend_of,
    bad_request,
    body_of,
    not_found,
    reply,
    user_of,
)
from agentbot.devserver.rest.paging import page_of
from agentbot.devserver.store import views
from agentbot.devserver.store.records import Conversation, Message, User


async def conversations(request: Request) -> Response:
    """List conversations: ``GET /api/conversations``, with filters, ``limit`` and ``after``."""
    user = user_of(request)
    query = request.query_params
    store = backend_of(request).store
    matches = _conversation_filter(query, user)
    found = [
        one
        for one in store.conversations.values()
        if one.account_id == user.account_id and one.archived_at is None and matches(one)
    ]
    try:
        limit = int(query["limit"]) if "limit" in query else None
        page = page_of(found, limit=limit, after=query.get("after"))
    except ValueError:
        raise bad_request() from None
    return reply(
        [views.conversation_for_agents(one, store) for one in page.conversations],
        next=page.next,
        previous=page.previous,
        limit=page.limit,
        total=page.total,
    )


async def unread(request: Request) -> Response:
    """Count the unread ones of each list: ``GET /api/conversations/unread``."""
    user = user_of(request)
    store = backend_of(request).store
    mine = [
        one
        for one in store.conversations.values()
        if one.account_id == user.account_id and not one.read and one.archived_at is None
    ]
    still_open = [one for one in mine if one.status == "open"]
    counts = {
        "open": len(still_open),
        "closed": len(mine) - len(still_open),
        "assigned": sum(one.assignee_id == user.id for one in still_open),
        "unassigned": sum(one.assignee_id is None for one in still_open),
        "priority": sum(one.priority == "priority" for one in still_open),
        "mentioned": 0,
        "unread": len(still_open),
    }
    inboxes: dict[str, int] = {}
    for one in still_open:
        inboxes[one.inbox_id] = inboxes.get(one.inbox_id, 0) + 1
    return reply({**counts, "conversations": counts, "inboxes": inboxes, **inboxes})


async def conversation(request: Request) -> Response:
    """Show a conversation: ``GET /api/conversations/:id``."""
    store = backend_of(request).store
    return reply(views.conversation_for_agents(_conversation(request), store))


async def update_conversation(request: Request) -> Response:
    """Change a conversation: ``PUT /api/conversations/:id {"conversation": {…}}``.

    The agents hear of it, even where nothing differs afterwards.
    """
    record = _conversation(request)
    backend = backend_of(request)
    backend.store.update_conversation(record, await body_of(request, "conversation"))
    backend.announce_updated(record)
    return reply(views.conversation(record))


async def archive_conversation(request: Request) -> Response:
    """Put a conversation away: ``POST /api/conversations/:id/archive``. Nobody hears of it [S]."""
    record = _conversation(request)
    record.archived_at = backend_of(request).now()
    return reply(views.conversation(record))


async def delete_conversation(request: Request) -> Response:
    """Delete a conversation with its messages: ``DELETE /api/conversations/:id``.

    Nobody hears of it. Channels of it live on until somebody shouts there [S].
    """
    backend_of(request).store.delete_conversation(_conversation(request))
    return Response(status_code=204)


async def add_tag(request: Request) -> Response:
    """Put a tag on: ``POST /api/conversations/:id/tags {"tag_id"}``."""
    record = _conversation(request)
    tag_id = (await body_of(request)).get("tag_id")
    if tag_id not in backend_of(request).store.tags:
        raise not_found()
    if tag_id not in record.tag_ids:
        record.tag_ids.append(tag_id)
    return reply({"ok": True})


async def remove_tag(request: Request) -> Response:
    """Take a tag off: ``DELETE /api/conversations/:id/tags/:tag_id``."""
    record = _conversation(request)
    tag_id = request.path_params["tag_id"]
    if tag_id not in record.tag_ids:
        raise not_found()
    record.tag_ids.remove(tag_id)
    return reply({"ok": True})


async def messages(request: Request) -> Response:
    """List messages, the newest first, without a limit: ``GET /api/messages``."""
    user = user_of(request)
    matches = _message_filter(request.query_params)
    found = [
        one
        for one in reversed(backend_of(request).store.messages.values())
        if one.account_id == user.account_id and matches(one)
    ]
    return reply([views.message_in_listing(one) for one in found])


async def create_message(request: Request) -> Response:
    """Add a message, the agent's unless it names a customer: ``POST /api/messages``."""
    user = user_of(request)
    backend = backend_of(request)
    fields = {**await body_of(request, "message"), "account_id": user.account_id}
    if fields.get("customer_id") is None:
        fields["user_id"] = user.id
    message = backend.store.add_message(fields)
    backend.store.stamp_activity(message)
    backend.announce_message(message)
    backend.settle(message)
    return reply(views.message(message, backend.store), 201)


async def message(request: Request) -> Response:
    """Show a message: ``GET /api/messages/:id``."""
    return reply(views.message(_message(request), backend_of(request).store))


async def update_message(request: Request) -> Response:
    """Change a message: ``PUT /api/messages/:id {"message": {…}}``. Nobody hears of it [S]."""
    found = _message(request)
    store = backend_of(request).store
    store.update_message(found, await body_of(request, "message"))
    return reply(views.message(found, store))


async def delete_message(request: Request) -> Response:
    """Delete a message: ``DELETE /api/messages/:id``. Nobody hears of it [S]."""
    backend_of(request).store.delete_message(_message(request))
    return Response(status_code=204)


def _message(request: Request) -> Message:
    user = user_of(request)
    found = backend_of(request).store.messages.get(_uuid(request))
    if found is None or found.account_id != user.account_id:
        raise not_found()
    return found


def _uuid(request: Request) -> str:
    wanted: str = request.path_params["id"]
    try:
        uuid.UUID(wanted)
    except ValueError:
        raise bad_request() from None
    return wanted


def _conversation(request: Request) -> Conversation:
    user = user_of(request)
    return backend_of(request).store.conversation(_uuid(request), user.account_id)


def _conversation_filter(query: QueryParams, user: User) -> Callable[[Conversation], bool]:
    wanted = {
        key: query[key]
        for key in ("status", "priority", "read", "customer_id", "inbox_id", "source")
        if key in query
    }
    assignee = query.get("assignee_id")
    tag_id = query.get("tag_id")
    text = query.get("q")

    def matches(one: Conversation) -> bool:
        return (
            all(_text(getattr(one, key)) == value for key, value in wanted.items())
            and assignee in (None, _text(one.assignee_id), *_names(one, user))
            and (tag_id is None or tag_id in one.tag_ids)
            # A message without a body is not LIKE any text, the empty one included.
            and (text is None or any(text in m.body for m in one.messages if m.body is not None))
        )

    return matches


def _names(one: Conversation, user: User) -> tuple[str, ...]:
    return ("me",) if one.assignee_id == user.id else ()


def _message_filter(query: QueryParams) -> Callable[[Message], bool]:
    keys = ("conversation_id", "customer_id", "user_id", "type", "private", "source")
    wanted = {key: query[key] for key in keys if key in query}
    return lambda one: all(_text(getattr(one, key)) == value for key, value in wanted.items())


def _text(value: object) -> str:
    """Return a column as a query writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


SHARED = [
    ("/conversations", conversations, "GET"),
    ("/conversations/unread", unread, "GET"),
    ("/conversations/{id}", conversation, "GET"),
    ("/conversations/{id}", update_conversation, "PUT"),
    ("/conversations/{id}", delete_conversation, "DELETE"),
    ("/conversations/{id}/archive", archive_conversation, "POST"),
    ("/conversations/{id}/tags", add_tag, "POST"),
    ("/conversations/{id}/tags/{tag_id}", remove_tag, "DELETE"),
    ("/messages", messages, "GET"),
    ("/messages", create_message, "POST"),
    ("/messages/{id}", message, "GET"),
    ("/messages/{id}", update_message, "PUT"),
    ("/messages/{id}", delete_message, "DELETE"),
]
"""Calls that an API key may make too, under ``/api/v1``."""
