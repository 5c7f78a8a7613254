"""The claims that this process holds: good by two clocks, renewed in time, and known to be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Self

from agentbot.bot.leases import Leases
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim, LeasedElsewhere
from tests.support.states import LEASE, Clock
from tests.support.virtual_time import run_virtual
from tests.support.watched_store import WatchedStore

SECONDS = LEASE.total_seconds()


class Held:
    """Leases whose wall clock is moved by hand, on a store that two replicas share."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._database = SQLiteDatabase(MEMORY)
        self.store = WatchedStore(self._store("me"))
        self.other = self._store("other")
        self.took: list[float] = []
        self.lost: list[str] = []
        self.leases = Leases(
            self.store, lease_seconds=SECONDS, clock=self.clock, on_claimed=self.took.append
        )

    async def __aenter__(self) -> Self:
        """Open the stores."""
        await self.store.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Drop the database."""
        self._database.close()

    async def claim(self, name: str = "c") -> Claim:
        """Claim a conversation's message."""
        claim = await self.leases.claim(
            name, (f"{name}-m",), on_lost=lambda: self.lost.append(name)
        )
        assert isinstance(claim, Claim)
        return claim

    async def taken_by_other(self, name: str = "c") -> Claim:
        """Let the leases run out, and the other replica claim this conversation."""
        self.clock.advance(SECONDS + 1)
        claim = await self.other.claim(name, (f"{name}-m",))
        assert isinstance(claim, Claim)
        return claim

    def _store(self, holder: str) -> SQLiteStore:
        return SQLiteStore(
            self._database, holder=holder, lease=LEASE, clock=self.clock, shared=True
        )


def perform(scene: Callable[[Held], Awaitable[None]]) -> None:
    """Play a scene in virtual time."""

    async def main() -> None:
        async with Held() as held:
            await scene(held)

    run_virtual(main())


# When a lease is good


def test_a_lease_is_good_for_most_of_its_time() -> None:
    """The last fifth is for a reply to arrive."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        await asyncio.sleep(0.79 * SECONDS)
        assert held.leases.is_good(claim)
        await asyncio.sleep(0.02 * SECONDS)
        assert not held.leases.is_good(claim)

    perform(scene)


def test_a_machine_that_slept_does_not_trust_its_lease() -> None:
    """The loop's clock stands still meanwhile; the wall clock tells, to the second."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        assert held.leases.is_good(claim)
        held.clock.advance(0.79 * SECONDS)
        assert held.leases.is_good(claim)
        held.clock.advance(0.01 * SECONDS)
        assert not held.leases.is_good(claim)

    perform(scene)


def test_a_wall_clock_that_goes_back_is_not_trusted() -> None:
    """Nobody can say by it how long the machine has slept; a renewal makes up for it."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        held.clock.advance(-3600)
        assert not held.leases.is_good(claim)
        await held.leases.renew()
        assert held.leases.is_good(claim)

    perform(scene)


def test_a_renewal_makes_up_with_a_clock_that_was_set() -> None:
    """What is renewed is good again by either clock."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        held.clock.now += timedelta(days=1)
        await held.leases.renew()
        assert held.leases.is_good(claim)

    perform(scene)


def test_a_claim_counts_from_when_it_was_asked_for() -> None:
    """How long its answer was under way nobody knows: the store may have waited after it."""

    async def by_the_loop(held: Held) -> None:
        held.store.slow["claim"] = 0.5 * SECONDS
        claim = await held.claim()
        assert held.leases.is_good(claim)
        await asyncio.sleep(0.31 * SECONDS)
        assert not held.leases.is_good(claim)

    async def by_the_wall(held: Held) -> None:
        held.store.slow["claim"] = 1.0
        asyncio.get_running_loop().call_later(0.5, held.clock.advance, 0.81 * SECONDS)
        assert not held.leases.is_good(await held.claim())

    perform(by_the_loop)
    perform(by_the_wall)


def test_what_was_dropped_is_good_no_more() -> None:
    """A turn that has ended sends nothing; dropping twice does no harm."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        held.leases.drop(claim)
        held.leases.drop(claim)
        assert not held.leases.is_good(claim)

    perform(scene)


def test_an_older_claim_of_the_same_conversation_is_not_good() -> None:
    """The fence tells them apart: another replica had the conversation in between."""

    async def scene(held: Held) -> None:
        older = await held.claim()
        await held.other.release(await held.taken_by_other())
        newer = await held.claim()
        assert held.leases.is_good(newer)
        assert not held.leases.is_good(older)

    perform(scene)


# Taking


def test_what_another_replica_holds_is_not_held_here() -> None:
    """The caller is told; nothing of it is renewed."""

    async def scene(held: Held) -> None:
        await held.other.claim("c", ("c-m",))
        answer = await held.leases.claim("c", ("c-m",), on_lost=lambda: None)
        assert isinstance(answer, LeasedElsewhere)
        assert answer.holder == "other"
        running = asyncio.create_task(held.leases.run())
        await asyncio.sleep(SECONDS)
        running.cancel()
        assert "renew" not in held.store.asked

    perform(scene)


def test_a_store_that_is_away_is_waited_for() -> None:
    """The claim comes once the store does, and what it took is measured from the last asking."""

    async def scene(held: Held) -> None:
        held.store.failures["claim"] = 3
        held.store.slow["claim"] = 2.0
        claim = await held.claim()
        assert held.leases.is_good(claim)
        assert held.store.asked == ["claim"] * 4
        assert [round(seconds, 3) for seconds in held.took] == [2.0]

    perform(scene)


# Renewing


def test_leases_are_renewed_three_times_in_their_time() -> None:
    """So two renewals may fail before a lease runs out; a turn may last as long as it likes."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        running = asyncio.create_task(held.leases.run())
        await asyncio.sleep(SECONDS / 3 - 0.1)
        assert "renew" not in held.store.asked
        await asyncio.sleep(0.2)
        assert held.store.asked.count("renew") == 1
        await asyncio.sleep(2 * SECONDS)
        assert held.store.asked.count("renew") == 7
        assert held.leases.is_good(claim)
        running.cancel()

    perform(scene)


def test_nothing_is_asked_while_nothing_is_held() -> None:
    """A quiet bot writes nothing."""

    async def scene(held: Held) -> None:
        held.leases.drop(await held.claim())
        running = asyncio.create_task(held.leases.run())
        await asyncio.sleep(2 * SECONDS)
        running.cancel()
        assert "renew" not in held.store.asked

    perform(scene)


def test_a_renewal_counts_from_when_it_was_asked_for() -> None:
    """By either clock: the store's answer may have been under way for long."""

    async def by_the_loop(held: Held) -> None:
        claim = await held.claim()
        held.store.slow["renew"] = 0.5 * SECONDS
        await held.leases.renew()
        assert held.leases.is_good(claim)
        await asyncio.sleep(0.31 * SECONDS)
        assert not held.leases.is_good(claim)

    async def by_the_wall(held: Held) -> None:
        claim = await held.claim()
        held.store.on_asked["renew"] = lambda: held.clock.advance(0.81 * SECONDS)
        await held.leases.renew()
        assert not held.leases.is_good(claim)

    perform(by_the_loop)
    perform(by_the_wall)


def test_a_store_that_is_away_lets_leases_run_out() -> None:
    """Nobody else can know that we live: so we must not send; the next renewal mends it."""

    async def scene(held: Held) -> None:
        claim = await held.claim()
        held.store.failures["renew"] = 2
        running = asyncio.create_task(held.leases.run())
        await asyncio.sleep(0.9 * SECONDS)
        assert not held.leases.is_good(claim)
        assert held.lost == []
        await asyncio.sleep(0.2 * SECONDS)
        assert held.leases.is_good(claim)
        running.cancel()

    perform(scene)


def test_whoever_holds_a_lost_lease_is_told() -> None:
    """Another replica has taken the conversation; the other leases stay."""

    async def scene(held: Held) -> None:
        claims = [await held.claim("a"), await held.claim("b"), await held.claim("c")]
        await held.taken_by_other("b")
        await held.leases.renew()
        assert held.lost == ["b"]
        assert [held.leases.is_good(claim) for claim in claims] == [True, False, True]
        await held.leases.renew()
        assert held.lost == ["b"], "it is no longer asked for"

    perform(scene)


def test_a_newer_claim_outlives_the_loss_of_the_older_one() -> None:
    """The answer to a renewal speaks of the claims that were asked about, and of no others."""

    async def scene(held: Held) -> None:
        await held.claim()
        others = await held.taken_by_other()
        held.store.slow["renew"] = 1.0
        renewing = asyncio.create_task(held.leases.renew())
        await asyncio.sleep(0.5)
        await held.other.release(others)
        newer = await held.claim()
        await renewing
        assert held.leases.is_good(newer)
        assert held.lost == []

    perform(scene)
