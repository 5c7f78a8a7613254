"""An event loop whose time passes only when nothing else is left to do, and then at once."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_IDLE_LIMIT = 30.0
"""Real seconds without any timer in which something from outside must happen."""
_LONGEST = 86_400.0
"""Virtual seconds, a day, in which whatever is waited for must come; a test may say otherwise."""

_TURN = 1e-7
"""Virtual seconds that a turn of the loop takes. If code took no time at all, what waits until a
moment has passed, and wakes right at it, would never get on."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that never waits for a timer: it notes how long it would have had to wait.

    While functions are ``at_work`` in threads it waits for them, however long that takes: their
    work costs no virtual time.
    """

    def __init__(self, longest: float) -> None:
        super().__init__()
        self.passed = 0.0
        self.at_work = 0
        self._longest = longest

    def select(self, timeout: float | None = None) -> list[Any]:
        self.passed += _TURN
        ready: list[Any] = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.at_work:
            ready = super().select(_IDLE_LIMIT)
            if not ready:
                raise TimeoutError("every task waits, and nothing wakes one")
            return ready
        self.passed += timeout
        if self.passed > self._longest:
            raise TimeoutError(f"what is waited for does not come in {self._longest:g} virtual s")
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop for what has no network: with real sockets its time would run away from theirs."""

    _scheduled: list[asyncio.TimerHandle]
    """What asyncio's own loop keeps, which typeshed does not tell."""

    def __init__(self, longest: float = _LONGEST) -> None:
        self._jumping = _JumpingSelector(longest)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return float(self._jumping.passed)

    @property
    def timers(self) -> int:
        """The number of timers that are set."""
        return sum(not timer.cancelled() for timer in self._scheduled)

    def stand_still(self, seconds: float) -> None:
        """Let time pass."""
        self._jumping.passed += seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Call ``func`` in a thread; no time passes until it has returned."""
        self._jumping.at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._has_worked)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as it is there
        """Wait for the threads, however long that takes: any time-out would be over at once."""
        del timeout  # from Python 3.12 on, a runner gives 300 s
        await super().shutdown_default_executor()

    def _has_worked(self, _: asyncio.Future[T]) -> None:
        self._jumping.at_work -= 1


def stand_still(seconds: float) -> None:
    """Let time pass in the middle of what the running loop does, as while a process is stopped."""
    _running_loop().stand_still(seconds)


def timers() -> int:
    """Return how many timers are set in the running loop."""
    return _running_loop().timers


def _running_loop() -> VirtualTimeLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return loop


def run_virtual(main: Coroutine[Any, Any, T], *, longest: float = _LONGEST) -> T:
    """Run ``main`` in a loop of its own on virtual time, of which ``longest`` seconds may pass."""
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(longest)) as runner:
        return runner.run(main)


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Let a whole test run in a loop on virtual time, which no busy machine can make late."""

    @functools.wraps(test)
    def ran(*args: P.args, **kwargs: P.kwargs) -> None:
        run_virtual(test(*args, **kwargs))

    return ran


def now() -> float:
    """Return the running loop's time in seconds, virtual where its time is."""
    return asyncio.get_running_loop().time()
