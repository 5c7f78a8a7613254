"""A line on stderr where something takes longer than people wait without a word."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 2.0
"""Seconds without a word: after about as long, people begin to think that nothing happens."""
_AGAIN = 15.0
"""Seconds until the next word: as long as nobody thinks that it has stopped."""
_MEGABYTE = 1_000_000


def _note(text: str) -> None:
    sys.stderr.write(f"note: {text}\n")


@contextmanager
def said_if_slow(
    text: str,
    *,
    after: float = PATIENCE,
    again: float = _AGAIN,
    say: Callable[[str], object] = _note,
) -> Iterator[None]:
    """Say ``text``, on stderr by default, if the body takes longer than ``after`` seconds.

    Every ``again`` seconds it is said once more, with the seconds so far. The body need not do
    anything for it: it may compute all the time. ``say`` is called in a thread of its own.
    """
    done = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        if done.wait(after):
            return
        say(text)
        while not done.wait(again):
            say(f"{text} ({time.monotonic() - began:.0f} s so far)")

    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    try:
        yield
    finally:
        done.set()


def waiting_for(url: str | None) -> str:
    """Return what to say while a Papercups does not answer."""
    return f"still waiting for {url or 'Papercups'} to answer"


def reading(folder: Path) -> str:
    """Return what to say while a prompts folder is read and its FAQ learnt."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size < _MEGABYTE:
        return f"still reading {folder}; the first time also its meanings are learnt"
    return (
        f"still reading {folder} ({size / _MEGABYTE:.1f} MB) and learning its FAQ and pages: a"
        " megabyte takes some seconds, thousands of FAQ entries too, and their meanings a minute"
        " the first time, those of thousands of pages several"
    )
