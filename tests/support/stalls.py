"""A busy machine: event loops and threads that stand still now and then, by a seed.

``pytest --stalls SEED`` finds tests that rest on what a machine does within a fraction of a second.
One that fails so would fail in CI on a bad day: what it lacks is an event to wait for, virtual time
(``virtual_time.py``), or a longer time-out. What is in virtual time already is left alone.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
T = TypeVar("T")

SHARE = 0.08
"""Share (0 to 1) of a loop's turns, and of calls in threads, before whose end it stands still."""
LONGEST = 0.4
"""Seconds that it stands still at most; a CI machine of two processors has taken 0.1 and more."""

_sleep = time.sleep
"""Taken before tests look for calls that block (``blocking.py``)."""


@contextmanager
def stalling(seed: int, stand_still: Callable[[float], None] = _sleep) -> Iterator[None]:
    """Let loops and threads of this process call ``stand_still`` now and then, with seconds."""
    random = Random(seed)  # noqa: S311 - not a secret
    select, submit = selectors.DefaultSelector.select, ThreadPoolExecutor.submit

    def stall() -> None:
        if random.random() < SHARE:
            stand_still(random.random() * LONGEST)

    def late(
        selector: selectors.DefaultSelector, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        ready = select(selector, timeout)
        if type(selector) is selectors.DefaultSelector:
            stall()
        return ready

    def slow(
        pool: ThreadPoolExecutor, call: Callable[P, T], /, *args: P.args, **named: P.kwargs
    ) -> Future[T]:
        def stalled() -> T:
            stall()
            return call(*args, **named)

        return submit(pool, stalled)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selectors.DefaultSelector, "select", late)
        patch.setattr(ThreadPoolExecutor, "submit", slow)
        yield
