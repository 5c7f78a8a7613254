"""The load server's account: what it holds, in the shapes of the recorded transcripts.

Everything that is sent often is prebuilt as a form of bytes: a message costs one filling in.
"""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from typing import Any

import orjson

ACCOUNT_ID = "4c3ddfe5-c528-4a76-bae4-8e5244e65473"
INBOX_ID = "08baf336-078e-4b5f-9490-f5d236aa31b7"
USER_ID = 5
EMAIL = "bot@example.com"
PASSWORD = "load-server"
NOTIFICATION = f"notification:{ACCOUNT_ID}"
ROOM = f"room:{ACCOUNT_ID}"
KEPT = 20
"""Messages that a conversation holds at most, the newest: the bars' own number."""
_BORN = "2026-01-05T09:00:00"
"""When everything began: long ago, so that no conversation is fresh to the bot."""
_NOT_IN_SHOUTS = {"first_seen", "ip", "last_seen_at", "time_zone"}
"""What REST says of a customer, and a shout does not [T: reply_on_conversation_channel]."""
_TEXT = "\x01"
"""The place of a text in a form, within its quotes."""
_JSON = "\x02"
"""The place of any JSON in a form."""

Json = dict[str, Any]


class Clock:
    """The time in whole seconds, as text without a zone; written anew once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = b""

    def now(self) -> bytes:
        """Return it."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
        return self._text


class Conversation:
    """One conversation of one customer. ``messages`` are JSON, the oldest first."""

    __slots__ = ("_form", "_message", "asked", "id", "messages", "topic")

    def __init__(self, number: int, *, kept: int = KEPT) -> None:
        customer = _customer(number)
        self.id = _uuid(1, number)
        self.topic = f"conversation:{self.id}"
        self.asked = 0
        """How many messages the customer has written."""
        self.messages: deque[bytes] = deque(maxlen=kept)
        self._message = _form(_customers_message(self.id, customer))
        self._form = _form(_conversation(self.id, customer))

    def ask(self, message_id: bytes, body: bytes, now: bytes) -> bytes:
        """Keep a customer's message; return it. ``body`` is JSON without its quotes."""
        message = self._message % (body, now, message_id)
        self.messages.append(message)
        self.asked += 1
        return message

    def answer(self, message_id: str, said: Json, now: bytes) -> bytes:
        """Keep what the bot has shouted; return the message that becomes of it."""
        message = orjson.dumps(_agents_message(self.id, message_id, said, now.decode()))
        self.messages.append(message)
        return message

    def json(self, now: bytes) -> bytes:
        """Return the conversation with its messages, as REST gives it."""
        return self._form % (now, b",".join(self.messages))


def customers_message_id(number: int) -> bytes:
    """Return the id of the customers' n-th message."""
    return _uuid(3, number).encode()


def agents_message_id(number: int) -> str:
    """Return the id of the agents' n-th message."""
    return _uuid(4, number)


def user() -> Json:
    """Return the bot's own user, as REST gives it."""
    return {
        "archived_at": None,
        "created_at": _BORN,
        "disabled_at": None,
        "email": EMAIL,
        "id": USER_ID,
        "object": "user",
        "role": "admin",
    }


def me() -> Json:
    """Return what ``/api/me`` says."""
    return {"account_id": ACCOUNT_ID, "email": EMAIL, "id": USER_ID, "role": "admin"}


def session(number: int) -> Json:
    """Return the tokens of the n-th login."""
    return {
        "account_id": ACCOUNT_ID,
        "email": EMAIL,
        "renew_token": f"renew-{number}-of-the-load-server",
        "token": f"token-{number}-of-the-load-server",
        "user_id": USER_ID,
    }


def account() -> Json:
    """Return what ``/api/accounts/me`` says."""
    return {
        "company_logo_url": None,
        "company_name": "Acme Support",
        "current_minutes_since_midnight": None,
        "id": ACCOUNT_ID,
        "is_outside_working_hours": False,
        "object": "account",
        "settings": None,
        "subscription_plan": "team",
        "time_zone": None,
        "users": [user()],
        "widget_settings": [],
        "working_hours": [],
    }


def _uuid(kind: int, number: int) -> str:
    return f"{number:08x}-0000-4000-8000-{kind:012x}"


def _form(shape: Json) -> bytes:
    whole = orjson.dumps(shape).replace(b"%", b"%%")
    return whole.replace(b'"\\u0002"', b"%b").replace(b"\\u0001", b"%b")


def _customer(number: int) -> Json:
    return {
        "browser": "Firefox",
        "company_id": None,
        "created_at": _BORN,
        "current_url": "https://shop.example.com/tea/sencha-of-the-first-harvest",
        "email": f"vera.{number}@example.com",
        "external_id": None,
        "first_seen": _BORN[:10],
        "host": "shop.example.com",
        "id": _uuid(2, number),
        "ip": "127.0.0.1",
        "last_seen_at": f"{_BORN}Z",
        "metadata": None,
        "name": "Vera Visitor",
        "object": "customer",
        "os": "Linux",
        "pathname": "/tea/sencha-of-the-first-harvest",
        "phone": None,
        "profile_photo_url": None,
        "time_zone": "Europe/Oslo",
        "title": "Vera Visitor",
        "updated_at": _BORN,
    }


def _customers_message(conversation_id: str, customer: Json) -> Json:
    return {
        "account_id": ACCOUNT_ID,
        "attachments": [],
        "body": _TEXT,
        "content_type": "text",
        "conversation_id": conversation_id,
        "created_at": _TEXT,
        "customer": {key: customer[key] for key in customer if key not in _NOT_IN_SHOUTS},
        "customer_id": customer["id"],
        "id": _TEXT,
        "metadata": None,
        "object": "message",
        "private": False,
        "seen_at": None,
        "sent_at": None,
        "source": "chat",
        "type": "reply",
        "user": None,
        "user_id": None,
    }


def _agents_message(conversation_id: str, message_id: str, said: Json, now: str) -> Json:
    user_id = said.get("user_id")
    return {
        "account_id": ACCOUNT_ID,
        "attachments": [],
        "body": said.get("body"),
        "content_type": "text",
        "conversation_id": conversation_id,
        "created_at": now,
        "customer_id": None,
        "id": message_id,
        "metadata": said.get("metadata"),
        "object": "message",
        "private": said.get("private", False),
        "seen_at": None,
        "sent_at": said.get("sent_at"),
        "source": "chat",
        "type": said.get("type", "reply"),
        "user": None if user_id is None else user(),
        "user_id": user_id,
    }


def _conversation(id_: str, customer: Json) -> Json:
    return {
        "account_id": ACCOUNT_ID,
        "assignee_id": None,
        "closed_at": None,
        "created_at": _BORN,
        "customer": customer,
        "customer_id": customer["id"],
        "id": id_,
        "inbox_id": INBOX_ID,
        "last_activity_at": f"{_TEXT}Z",
        "mentions": [],
        "messages": [_JSON],
        "metadata": None,
        "object": "conversation",
        "priority": "not_priority",
        "read": False,
        "source": "chat",
        "status": "open",
        "subject": None,
        "tags": [],
    }
