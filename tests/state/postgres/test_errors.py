"""Proves ``agentbot/state/postgres/errors.py``: what is waited for, and what ends the program."""

from __future__ import annotations

import socket

import asyncpg  # type: ignore[import-untyped] # it ships no types
import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.postgres.errors import opening_error
from agentbot.state.postgres.store import PostgresStore
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, Clock, PostgresHarness

URL = "postgresql://db:5432/papercups"


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (asyncpg.CannotConnectNowError("the database system is starting up"), "starting up"),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), "too many"),
        (asyncpg.AdminShutdownError("terminating connection"), "terminating"),
        (asyncpg.ReadOnlySQLTransactionError("cannot execute CREATE SCHEMA"), "cannot execute"),
        (asyncpg.DiskFullError("No space left on device"), "No space left"),
        (asyncpg.DeadlockDetectedError("deadlock detected"), "deadlock"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ConnectionResetError(), "ConnectionResetError"),
        (socket.gaierror(-2, "Name or service not known"), "not known"),
        (asyncpg.InterfaceError("connection is closed"), "closed"),
    ],
)
def test_what_may_pass_is_waited_for(error: Exception, problem: str) -> None:
    """A server that is away, starting, full or a standby: unavailable, in its own words."""
    raised = opening_error(error, url=URL, schema="agentbot")
    assert isinstance(raised, StateUnavailable)
    assert raised.url == URL
    assert problem in raised.problem


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (asyncpg.InvalidPasswordError("password authentication failed"), "the password"),
        (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"), "the user"),
        (asyncpg.InvalidCatalogNameError('database "x" does not exist'), "the database"),
        (asyncpg.InsufficientPrivilegeError("permission denied"), "make the schema agentbot"),
        (asyncpg.UndefinedObjectError("unrecognized parameter"), "what follows ?"),
        (asyncpg.PostgresSyntaxError("syntax error"), "the server's version"),
        (asyncpg.exceptions.ClientConfigurationError("sslmode must be one of"), "correct the URL"),
    ],
)
def test_what_waiting_does_not_mend_is_the_operators(error: Exception, remedy: str) -> None:
    """Said at once, with the place, the server's own words and what to do."""
    raised = opening_error(error, url=URL, schema="agentbot")
    assert isinstance(raised, ConfigurationError)
    assert raised.place == "AGENTBOT_STATE_URL"
    assert URL in raised.problem
    assert str(error) in raised.problem
    assert remedy in raised.remedy


def test_an_error_without_a_code_is_the_operators() -> None:
    """A server that speaks so is none that waiting would mend."""
    error = asyncpg.PostgresError("what is this")
    assert error.sqlstate is None
    raised = opening_error(error, url=URL, schema="agentbot")
    assert isinstance(raised, ConfigurationError)
    assert "what is this" in raised.problem


def test_it_is_one_line() -> None:
    """Details and hints of the server's follow in the same line."""
    error = asyncpg.InvalidAuthorizationSpecificationError("no entry")
    error.detail, error.hint = "for host 10.0.0.1", "edit pg_hba.conf"
    text = str(opening_error(error, url=URL, schema="agentbot"))
    assert "\n" not in text
    assert "edit pg_hba.conf" in text


def test_what_the_driver_quotes_of_the_url_is_not_repeated() -> None:
    """It may be half a password."""
    error = ValueError("invalid literal for int() with base 10: 'geheim'")
    assert "geheim" not in str(opening_error(error, url=URL, schema="agentbot"))


@pytest.mark.parametrize("query", ["sslmode=nonsense", "nonsense=1", "target_session_attrs=x"])
async def test_a_url_that_cannot_be_used(postgres_server: PostgresServer, query: str) -> None:
    """Whether the driver says so or the server."""
    harness = PostgresHarness(f"{postgres_server.url}?{query}")
    with pytest.raises(ConfigurationError) as caught:
        await harness.store("one")
    assert "hush-hush" not in str(caught.value)


async def test_a_server_without_a_free_connection_is_waited_for(
    postgres_server: PostgresServer,
) -> None:
    """As soon as one is free, the same store opens."""
    harness = PostgresHarness(postgres_server.url)
    user = f"{harness.schema}_user"
    await harness.fetch(f"CREATE ROLE {user} LOGIN CONNECTION LIMIT 0")
    await harness.fetch(f"CREATE SCHEMA {{schema}} AUTHORIZATION {user}")
    url = harness.url.replace("//agentbot:", f"//{user}:")
    store = PostgresStore(url, holder="one", lease=LEASE, clock=Clock(), schema=harness.schema)
    with pytest.raises(StateUnavailable, match="too many connections"):
        await store.open()
    await harness.fetch(f"ALTER ROLE {user} CONNECTION LIMIT 1")
    await store.open()
    await store.close()
    await harness.close()
    await harness.fetch(f"DROP ROLE {user}")
