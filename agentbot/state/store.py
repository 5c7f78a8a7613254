"""The store: what must outlive the process, behind one small protocol.

A *claim* is the right to answer: it covers the messages of one turn and leases their conversation
to one holder. A reply leaves only after its claim is durable. A *record* is a turn's entry in the
journal: what came in, what was decided and why, what was sent, what it cost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of ``holder`` to answer ``message_ids``, until ``expires_at`` or settled.

    ``message_ids`` are those of the claimed messages that were not settled yet, in the order
    asked. ``attempt`` counts the holders that these messages have had, this one included: above
    1, an earlier holder may have sent an answer already, and the server must be asked.
    ``plan`` is what an earlier holder had checkpointed, if anything.
    """

    conversation_id: str
    message_ids: tuple[str, ...]
    holder: str
    fence: int
    expires_at: datetime
    attempt: int = 1
    plan: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The conversation is leased to another holder until ``until``."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AlreadySettled:
    """Every one of the messages has its outcome already."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a conversation from one turn to the next."""

    fired: Mapping[str, datetime] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    handed_over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn's entry in the journal.

    ``outcome`` is ``replied``, ``handed_off``, ``silent`` or ``left``; ``decision`` and ``turn``
    are JSON objects (the text that came in, the trace, the reason, the actions); ``cost`` holds
    figures; ``reply_id`` is the id of the message that the server stored for the answer.
    """

    conversation_id: str
    customer_id: str | None
    message_ids: tuple[str, ...]
    outcome: str
    reason_code: str
    reason: str
    by: str | None
    source: str | None
    question: str
    answer: str | None
    reply_id: str | None
    received_at: datetime
    settled_at: datetime
    turn: JsonObject = field(default_factory=dict)
    decision: JsonObject = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Orphan:
    """Messages whose holder's lease ran out before they were settled."""

    conversation_id: str
    message_ids: tuple[str, ...]
    holder: str
    expired_at: datetime


class Store(Protocol):
    """What the bot needs of a store. Every method may raise ``StateUnavailable``.

    Writes asked for in one go of the event loop are committed together (group commit); a method
    returns only when its own write is durable.
    """

    @property
    def holder(self) -> str:
        """The name under which this process holds claims; unique to the process."""

    async def open(self) -> None:
        """Connect and migrate. Raises ``StateInUse`` where the store is another process's."""

    async def close(self) -> None:
        """Commit what is pending, give back every lease of this holder, and disconnect."""

    async def ping(self) -> None:
        """Write and read back something small: raises ``StateUnavailable`` where that fails."""

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | Held | AlreadySettled:
        """Lease the conversation and claim those of the messages that are not settled.

        A conversation leased to this holder already, and not released, is leased anew.
        """

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong the leases; return the conversation ids of those that are lost."""

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep how far a delivery has come, for whoever resumes it. False: the claim is lost."""

    async def settle(self, claim: Claim, record: TurnRecord, memory: Memory | None) -> bool:
        """Close the turn: outcome, journal, new memory (None: unchanged), lease given back.

        Return False, having written nothing, where the claim is lost to another holder.
        """

    async def release(self, claim: Claim) -> None:
        """Hand the turn back, unanswered, for the next to claim it at once."""

    async def recall(self, conversation_id: str) -> Memory:
        """Return what is remembered of the conversation."""

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that have their outcome."""

    async def orphans(self) -> list[Orphan]:
        """Return the claims, of any holder, that ran out unsettled."""

    def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Iterate over the journal, oldest first."""

    async def prune(self, *, older_than: timedelta) -> int:
        """Delete records and settled claims older than that; return how many records."""

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase a customer, and all of these conversations, from every table; return the rows."""
