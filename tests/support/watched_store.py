"""A store that notes what is asked of it, and fails, waits or interferes where a test says so."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from agentbot.errors import StateUnavailable
from agentbot.state.store import (
    AlreadySettled,
    Claim,
    ConversationMemory,
    JsonObject,
    LeasedElsewhere,
    Orphan,
    Store,
    TurnRecord,
)


class WatchedStore:
    """Another store, watched.

    ``asked`` are the names of the methods that were called, in order. ``failures`` holds, by
    method, how often it is still to fail before it has done anything; ``slow`` the seconds that
    its answers take on their way back, ``late`` those that a release takes on its way there;
    ``on_asked`` what is called before it is done.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[str] = []
        self.failures: Counter[str] = Counter()
        self.slow: dict[str, float] = {}
        self.late = 0.0
        self.on_asked: dict[str, Callable[[], None]] = {}
        self.plans: list[JsonObject] = []
        self.memories: list[ConversationMemory | None] = []
        self.pruned: list[timedelta] = []

    @property
    def holder(self) -> str:
        """The name under which claims are held."""
        return self._store.holder

    async def open(self) -> None:
        """Connect."""
        await self._store.open()

    async def close(self) -> None:
        """Disconnect."""
        await self._store.close()

    async def ping(self) -> None:
        """Write and read back something small."""
        self._ask("ping")
        await self._store.ping()
        await self._answer("ping")

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Lease the conversation and claim messages."""
        self._ask("claim")
        claim = await self._store.claim(conversation_id, message_ids)
        await self._answer("claim")
        return claim

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong leases."""
        self._ask("renew")
        lost = await self._store.renew(claims)
        await self._answer("renew")
        return lost

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep how far a delivery has come."""
        self._ask("checkpoint")
        self.plans.append(plan)
        kept = await self._store.checkpoint(claim, plan)
        await self._answer("checkpoint")
        return kept

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Close the turn."""
        self._ask("settle")
        self.memories.append(memory)
        kept = await self._store.settle(claim, record, memory)
        await self._answer("settle")
        return kept

    async def release(self, claim: Claim) -> None:
        """Hand the turn back."""
        self._ask("release")
        await asyncio.sleep(self.late)
        await self._store.release(claim)
        await self._answer("release")

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Return what is remembered."""
        self._ask("memory_of")
        memory = await self._store.memory_of(conversation_id)
        await self._answer("memory_of")
        return memory

    async def replies(self, conversation_id: str) -> dict[str, tuple[str, ...]]:
        """Look up."""
        self._ask("replies")
        return await self._store.replies(conversation_id)

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return what has its outcome."""
        self._ask("settled")
        found = await self._store.settled(message_ids)
        await self._answer("settled")
        return found

    async def mark_seen(self, message_id: str, seen_at: datetime) -> bool:
        """Note that an answer was seen."""
        self._ask("mark_seen")
        is_news = await self._store.mark_seen(message_id, seen_at)
        await self._answer("mark_seen")
        return is_news

    async def mark_given(self, conversation_id: str) -> bool:
        """Note that a conversation has been somebody's."""
        self._ask("mark_given")
        is_news = await self._store.mark_given(conversation_id)
        await self._answer("mark_given")
        return is_news

    async def claimed(self, message_ids: Sequence[str]) -> set[str]:
        """Return what was ever claimed."""
        self._ask("claimed")
        found = await self._store.claimed(message_ids)
        await self._answer("claimed")
        return found

    async def orphans(self) -> list[Orphan]:
        """Return claims that ran out or were released."""
        self._ask("orphans")
        found = await self._store.orphans()
        await self._answer("orphans")
        return found

    def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Iterate over the journal."""
        return self._store.records(since=since)

    async def prune(self, *, older_than: timedelta) -> int:
        """Delete what is old."""
        self._ask("prune")
        self.pruned.append(older_than)
        count = await self._store.prune(older_than=older_than)
        await self._answer("prune")
        return count

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase a customer."""
        return await self._store.forget(customer_id, conversation_ids)

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if name in self.on_asked:
            self.on_asked[name]()
        if self.failures[name] > 0:
            self.failures[name] -= 1
            raise StateUnavailable(url="memory", problem="told to fail")

    async def _answer(self, name: str) -> None:
        if name in self.slow:
            await asyncio.sleep(self.slow[name])
