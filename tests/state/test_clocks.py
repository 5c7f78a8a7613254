"""Proves that clocks may be set in mid-run: the living lose nothing by it, the dead keep nothing.

In ``agentbot/state/postgres/store.py`` and ``functions_1.sql`` with a real server, whose clock the
test sets; in ``agentbot/state/sqlite/store.py`` with the process's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.state.postgres.store import PostgresStore
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim, LeasedElsewhere
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, START, Clock, PostgresHarness, claimed, record_of

HOUR = 3600.0
_MARGIN = 60.0
"""Seconds on each side of a lease's end: PostgreSQL's own clock goes on where a test is held up."""
JUMPS = [HOUR, -HOUR, 24 * HOUR, -24 * HOUR]


class JumpingClockHarness(PostgresHarness):
    """A schema whose functions see a database clock that a test sets, and replicas on it.

    Its ``clock_timestamp`` comes before PostgreSQL's own on the path of names.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.monotonic = 1000.0
        self.url = f"{url}?search_path={self.schema},pg_catalog"

    async def prepare(self) -> None:
        """Make the schema, with its clock."""
        for statement in (
            "CREATE SCHEMA {schema}",
            "CREATE TABLE {schema}.shift (seconds float8)",
            "INSERT INTO {schema}.shift VALUES (0)",
            """
            CREATE FUNCTION {schema}.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$
                SELECT pg_catalog.clock_timestamp() + seconds * interval '1 second'
                FROM {schema}.shift
            $$
            """,
        ):
            await self.fetch(statement)

    async def replica(self, holder: str, *, lease: timedelta = LEASE) -> PostgresStore:
        """Open a store whose monotonic clock is the harness's."""
        store = PostgresStore(
            self.url,
            holder=holder,
            lease=lease,
            clock=self.clock,
            monotonic=lambda: self.monotonic,
            schema=self.schema,
        )
        await store.open()
        self._stores.append(store)
        return store

    async def jump(self, seconds: float) -> None:
        """Set the database's clock; no time passes."""
        await self.fetch(f"UPDATE {{schema}}.shift SET seconds = seconds + {seconds:f}")  # noqa: S608

    async def advance(self, seconds: float) -> None:
        """Let time pass, on every clock."""
        self.clock.advance(seconds)
        self.monotonic += seconds
        await self.jump(seconds)


@pytest.fixture
async def harness(postgres_server: PostgresServer) -> AsyncIterator[JumpingClockHarness]:
    """Yield an empty schema with a clock of its own."""
    harness = JumpingClockHarness(postgres_server.url)
    await harness.prepare()
    yield harness
    await harness.close()


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_database_clock_that_is_set_takes_nothing_from_a_living_holder(
    harness: JumpingClockHarness, jump: float
) -> None:
    """Forward, all leases have run out at once: another replica must not believe that."""
    one, two = await harness.replica("one"), await harness.replica("two")
    held = await claimed(one, "c", "m")
    await two.ping()
    await harness.jump(jump)
    for _ in range(3):
        answer = await two.claim("c", ["m"])
        assert isinstance(answer, LeasedElsewhere), answer
        assert answer.holder == "one"
        assert answer.until <= harness.clock() + LEASE
        await harness.advance(LEASE.total_seconds() / 3)
        assert await one.renew([held]) == set()
        await two.ping()
    assert await one.settle(held, record_of(held), None)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_database_clock_that_is_set_leaves_nothing_with_a_dead_holder(
    harness: JumpingClockHarness, jump: float
) -> None:
    """Back, its lease would last for hours: it ends all the same, in two leases' time at most."""
    one, two = await harness.replica("one"), await harness.replica("two")
    await claimed(one, "c", "m")
    await two.ping()
    await harness.jump(jump)
    thirds = 0
    while isinstance(answer := await two.claim("c", ["m"]), LeasedElsewhere) and thirds < 6:
        thirds += 1
        await harness.advance(LEASE.total_seconds() / 3)
        await two.ping()
    assert isinstance(answer, Claim)
    assert answer.attempt == 2


async def test_claims_alone_tell_what_the_clock_shows(harness: JumpingClockHarness) -> None:
    """A busy replica need not ask for the time: each of its claims brings it along."""
    one, two = await harness.replica("one"), await harness.replica("two")
    await claimed(one, "c", "m")
    await claimed(two, "other", "m-other")
    await harness.jump(HOUR)
    assert isinstance(await two.claim("c", ["m"]), LeasedElsewhere)


async def test_a_dead_holders_turn_is_an_orphan_though_the_clock_went_back(
    harness: JumpingClockHarness,
) -> None:
    """Whoever claims it finds the lease mended."""
    one, two = await harness.replica("one"), await harness.replica("two")
    await claimed(one, "c", "m")
    assert await two.orphans() == []
    await harness.jump(-HOUR)
    (orphan,) = await two.orphans()
    assert orphan.message_ids == ("m",)


async def test_without_a_jump_a_dead_holder_is_followed_after_its_lease(
    harness: JumpingClockHarness,
) -> None:
    """Not before, and soon after, though the one who follows has looked at the clock meanwhile."""
    one, two = await harness.replica("one"), await harness.replica("two")
    await two.ping()
    await claimed(one, "c", "m")
    await harness.advance(LEASE.total_seconds() - _MARGIN)
    await two.ping()
    assert isinstance(await two.claim("c", ["m"]), LeasedElsewhere)
    await harness.advance(_MARGIN)
    assert isinstance(await two.claim("c", ["m"]), Claim)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_wall_clock_that_is_set_costs_one_process_no_turn(
    tmp_path: Path, jump: float
) -> None:
    """SQLite is one process's alone: what it holds it keeps, grows, settles and gives back."""
    clock = Clock()
    store = SQLiteStore(
        SQLiteDatabase(str(tmp_path / "state.db")), holder="one", lease=LEASE, clock=clock
    )
    await store.open()
    held, other = await claimed(store, "c", "m1"), await claimed(store, "d", "n1")
    clock.advance(jump)
    assert await store.renew([held, other]) == set()
    grown = await claimed(store, "c", "m1", "m2")
    assert grown.message_ids == ("m1", "m2")
    assert await store.settle(grown, record_of(grown, settled_at=clock()), None)
    assert await store.settled(["m1", "m2"]) == {"m1", "m2"}
    await store.release(other)
    (orphan,) = await store.orphans()
    assert orphan.message_ids == ("n1",)
    await store.close()


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_wall_clock_set_between_two_lives_loses_nothing(
    tmp_path: Path, jump: float
) -> None:
    """What a killed process held is open to the next at once, whatever its lease says."""
    clock = Clock(START)
    path = str(tmp_path / "state.db")
    killed = SQLiteDatabase(path)
    store = SQLiteStore(killed, holder="one", lease=LEASE, clock=clock)
    await store.open()
    await claimed(store, "c", "m")
    killed.close()
    clock.advance(jump)
    heir = SQLiteStore(SQLiteDatabase(path), holder="two", lease=LEASE, clock=clock)
    await heir.open()
    assert [orphan.message_ids for orphan in await heir.orphans()] == [("m",)]
    assert (await claimed(heir, "c", "m")).attempt == 2
    await heir.close()
