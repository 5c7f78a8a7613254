"""What the server keeps: one class for each table that its clients can see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """One span a day; ``day`` is ``everyday``, ``weekdays``, ``weekends`` or a day's name."""

    day: str
    start_minute: int
    end_minute: int


@dataclass(slots=True)
class Account:
    """A company. ``widget`` holds what its agents set for the chat widget."""

    id: str
    company_name: str
    created_at: datetime
    time_zone: str | None = None
    working_hours: tuple[WorkingHours, ...] = ()
    subscription_plan: str = "team"
    settings: dict[str, Any] | None = None
    company_logo_url: str | None = None
    widget: dict[str, Any] = field(default_factory=dict)
    widget_id: str | None = None
    widget_created_at: datetime | None = None


@dataclass(slots=True)
class User:
    """An agent."""

    id: int
    account_id: str
    email: str
    password: str
    created_at: datetime
    role: str = "admin"
    profile: dict[str, str | None] | None = None
    disabled_at: datetime | None = None
    archived_at: datetime | None = None

    @property
    def shut_out_at(self) -> datetime | None:
        """When the account's admin took the user's access from them, None: they have it."""
        return self.disabled_at or self.archived_at


@dataclass(slots=True)
class Inbox:
    """Where conversations arrive; each account has one primary inbox."""

    id: str
    account_id: str
    name: str
    description: str
    is_primary: bool
    slug: str | None = None


@dataclass(slots=True)
class Customer:
    """A visitor."""

    id: str
    account_id: str
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime
    first_seen: str
    fields: dict[str, Any] = field(default_factory=dict)
    """The fields that a client may set: name, email, metadata, time_zone, …"""


@dataclass(slots=True)
class Conversation:
    """A conversation; ``last_activity_at`` is stamped a moment after its latest message."""

    id: str
    account_id: str
    customer_id: str
    inbox_id: str
    created_at: datetime
    status: str = "open"
    priority: str = "not_priority"
    source: str = "chat"
    read: bool = False
    assignee_id: int | None = None
    first_replied_at: datetime | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None
    last_activity_at: datetime | None = None
    metadata: dict[str, Any] | None = None
    subject: str | None = None
    messages: list[Message] = field(default_factory=list)
    tag_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Message:
    """A message, from a customer (``customer_id``), a user (``user_id``) or the account itself."""

    id: str
    account_id: str
    conversation_id: str
    created_at: datetime
    body: str | None = None
    type: str = "reply"
    private: bool = False
    source: str = "chat"
    content_type: str = "text"
    customer_id: str | None = None
    user_id: int | None = None
    sent_at: datetime | None = None
    seen_at: datetime | None = None
    metadata: dict[str, Any] | None = None
    file_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tag:
    """A label for conversations."""

    id: str
    account_id: str
    name: str
    created_at: datetime
    color: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A personal API key: good for ``/api/v1``, not for the socket."""

    id: str
    account_id: str
    user_id: int
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a client sent."""

    id: str
    account_id: str
    filename: str
    content_type: str
    content: bytes
