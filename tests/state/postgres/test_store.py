"""Proves ``agentbot/state/postgres/store.py``, where PostgreSQL has its own way.

What every store promises, test_contract and test_model prove; what several clocks do, test_clocks.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg  # type: ignore[import-untyped] # it ships no types
import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.store import Claim, ConversationMemory, LeasedElsewhere
from tests.state.postgres.conftest import TIMEOUT
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, START, Clock, PostgresHarness, claimed, record_of


async def test_a_claim_brings_what_is_remembered(harness: PostgresHarness) -> None:
    """Without being asked for it: that would be another round trip."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1")
    assert first.memory == ConversationMemory()
    memory = ConversationMemory(
        fired={"a": START}, snoozed_until=START, handed_off_at=START, closed_at=START
    )
    assert await one.settle(first, record_of(first), memory)
    assert (await claimed(two, "c", "m2")).memory == memory


async def test_a_restart_of_the_database_is_got_over(
    frail: PostgresStore, frail_server: PostgresServer
) -> None:
    """Away: every call fails with the reason. Back: the next call connects and works."""
    held = await claimed(frail, "restart", "m-restart")
    frail_server.stop()
    results = await asyncio.gather(
        frail.claim("c2", ["m2"]), frail.memory_of("c2"), frail.ping(), return_exceptions=True
    )
    assert [type(result) for result in results] == [StateUnavailable] * 3
    assert "hush-hush" not in str(results)
    frail_server.start()
    assert await frail.settle(held, record_of(held), None)


async def test_a_connection_cut_in_mid_call_fails_that_call(
    frail: PostgresStore, frail_server: PostgresServer
) -> None:
    """The next one works."""
    blocker = await asyncpg.connect(frail_server.url)
    held = await claimed(frail, "cut", "m-cut")
    await blocker.execute("BEGIN; LOCK TABLE agentbot.conversations")
    waiting = asyncio.ensure_future(frail.renew([held]))
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'agentbot' AND wait_event_type = 'Lock'"
    )
    while not await blocker.fetchval(kill):
        pass
    with pytest.raises(StateUnavailable):
        await waiting
    await blocker.close()
    assert await frail.renew([held]) == set()


async def test_a_database_that_hangs_fails_calls_in_bounded_time(
    frail: PostgresStore, frail_server: PostgresServer
) -> None:
    """Frozen, with the connection up: no caller waits for ever; thawed, all is well again."""
    held = await claimed(frail, "hang", "m-hang")
    record = record_of(held, question="x" * 1_000_000)
    frail_server.pause()
    try:
        async with asyncio.timeout(TIMEOUT * 10):
            results = await asyncio.gather(
                frail.settle(held, record, None), frail.claim("c3", ["m3"]), return_exceptions=True
            )
            with pytest.raises(StateUnavailable):
                await frail.ping()
    finally:
        frail_server.resume()
    assert [type(result) for result in results] == [StateUnavailable] * 2
    assert await frail.settle(held, record, None)


async def test_a_user_without_the_right_to_make_schemas(harness: PostgresHarness) -> None:
    """Is told what to grant; where the schema is made for them, they need no such right."""
    user = f"{harness.schema}_user"
    await harness.fetch(f"CREATE ROLE {user} LOGIN")
    url = harness.url.replace("//agentbot:", f"//{user}:")
    store = PostgresStore(url, holder="x", lease=LEASE, clock=Clock(), schema=harness.schema)
    with pytest.raises(ConfigurationError, match=f"make the schema {harness.schema}"):
        await store.open()
    await harness.fetch(f"CREATE SCHEMA {harness.schema} AUTHORIZATION {user}")
    await store.open()
    await claimed(store, "c", "m")
    await store.close()
    await harness.close()
    await harness.fetch(f"DROP ROLE {user}")


async def test_a_writer_with_a_bad_value_fails_alone(harness: PostgresHarness) -> None:
    """Ids with NUL or half a surrogate are their caller's error; the others are written."""
    store = await harness.store("one")
    results = await asyncio.gather(
        store.claim("c\x00", ["m1"]),
        store.claim("c\ud800", ["m2"]),
        store.claim("c3", ["m3"]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [ValueError, ValueError, Claim]


async def test_leases_run_by_the_databases_clock(harness: PostgresHarness) -> None:
    """A replica whose clock is an hour ahead takes no live lease, and ends its own in time."""
    one = await harness.store("one")
    await claimed(one, "c", "m")
    harness.clock.advance(3600)
    two = await harness.store("two")
    assert not isinstance(await two.claim("c", ["m"]), Claim)
    assert (await claimed(two, "c2", "m2")).expires_at == harness.clock() + LEASE


async def test_a_real_lease_runs_out(harness: PostgresHarness) -> None:
    """Untouched by tests' hands: the other gets the turn once time is up."""
    await harness.store("schema")
    short = timedelta(seconds=3)
    one, two = (
        PostgresStore(harness.url, holder=name, lease=short, clock=Clock(), schema=harness.schema)
        for name in ("one", "two")
    )
    await one.open()
    await two.open()
    await claimed(one, "c", "m")
    answer = await two.claim("c", ["m"])
    assert isinstance(answer, LeasedElsewhere)
    while isinstance(answer, LeasedElsewhere):
        answer = await two.claim("c", ["m"])
    assert isinstance(answer, Claim)
    assert answer.attempt == 2
    await one.close()
    await two.close()


class _Ticking(Clock):
    """A clock that moves on by a second each time it is looked at."""

    def __call__(self) -> datetime:
        """Return the time, aware."""
        self.advance(1)
        return self.now


async def test_a_claim_ends_as_seen_from_before_it_was_asked_for(
    harness: PostgresHarness,
) -> None:
    """However long the answer took, never too late; another's ends as seen from after it."""
    one = await harness.store("one")
    await claimed(one, "taken", "m")
    clock = _Ticking()
    two = PostgresStore(harness.url, holder="two", lease=LEASE, clock=clock, schema=harness.schema)
    await two.open()
    before = clock.now
    assert (await claimed(two, "c", "m2")).expires_at == before + timedelta(seconds=1) + LEASE
    before = clock.now
    answer = await two.claim("taken", ["m"])
    assert isinstance(answer, LeasedElsewhere)
    assert before + timedelta(seconds=2) < answer.until <= before + timedelta(seconds=2) + LEASE
    await two.close()


async def test_one_failure_among_many_renewals_is_raised(
    frail: PostgresStore, frail_server: PostgresServer
) -> None:
    """Nothing is said of the others: what could not be asked is neither kept nor lost."""
    claims = [await claimed(frail, f"many-{n}", f"m-many-{n}") for n in range(3)]
    frail_server.stop()
    with pytest.raises(StateUnavailable):
        await frail.renew(claims)
    frail_server.start()
    assert await frail.renew(claims) == set()


async def test_closing_gives_back_and_disconnects_even_from_a_database_that_is_away(
    frail_server: PostgresServer,
) -> None:
    """It says that the leases could not be given back; to close again is fine."""
    store = PostgresStore(frail_server.url, holder="x", lease=LEASE, clock=Clock(), timeout=TIMEOUT)
    await store.close()
    await store.open()
    frail_server.stop()
    with pytest.raises(StateUnavailable):
        await store.close()
    frail_server.start()
    await store.close()
    with pytest.raises(StateUnavailable, match="closed"):
        await store.ping()


async def test_pruning_goes_on_beside_a_transaction_that_has_locked_something(
    harness: PostgresHarness,
) -> None:
    """What another has under its hands is left for the next time; the rest goes."""
    store = await harness.store("one")
    for name in ("locked", "free"):
        claim = await claimed(store, name, f"m-{name}")
        await store.settle(claim, record_of(claim), None)
    await harness.advance(3600)
    other = await asyncpg.connect(harness.url)
    await other.execute("BEGIN")
    await other.execute(
        f"SELECT 1 FROM {harness.schema}.records ORDER BY id LIMIT 1 FOR UPDATE"  # noqa: S608 - our own
    )
    assert await store.prune(older_than=timedelta(minutes=1)) == 1
    await other.execute("ROLLBACK")
    await other.close()
    assert await store.prune(older_than=timedelta(minutes=1)) == 1
