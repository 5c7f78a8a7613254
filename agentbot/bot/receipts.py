"""Receipts that come back: when the customer had seen what the bot said.

Papercups tells nobody when a customer's window sends ``messages:seen``; it stamps ``seen_at`` on
the messages that have a user, and whoever reads the conversation finds it. What the bot says has
mostly no user, and so no stamp of its own. But a receipt stamps all at once: who has seen a later
message has seen what stands above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog

from agentbot.bot.proof import answers
from agentbot.errors import StateUnavailable
from agentbot.latest import Latest
from agentbot.papercups.models import Conversation, Message
from agentbot.state.store import Store

_log = structlog.get_logger("agentbot.receipts")

REMEMBERED = 10_000
"""Replies of which it is remembered that their receipt was noted: as many as open conversations
hold that are read again and again."""

OnSeen = Callable[[Message, datetime], None]


def ignore_seen(_reply: Message, _seen_at: datetime) -> None:
    """Take no note of a reply that was seen."""


class Receipts:
    """Looks for receipts in what is read, and notes each in the journal, once.

    ``on_seen`` is told of each reply with a record that was seen, and when. So many noted replies
    are remembered at most.
    """

    def __init__(
        self, store: Store, *, on_seen: OnSeen = ignore_seen, most_remembered: int = REMEMBERED
    ) -> None:
        self._store = store
        self._on_seen = on_seen
        self._noted: Latest[str, None] = Latest(most_remembered)

    async def look(self, conversation: Conversation) -> None:
        """Note what the customer has seen by now. A state that is away is asked the next time."""
        for reply, seen_at in seen_replies(conversation.messages):
            if reply.id in self._noted:
                continue
            answered = min(answers(reply))
            try:
                # In this order: its turn may be settled between the two questions.
                if not await self._store.settled([answered]):
                    continue  # its turn has no record yet: it is noted the next time
                is_news = await self._store.mark_seen(answered, seen_at)
            except StateUnavailable:
                return
            self._noted[reply.id] = None
            if is_news:
                _log.info(
                    "reply.seen",
                    conversation_id=conversation.id,
                    reply_id=reply.id,
                    seen_at=seen_at.isoformat(),
                )
                self._on_seen(reply, seen_at)


def seen_replies(messages: Iterable[Message]) -> Iterator[tuple[Message, datetime]]:
    """Yield each marked reply that was seen, and when, as far as the stamps tell."""
    public = sorted((m for m in messages if not m.is_private), key=lambda m: m.created_at)
    for place, reply in enumerate(public):
        if answers(reply):
            stamps = [m.seen_at for m in public[place:] if m.seen_at is not None]
            if stamps:
                yield reply, min(stamps)
