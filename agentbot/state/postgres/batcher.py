"""One connection to PostgreSQL, on which calls are grouped, in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped] # it ships no types

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.migrations import MIGRATIONS, Migration
from agentbot.state.postgres.connection import PostgresConnection, PostgresConnector, Row, connect
from agentbot.state.postgres.errors import opening_error, reason, without_secrets
from agentbot.state.postgres.migrate import migrate

GROUP_LIMIT = 500
"""Calls a round trip at most: a few tenths of a second of the server's time, well within a
time-out."""

_OPENING_TIMEOUTS = 4
"""How many time-outs a migration may take: it makes a dozen tables and indexes, and waits while
another replica does."""

_BAD_ARGUMENTS = (ValueError, asyncpg.DataError)
"""What the driver raises, and what the server does, where an argument is no value of its type."""


@dataclass(slots=True)
class _Call:
    key: str
    query: str
    args: tuple[object, ...]
    future: asyncio.Future[Row]


class CallBatcher:
    """Calls of functions that return one row each, grouped into few round trips.

    While one group is on its way the next gathers: the slower the database, the larger the
    groups. A group's calls of one function are one transaction, in the order of their keys, so
    that no two replicas wait for each other in a circle; calls with the same key keep their order.

    Whatever goes wrong, and whatever takes longer than ``timeout`` seconds, fails the calls that
    were under way with ``StateUnavailable``; the next call connects anew. So a caller waits three
    times that at most: for the group before, for connecting, for the answer. A call that failed
    may have been carried out all the same: it must do no harm to call a function again.
    """

    def __init__(
        self,
        url: str,
        *,
        schema: str,
        timeout: float,
        migrations: Sequence[Migration] = MIGRATIONS,
        connector: PostgresConnector = connect,
    ) -> None:
        self.url = without_secrets(url)
        self._dsn = url
        self._schema = schema
        self._timeout = timeout
        self._migrations = migrations
        self._connector = connector
        self._connection: PostgresConnection | None = None
        self._open = False
        self._pending: list[_Call] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are taken."""
        return self._open

    async def open(self) -> None:
        """Connect and migrate.

        Raises ``StateUnavailable``, or ``ConfigurationError`` where trying again is of no use.
        """
        try:
            connection = await self._connect()
            async with asyncio.timeout(self._timeout * _OPENING_TIMEOUTS):
                await migrate(
                    connection, schema=self._schema, migrations=self._migrations, url=self.url
                )
            self._open = True
        except ConfigurationError:
            raise
        except TimeoutError as error:
            raise self._unavailable(error) from error
        except Exception as error:
            raise opening_error(error, url=self.url, schema=self._schema) from error
        finally:
            if not self._open:
                self._drop()

    async def close(self) -> None:
        """Finish what is under way, and disconnect."""
        self._open = False
        if self._worker is not None:
            await asyncio.wait({self._worker})
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                async with asyncio.timeout(self._timeout):
                    await connection.close()
            except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    def call(self, key: str, query: str, *args: object) -> asyncio.Future[Row]:
        """Run ``query`` with the next group. The future has the row.

        It fails with ``StateUnavailable``, or ``ValueError`` where the arguments are at fault.
        """
        if not self._open:
            raise StateUnavailable(url=self.url, problem="the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Row] = loop.create_future()
        self._pending.append(_Call(key, query, args, future))
        if self._worker is None:
            self._worker = loop.create_task(self._work())
        return future

    async def _work(self) -> None:
        try:
            while self._pending:
                group = [call for call in self._pending[:GROUP_LIMIT] if not call.future.done()]
                self._pending = self._pending[GROUP_LIMIT:]
                await self._carry_out(group)
        finally:
            self._worker = None

    async def _carry_out(self, group: list[_Call]) -> None:
        try:
            for query, calls in _rounds(group):
                await self._round(query, calls)
        except Exception as error:  # noqa: BLE001 - each caller is told
            self._drop()
            for call in group:
                if not call.future.done():
                    call.future.set_exception(self._unavailable(error))

    async def _round(self, query: str, calls: list[_Call]) -> None:
        try:
            rows = await self._fetch(query, calls)
        except _BAD_ARGUMENTS as error:
            if len(calls) > 1:
                for call in calls:
                    await self._round(query, [call])
            elif not calls[0].future.done():
                calls[0].future.set_exception(ValueError(str(error)))
            return
        for call, row in zip(calls, rows, strict=True):
            if not call.future.done():
                call.future.set_result(row)

    async def _fetch(self, query: str, calls: list[_Call]) -> list[Row]:
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = await self._connect()
        task = asyncio.ensure_future(connection.fetchmany(query, [call.args for call in calls]))
        await asyncio.wait({task}, timeout=self._timeout)
        if not task.done():
            # The driver's own time-out would wait for the server to confirm the cancellation.
            task.cancel()
            connection.terminate()
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # or asyncio would log that nobody looked at it
            raise self._late()
        return task.result()

    async def _connect(self) -> PostgresConnection:
        self._drop()
        self._connection = await self._connector(self._dsn, timeout=self._timeout)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            connection.terminate()

    def _late(self) -> TimeoutError:
        return TimeoutError(f"no answer within {self._timeout:g} s")

    def _unavailable(self, error: BaseException) -> StateUnavailable:
        if isinstance(error, TimeoutError) and not str(error):
            error = self._late()
        return StateUnavailable(url=self.url, problem=reason(error))


def _rounds(group: list[_Call]) -> Iterable[tuple[str, list[_Call]]]:
    """Yield one function's calls at a time, sorted by key, no key's second call before its first.

    The n-th calls of all keys go together, n by n.
    """
    seen: dict[str, int] = {}
    rounds: dict[tuple[int, str], list[_Call]] = {}
    for call in group:
        nth = seen[call.key] = seen.get(call.key, 0) + 1
        rounds.setdefault((nth, call.query), []).append(call)
    for _, query in sorted(rounds):
        calls = rounds[_, query]
        yield query, sorted(calls, key=lambda call: call.key)
