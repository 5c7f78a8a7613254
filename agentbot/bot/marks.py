"""The marks that a reply has lost, put back by what the state remembers.

A reply that goes out by Gmail loses its mark. The server's times are in whole seconds, so it could
be taken for the answer to whatever came in the same second, even after it. The journal knows which
reply settled which messages; a plan that is not settled yet knows what its text answers. Only where
the state was lost is it left to the times.
"""

from __future__ import annotations

from collections.abc import Collection

from agentbot.bot.proof import has_lost_its_mark, mark
from agentbot.bot.services import Services
from agentbot.papercups.models import Conversation, Message
from agentbot.retry import retry_while_away


async def with_marks(
    services: Services, conversation: Conversation, planned: Collection[str] = ()
) -> Conversation:
    """Return the conversation with the marks that its replies have lost, as far as known.

    ``planned`` are the messages of a plan that is not settled: its text is the first reply without
    a mark that the journal does not know, and that is not older than they are.
    """
    messages = conversation.messages
    lost = sorted((m for m in messages if has_lost_its_mark(m)), key=lambda m: m.created_at)
    if not lost:
        return conversation
    store, id_ = services.store, conversation.id
    known = await retry_while_away(lambda: store.replies(id_), what="replies")
    asked_at = max((m.created_at for m in messages if m.id in planned), default=None)
    if asked_at is not None:
        unknown = (m for m in lost if m.id not in known and m.created_at >= asked_at)
        if (text := next(unknown, None)) is not None:
            known = {**known, text.id: tuple(planned)}
    marked = tuple(_marked(message, known.get(message.id, ())) for message in messages)
    return conversation.model_copy(update={"messages": marked})


def _marked(message: Message, message_ids: tuple[str, ...]) -> Message:
    if not message_ids or not has_lost_its_mark(message):
        return message
    metadata = {**(message.metadata or {}), **mark(message_ids, by="", source="")}
    return message.model_copy(update={"metadata": metadata})
