"""Proves ``agentbot/state/opening.py``: from a URL to a store, and what is said of other URLs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError, StateInUse, StateUnavailable
from agentbot.state.opening import open_store
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Store
from tests.support.postgres import PostgresServer
from tests.support.states import Clock, claimed

NO_SERVER = "names no PostgreSQL server, or a port that is none"


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


async def test_memory_is_a_store_like_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the demo; no file is made."""
    monkeypatch.chdir(tmp_path)
    store = _open("sqlite:///:memory:")
    await store.open()
    await claimed(store, "c", "m")
    assert _names(tmp_path) == set()
    await store.close()


async def test_a_store_is_made_as_it_is_asked_for(tmp_path: Path) -> None:
    """Holder, lease and clock are the caller's; exclusive unless it is a command's."""
    url = f"sqlite:///{tmp_path}/a.db"
    lease, clock = timedelta(seconds=7), Clock()
    first = open_store(url, holder="one", lease=lease, clock=clock)
    await first.open()
    claim = await claimed(first, "c", "m")
    assert (claim.holder, claim.expires_at) == ("one", clock() + lease)
    with pytest.raises(StateInUse, match="one"):
        await open_store(url, holder="two", lease=lease, clock=clock).open()
    beside = open_store(url, holder="three", lease=lease, clock=clock, exclusive=False)
    await beside.open()
    assert beside.holder == "three"
    assert await beside.orphans() == []
    await beside.close()
    await first.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "is not a URL"),
        ("agentbot.db", "is not a URL"),
        ("sqlite:agentbot.db", "is not a URL"),
        ("u:geheim@host/db", "is not a URL"),
        ("sqlite://agentbot.db", "an SQLite URL has three slashes and a path"),
        ("sqlite:///", "an SQLite URL has three slashes and a path"),
        ("sqlite:///a.db?mode=ro", "an SQLite URL takes no parameters"),
        ("mysql://u:geheim@host/db", "'mysql' is no kind of store"),
        ("m" * 30 + "://host/db", f"'{'m' * 20}' is no kind of store"),
        ("postgresql://", NO_SERVER),
        ("postgresql:///db", NO_SERVER),
        ("postgresql://host:0/db", NO_SERVER),
        (
            "postgresql://u:geheim@host:port/db",
            NO_SERVER,
        ),
        ("postgresql://u:ge[heim@host/db", NO_SERVER),
        ("postgresql://u:a@geheim:1@host/db", "holds more than one @"),
    ],
)
def test_other_urls_are_refused_with_a_remedy(url: str, problem: str) -> None:
    """The text names the setting and what to write, and never repeats a password."""
    with pytest.raises(ConfigurationError) as caught:
        _open(url)
    assert caught.value.place == "AGENTBOT_STATE_URL"
    assert caught.value.problem == problem
    assert caught.value.remedy.startswith("write ")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://host/db", "postgresql://host:1/db", "postgresql:///db?host=/run"]
)
def test_a_server_may_be_named_in_three_ways(url: str) -> None:
    """By its host, with a port or without, or by a parameter."""
    assert isinstance(_open(url), PostgresStore)


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
