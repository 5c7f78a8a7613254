"""``progress.py``: what is slow says so, and what is not stays quiet."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from agentbot.cli import ask, chat
from agentbot.cli.init import asking
from agentbot.cli.init.asking import Asking
from agentbot.cli.init.questions import Questions
from agentbot.cli.progress import reading, said_if_slow
from agentbot.config import load_settings
from tests.support.logs import logging_restored
from tests.support.stage import eventually


def test_what_is_slow_says_so_while_it_works(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, on stderr, also where it computes all the time."""
    with said_if_slow("still at it", after=0.01):
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            pass
        assert capsys.readouterr().err == "note: still at it\n"
    assert not capsys.readouterr().err


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does it later."""
    with said_if_slow("still at it", after=0.2):
        pass
    time.sleep(0.4)
    assert not capsys.readouterr().err


def test_it_is_said_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as in a log."""
    said = threading.Event()
    with said_if_slow("still at it", after=0.01, say=lambda text: said.set() if text else None):
        assert said.wait(10)
    assert not capsys.readouterr().err


def test_what_takes_for_ever_says_so_again() -> None:
    """With the seconds so far, until it has ended."""
    said: list[str] = []
    told = threading.Semaphore(0)

    def say(text: str) -> None:
        said.append(text)
        told.release()

    with said_if_slow("still at it", after=0.01, again=0.01, say=say):
        for _ in range(3):
            assert told.acquire(timeout=10)
    assert said[0] == "still at it"
    assert all(re.fullmatch(r"still at it \(\d+ s so far\)", one) for one in said[1:3])


def test_the_size_is_told(tmp_path: Path) -> None:
    """Where it is what takes the time; of a small folder there is nothing to fear."""
    assert "MB" not in reading(tmp_path)
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "a.yaml").write_bytes(b" " * 2_500_000)
    assert "(2.5 MB)" in reading(tmp_path)


@pytest.fixture
async def silent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[str]:
    """Yield the address of a Papercups that takes requests and answers none."""
    over = asyncio.Event()

    async def wait(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    monkeypatch.chdir(tmp_path)
    async with await asyncio.start_server(wait, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("PAPERCUPS_URL", url)
        monkeypatch.setenv("PAPERCUPS_EMAIL", "bot@example.com")
        monkeypatch.setenv("PAPERCUPS_PASSWORD", "pass-word")
        with logging_restored():
            yield url
        over.set()


def _chatting() -> Coroutine[object, object, object]:
    return chat.main(account="a", name="Vera", email=None, wait=0.0)


def _asking() -> Coroutine[object, object, object]:
    return ask._account(load_settings())


def _beginning() -> Coroutine[object, object, object]:
    settings = load_settings()
    given = {"url": settings.papercups_url, "email": "bot@example.com", "password": "pass-word"}
    return Asking(Questions(given), {}, Path("prompts"), ("company.yaml",)).answers()


@pytest.mark.parametrize(
    ("module", "command"), [(chat, _chatting), (ask, _asking), (asking, _beginning)]
)
async def test_who_waits_for_papercups_is_told_for_what(
    silent: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: ModuleType,
    command: Callable[[], Coroutine[object, object, object]],
) -> None:
    """It may take three quarters of a minute until it is given up."""
    monkeypatch.setattr(module, "said_if_slow", partial(said_if_slow, after=0.01))
    running = asyncio.create_task(command())
    note, said = f"note: still waiting for {silent} to answer\n", ""

    def told() -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return note in said

    await eventually(told)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
