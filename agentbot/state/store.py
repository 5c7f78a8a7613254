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
class ConversationMemory:
    """What is remembered of a conversation from one turn to the next.

    ``closed_at`` is when the bot itself closed it last, by the server's clock: another closing is a
    person's.
    """

    fired: Mapping[str, datetime] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    handed_off_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of ``holder`` to answer ``message_ids``, until ``expires_at`` or settled.

    ``message_ids`` are all that is open in the conversation: messages that an earlier claim
    covered and nobody settled come first, then those asked for that were not settled yet, in the
    order asked. So nothing stays behind unanswered when a turn grows or changes hands.
    ``attempt`` counts the leases under which these messages have been (the highest of them), this
    one included: above 1, an earlier holder may have sent an answer already, and the server must
    be asked. ``plan`` is what was checkpointed for the conversation and not settled, if anything.
    ``fence`` grows with every new lease. ``expires_at`` is by this process's clock. ``memory`` is
    what is remembered of the conversation, where it costs nothing to bring it along: nobody else
    changes it while the lease holds. None: ask ``memory_of``.
    """

    conversation_id: str
    message_ids: tuple[str, ...]
    holder: str
    fence: int
    expires_at: datetime
    attempt: int = 1
    plan: JsonObject | None = None
    memory: ConversationMemory | None = None


@dataclass(frozen=True, slots=True)
class LeasedElsewhere:
    """The conversation is leased to another holder until ``until``."""

    holder: str
    until: datetime


@dataclass(frozen=True, slots=True)
class AlreadySettled:
    """Every one of the messages has its outcome already."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn's entry in the journal.

    ``outcome`` is ``replied``, ``handed_off``, ``silent`` or ``left``; ``decision`` and ``turn``
    are JSON objects (the text that came in, the trace, the reason, the actions); ``cost`` holds
    figures; ``reply_id`` is the id of the message that the server stored for the answer;
    ``seen_at`` is when the customer had seen it, as far as receipts have told since.
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
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Orphan:
    """Open messages under no live lease: it ran out, or was given back, at ``expired_at``.

    ``holder`` is who had it last.
    """

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
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Lease the conversation and claim those of the messages that are not settled.

        A conversation leased to this holder already, and neither released nor run out, keeps its
        lease, prolonged, with the same fence: earlier claims under it stay good, and the new one
        covers their open messages too. ``AlreadySettled`` goes before ``LeasedElsewhere``.

        Raises ``ValueError`` where a message was claimed in another conversation.
        """

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong the leases; return the conversation ids of those that are lost.

        A lease that ran out is lost only if somebody took or erased it: the fence says so, and
        until then nobody else can have begun to answer.
        """

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep how far a delivery has come, for whoever resumes it. False: the claim is lost."""

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Close the turn: outcome, journal, new memory (None: unchanged), lease given back.

        Settles those of the claim's messages that are still open; the lease stays while others
        under it are. Return False, having written nothing, where the claim is lost to another
        holder. May be asked again after ``StateUnavailable``, which leaves open whether it was
        done: what was settled under this very lease gives True, and nothing is written.
        """

    async def release(self, claim: Claim) -> None:
        """Hand the turn back, unanswered, for the next to claim it at once."""

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Return what is remembered of the conversation."""

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that have their outcome."""

    async def mark_seen(self, message_id: str, seen_at: datetime) -> bool:
        """Note in the journal when the answer to a message was seen; only the first time counts.

        Return whether it is news: there is a record of the message, and it was not seen yet.
        """

    async def mark_given(self, conversation_id: str) -> bool:
        """Note that the conversation has been somebody's, so that it is given to nobody again.

        Return whether it is news: a message of the conversation was claimed here, and that was not
        noted yet.
        """

    async def claimed(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that anybody has ever claimed here, settled or not."""

    async def replies(self, conversation_id: str) -> dict[str, tuple[str, ...]]:
        """Return the replies that the journal knows of in the conversation, by their ids: each
        with the messages that it settled."""

    async def orphans(self) -> list[Orphan]:
        """Return the claims, of any holder, that ran out or were released unsettled."""

    def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Iterate over the journal, oldest ``settled_at`` first, from ``since`` on.

        Reads a page at a time, and never keeps a transaction open between two.
        """

    async def prune(self, *, older_than: timedelta) -> int:
        """Delete records and settled claims older than that; return how many records.

        With them go conversations that nothing has touched for as long: their memory, unless it
        holds a snooze that has not ended, and what was never settled in them.
        """

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase a customer, and all of these conversations, from every table; return the rows.

        All conversations in which the customer has a record go too. Claims in them are lost.
        """
