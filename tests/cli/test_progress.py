"""``progress.py``: what is slow says so, and what is not stays quiet."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

from agentbot.cli.progress import reading, said_if_slow


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
