"""What the process's signals do, from its start to its end.

The handlers are Python's own, not the event loop's: when the loop removes one it puts the signal's
default back, which ends the process as if it had failed.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_EXIT_AT_ONCE = 1
"""The exit code of a failure: what was under way is not finished."""
_STOP = (signal.SIGTERM, signal.SIGINT)
_Handler = Callable[[int, FrameType | None], object]


def nothing_to_stop() -> None:
    """End with exit code 0, at once, when told to stop, as long as there is nothing to stop.

    That is so from here on, except while the body of :func:`on_signals` runs. Call this as early
    as possible: while Python itself is starting, a signal kills the process.
    """
    for number in _STOP:
        signal.signal(number, lambda _number, _frame: os._exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # On its way out Python puts the defaults back, except for signals that are ignored.
    atexit.register(_ignore)


@contextmanager
def on_signals(
    *, stop: Callable[[], object], reload: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Call ``stop`` on SIGTERM and SIGINT, and ``reload`` on SIGHUP, while the body runs.

    The event loop calls them. A second SIGTERM or SIGINT ends the process at once: whatever was
    under way is in the store or on the server, where the next start finds it.
    """
    # Not above: this module's handlers are to be set before such large modules are loaded.
    import asyncio  # noqa: PLC0415
    import socket  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    stopping = False

    def on_stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            os._exit(_EXIT_AT_ONCE)
        stopping = True
        loop.call_soon_threadsafe(stop)

    def on_reload(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(reload)

    # A signal alone does not wake a loop that is about to sleep: a byte in this pipe does.
    woken, waking = socket.socketpair()
    with woken, waking:
        woken.settimeout(0)
        waking.settimeout(0)
        loop.add_reader(woken, woken.recv, 4096)
        earlier_pipe = signal.set_wakeup_fd(waking.fileno())
        earlier = {number: signal.signal(number, on_stop) for number in _STOP}
        earlier[signal.SIGHUP] = signal.signal(signal.SIGHUP, on_reload)
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(earlier_pipe)
            loop.remove_reader(woken)


def _ignore() -> None:
    for number in _STOP:
        signal.signal(number, signal.SIG_IGN)
