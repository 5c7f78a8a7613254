"""What tests of stores share: a clock that is moved by hand, claims and records at hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentbot.state.store import Claim, Store, TurnRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is advanced."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time, aware."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self.now += timedelta(seconds=seconds)


async def claimed(store: Store, conversation_id: str, *message_ids: str) -> Claim:
    """Claim the messages; fail where the claim is not granted."""
    claim = await store.claim(conversation_id, message_ids)
    assert isinstance(claim, Claim), claim
    return claim


def record_of(
    claim: Claim,
    *,
    customer_id: str | None = "customer",
    question: str = "Do you ship to Norway?",
    settled_at: datetime = START,
) -> TurnRecord:
    """Return the record of the claim's turn, answered."""
    return TurnRecord(
        conversation_id=claim.conversation_id,
        customer_id=customer_id,
        message_ids=claim.message_ids,
        outcome="replied",
        reason_code="rule",
        reason="the rule shipping matched",
        by="rule",
        source="shipping",
        question=question,
        answer="Yes, we do.",
        reply_id="reply",
        received_at=START,
        settled_at=settled_at,
        turn={"messages": [{"text": question}]},
        decision={"kind": "reply"},
        cost={"seconds": 0.25},
    )
