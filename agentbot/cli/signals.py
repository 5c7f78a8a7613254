"""What the process's signals do, from its first line to its last.

Python's own handlers throughout, not the event loop's: the loop gives a signal its default back,
which ends the process as if it had failed, whenever it lets go of one.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_EXIT_AT_ONCE = 1
_STOP = (signal.SIGTERM, signal.SIGINT)
_Handler = Callable[[int, FrameType | None], object]


def nothing_to_stop() -> None:
    """End with exit code 0, at once, when told to stop: for where nothing is under way.

    That is from here on, but while :func:`on_signals` has something to stop. To be called as
    early as can be; what comes before it, the start of Python itself, dies of a signal.
    """
    for number in _STOP:
        signal.signal(number, lambda _number, _frame: os._exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Python gives signals their defaults back when it tidies up, but not to those ignored.
    atexit.register(_ignore)


@contextmanager
def on_signals(*, stop: Callable[[], object], reload: Callable[[], object]) -> Iterator[None]:
    """While the body runs: SIGTERM and SIGINT stop, SIGHUP reloads, both called by the event loop.

    A second SIGTERM or SIGINT ends the process at once. Whatever is under way then stands in the
    store or on the server, where the next start finds it.
    """
    # Not above: the handlers of this module are to be set before such large modules are loaded.
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

    # A loop that is just falling asleep would sleep on: a byte in this pipe wakes it.
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
