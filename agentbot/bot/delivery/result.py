"""What became of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from agentbot.bot.delivery.plan import Skipped
from agentbot.bot.objections import Objection
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import Reason


class DeliveryStatus(Enum):
    """What became of a plan's text."""

    CONFIRMED = auto()
    NOTHING_TO_SAY = auto()
    WITHHELD = auto()
    UNCONFIRMED = auto()


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a delivery.

    ``reply_id`` is the stored reply's. ``reason`` says why there is none. ``objection`` is what the
    text was withheld for, where something came up, or what stopped the actions. ``skipped`` are
    those that no longer fitted; ``closed_at`` is when we closed it, by the server's clock;
    ``assigned_to`` is the user whom we assigned it to; ``found`` are the customer's messages that
    were seen while acting, and are to be answered.
    """

    status: DeliveryStatus
    reply_id: str | None = None
    reason: Reason | None = None
    objection: Objection | None = None
    skipped: tuple[Skipped, ...] = ()
    closed_at: datetime | None = None
    assigned_to: int | None = None
    found: tuple[Message, ...] = ()

    @classmethod
    def withheld(cls, objection: Objection) -> DeliveryResult:
        """Return the result of a text to whose sending something objects."""
        return cls(DeliveryStatus.WITHHELD, reason=objection.reason, objection=objection)

    @classmethod
    def confirmed(cls, reply: Message) -> DeliveryResult:
        """Return the result of a text that the server has stored as ``reply``."""
        return cls(DeliveryStatus.CONFIRMED, reply.id)

    @classmethod
    def unconfirmed(cls, reason: Reason) -> DeliveryResult:
        """Return the result of a text that was given up for ``reason``."""
        return cls(DeliveryStatus.UNCONFIRMED, reason=reason)
