"""When a lease is still good, by two clocks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Self

from agentbot.bot.leases import Leases
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim
from tests.support.states import LEASE, Clock
from tests.support.virtual_time import run_virtual


class Claimed:
    """A claim in a store, held by leases whose wall clock is moved by hand: ``async with``."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = SQLiteStore(SQLiteDatabase(MEMORY), holder="me", lease=LEASE, clock=self.clock)
        seconds = LEASE.total_seconds()
        self.leases = Leases(self.store, lease_seconds=seconds, clock=self.clock)
        self.claim: Claim

    async def __aenter__(self) -> Self:
        """Claim, and hold what was claimed."""
        await self.store.open()
        claim = await self.leases.claim("c", ("m",), on_lost=lambda: None)
        assert isinstance(claim, Claim)
        self.claim = claim
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close the store."""
        await self.store.close()

    @property
    def is_good(self) -> bool:
        """Whether a reply may be sent under the claim."""
        return self.leases.is_good(self.claim)


def test_a_lease_is_good_for_most_of_its_time() -> None:
    """The last fifth is for a reply to arrive."""

    async def scene() -> None:
        async with Claimed() as held:
            await asyncio.sleep(0.7 * LEASE.total_seconds())
            assert held.is_good
            await asyncio.sleep(0.11 * LEASE.total_seconds())
            assert not held.is_good

    run_virtual(scene())


def test_a_machine_that_slept_does_not_trust_its_lease() -> None:
    """The loop's clock stands still meanwhile; the wall clock tells."""

    async def scene() -> None:
        async with Claimed() as held:
            held.clock.advance(60)
            assert not held.is_good

    run_virtual(scene())


def test_a_wall_clock_that_goes_back_is_not_trusted() -> None:
    """Nobody can say by it how long the machine has slept; a renewal makes up for it."""

    async def scene() -> None:
        async with Claimed() as held:
            held.clock.advance(-3600)
            assert not held.is_good
            await held.leases.renew()
            assert held.is_good

    run_virtual(scene())


def test_a_renewal_makes_up_with_a_clock_that_was_set() -> None:
    """What is renewed is good again by either clock."""

    async def scene() -> None:
        async with Claimed() as held:
            held.clock.now += timedelta(days=1)
            await held.leases.renew()
            assert held.is_good

    run_virtual(scene())
