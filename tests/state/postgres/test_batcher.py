"""Proves ``agentbot/state/postgres/batcher.py``: calls in groups, each answered in bounded time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg  # type: ignore[import-untyped] # it ships no types
import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.migrations import MIGRATIONS, Migration
from agentbot.state.postgres.batcher import GROUP_LIMIT, CallBatcher
from agentbot.state.postgres.connection import PostgresConnection, Row
from agentbot.state.sql import Statement
from tests.state.postgres.conftest import TIMEOUT
from tests.support.postgres import PostgresServer
from tests.support.states import PostgresHarness

Made = tuple[CallBatcher, PostgresConnection]

TRANSACTION = "SELECT txid_current() AS id"
BACKEND = "SELECT pg_backend_pid() AS id"
DIVIDE = "SELECT 12 / $1::int AS id"
SLEEP = "SELECT txid_current() AS id, pg_sleep($1)"


@pytest.fixture
async def batcher(harness: PostgresHarness) -> AsyncIterator[CallBatcher]:
    """Yield an open batcher, in a schema that has a sequence ``ticket``, which begins at 1."""
    batcher = CallBatcher(harness.url, schema=harness.schema, timeout=TIMEOUT * 10)
    await batcher.open()
    await harness.fetch("CREATE SEQUENCE {schema}.ticket")
    yield batcher
    await batcher.close()


def _ticket(harness: PostgresHarness) -> str:
    return f"SELECT nextval('{harness.schema}.ticket') AS id"


async def _ids(*calls: asyncio.Future[Row]) -> list[int]:
    return [row["id"] for row in await asyncio.gather(*calls)]


def _id_in(answer: Row | BaseException) -> object:
    return answer if isinstance(answer, BaseException) else answer["id"]


async def test_calls_of_one_go_are_one_transaction(batcher: CallBatcher) -> None:
    """Of one query: a replica that asks for much needs few round trips and few commits."""
    ids = await _ids(*(batcher.call(f"k{n}", TRANSACTION) for n in range(50)))
    assert len(set(ids)) == 1


async def test_a_large_group_is_split(batcher: CallBatcher) -> None:
    """A burst must not make one transaction that lasts longer than the time-out."""
    many = GROUP_LIMIT * 2 + 1
    ids = await _ids(*(batcher.call(f"k{n}", TRANSACTION) for n in range(many)))
    assert [ids.count(group) for group in sorted(set(ids))] == [GROUP_LIMIT, GROUP_LIMIT, 1]


async def test_what_comes_meanwhile_is_the_next_group(batcher: CallBatcher) -> None:
    """The slower the database, the larger the groups."""
    first = batcher.call("a", SLEEP, 0.05)
    await asyncio.sleep(0.01)
    second, third = batcher.call("b", TRANSACTION), batcher.call("c", TRANSACTION)
    ids = await _ids(first, second, third)
    assert ids[1] == ids[2] > ids[0]


async def test_a_group_goes_by_its_keys(batcher: CallBatcher, harness: PostgresHarness) -> None:
    """All replicas lock in one order, so no two wait for each other in a circle."""
    keys = ["c", "a", "d", "b"]
    ids = await _ids(*(batcher.call(key, _ticket(harness)) for key in keys))
    assert dict(zip(keys, ids, strict=True)) == {"a": 1, "b": 2, "c": 3, "d": 4}


async def test_calls_of_one_key_keep_their_order(
    batcher: CallBatcher, harness: PostgresHarness
) -> None:
    """Whichever query is first in the alphabet, and however many there are."""
    early, late = _ticket(harness), _ticket(harness).lower()
    ids = await _ids(
        batcher.call("a", late),
        batcher.call("b", late),
        batcher.call("a", early),
        batcher.call("a", late),
        batcher.call("a", early),
    )
    assert ids == [1, 2, 3, 4, 5]


async def test_a_call_cancelled_in_time_is_never_made(
    batcher: CallBatcher, harness: PostgresHarness
) -> None:
    """Nobody waits for it, and nobody would know what it did."""
    calls = [batcher.call(key, _ticket(harness)) for key in ("a", "b", "c")]
    calls[0].cancel()
    assert await _ids(*calls[1:]) == [1, 2]


async def test_a_call_cancelled_under_way_hurts_no_other(batcher: CallBatcher) -> None:
    """Its answer, good or bad, is nobody's; those beside it and after it get theirs."""
    for cancelled in (
        batcher.call("a", SLEEP, 0.05),
        batcher.call("a", "SELECT pg_sleep(0.05), 12 / $1::int AS id", 0),
        batcher.call("a", "SELECT pg_sleep(0.05), id FROM nothing_of_that_name"),
    ):
        beside = batcher.call("b", SLEEP, 0.05)
        await asyncio.sleep(0.01)
        cancelled.cancel()
        await asyncio.wait({beside})
    assert await _ids(batcher.call("c", DIVIDE, 3)) == [4]


@pytest.mark.parametrize("bad", ["twelve", 2**40, 0])
async def test_a_call_with_a_bad_argument_fails_alone(batcher: CallBatcher, bad: object) -> None:
    """Whether the driver refuses it or the server; the connection is kept."""
    before = await _ids(batcher.call("", BACKEND))
    first, wrong, last = await asyncio.gather(
        batcher.call("a", DIVIDE, 1),
        batcher.call("b", DIVIDE, bad),
        batcher.call("c", DIVIDE, 2),
        return_exceptions=True,
    )
    assert isinstance(wrong, ValueError)
    assert (_id_in(first), _id_in(last)) == (12, 6)
    with pytest.raises(ValueError, match=r"."):
        await batcher.call("b", DIVIDE, bad)
    assert await _ids(batcher.call("", BACKEND)) == before


async def test_any_other_error_fails_what_is_left_of_the_group(batcher: CallBatcher) -> None:
    """In the server's words; what was answered before stays so, and the next call connects anew."""
    before = await _ids(batcher.call("", BACKEND))
    done, failed, after = await asyncio.gather(
        batcher.call("a", DIVIDE, 1),
        batcher.call("a", "SELECT id FROM nothing_of_that_name"),
        batcher.call("a", DIVIDE, 2),
        return_exceptions=True,
    )
    assert _id_in(done) == 12
    for error in (failed, after):
        assert isinstance(error, StateUnavailable)
        assert error.url == batcher.url
        assert "nothing_of_that_name" in error.problem
    assert await _ids(batcher.call("", BACKEND)) != before


async def test_an_answer_that_does_not_come_is_given_up(harness: PostgresHarness) -> None:
    """After the time-out, said in seconds; the next call connects anew."""
    batcher = CallBatcher(harness.url, schema=harness.schema, timeout=TIMEOUT)
    await batcher.open()
    before = await _ids(batcher.call("", BACKEND))
    with pytest.raises(StateUnavailable, match="no answer within 1 s"):
        await batcher.call("a", SLEEP, 3600)
    assert await _ids(batcher.call("", BACKEND)) != before
    await batcher.close()


async def test_a_driver_that_fails_while_it_is_given_up_is_not_logged(
    harness: PostgresHarness,
) -> None:
    """The caller was told; asyncio would tell of the driver's error as of one that nobody saw."""

    class Late(asyncpg.Connection):  # type: ignore[misc] # it ships no types
        """A real connection, which fails by itself as soon as it is given up."""

        async def fetchmany(self, *_args: object) -> list[Row]:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ConnectionResetError from None
            return []

    async def connector(url: str, *, timeout: float) -> PostgresConnection:  # noqa: ASYNC109 - as connect
        made: PostgresConnection = await asyncpg.connect(
            url, timeout=timeout, connection_class=Late
        )
        return made

    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    batcher = CallBatcher(harness.url, schema=harness.schema, timeout=TIMEOUT, connector=connector)
    await batcher.open()
    with pytest.raises(StateUnavailable, match="no answer within"):
        await batcher.call("a", BACKEND)
    gc.collect()
    assert told == []
    await batcher.close()


async def test_a_connection_that_is_ended_fails_its_call_alone(batcher: CallBatcher) -> None:
    """An administrator's doing, say: the next call connects anew."""
    with pytest.raises(StateUnavailable):
        await batcher.call("a", "SELECT pg_terminate_backend(pg_backend_pid()) AS id")
    assert await _ids(batcher.call("a", DIVIDE, 4)) == [3]


async def test_closing_waits_for_what_was_asked(batcher: CallBatcher) -> None:
    """Nothing is taken any more; to close again does nothing."""
    last = batcher.call("a", SLEEP, 0.05)
    await batcher.close()
    assert last.done()
    assert not batcher.is_open
    with pytest.raises(StateUnavailable, match="the store is closed"):
        batcher.call("a", DIVIDE, 1)
    await batcher.close()


async def test_closing_a_frozen_database_takes_bounded_time(
    frail_server: PostgresServer, harness: PostgresHarness
) -> None:
    """It cannot hear of it."""
    batcher = CallBatcher(frail_server.url, schema=harness.schema, timeout=TIMEOUT)
    await batcher.open()
    frail_server.pause()
    try:
        async with asyncio.timeout(TIMEOUT * 10):
            await batcher.close()
    finally:
        frail_server.resume()
    assert not batcher.is_open


async def _opened(harness: PostgresHarness, closing: Callable[[], Awaitable[object]]) -> Made:
    """Return an open batcher, and its connection, which is closed as ``closing`` does it."""

    class Stubborn(asyncpg.Connection):  # type: ignore[misc] # it ships no types
        """A real connection, but for its end."""

        async def close(self) -> None:
            await closing()

    made: list[PostgresConnection] = []

    async def connector(url: str, *, timeout: float) -> PostgresConnection:  # noqa: ASYNC109 - as connect
        made.append(await asyncpg.connect(url, timeout=timeout, connection_class=Stubborn))
        return made[-1]

    batcher = CallBatcher(harness.url, schema=harness.schema, timeout=TIMEOUT, connector=connector)
    await batcher.open()
    return batcher, made[0]


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.InterfaceError("another operation is in progress"),
    ],
)
async def test_a_connection_that_cannot_be_closed_is_dropped(
    harness: PostgresHarness, error: Exception
) -> None:
    """Who closes a store has nothing to do about it, and is not told."""

    async def closing() -> None:
        raise error

    batcher, connection = await _opened(harness, closing)
    await batcher.close()
    assert connection.is_closed()


async def test_a_connection_that_hangs_at_its_end_is_dropped(harness: PostgresHarness) -> None:
    """After the time-out."""
    batcher, connection = await _opened(harness, asyncio.Event().wait)
    async with asyncio.timeout(TIMEOUT * 10):
        await batcher.close()
    assert connection.is_closed()


async def test_a_connection_that_is_gone_is_not_closed(harness: PostgresHarness) -> None:
    """There is nobody to be told."""
    asked: list[str] = []

    async def closing() -> None:
        asked.append("close")

    batcher, connection = await _opened(harness, closing)
    connection.terminate()
    await batcher.close()
    assert asked == []


async def _connections(harness: PostgresHarness, user: str) -> int:
    (count,) = await harness.fetch(
        f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}'"  # noqa: S608 - a name of the test's own
    )
    assert isinstance(count, int)
    return count


async def test_what_cannot_be_opened_keeps_no_connection(harness: PostgresHarness) -> None:
    """A program that tries again and again must not use up the server's connections."""
    user = f"{harness.schema}_user"
    await harness.fetch(f"CREATE ROLE {user} LOGIN")
    await harness.fetch(f"CREATE SCHEMA {{schema}} AUTHORIZATION {user}")
    broken = Migration(
        version=1, least=1, sqlite=(), postgres=(Statement("x", "Fails.", "NONSENSE"),)
    )
    batcher = CallBatcher(
        harness.url.replace("//agentbot:", f"//{user}:"),
        schema=harness.schema,
        timeout=TIMEOUT * 10,
        migrations=[broken],
    )
    with pytest.raises(ConfigurationError, match="syntax error"):
        await batcher.open()
    assert not batcher.is_open
    while await _connections(harness, user):
        pass
    await harness.close()
    await harness.fetch(f"DROP ROLE {user}")


async def test_a_migration_that_hangs_is_given_up(harness: PostgresHarness) -> None:
    """In bounded time, as unavailable: another replica may be at it."""
    nap = "SELECT pg_sleep(3600.5)"
    batcher = CallBatcher(
        harness.url,
        schema=harness.schema,
        timeout=TIMEOUT / 4,
        migrations=[Migration(1, 1, sqlite=(), postgres=(Statement("x", "Waits.", nap),))],
    )
    async with asyncio.timeout(TIMEOUT * 20):
        with pytest.raises(StateUnavailable, match="no answer within"):
            await batcher.open()
    assert not batcher.is_open
    # The server does not notice that nobody waits any more: the sleeper still has the lock.
    await harness.fetch(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = '{nap}'"  # noqa: S608 - our own
    )
    migrated = CallBatcher(
        harness.url, schema=harness.schema, timeout=TIMEOUT * 10, migrations=MIGRATIONS
    )
    await migrated.open()
    await migrated.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:geheim@db:5433/papercups?sslmode=off", "postgresql://db:5433/papercups"),
        ("postgres://db/papercups", "postgresql://db/papercups"),
        ("postgresql:///papercups?host=/run", "postgresql://localhost/papercups"),
        ("postgresql://u:geheim@db:port/papercups", "postgresql://?"),
        ("postgresql://u:ge[heim@db/papercups", "postgresql://?"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    """Host, port and database are enough to find the server by."""
    assert CallBatcher(url, schema="agentbot", timeout=TIMEOUT).url == shown
