"""Proves ``agentbot/state/postgres/connection.py``: how a connection is made, in bounded time."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.state.postgres.connection import connect
from tests.state.postgres.conftest import TIMEOUT
from tests.support.postgres import PostgresServer
from tests.support.proxy import Direction, FaultyProxy, Link


async def test_a_connection_is_set_up(postgres_server: PostgresServer) -> None:
    """As connection.sql says, and with a name by which an operator knows it."""
    connection = await connect(postgres_server.url, timeout=TIMEOUT * 10)
    (row,) = await connection.fetch(
        "SELECT current_setting('enable_seqscan') AS scan, current_setting('jit') AS jit,"
        " current_setting('application_name') AS name"
    )
    assert dict(row) == {"scan": "off", "jit": "off", "name": "agentbot"}
    assert not connection.is_closed()
    await connection.close()


@pytest.mark.parametrize("word", [b"user", b"enable_seqscan", b"jit"])
async def test_a_server_that_falls_silent_is_given_up(
    postgres_server: PostgresServer, word: bytes
) -> None:
    """At the login, and at anything it is told afterwards; nothing of the connection is left."""
    proxy = FaultyProxy("127.0.0.1", postgres_server.port)

    def spy(link: Link, direction: Direction, data: bytes) -> None:
        if direction is Direction.UP and word in data:
            link.lose(Direction.DOWN)

    proxy.spy = spy
    async with proxy.serve() as place:
        url = postgres_server.url.replace(str(postgres_server.port), place.rpartition(":")[2])
        async with asyncio.timeout(TIMEOUT * 20):
            with pytest.raises(TimeoutError):
                await connect(url, timeout=TIMEOUT)
            while proxy.links:  # noqa: ASYNC110 - the end of a connection sets no event
                await asyncio.sleep(0)
    assert proxy.accepted > 0
