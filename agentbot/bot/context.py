"""From what the server says of a conversation to the turn that the pipeline decides on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agentbot.bot.proof import Identity
from agentbot.papercups import models
from agentbot.pipeline import turn as pipeline
from agentbot.state.store import Memory


def build_turn(
    conversation: models.Conversation,
    message_ids: Sequence[str],
    *,
    identity: Identity,
    account: pipeline.Account,
    memory: Memory,
    agents_online: int,
    now: datetime,
    user_id: int,
) -> pipeline.Turn:
    """Return the turn of ``message_ids``, all of which stand in ``conversation.messages``.

    ``user_id`` is the bot's own: what is assigned to it is no person's.
    """
    wanted = frozenset(message_ids)
    public = sorted(
        (m for m in conversation.messages if not m.is_private), key=lambda m: m.created_at
    )
    asked = [message for message in public if message.id in wanted]
    return pipeline.Turn(
        conversation=_conversation(conversation, identity.bot_user_ids | {user_id}),
        customer=_customer(conversation, asked),
        messages=tuple(_message(message, identity) for message in asked),
        history=tuple(_message(m, identity) for m in public if m.id not in wanted),
        now=now,
        agents_online=agents_online,
        account=account,
        memory=pipeline.Memory(
            fired=memory.fired,
            snoozed_until=memory.snoozed_until,
            handed_over_at=memory.handed_over_at,
        ),
    )


def build_account(account: models.Account) -> pipeline.Account:
    """Return the account's hours as the pipeline knows them."""
    return pipeline.Account(
        id=account.id,
        name=account.company_name,
        time_zone=account.time_zone,
        working_hours=tuple(
            pipeline.WorkingSpan(row.day, row.start_minute, row.end_minute)
            for row in account.working_hours
        ),
    )


def _message(message: models.Message, identity: Identity) -> pipeline.Message:
    if message.is_from_customer:
        author = pipeline.Author.CUSTOMER
    elif identity.is_person(message):
        author = pipeline.Author.PERSON
    else:
        author = pipeline.Author.BOT
    return pipeline.Message(
        id=message.id,
        text=message.body or "",
        author=author,
        at=message.created_at,
        attachments=len(message.attachments),
        metadata=message.metadata or {},
    )


def _conversation(
    conversation: models.Conversation, bot_user_ids: frozenset[int]
) -> pipeline.Conversation:
    assignee_id = conversation.assignee_id
    return pipeline.Conversation(
        id=conversation.id,
        source=conversation.source or "chat",
        status=conversation.status,
        priority=conversation.priority or "not_priority",
        inbox_id=conversation.inbox_id,
        assignee_id=None if assignee_id in bot_user_ids else assignee_id,
        tags=tuple(tag.name for tag in conversation.tags),
        read=conversation.read,
        metadata=conversation.metadata or {},
    )


def _customer(
    conversation: models.Conversation, asked: Sequence[models.Message]
) -> pipeline.Customer:
    customer = conversation.customer or next(
        (message.customer for message in asked if message.customer), None
    )
    if customer is None:
        return pipeline.Customer(id=conversation.customer_id or "")
    return pipeline.Customer(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        page=customer.current_url,
        time_zone=customer.time_zone,
        metadata=customer.metadata or {},
    )
