"""Threads for what takes long: they step back behind the event loop, and compute one at a time.

And threads for what may take for ever, which nobody waits for.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
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


class ThreadsLeftBehind(ThreadPoolExecutor):
    """Threads for what may never end, such as to look up a name: the process ends without them.

    Python's own executor waits at the end, of the event loop and once more of the process, for
    whatever is under way, and nothing can stop a thread that waits for the system. Each call has a
    thread of its own: one that never ends holds up no other.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call."""
        future: Future[T] = Future()
        call = partial(fn, *args, **kwargs)
        # A daemon: threading itself does not wait for it either.
        threading.Thread(target=_carry_out, args=(call, future), name="left", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as its class has it
        """Wait for nothing, whatever is asked for."""


def _carry_out(call: Callable[[], T], future: Future[T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is waited for
        future.set_exception(error)


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
