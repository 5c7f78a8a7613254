"""The claims that this process holds: taken, kept alive, and known to be lost.

A lease is good while both clocks say so: the event loop's, which nobody sets, and the wall clock,
which alone goes on while the machine sleeps. So a process that was frozen finds its leases run out
when it wakes, and a wall clock that is set, forward or back, costs a turn a new claim at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentbot.errors import StateUnavailable
from agentbot.retry import retry_while_away
from agentbot.state.store import AlreadySettled, Claim, ConversationMemory, LeasedElsewhere, Store

_RENEWALS_PER_LEASE = 3
"""Renewals in the time of one lease: two may fail before it runs out."""
_SAFE_SHARE = 0.8
"""The share of a lease in which we may still send: the rest is for the frame to arrive."""


@dataclass(slots=True)
class _Lease:
    """A claim, and when its lease was asked for last, by both clocks."""

    claim: Claim
    asked_at: float
    asked_at_wall: datetime
    on_lost: Callable[[], None]


class Leases:
    """All claims under way, renewed together, one write for all."""

    def __init__(
        self,
        store: Store,
        *,
        lease_seconds: float,
        clock: Callable[[], datetime],
        on_claimed: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        """``on_claimed`` is told of the seconds that each answer to a claim took."""
        self._store = store
        self._lease = lease_seconds
        self._safe = lease_seconds * _SAFE_SHARE
        self._clock = clock
        self._on_claimed = on_claimed
        self._held: dict[str, _Lease] = {}

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str], *, on_lost: Callable[[], None]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Claim these messages, and keep the claim alive until :meth:`drop`.

        ``on_lost`` is called when the lease is lost. A store that is away is waited for.
        """
        loop = asyncio.get_running_loop()

        async def ask() -> tuple[float, Claim | LeasedElsewhere | AlreadySettled]:
            # The lease runs from when it was asked for: how long the answer took is unknown.
            return loop.time(), await self._store.claim(conversation_id, message_ids)

        asked_at, claim = await retry_while_away(ask, what="claim")
        self._on_claimed(loop.time() - asked_at)
        if isinstance(claim, Claim):
            asked_at_wall = claim.expires_at - timedelta(seconds=self._lease)
            self._held[conversation_id] = _Lease(claim, asked_at, asked_at_wall, on_lost)
        return claim

    async def memory_of(self, claim: Claim) -> ConversationMemory:
        """Return what is remembered of its conversation. A store that is away is waited for."""
        if claim.memory is not None:
            return claim.memory
        id_ = claim.conversation_id
        return await retry_while_away(lambda: self._store.memory_of(id_), what="memory")

    def drop(self, claim: Claim) -> None:
        """Keep ``claim`` alive no longer."""
        self._held.pop(claim.conversation_id, None)

    def is_good(self, claim: Claim) -> bool:
        """Say whether what is sent now still arrives under the lease."""
        lease = self._held.get(claim.conversation_id)
        if lease is None or lease.claim.fence != claim.fence:
            return False
        passed = asyncio.get_running_loop().time() - lease.asked_at
        passed_by_wall = (self._clock() - lease.asked_at_wall).total_seconds()
        return passed < self._safe and 0 <= passed_by_wall < self._safe

    async def run(self) -> None:
        """Renew, until cancelled. A store that is away lets the leases run out, as it must."""
        while True:
            await asyncio.sleep(self._lease / _RENEWALS_PER_LEASE)
            if self._held:
                await self.renew()

    async def renew(self) -> None:
        """Renew all leases once, and tell those whose lease is lost."""
        asked_at = asyncio.get_running_loop().time()
        asked_at_wall = self._clock()
        asked = list(self._held.values())
        try:
            lost = await self._store.renew([lease.claim for lease in asked])
        except StateUnavailable:
            return  # they are tried again, and run out where that fails for too long
        for lease in asked:
            if lease.claim.conversation_id not in lost:
                lease.asked_at, lease.asked_at_wall = asked_at, asked_at_wall
            elif self._held.get(lease.claim.conversation_id) is lease:
                del self._held[lease.claim.conversation_id]
                lease.on_lost()
