"""The store in PostgreSQL: outages, replicas, migrations. Its semantics: test_contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import asyncpg  # type: ignore[import-untyped] # it ships no types
import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.store import Claim, LeasedElsewhere
from tests.support.postgres import PostgresServer, require_binaries
from tests.support.states import LEASE, Clock, PostgresHarness, claimed, record_of

TIMEOUT = 1.0


@pytest.fixture
async def harness(postgres_server: PostgresServer) -> AsyncIterator[PostgresHarness]:
    """An empty schema."""
    harness = PostgresHarness(postgres_server.url)
    yield harness
    await harness.close()


@pytest.fixture(scope="module")
def frail_server() -> Iterator[PostgresServer]:
    """A server that tests may stop and freeze."""
    server = PostgresServer(require_binaries())
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def frail(frail_server: PostgresServer) -> AsyncIterator[PostgresStore]:
    """A store on that server."""
    store = PostgresStore(
        frail_server.url, holder="one", lease=LEASE, clock=Clock(), timeout=TIMEOUT
    )
    await store.open()
    yield store
    await store.close()


async def test_calls_of_one_go_share_a_transaction(harness: PostgresHarness) -> None:
    """Fifty claims asked for at once are committed as one."""
    store = await harness.store("one")
    await asyncio.gather(*(claimed(store, f"c{n}", f"m{n}") for n in range(50)))
    ids = await harness.fetch("SELECT DISTINCT xmin::text FROM {schema}.conversations")
    assert len(ids) == 1


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


async def test_a_line_cut_in_mid_call_fails_that_call(
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
    """Frozen, with the line up: no caller waits for ever; thawed, all is well again."""
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


async def test_a_bad_schema_name_is_refused() -> None:
    """It goes into statements as it is."""
    with pytest.raises(ValueError, match="no plain name"):
        PostgresStore("postgresql://h/d", holder="x", lease=LEASE, clock=Clock(), schema='a"; --')


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
    short = timedelta(seconds=0.3)
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
