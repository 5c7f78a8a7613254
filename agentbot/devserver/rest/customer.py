"""The REST calls of a visitor's window: customer, conversation, widget, upload. No token needed."""

from __future__ import annotations

import uuid

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agentbot.devserver.rest.http import (
    HttpError,
    backend_of,
    bad_request,
    body_of,
    maybe_user,
    not_found,
    parameters_missing,
    reply,
    user_of,
)
from agentbot.devserver.store import views
from agentbot.devserver.store.memory import INVALID, Invalid
from agentbot.devserver.store.records import Account, Customer, Upload

COLUMN = 255
"""Characters that the columns of a customer's row hold [S]."""
LISTED = 3
"""Conversations that a customer's listing holds [S]."""


async def create_customer(request: Request) -> Response:
    """Create a customer: ``POST /api/customers {"customer": {…}}``."""
    fields = await body_of(request, "customer")
    user = maybe_user(request)
    if user is not None:
        fields = {"account_id": user.account_id, **fields}
    ip = request.client.host if request.client else "127.0.0.1"
    customer = backend_of(request).store.add_customer({**fields, "ip": ip})
    return reply(views.customer(customer), 201)


async def update_metadata(request: Request) -> Response:
    """Overwrite a customer's fields: ``PUT /api/customers/:id/metadata {"metadata": {…}}``."""
    fields = await body_of(request, "metadata")
    backend = backend_of(request)
    customer = _customer(request)
    backend.store.update_customer(customer, fields)
    customer.last_seen_at = backend.now().replace(microsecond=0)
    return reply(views.customer(customer))


async def show_customer(request: Request) -> Response:
    """Show a customer to an agent of the account: ``GET /api/customers/:id`` [S]."""
    return reply(views.customer(_customer_of_account(request)))


async def update_customer(request: Request) -> Response:
    """Change a customer, as an agent: ``PUT /api/customers/:id {"customer": {…}}`` [S].

    Nobody is told. A text too long for its column is an error of the database's.
    """
    user_of(request)  # before the body is looked at
    fields = await body_of(request, "customer")
    customer = _customer_of_account(request)
    email = fields.get("email")
    if email is not None and not isinstance(email, str):
        raise Invalid({"email": INVALID})
    if isinstance(email, str) and len(email) > COLUMN:
        raise HttpError(500, {"errors": {"detail": "Internal Server Error"}})
    backend_of(request).store.update_customer(customer, fields)
    return reply(views.customer(customer))


async def customer_exists(request: Request) -> Response:
    """Answer true or false: ``GET /api/customers/:id/exists``."""
    return reply(request.path_params["id"] in backend_of(request).store.customers)


async def identify(request: Request) -> Response:
    """Find a known customer's id: ``GET /api/customers/identify?external_id&account_id``."""
    query = request.query_params
    if "external_id" not in query or "account_id" not in query:
        raise parameters_missing("external_id, account_id", list(query))
    account = _account(request, query["account_id"])
    wanted = {key: query[key] for key in ("external_id", "email", "host") if query.get(key)}
    for customer in reversed(backend_of(request).store.customers.values()):
        mine = customer.account_id == account.id
        if mine and all(customer.fields.get(key) == value for key, value in wanted.items()):
            return reply({"customer_id": customer.id})
    return reply({"customer_id": None})


async def create_conversation(request: Request) -> Response:
    """Create a conversation: ``POST /api/conversations {"conversation": {…}}``.

    An agent may add the first message, as ``message`` in it.
    """
    fields = await body_of(request, "conversation")
    backend = backend_of(request)
    user = maybe_user(request)
    if user is not None:
        fields = {**fields, "account_id": user.account_id}
    conversation = backend.store.add_conversation(fields)
    shown = views.conversation(conversation)
    first = fields.get("message")
    if user is not None and isinstance(first, dict):
        message = backend.store.add_message(
            {
                **first,
                "user_id": user.id,
                "account_id": user.account_id,
                "conversation_id": conversation.id,
            }
        )
        backend.store.stamp_activity(message)
        backend.announce_message(message)
    backend.announce_created(conversation)
    return reply(shown, 201)


async def customer_conversations(request: Request) -> Response:
    """List the latest open ones: ``GET /api/conversations/customer?customer_id&account_id``."""
    query = request.query_params
    if "customer_id" not in query or "account_id" not in query:
        raise bad_request()
    store = backend_of(request).store
    found = [
        one
        for one in reversed(store.conversations.values())
        if one.customer_id == query["customer_id"]
        and one.account_id == query["account_id"]
        and one.source == "chat"
        and one.status == "open"
        and one.archived_at is None
    ]
    return reply([views.conversation_for_customer(one, store) for one in found[:LISTED]])


async def widget_settings(request: Request) -> Response:
    """Show the widget's settings: ``GET /api/widget_settings?account_id``."""
    query = request.query_params
    if "account_id" not in query:
        message = "The account_id is a required parameter"
        raise HttpError(
            422, {"error": {"status": 422, "message": message, "received": list(query)}}
        )
    return _widget(request, _account(request, query["account_id"]))


async def widget_metadata(request: Request) -> Response:
    """Show them to a widget that says where it is used, which nobody here keeps.

    ``PUT /api/widget_settings/metadata {"account_id", "metadata"}``.
    """
    body = await body_of(request)
    if "account_id" not in body or "metadata" not in body:
        raise parameters_missing("account_id, metadata", list(body))
    return _widget(request, _account(request, body["account_id"]))


async def upload(request: Request) -> Response:
    """Keep a file: ``POST /api/upload``, multipart, with ``file`` and ``account_id``."""
    backend = backend_of(request)
    async with request.form() as form:
        file, account_id = form.get("file"), form.get("account_id")
        if not isinstance(file, UploadFile) or not isinstance(account_id, str):
            raise bad_request()
        account = _account(request, account_id)
        record = Upload(
            id=backend.ids.uuid("upload"),
            account_id=account.id,
            filename=(file.filename or "file").replace(" ", "-").replace("/", "-"),
            content_type=file.content_type or "application/octet-stream",
            content=await file.read(),
        )
    backend.store.uploads[record.id] = record
    return reply(views.upload(record), 201)


async def download(request: Request) -> Response:
    """Hand a file out, never as a page of this server: ``GET /uploads/:id/:filename``."""
    record = backend_of(request).store.uploads.get(request.path_params["id"])
    if record is None:
        raise not_found()
    headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
    return Response(record.content, media_type=record.content_type, headers=headers)


def _customer(request: Request) -> Customer:
    wanted = request.path_params["id"]
    try:
        uuid.UUID(wanted)
    except ValueError:
        raise bad_request() from None
    customer = backend_of(request).store.customers.get(wanted)
    if customer is None:
        raise not_found()
    return customer


def _customer_of_account(request: Request) -> Customer:
    """Return the customer that the path names, where they are the agent's account's."""
    user = user_of(request)
    customer = _customer(request)
    if customer.account_id != user.account_id:
        raise not_found()
    return customer


def _account(request: Request, account_id: str) -> Account:
    account = backend_of(request).store.accounts.get(account_id)
    if account is None:
        message = f"No account found with ID: {account_id}. Are you pointing at the correct host?"
        raise HttpError(404, {"error": {"status": 404, "message": message, "host": "localhost"}})
    return account


def _widget(request: Request, account: Account) -> Response:
    backend = backend_of(request)
    if account.widget_id is None:
        account.widget_id = backend.ids.uuid("widget_settings")
        account.widget_created_at = backend.now()
    inbox = backend.store.primary_inbox(account.id)
    return reply(views.widget_settings(account, inbox.id, backend.now()))


SHARED = [
    ("/customers/{id}", show_customer, "GET"),
    ("/customers/{id}", update_customer, "PUT"),
]
"""Calls of an agent, which an API key may make too, under ``/api/v1``."""

ROUTES = [
    Route("/api/customers", create_customer, methods=["POST"]),
    Route("/api/customers/identify", identify, methods=["GET"]),
    Route("/api/customers/{id}/exists", customer_exists, methods=["GET"]),
    Route("/api/customers/{id}/metadata", update_metadata, methods=["PUT"]),
    Route("/api/conversations", create_conversation, methods=["POST"]),
    Route("/api/conversations/customer", customer_conversations, methods=["GET"]),
    Route("/api/widget_settings", widget_settings, methods=["GET"]),
    Route("/api/widget_settings/metadata", widget_metadata, methods=["PUT"]),
    Route("/api/upload", upload, methods=["POST"]),
    Route("/uploads/{id}/{filename}", download, methods=["GET"]),
]
