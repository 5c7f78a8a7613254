"""Receipts: what the customer's window has seen of the bot's answers stands in the journal.

Papercups stamps only what a user wrote, and tells nobody: the bot learns of it by reading. So what
the journal says must have been seen in truth, and what a stamp shows must be in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.witness import answers
from tests.simulation.world import World

_READ_WITHIN = 75.0
"""Seconds until a bot has surely read a conversation again: all are looked at once a minute."""


def misjudged(world: World, conversation: Conversation) -> Iterator[str]:
    """Yield what is wrong with what the journal says of answers that were seen."""
    looks = world.looks.get(conversation.id, ())
    for place, reply in enumerate(conversation.messages):
        if not answers(reply) or not _is_recorded(world, reply):
            continue
        is_noted = any(id_ in world.database.ledger.seen for id_ in world.marks[reply.id])
        is_seen = any(at >= world.stored_at[reply.id] for at in looks)
        if is_noted and not is_seen and "fault step server clock" not in world.counts:
            yield f"{reply.id} was SEEN BY NOBODY, and the journal says that it was"
        stamped = [m for m in conversation.messages[place:] if _shows(m, reply)]
        shown = bool(stamped) and min(looks, default=0.0) < world.kernel.now - _READ_WITHIN
        latest = max((at for at in looks if at < world.kernel.now - _READ_WITHIN), default=0.0)
        if shown and any(world.stored_at[m.id] <= latest for m in stamped) and not is_noted:
            yield f"{reply.id} was seen, and that is NOT NOTED"


def _shows(message: Message, reply: Message) -> bool:
    """Say whether a message's stamp shows that the reply was seen."""
    is_later = message is reply or message.created_at > reply.created_at
    return message.seen_at is not None and not message.private and is_later


def _is_recorded(world: World, reply: Message) -> bool:
    """Say whether the state that there is now holds a record of what the reply answers."""
    ledger = world.database.ledger
    since = max(ledger.lost_after, default=0)
    return any(place >= since for place in ledger.of(min(world.marks[reply.id])))
