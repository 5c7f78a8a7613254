"""From a URL to a store, and what is said of URLs that name none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.state.opening import open_store
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Store
from tests.support.postgres import PostgresServer
from tests.support.states import Clock, claimed


def _open(url: str) -> Store:
    return open_store(url, holder="one", lease=timedelta(seconds=15), clock=Clock())


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_schemes_name_stores() -> None:
    """A file, memory, a server: nothing is touched before ``open``."""
    assert isinstance(_open("sqlite:///nowhere/agentbot.db"), SQLiteStore)
    assert isinstance(_open("sqlite:///:memory:"), SQLiteStore)
    assert isinstance(_open("postgresql://u:p@host/db"), PostgresStore)
    assert isinstance(_open("postgres:///db?host=/run/postgresql"), PostgresStore)


async def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everywhere that has such URLs; %20 is a blank."""
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///a%20b.db", f"sqlite:///{tmp_path}/c.db"):
        store = _open(url)
        await store.open()
        await store.close()
    assert _names(tmp_path) >= {"a b.db", "c.db"}


async def test_memory_is_a_store_like_any() -> None:
    """For the demo."""
    store = _open("sqlite:///:memory:")
    await store.open()
    await claimed(store, "c", "m")
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "agentbot.db",
        "sqlite:agentbot.db",
        "sqlite://agentbot.db",
        "sqlite:///",
        "sqlite:///a.db?mode=ro",
        "mysql://u:geheim@host/db",
        "postgresql://",
        "postgresql://u:geheim@host:port/db",
        "postgresql://u:ge[heim@host/db",
        "postgresql://u:a@geheim:1@host/db",
        "u:geheim@host/db",
    ],
)
def test_other_urls_are_refused_with_a_remedy(url: str) -> None:
    """The text names the setting and what to write, and never repeats a password."""
    with pytest.raises(ConfigurationError) as caught:
        _open(url)
    assert caught.value.place == "AGENTBOT_STATE_URL"
    assert caught.value.remedy.startswith("write ")
    assert "geheim" not in str(caught.value)


async def test_no_error_of_a_server_tells_the_password() -> None:
    """Nobody listens there: try again later, says the text, about host, port and database."""
    store = _open("postgresql://u:geheim@127.0.0.1:1/db")
    with pytest.raises(StateUnavailable) as caught:
        await store.open()
    assert caught.value.url == "postgresql://127.0.0.1:1/db"
    assert "geheim" not in str(caught.value)


async def test_a_database_that_is_not_there_is_a_configuration_error(
    postgres_server: PostgresServer,
) -> None:
    """Trying again would not help."""
    url = postgres_server.url.replace("/postgres", "/nonesuch")
    store = _open(url)
    with pytest.raises(ConfigurationError, match="does not exist") as caught:
        await store.open()
    assert "hush-hush" not in str(caught.value)
