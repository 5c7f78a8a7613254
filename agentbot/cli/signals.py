"""What the process's signals do."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_EXIT_AT_ONCE = 1


@contextmanager
def on_signals(*, stop: Callable[[], object], reload: Callable[[], object]) -> Iterator[None]:
    """While the body runs: SIGTERM and SIGINT stop, SIGHUP reloads.

    A second SIGTERM or SIGINT ends the process at once. Whatever is under way then stands in the
    store or on the server, where the next start finds it.
    """
    loop = asyncio.get_running_loop()
    stopping = False

    def on_stop() -> None:
        nonlocal stopping
        if stopping:
            os._exit(_EXIT_AT_ONCE)
        stopping = True
        stop()

    handlers = {signal.SIGTERM: on_stop, signal.SIGINT: on_stop, signal.SIGHUP: reload}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
