"""Turns for tests: what a customer wrote, with everything else as plain as can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agentbot.pipeline.turn import (
    Account,
    Author,
    Conversation,
    Customer,
    Memory,
    Message,
    Turn,
    WorkingSpan,
)

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""A moment inside the hours of :data:`OFFICE`."""

OFFICE = Account(
    id="account-1",
    name="Fjord & Fern",
    time_zone="Europe/Stockholm",
    working_hours=(WorkingSpan("weekdays", 9 * 60, 17 * 60),),
)
"""An account that is open on weekdays from 9 to 17 o'clock in Stockholm."""


def message(
    text: str = "",
    *,
    author: Author = Author.CUSTOMER,
    at: datetime = MONDAY_NOON,
    id: str = "m",  # noqa: A002 - the field's own name
    attachments: int = 0,
    metadata: Mapping[str, Any] | None = None,
) -> Message:
    """Return a message."""
    return Message(
        id=id,
        text=text,
        author=author,
        at=at,
        attachments=attachments,
        metadata=metadata or {},
    )


def history(*said: tuple[Author, float], now: datetime = MONDAY_NOON) -> tuple[Message, ...]:
    """Return messages by these authors, so many minutes before ``now``."""
    return tuple(
        message("…", author=author, at=now - timedelta(minutes=minutes), id=f"h{index}")
        for index, (author, minutes) in enumerate(said)
    )


def turn(
    *texts: str,
    now: datetime = MONDAY_NOON,
    history: Iterable[Message] = (),
    agents_online: int = 0,
    bot_tracked: bool = True,
    conversation: Conversation | None = None,
    customer: Customer | None = None,
    account: Account = OFFICE,
    memory: Memory | None = None,
    messages: tuple[Message, ...] | None = None,
) -> Turn:
    """Return a turn of one customer, in the office's hours unless ``now`` says otherwise."""
    return Turn(
        conversation=conversation or Conversation(id="conversation-1"),
        customer=customer or Customer(id="customer-1"),
        messages=messages
        or tuple(message(text, at=now, id=f"m{index}") for index, text in enumerate(texts)),
        history=tuple(history),
        now=now,
        agents_online=agents_online,
        bot_tracked=bot_tracked,
        account=account,
        memory=memory or Memory(),
    )
