"""From what the server says of a conversation to the turn that the pipeline decides on."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from agentbot.bot.proof import Identity
from agentbot.bot.transcript import Transcript
from agentbot.papercups import models
from agentbot.pipeline import turn as pipeline
from agentbot.state.store import ConversationMemory


def build_turn(
    conversation: models.Conversation,
    message_ids: Sequence[str],
    *,
    identity: Identity,
    account: pipeline.Account,
    memory: ConversationMemory,
    agents_online: int,
    now: datetime,
    waited: timedelta | None,
    user_id: int,
    bot_tracked: bool,
    heard_closed_at: datetime | None = None,
) -> pipeline.Turn:
    """Return the turn of ``message_ids``, all of which stand in ``conversation.messages``.

    ``waited`` is how long ago the last of them was heard, None where it was found. ``user_id`` is
    the bot's own: what is assigned to it, or to somebody who has gone, is no person's.
    ``bot_tracked`` says whether the room's presence shows it. ``heard_closed_at`` is when somebody
    last closed the conversation, as far as it was heard.
    """
    wanted = frozenset(message_ids)
    transcript = Transcript.of(conversation.messages)
    asked = _last(transcript.proof.public, wanted)
    seen = transcript.seen_by(identity)
    said, messages = _parted(seen.said, wanted)
    return pipeline.Turn(
        conversation=_conversation(conversation, asked, memory, identity.nobody_ids | {user_id}),
        customer=_customer(conversation, asked),
        messages=messages,
        history=pipeline.History.with_person_at(said, seen.last_person_at),
        now=now,
        waited=waited,
        agents_online=agents_online,
        bot_tracked=bot_tracked,
        account=account,
        memory=pipeline.Memory(
            fired=memory.fired,
            snoozed_until=memory.snoozed_until,
            handed_off_at=memory.handed_off_at,
            closed_at=_last_closed(conversation, memory, heard_closed_at),
        ),
    )


def _last(public: Sequence[models.Message], wanted: AbstractSet[str]) -> list[models.Message]:
    """Return the wanted messages, oldest first: they are mostly the last ones."""
    found: list[models.Message] = []
    for message in reversed(public):
        if message.id in wanted:
            found.append(message)
            if len(found) == len(wanted):
                break
    return found[::-1]


def _parted(
    said: Sequence[pipeline.Message], wanted: AbstractSet[str]
) -> tuple[tuple[pipeline.Message, ...], tuple[pipeline.Message, ...]]:
    """Return what was said beside the wanted messages, and these, both oldest first."""
    found: list[pipeline.Message] = []
    others: list[pipeline.Message] = []
    place = len(said)
    while place and len(found) < len(wanted):
        place -= 1
        (found if said[place].id in wanted else others).append(said[place])
    return (*said[:place], *reversed(others)), tuple(reversed(found))


def _last_closed(
    conversation: models.Conversation, memory: ConversationMemory, heard: datetime | None
) -> datetime | None:
    """Return when the conversation was last closed, as far as anybody knows.

    The server forgets it as soon as the conversation is open again; our own closing is remembered,
    and a person's as long as this process lives.
    """
    times = (conversation.closed_at, memory.closed_at, heard)
    return max((at for at in times if at is not None), default=None)


def build_account(account: models.Account, *, away_message: str | None) -> pipeline.Account:
    """Return the account's hours, and what its chat window says while nobody is there."""
    return pipeline.Account(
        id=account.id,
        name=account.company_name,
        time_zone=account.time_zone,
        away_message=away_message,
        working_hours=tuple(
            pipeline.WorkingSpan(row.day, row.start_minute, row.end_minute)
            for row in account.working_hours
        ),
    )


def _conversation(
    conversation: models.Conversation,
    asked: Sequence[models.Message],
    memory: ConversationMemory,
    nobody_ids: frozenset[int],
) -> pipeline.Conversation:
    assignee_id = conversation.assignee_id
    return pipeline.Conversation(
        id=conversation.id,
        source=conversation.source or "chat",
        subject=conversation.subject or "",
        status=_status(conversation, asked, memory),
        priority=conversation.priority or "not_priority",
        inbox_id=conversation.inbox_id,
        assignee_id=None if assignee_id in nobody_ids else assignee_id,
        tags=tuple(tag.name for tag in conversation.tags),
        read=conversation.read,
        metadata=conversation.metadata or {},
    )


def _status(
    conversation: models.Conversation, asked: Sequence[models.Message], memory: ConversationMemory
) -> str:
    """Return ``open`` where the customer has written since it was closed, or we closed it.

    Their message opens a conversation again, but a moment after it is broadcast (PROTOCOL, 3): who
    reads at once still finds it closed.
    """
    newest = max((message.created_at for message in asked), default=None)
    if conversation.closed_at is None or newest is None:
        return conversation.status
    if newest >= conversation.closed_at or is_closed_by_us(conversation, memory):
        return "open"
    return conversation.status


def is_closed_by_us(conversation: models.Conversation, memory: ConversationMemory) -> bool:
    """Say whether the conversation is closed, and that was this bot's doing.

    The server's time of our own closing is remembered, and a person's has another. A customer's
    message opens again what we have closed, even one that was stored just before we did.
    """
    return (
        conversation.status == "closed"
        and conversation.closed_at is not None
        and conversation.closed_at == memory.closed_at
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
