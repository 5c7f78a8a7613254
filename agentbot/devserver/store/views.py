"""How records look on the wire, in REST bodies and socket payloads: key by key as recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agentbot.devserver.store import hours
from agentbot.devserver.store.memory import MemoryStore
from agentbot.devserver.store.records import (
    Account,
    ApiKey,
    Conversation,
    Customer,
    Inbox,
    Message,
    Tag,
    Upload,
    User,
)

Json = dict[str, Any]


def naive(moment: datetime) -> str:
    """Return UTC without a zone, as ``created_at`` and ``updated_at`` are written."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def zulu(moment: datetime | None) -> str | None:
    """Return UTC with ``Z``, as all other times are written."""
    return None if moment is None else naive(moment) + "Z"


def user(record: User) -> Json:
    """Return an agent, with the profile's fields only where there is a profile."""
    return {
        "id": record.id,
        "object": "user",
        "email": record.email,
        "role": record.role,
        "created_at": naive(record.created_at),
        "archived_at": zulu(record.archived_at),
        "disabled_at": zulu(record.disabled_at),
        **(record.profile or {}),
    }


def account(record: Account, now: datetime) -> Json:
    """Return the account as the widget sees it: without users."""
    return {
        "id": record.id,
        "object": "account",
        "company_name": record.company_name,
        "company_logo_url": record.company_logo_url,
        "time_zone": record.time_zone,
        "working_hours": [
            {"day": span.day, "start_minute": span.start_minute, "end_minute": span.end_minute}
            for span in record.working_hours
        ],
        "current_minutes_since_midnight": hours.minutes_since_midnight(record, now),
        "is_outside_working_hours": hours.is_outside(record, now),
        "subscription_plan": record.subscription_plan,
        "settings": record.settings,
    }


def account_for_agents(record: Account, users: list[User], now: datetime) -> Json:
    """Return the account as ``/api/accounts/me`` shows it."""
    return {
        **account(record, now),
        "users": [user(one) for one in users],
        "widget_settings": [],
    }


def inbox(record: Inbox) -> Json:
    """Return an inbox."""
    return {
        "id": record.id,
        "object": "inbox",
        "account_id": record.account_id,
        "name": record.name,
        "description": record.description,
        "slug": record.slug,
        "is_primary": record.is_primary,
        "is_private": False,
    }


def customer(record: Customer) -> Json:
    """Return a customer, whole."""
    return {
        **customer_in_message(record),
        "first_seen": record.first_seen,
        "ip": record.fields.get("ip"),
        "last_seen_at": zulu(record.last_seen_at),
        "time_zone": record.fields.get("time_zone"),
    }


_BRIEF = (
    "browser",
    "company_id",
    "current_url",
    "email",
    "external_id",
    "host",
    "metadata",
    "name",
    "os",
    "pathname",
    "phone",
    "profile_photo_url",
)


def customer_in_message(record: Customer) -> Json:
    """Return a customer as messages carry them."""
    fields = record.fields
    return {
        "id": record.id,
        "object": "customer",
        "created_at": naive(record.created_at),
        "updated_at": naive(record.updated_at),
        "title": fields.get("name") or fields.get("email") or "Anonymous User",
        **{key: fields.get(key) for key in _BRIEF},
    }


def message_in_listing(record: Message) -> Json:
    """Return a message as ``GET /api/messages`` lists it: no customer, user or attachments."""
    return {
        "id": record.id,
        "object": "message",
        "account_id": record.account_id,
        "conversation_id": record.conversation_id,
        "body": record.body,
        "type": record.type,
        "content_type": record.content_type,
        "private": record.private,
        "source": record.source,
        "customer_id": record.customer_id,
        "user_id": record.user_id,
        "created_at": naive(record.created_at),
        "sent_at": zulu(record.sent_at),
        "seen_at": zulu(record.seen_at),
        "metadata": record.metadata,
    }


def message_for_customer(record: Message, store: MemoryStore) -> Json:
    """Return a message as the customer's own listing shows it: never with a ``customer`` key."""
    author = store.users.get(record.user_id) if record.user_id is not None else None
    return {
        **message_in_listing(record),
        "attachments": [upload(store.uploads[one]) for one in record.file_ids],
        "user": None if author is None else user(author),
    }


def message(record: Message, store: MemoryStore) -> Json:
    """Return a message as a shout; only a customer's has the ``customer`` key."""
    shown = message_for_customer(record, store)
    if record.customer_id is not None:
        shown["customer"] = customer_in_message(store.customers[record.customer_id])
    return shown


def conversation(record: Conversation) -> Json:
    """Return a conversation without what belongs to it."""
    return {
        "id": record.id,
        "object": "conversation",
        "account_id": record.account_id,
        "customer_id": record.customer_id,
        "inbox_id": record.inbox_id,
        "assignee_id": record.assignee_id,
        "status": record.status,
        "priority": record.priority,
        "source": record.source,
        "read": record.read,
        "subject": record.subject,
        "metadata": record.metadata,
        "created_at": naive(record.created_at),
        "closed_at": zulu(record.closed_at),
        "last_activity_at": zulu(record.last_activity_at),
    }


def conversation_for_agents(record: Conversation, store: MemoryStore) -> Json:
    """Return a conversation with customer, messages (private ones too) and tags."""
    return {
        **conversation(record),
        "customer": customer(store.customers[record.customer_id]),
        "messages": [message(one, store) for one in record.messages],
        "tags": [tag(store.tags[one]) for one in record.tag_ids],
        "mentions": [],
    }


def conversation_for_customer(record: Conversation, store: MemoryStore) -> Json:
    """Return a conversation as the widget loads it: without private messages."""
    return {
        **conversation_for_agents(record, store),
        "messages": [
            message_for_customer(one, store) for one in record.messages if not one.private
        ],
    }


def tag(record: Tag) -> Json:
    """Return a tag."""
    return {
        "id": record.id,
        "object": "tag",
        "name": record.name,
        "color": record.color,
        "description": record.description,
        "created_at": naive(record.created_at),
        "updated_at": naive(record.created_at),
    }


def api_key(record: ApiKey) -> Json:
    """Return a personal API key, with its value."""
    return {
        "id": record.id,
        "object": "personal_api_key",
        "account_id": record.account_id,
        "user_id": record.user_id,
        "label": record.label,
        "value": record.value,
        "last_used_at": None,
    }


def upload(record: Upload) -> Json:
    """Return a file; the URL is a path on this server."""
    return {
        "id": record.id,
        "filename": record.filename,
        "content_type": record.content_type,
        "file_url": f"/uploads/{record.id}/{record.filename}",
    }


_WIDGET_DEFAULTS: Json = {
    "agent_available_text": None,
    "agent_unavailable_text": None,
    "away_message": None,
    "base_url": None,
    "color": None,
    "custom_icon_url": None,
    "email_input_placeholder": None,
    "greeting": None,
    "icon_variant": "outlined",
    "iframe_url_override": None,
    "is_branding_hidden": False,
    "is_open_by_default": False,
    "new_message_placeholder": None,
    "new_messages_notification_text": None,
    "require_email_upfront": False,
    "show_agent_availability": False,
    "subtitle": None,
    "title": None,
}


def widget_settings(record: Account, inbox_id: str, now: datetime) -> Json:
    """Return what the chat widget asks for first."""
    created = naive(record.widget_created_at or record.created_at)
    return {
        **_WIDGET_DEFAULTS,
        **{key: value for key, value in record.widget.items() if key in _WIDGET_DEFAULTS},
        "id": record.widget_id,
        "object": "widget_settings",
        "inbox_id": inbox_id,
        "account": account(record, now),
        "created_at": created,
        "updated_at": created,
    }
