"""All that the server remembers, in memory. It does no I/O; time and ids are handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentbot.devserver.store.ids import Ids
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
from agentbot.errors import DataException

CUSTOMER_FIELDS = frozenset(
    {
        "browser",
        "company_id",
        "current_url",
        "email",
        "external_id",
        "host",
        "ip",
        "metadata",
        "name",
        "os",
        "pathname",
        "phone",
        "profile_photo_url",
        "time_zone",
    }
)


@dataclass(eq=False)
class Invalid(DataException):
    """The record was refused; ``errors`` maps fields to complaints, as the REST API shows them."""

    errors: dict[str, list[str]]


@dataclass(eq=False)
class Missing(DataException):
    """There is no ``kind`` with this ``id``."""

    kind: str
    id: object


class Dangling(Missing):
    """A foreign key of the database's would point at nothing.

    The real server has no complaint ready for that: REST answers 500, and a channel crashes [S].
    """


BLANK = ["can't be blank"]
INVALID = ["is invalid"]
ABSENT = ["does not exist"]


class MemoryStore:
    """The tables, and how rows get into them. Reads are plain: the dictionaries are public."""

    def __init__(self, *, now: Callable[[], datetime], ids: Ids) -> None:
        self.now = now
        self.ids = ids
        self.accounts: dict[str, Account] = {}
        self.users: dict[int, User] = {}
        self.inboxes: dict[str, Inbox] = {}
        self.customers: dict[str, Customer] = {}
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.tags: dict[str, Tag] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.uploads: dict[str, Upload] = {}

    # Accounts and their people

    def add_account(self, company_name: str, *, id: str | None = None) -> Account:  # noqa: A002 - the column's name
        """Add an account with its primary inbox, as registration does."""
        account = Account(id or self.ids.uuid("account"), company_name, self._second())
        self.accounts[account.id] = account
        inbox = Inbox(
            id=self.ids.uuid("inbox"),
            account_id=account.id,
            name="Primary Inbox",
            description=(
                f"This is the primary Papercups inbox for {company_name}. "
                "All messages will flow into here by default."
            ),
            is_primary=True,
        )
        self.inboxes[inbox.id] = inbox
        return account

    def add_user(
        self,
        account: Account,
        *,
        email: str,
        password: str,
        id: int | None = None,  # noqa: A002 - the column's name
    ) -> User:
        """Add an agent."""
        number = max(self.users, default=0) + 1 if id is None else id
        user = User(number, account.id, email, password, self._second())
        self.users[number] = user
        return user

    def user_by_email(self, email: object) -> User | None:
        """Return the user with this address, if there is one."""
        return next((user for user in self.users.values() if user.email == email), None)

    def users_of(self, account_id: str) -> list[User]:
        """Return the account's users."""
        return [user for user in self.users.values() if user.account_id == account_id]

    def primary_inbox(self, account_id: str) -> Inbox:
        """Return the account's primary inbox."""
        return next(
            inbox
            for inbox in self.inboxes.values()
            if inbox.account_id == account_id and inbox.is_primary
        )

    # Customers

    def add_customer(self, fields: Mapping[str, Any]) -> Customer:
        """Add a customer. Raises :class:`Invalid` without a known ``account_id``."""
        account_id = fields.get("account_id")
        if account_id is None:
            raise Invalid({"account_id": BLANK})
        if account_id not in self.accounts:
            raise Invalid({"account": ABSENT})
        now = self._second()
        customer = Customer(
            id=self.ids.uuid("customer"),
            account_id=account_id,
            created_at=now,
            updated_at=now,
            last_seen_at=now,
            first_seen=now.date().isoformat(),
            fields={key: value for key, value in fields.items() if key in CUSTOMER_FIELDS},
        )
        self.customers[customer.id] = customer
        return customer

    def update_customer(self, customer: Customer, fields: Mapping[str, Any]) -> None:
        """Overwrite the fields that a client may set."""
        changes = {key: value for key, value in fields.items() if key in CUSTOMER_FIELDS}
        if any(customer.fields.get(key) != value for key, value in changes.items()):
            customer.updated_at = self._second()
        customer.fields.update(changes)

    # Conversations

    def add_conversation(self, fields: Mapping[str, Any]) -> Conversation:
        """Add a conversation. Raises :class:`Invalid` where account or customer are wrong."""
        errors: dict[str, list[str]] = {}
        for column, table in (("account", self.accounts), ("customer", self.customers)):
            wanted = fields.get(f"{column}_id")
            if wanted is None:
                errors[f"{column}_id"] = BLANK
            elif wanted not in table:
                errors[column] = ABSENT
        if errors:
            raise Invalid(errors)
        conversation = Conversation(
            id=self.ids.uuid("conversation"),
            account_id=fields["account_id"],
            customer_id=fields["customer_id"],
            inbox_id=fields.get("inbox_id") or self.primary_inbox(fields["account_id"]).id,
            created_at=self._second(),
        )
        for column in ("source", "priority", "metadata", "subject", "assignee_id"):
            if fields.get(column) is not None:
                setattr(conversation, column, fields[column])
        self.conversations[conversation.id] = conversation
        return conversation

    def conversation(self, conversation_id: str, account_id: str) -> Conversation:
        """Return the account's conversation. Raises :class:`Missing`."""
        found = self.conversations.get(conversation_id)
        if found is None or found.account_id != account_id:
            kind = "conversation"
            raise Missing(kind, conversation_id)
        return found

    def update_conversation(self, conversation: Conversation, changes: Mapping[str, Any]) -> bool:
        """Apply ``changes``; return whether anything differs afterwards.

        Raises :class:`Invalid` for values that the columns do not take.
        """
        checked = self._checked(changes)
        if all(getattr(conversation, column) == value for column, value in checked.items()):
            return False
        now = self._second()
        status = checked.get("status", conversation.status)
        if status != conversation.status:
            conversation.closed_at = now if status == "closed" else None
            conversation.last_activity_at = now
        for column, value in checked.items():
            setattr(conversation, column, value)
        return True

    def _checked(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        allowed: dict[str, Callable[[Any], bool]] = {
            "status": lambda value: value in ("open", "closed"),
            "priority": lambda value: isinstance(value, str),
            "read": lambda value: isinstance(value, bool),
            "assignee_id": lambda value: value is None or value in self.users,
            "inbox_id": lambda value: value in self.inboxes,
            "metadata": lambda value: value is None or isinstance(value, dict),
            "subject": lambda value: value is None or isinstance(value, str),
            "first_replied_at": lambda value: isinstance(value, datetime),
        }
        checked = {column: value for column, value in changes.items() if column in allowed}
        errors = {
            column: INVALID for column, value in checked.items() if not allowed[column](value)
        }
        if errors:
            raise Invalid(errors)
        return checked

    def delete_conversation(self, conversation: Conversation) -> None:
        """Delete a conversation with its messages."""
        del self.conversations[conversation.id]
        for message in conversation.messages:
            del self.messages[message.id]

    # Messages

    def add_message(self, fields: Mapping[str, Any]) -> Message:
        """Add a message to its conversation.

        Raises :class:`Invalid` for what the server's changeset refuses (no conversation_id, an
        unknown type or source, a value of a wrong kind), and :class:`Dangling` for what only the
        database's foreign keys refuse.
        """
        values, errors = _cast_message(fields)
        if errors:
            raise Invalid(errors)
        for column, table in (
            ("conversation_id", self.conversations),
            ("customer_id", self.customers),
            ("user_id", self.users),
        ):
            wanted = values.get(column)
            if wanted is not None and wanted not in table:
                raise Dangling(column.removesuffix("_id"), wanted)
        message = Message(id=self.ids.uuid("message"), created_at=self._second(), **values)
        self.messages[message.id] = message
        self.conversations[message.conversation_id].messages.append(message)
        return message

    def stamp_activity(self, message: Message) -> None:
        """Move the conversation of ``message`` to the top of the listing."""
        # A job of its own does it, which nothing waits for: it may find the conversation gone [S].
        if message.conversation_id in self.conversations:
            self.conversations[message.conversation_id].last_activity_at = message.created_at

    def update_message(self, message: Message, fields: Mapping[str, Any]) -> None:
        """Overwrite what is given. Raises :class:`Invalid` as :meth:`add_message` does."""
        kept = {"account_id": message.account_id, "conversation_id": message.conversation_id}
        values, errors = _cast_message({**fields, **kept})
        if errors:
            raise Invalid(errors)
        for column in fields.keys() & _MESSAGE_COLUMNS - kept.keys():
            setattr(message, column, values.get(column))

    def delete_message(self, message: Message) -> None:
        """Delete a message."""
        del self.messages[message.id]
        self.conversations[message.conversation_id].messages.remove(message)

    def mark_seen(self, conversation_id: str) -> None:
        """Stamp every message of a user that no customer has seen yet."""
        conversation = self.conversations.get(conversation_id)
        for message in conversation.messages if conversation else ():
            if message.user_id is not None and message.seen_at is None:
                message.seen_at = self._second()

    def _second(self) -> datetime:
        """Return the time as the database keeps it: in whole seconds."""
        return self.now().replace(microsecond=0)


_TYPES = ("reply", "note", "bot")
_MESSAGE_COLUMNS = frozenset({"body", "metadata", "seen_at", "sent_at"})
"""What of a message may be overwritten here, and with nothing too."""
_SOURCES = ("chat", "slack", "mattermost", "email", "sms", "api", "sandbox")


def _cast_message(fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    checks: dict[str, Callable[[Any], bool]] = {
        "account_id": lambda value: isinstance(value, str),
        "conversation_id": lambda value: isinstance(value, str),
        "customer_id": lambda value: isinstance(value, str),
        "user_id": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "body": lambda value: isinstance(value, str),
        "type": lambda value: value in _TYPES,
        "source": lambda value: value in _SOURCES,
        "private": lambda value: isinstance(value, bool),
        "metadata": lambda value: isinstance(value, dict),
        "sent_at": lambda value: _moment(value) is not None,
        "seen_at": lambda value: _moment(value) is not None,
    }
    # Ecto casts an empty text to none.
    values = {key: fields[key] for key in checks if fields.get(key) not in (None, "")}
    errors = {column: INVALID for column, value in values.items() if not checks[column](value)}
    for column in ("conversation_id", "account_id"):
        if column not in values:
            errors[column] = BLANK
    for column in ("sent_at", "seen_at"):
        if column in values:
            values[column] = _moment(values[column])
    return values, errors


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).replace(microsecond=0)
    except ValueError:
        return None
