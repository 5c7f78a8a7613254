"""Threads for what takes long: they step back behind the event loop, and compute one at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREADS = 4
"""Threads beside the event loop: most wait, for a provider's vectors or for :func:`in_turn`."""
_NICE = 10
"""How far these threads step back behind the event loop, 0 to 19, where they share a processor: a
rule's answer beside eight decisions by meanings took 31 ms (p50), and takes 2."""


def threads_that_step_back() -> ThreadPoolExecutor:
    """Return the threads for what takes long, which leave the processor to the event loop."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="beside", initializer=step_back)


def step_back() -> None:
    """Let this thread leave the processor to the event loop's."""
    if sys.platform == "linux":  # elsewhere a priority is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class _Queue:
    """Where threads wait for their turn: who came first goes first, as with no lock of Python's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._last = 0
        self._now = 0

    def __enter__(self) -> None:
        with self._changed:
            mine = self._last
            self._last += 1
            self._changed.wait_for(lambda: self._now == mine)

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._now += 1
            self._changed.notify_all()


_COMPUTING = _Queue()


def in_turn(compute: Callable[[], T]) -> T:
    """Return what ``compute`` returns, while no other thread computes.

    What takes longer than a tenth of a second is to be asked for in portions, since others wait for
    it. ``compute`` must not call this itself.

    Of two threads that compute, one holds the interpreter while the other has the processor, and
    the event loop waits for both: 99 of 100 rules' answers beside eight decisions by meanings took
    28 ms when four threads made vectors, and take 9 since one does. As much is computed.
    """
    with _COMPUTING:
        return compute()
