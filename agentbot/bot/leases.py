"""Keeping the claims that this process holds alive, and knowing when one is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentbot.errors import StateUnavailable
from agentbot.state.store import Claim, Store

_RENEWALS_PER_LEASE = 3
_SAFE_SHARE = 0.8
"""The share of a lease in which we may still send: the rest is for the frame to arrive."""


@dataclass(slots=True)
class _Held:
    claim: Claim
    asked_at: float
    asked_at_wall: datetime
    on_lost: Callable[[], None]


class Leases:
    """All claims under way, renewed together, one write for all.

    A lease is good while both clocks say so: the event loop's, which nobody sets, and the wall
    clock, which alone goes on while the machine sleeps. So a process that was frozen finds its
    leases run out when it wakes, and a wall clock that is set, forward or back, costs a turn a new
    claim at most.
    """

    def __init__(
        self, store: Store, *, lease_seconds: float, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._lease = lease_seconds
        self._safe = lease_seconds * _SAFE_SHARE
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def hold(self, claim: Claim, *, asked_at: float, on_lost: Callable[[], None]) -> None:
        """Keep ``claim`` alive; ``asked_at`` is the loop's time when it was asked for."""
        self._held[claim.conversation_id] = _Held(
            claim,
            asked_at=asked_at,
            asked_at_wall=claim.expires_at - timedelta(seconds=self._lease),
            on_lost=on_lost,
        )

    def drop(self, claim: Claim) -> None:
        """Keep ``claim`` alive no longer."""
        self._held.pop(claim.conversation_id, None)

    def is_good(self, claim: Claim) -> bool:
        """Whether what is sent now still arrives under the lease."""
        held = self._held.get(claim.conversation_id)
        if held is None or held.claim.fence != claim.fence:
            return False
        passed = asyncio.get_running_loop().time() - held.asked_at
        passed_by_wall = (self._clock() - held.asked_at_wall).total_seconds()
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
            lost = await self._store.renew([held.claim for held in asked])
        except StateUnavailable:
            return
        for held in asked:
            if held.claim.conversation_id not in lost:
                held.asked_at, held.asked_at_wall = asked_at, asked_at_wall
            elif self._held.get(held.claim.conversation_id) is held:
                del self._held[held.claim.conversation_id]
                held.on_lost()
