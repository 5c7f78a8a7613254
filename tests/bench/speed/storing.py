"""What a PostgreSQL carries of the store's work alone: a process that claims and settles.

``python -m tests.bench.speed.storing URL SECONDS`` prints how many turns it has claimed and
settled, with as many in flight as a loaded bot has; each waits for its claim before it settles.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta

from agentbot.state.postgres.store import PostgresStore
from agentbot.state.store import Claim, TurnRecord
from tests.bench.speed.turns import IN_FLIGHT

_LEASE = timedelta(seconds=60)
_QUESTION = "Where is my order? " * 10
"""A message of a usual length."""


async def store_turns(url: str, holder: str, *, seconds: float) -> int:
    """Claim and settle turns of ``holder``'s own conversations; return how many."""
    store = PostgresStore(url, holder=holder, lease=_LEASE, clock=_now)
    await store.open()
    end, settled = time.perf_counter() + seconds, 0

    async def converse(conversation_id: str) -> None:
        nonlocal settled
        number = 0
        while time.perf_counter() < end:
            number += 1
            claim = await store.claim(conversation_id, [f"{conversation_id}-{number}"])
            assert isinstance(claim, Claim)
            assert await store.settle(claim, _record(claim), None)
            settled += 1

    await asyncio.gather(*(converse(f"{holder}-{number}") for number in range(IN_FLIGHT)))
    await store.close()
    return settled


def _now() -> datetime:
    return datetime.now(UTC)


def _record(claim: Claim) -> TurnRecord:
    return TurnRecord(
        conversation_id=claim.conversation_id,
        customer_id=f"{claim.holder}'s",
        message_ids=claim.message_ids,
        outcome="replied",
        reason_code="rule",
        reason="rule 'orders' applies",
        by="rule",
        source="orders",
        question=_QUESTION,
        answer=_QUESTION,
        reply_id=claim.message_ids[-1],
        received_at=_now(),
        settled_at=_now(),
    )


if __name__ == "__main__":
    url, seconds = sys.argv[1:]
    print(asyncio.run(store_turns(url, f"process {os.getpid()}", seconds=float(seconds))))
