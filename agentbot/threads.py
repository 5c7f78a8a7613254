"""Threads for what takes long: they step back behind the event loop, and compute one at a time."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)

_THREADS = 4
"""Threads beside the event loop: most wait, for a provider's vectors or for :func:`in_turn`."""
_STEPS = 10
"""How far these threads step back behind the event loop, where they share a processor, in steps of
niceness (which ends at 19): a rule's answer beside eight decisions by meanings took 31 ms (p50),
and takes 2."""
_LAST = 19
"""The niceness behind which there is none."""


def threads_that_step_back() -> ThreadPoolExecutor:
    """Return the threads for what takes long, which leave the processor to the event loop."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="beside", initializer=step_back)


def step_back() -> None:
    """Let this thread leave the processor to the event loop's."""
    if sys.platform != "linux":  # elsewhere a priority is the whole process's
        return
    # A process may have been started with a niceness of its own; less than that is forbidden.
    own = os.getpriority(os.PRIO_PROCESS, os.getpid())
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(own + _STEPS, _LAST))
    except PermissionError as error:  # as a sandbox may have it: it is slower, and works
        logger.warning("threads do not step back behind the event loop: %s", error)


class _Queue:
    """Where threads wait for their turn: who came first goes first, as with no lock of Python's."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: deque[object] = deque()

    def __enter__(self) -> None:
        mine = object()
        with self._changed:
            self._places.append(mine)
            try:
                self._changed.wait_for(lambda: self._places[0] is mine)
            except BaseException:  # Ctrl-C: nobody is to wait behind a place that is left
                self._places.remove(mine)
                self._changed.notify_all()
                raise

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._places.popleft()
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
