"""One connection to PostgreSQL: what is used of the driver's, and how one is made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped] # it ships no types

from agentbot.state.sql import read_statements

Row = Mapping[str, Any]

_ON_CONNECTING = read_statements("agentbot.state.postgres", "connection.sql")


class PostgresConnection(Protocol):
    """What is used of ``asyncpg.Connection``."""

    def is_closed(self) -> bool:
        """Say whether the connection is gone."""

    def terminate(self) -> None:
        """Drop the connection at once."""

    async def close(self) -> None:
        """Tell the server, and drop the connection."""

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement."""

    async def fetchval(self, query: str, *args: object) -> int:
        """Return the first row's first value, which here is a number or a boolean."""

    async def fetch(self, query: str, *args: object) -> list[Row]:
        """Return all rows."""

    async def fetchmany(self, query: str, args: Iterable[tuple[object, ...]]) -> list[Row]:
        """Run the statement for all arguments in one transaction and return all rows."""


class PostgresConnector(Protocol):
    """What makes connections: ``connect``, or a test's own."""

    async def __call__(self, url: str, *, timeout: float) -> PostgresConnection:  # noqa: ASYNC109 - as below
        """Return a new connection, within ``timeout`` seconds."""


async def connect(url: str, *, timeout: float) -> PostgresConnection:  # noqa: ASYNC109 - the driver's too
    """Return a new connection, within ``timeout`` seconds; raise ``TimeoutError`` after them.

    Raises what the driver raises.
    """
    async with asyncio.timeout(timeout):
        connection: PostgresConnection = await asyncpg.connect(
            url, timeout=timeout, server_settings={"application_name": "agentbot"}
        )
        try:
            for statement in _ON_CONNECTING:
                await connection.execute(statement.text)
        except BaseException:
            connection.terminate()
            raise
    return connection
