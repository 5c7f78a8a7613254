"""A blocking call on the event loop is found, wherever it hides, and fails the test."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest
from coverage.collector import Collector

from tests.support.blocking import ALLOWED, PLACES, blocking_calls, is_watched

ROOT = Path(__file__).parents[1]

_CODE = """
import asyncio, sqlite3, time
from contextlib import closing
from pathlib import Path

def sleep():
    time.sleep(0.001)

def read():
    return Path(__file__).read_text()

def query():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELECT 1")

def release_later(lock):
    time.sleep(0.05)
    lock.release()

def acquire(lock):
    lock.acquire()

def call(function):
    function()

async def sleep_in_a_thread():
    await asyncio.to_thread(sleep)

async def wait():
    await asyncio.sleep(0.001)
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return a module of a package that is watched in the place of agentbot."""
    package = tmp_path / "slowbot"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "code.py").write_text(_CODE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("slowbot.code")
    for name in ("slowbot", "slowbot.code"):
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("sleep", "time.sleep"),
        ("read", "io.TextIOWrapper.read"),
        ("query", "sqlite3.Connection.execute"),
    ],
)
def test_a_call_that_blocks_is_noted_with_its_place(code: ModuleType, name: str, call: str) -> None:
    """It raises, and is noted even where the code swallows all errors."""

    async def swallow() -> None:
        with suppress(Exception):
            getattr(code, name)()

    with blocking_calls("slowbot") as found:
        asyncio.run(swallow())

    assert [one.rpartition(":")[0] for one in found] == [f"{call} at slowbot/code.py"]


def test_what_waits_elsewhere_is_left_alone(code: ModuleType) -> None:
    """In a thread, without a loop, and where the loop itself waits."""
    with blocking_calls("slowbot") as found:
        asyncio.run(code.sleep_in_a_thread())
        asyncio.run(code.wait())
        code.sleep()
        code.read()

    assert not found


def test_the_lock_of_who_measures_coverage_is_left_alone(code: ModuleType) -> None:
    """It is luck whether another thread reaches a new file just then. Our own locks are found."""
    lock = Lock()
    measuring = cast("Collector", SimpleNamespace(data_lock=lock))

    async def wait(acquire: Callable[[], None]) -> None:
        lock.acquire()
        held = asyncio.create_task(asyncio.to_thread(code.release_later, lock))
        await asyncio.sleep(0)
        with suppress(Exception):
            code.call(acquire)
        await held

    with blocking_calls("slowbot") as found:
        asyncio.run(wait(partial(Collector.lock_data, measuring)))
        assert not found
        lock.release()
        asyncio.run(wait(partial(code.acquire, lock)))

    assert [one.rpartition(":")[0] for one in found] == ["lock.acquire at slowbot/code.py"]


@pytest.mark.parametrize(
    ("place", "watched"),
    [("bot/turns/test_attempt.py", True), ("e2e/test_a.py", True), ("state/test_a.py", False)],
)
def test_the_layers_on_the_loop_are_watched(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, place: str, *, watched: bool
) -> None:
    """By the place of the test."""
    monkeypatch.setattr(request.node, "path", ROOT / "tests" / place)

    assert is_watched(request.node, ROOT / "tests") is watched


def test_places_and_exceptions_exist() -> None:
    """A file that is moved takes its entry along."""
    assert all((ROOT / "tests" / place).is_dir() for place in PLACES)
    for _, files, _, why in ALLOWED:
        ours = [file for file in files if file.startswith("agentbot/")]
        assert not ours or any((ROOT / file).exists() for file in ours), why
