"""The first look at a message: whose it is, and whether it is new. No I/O, and nothing waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from agentbot.bot.proof import KEY, Identity
from agentbot.latest import Latest
from agentbot.papercups.models import Message

_SKEW = timedelta(minutes=5)
"""How far the server's clock and ours may lie apart before a message counts as old: more than those
of well-kept machines do. What counts as old by mistake is found by reading its conversation."""

_REMEMBERED = 10_000
"""Ids of messages: minutes of a very busy account, while a duplicate follows within seconds."""


class Kind(StrEnum):
    """What a message is to the bot. All but ``CUSTOMER`` get no answer; the kind is the reason."""

    CUSTOMER = "customer"
    PERSON = "person"
    OWN = "own"
    OTHER_BOT = "other_bot"
    PRIVATE = "private"
    DUPLICATE = "duplicate"
    OLD = "old"


class Intake:
    """Classifies live messages, and remembers the last ``remembered`` ids to know duplicates by.

    The session leaves out the copy of each shout that comes at once on its other topic; a server
    may repeat one much later.
    """

    def __init__(self, *, started_at: datetime, remembered: int = _REMEMBERED) -> None:
        self._oldest = started_at - _SKEW
        self._seen: Latest[str, None] = Latest(remembered)

    def classify(self, message: Message, identity: Identity) -> Kind:
        """Return what ``message``, heard just now, is. ``identity`` says who is no person."""
        if message.id in self._seen:
            return Kind.DUPLICATE
        self._seen[message.id] = None
        if message.is_private:
            return Kind.PRIVATE
        if message.is_from_customer:
            return Kind.OLD if message.created_at < self._oldest else Kind.CUSTOMER
        if identity.is_person(message):
            return Kind.PERSON
        return Kind.OWN if KEY in (message.metadata or {}) else Kind.OTHER_BOT
