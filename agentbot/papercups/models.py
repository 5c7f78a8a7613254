"""What Papercups sends, checked at the border.

Unknown fields are ignored, and most known ones may be missing: a shout, a REST listing and a
conversation's embedded messages leave out different keys (PROTOCOL, 3 and 4).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

_YEARS = range(1970, 3000)
"""Years in which anything happens here. One cannot add to times near the calendar's ends."""


def _as_utc(value: datetime) -> datetime:
    """Return the time in UTC, which it is in where Papercups writes no zone (``created_at``)."""
    if value.year not in _YEARS:
        raise ValueError("lies too far away")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _time_or_none(value: object, read: ValidatorFunctionWrapHandler) -> datetime | None:
    """Return the time, None for one that cannot be.

    Customers can write any time, even one before our era: it must not hide what they wrote.
    """
    try:
        moment: datetime | None = read(value)
        return None if moment is None else _as_utc(moment)
    except (ValidationError, ValueError):
        return None


def _text_or_reply(value: object) -> object:
    """Return the type, ``reply`` for null: the column came later than the oldest rows."""
    return "reply" if value is None else value


def _flag_or_false(value: object) -> object:
    return False if value is None else value


def _object_or_none(value: object) -> object:
    """Return an object, None for other JSON: customers can write any into metadata."""
    return value if isinstance(value, dict) else None


def _list_or_empty(value: object) -> object:
    return value if isinstance(value, list | tuple) else []


Id = Annotated[str, Field(max_length=100)]
"""A UUID. What anyone may make up is bounded: ids are remembered."""
Timestamp = Annotated[datetime, AfterValidator(_as_utc)]
OptionalTime = Annotated[datetime | None, WrapValidator(_time_or_none)]
Flag = Annotated[bool, BeforeValidator(_flag_or_false)]
Metadata = Annotated[dict[str, Any] | None, BeforeValidator(_object_or_none)]


class Model(BaseModel):
    """The ground of all models here: frozen, blind to what it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Tokens(Model):
    """The answer to a login or a renewal. The access token lives 30 minutes from its making."""

    user_id: int
    account_id: str
    email: str
    token: str = Field(repr=False)
    renew_token: str = Field(repr=False)


class Customer(Model):
    """A visitor. Everything but ``id`` is what the visitor's page claims."""

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    current_url: str | None = None
    time_zone: str | None = None
    metadata: Metadata = None


class User(Model):
    """An agent of the account."""

    id: int
    email: str | None = None
    full_name: str | None = None
    display_name: str | None = None
    role: str | None = None
    disabled_at: OptionalTime = None
    archived_at: OptionalTime = None


class Me(Model):
    """Whose token it is."""

    id: int
    account_id: str
    email: str | None = None
    role: str | None = None


class WorkingHours(Model):
    """One row: ``day`` is ``everyday``, ``weekdays``, ``weekends`` or a day's name.

    Minutes count from midnight in the account's time zone; the first row that matches wins.
    """

    day: str
    start_minute: int
    end_minute: int


class Account(Model):
    """The account as its agents read it."""

    id: str
    company_name: str | None = None
    time_zone: str | None = None
    is_outside_working_hours: bool | None = None
    working_hours: Annotated[tuple[WorkingHours, ...], BeforeValidator(_list_or_empty)] = ()
    users: Annotated[tuple[User, ...], BeforeValidator(_list_or_empty)] = ()


class WidgetSettings(Model):
    """What a visitor's window is told before anything is said."""

    id: str
    title: str | None = None
    subtitle: str | None = None
    greeting: str | None = None
    away_message: str | None = None
    account: Account | None = None


class Inbox(Model):
    """An inbox of the account."""

    id: str
    name: str | None = None
    is_primary: Flag = False


class Tag(Model):
    """A tag of the account."""

    id: str
    name: str


class Message(Model):
    """One chat message, as far as anybody here asks. Times are aware, in UTC, in whole seconds.

    ``customer`` is absent on what agents wrote, and on everything in REST listings.
    """

    id: Id
    conversation_id: Id
    body: str | None = None
    type: Annotated[str, BeforeValidator(_text_or_reply)] = "reply"
    private: Flag = False
    source: str | None = None
    created_at: Timestamp
    seen_at: OptionalTime = None
    account_id: str | None = None
    customer_id: str | None = None
    user_id: int | None = None
    customer: Customer | None = None
    user: User | None = None
    attachments: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_list_or_empty)] = ()
    metadata: Metadata = None

    @property
    def is_from_customer(self) -> bool:
        """Whether a customer wrote it."""
        return self.customer_id is not None

    @property
    def is_bot(self) -> bool:
        """Whether it calls itself a bot's."""
        return self.type == "bot"

    @property
    def is_private(self) -> bool:
        """Whether customers do not get it."""
        return self.private or self.type == "note"


class Conversation(Model):
    """A conversation, with its messages where REST sends them (in no order)."""

    id: str
    account_id: str | None = None
    customer_id: str | None = None
    status: str = "open"
    source: str | None = None
    priority: str | None = None
    read: Flag = False
    subject: str | None = None
    inbox_id: str | None = None
    assignee_id: int | None = None
    created_at: OptionalTime = None
    closed_at: OptionalTime = None
    last_activity_at: OptionalTime = None
    metadata: Metadata = None
    customer: Customer | None = None
    messages: Annotated[tuple[Message, ...], BeforeValidator(_list_or_empty)] = ()
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_list_or_empty)] = ()


class ConversationUpdates(Model):
    """What ``conversation:updated`` tells: the conversation's own fields; ``None`` where absent.

    ``model_fields_set`` tells an absent field from one that was set to null.
    """

    status: str | None = None
    priority: str | None = None
    read: bool | None = None
    inbox_id: str | None = None
    assignee_id: int | None = None
    closed_at: OptionalTime = None
    last_activity_at: OptionalTime = None
    metadata: Metadata = None


class ConversationPage(Model):
    """One page of conversations; ``next`` goes into the next call's ``after``."""

    data: tuple[Conversation, ...]
    next: str | None = None
    total: int | None = None


class RawPage(Model):
    """A page whose conversations are read one by one."""

    data: tuple[Any, ...]
    next: str | None = None
    total: int | None = None
