"""A service manager is told how the bot is (`ops/systemd.py`), by a socket of the test's."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.ops.systemd import ServiceManager
from tests.support.bot_process import BotProcess
from tests.support.folders import folder
from tests.support.timing import within

_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, for what takes a second or two."""


class Told:
    """A manager's end of the socket: what it was told, by its lines."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lines: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def read(self) -> list[str]:
        """Return all that was told so far."""
        while True:
            try:
                self.lines += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self.lines

    async def until(self, wanted: Callable[[list[str]], bool]) -> list[str]:
        """Return what was told once that is so."""
        async with within(_GIVE_UP_AFTER):
            while not wanted(self.read()):  # noqa: ASYNC110 - nobody else tells of it
                await asyncio.sleep(0.02)
        return self.lines

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()


@contextmanager
def listening(address: str = "") -> Iterator[Told]:
    """Listen at an address, by default in a folder with a short name, as the kernel wants it."""
    with tempfile.TemporaryDirectory() as place:
        told = Told(address or str(Path(place, "notify")))
        try:
            yield told
        finally:
            told.close()


@pytest.fixture
def told() -> Iterator[Told]:
    """Yield a manager's socket."""
    with listening() as one:
        yield one


async def test_it_is_ready_once_nothing_is_waited_for(told: Told) -> None:
    """Until then it is told what is; afterwards what has changed."""
    waiting = {"socket": "not\njoined"}
    manager = ServiceManager.of({"NOTIFY_SOCKET": told.address})
    following = asyncio.create_task(manager.follow(lambda: waiting))
    await told.until(lambda lines: "STATUS=waiting for socket: not joined" in lines)
    assert "READY=1" not in told.lines
    waiting.clear()
    await told.until(lambda lines: lines[-2:] == ["READY=1", "STATUS=answering"])
    following.cancel()


async def test_the_loop_is_the_pulse(told: Told) -> None:
    """Twice in the time that the manager waits; a loop that stands still tells nothing."""
    manager = ServiceManager.of({"NOTIFY_SOCKET": told.address, "WATCHDOG_USEC": "100000"})
    assert manager.watchdog == 0.1
    following = asyncio.create_task(manager.follow(dict))
    await told.until(lambda lines: lines.count("WATCHDOG=1") > 3)
    before = len(told.read())
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:  # a loop that hangs
        pass
    assert len(told.read()) == before
    following.cancel()


@pytest.mark.parametrize(
    ("environ", "watchdog"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_only_of_this_process(
    environ: dict[str, str], watchdog: float | None
) -> None:
    """A child that inherits the environment is not watched."""
    assert ServiceManager.of(environ).watchdog == watchdog


def test_a_reload_is_told_with_its_time(told: Told) -> None:
    """By the clock that the manager goes by; before the bot is ready there is nothing to tell."""
    manager = ServiceManager.of({"NOTIFY_SOCKET": told.address})
    assert not manager.reloading()
    manager.ready()
    before = time.monotonic_ns() // 1000
    assert manager.reloading()
    ready, reloading, at = told.read()
    assert (ready, reloading) == ("READY=1", "RELOADING=1")
    assert before <= int(at.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000


def test_an_address_may_be_an_abstract_one() -> None:
    """It begins with @ in the environment, and with a NUL for the kernel."""
    with listening(f"@agentbot-test-{os.getpid()}") as abstract:
        ServiceManager.of({"NOTIFY_SOCKET": abstract.address}).stopping()
        assert abstract.read()[0] == "STOPPING=1"


async def test_without_a_manager_nothing_is_told() -> None:
    """In a container, or on a terminal; it does not go round for nothing either."""
    manager = ServiceManager.of({})
    await manager.follow(lambda: {"socket": "not joined"})
    manager.stopping()


def test_a_manager_that_is_gone_is_told_of_once(tmp_path: Path) -> None:
    """The bot goes on all the same."""
    manager = ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    with capture_logs() as logs:
        manager.ready()
        manager.stopping()
    assert [entry["event"] for entry in logs] == ["systemd.not_told"]


async def test_a_bot_tells_its_whole_life(told: Told, tmp_path: Path) -> None:
    """Ready once it has joined, reloading on SIGHUP, stopping on SIGTERM, with a pulse between."""
    server = DevServer()
    server.seed()
    prompts = await asyncio.to_thread(folder, tmp_path, company="name: Own\n", system="Be kind.")
    async with serve(server) as url:
        settings = {
            "PAPERCUPS_URL": url,
            "PAPERCUPS_EMAIL": "bot@example.com",
            "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
            "AGENTBOT_PROMPTS_DIR": str(prompts),
            "AGENTBOT_FAQ__EMBEDDINGS": "none",
            "NOTIFY_SOCKET": told.address,
            "WATCHDOG_USEC": "2000000",
        }
        bot = await BotProcess.start(settings, log=tmp_path / "log", folder=tmp_path)
        await told.until(lambda lines: "READY=1" in lines)
        assert "connected" in {event["message"] for event in bot.events()}
        bot.send(signal.SIGHUP)
        lines = await told.until(lambda lines: lines.count("READY=1") == 2)
        assert lines.index("RELOADING=1") > lines.index("READY=1")
        bot.send(signal.SIGTERM)
        lines = await told.until(lambda lines: "STOPPING=1" in lines)
        assert await bot.ended() == 0
    assert "WATCHDOG=1" in lines
