"""Virtual time, and processes in it that can be frozen and killed as an operating system does.

Every process is an event loop of its own, and one kernel runs them all in one thread: whoever has
something to do is run, one loop's turn at a time; when nobody has, the clock jumps to the next
timer. A process that is killed is never run again: no ``finally`` and no ``except`` of it sees the
end, which is what kill -9 means.
"""

from __future__ import annotations

import asyncio
from asyncio import events
from collections.abc import Callable, Coroutine
from heapq import heappop
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

_NEVER = float("inf")
_BUSY = 100
"""Turns of a loop without time passing, after which each takes :data:`_TURN` seconds: whoever waits
for a moment that rounding puts a hair too early would otherwise wait for ever."""
_TURN = 1e-7
_ROUNDS = 2_000
"""Turns of a loop without time passing, after which it counts as spinning."""


class Deadlock(Exception):
    """Nothing is ready, no timer is set, and what was waited for has not come."""


class Spinning(Exception):
    """A process goes on and on without any time passing."""


class Process(asyncio.BaseEventLoop):
    """An event loop that the kernel runs: one process of the simulated world."""

    # What asyncio's own loop keeps, which typeshed does not tell.
    _ready: Any
    _scheduled: Any

    def __init__(self, kernel: Kernel, name: str) -> None:
        super().__init__()
        self.kernel = kernel
        self.name = name
        self.alive = True
        self.buried = False
        self.on_kill: Callable[[], None] = lambda: None
        self.on_attempt: Callable[[str], None] = lambda _what: None
        self.on_fate: Callable[[str, float], None] = lambda _fate, _seconds: None
        self.on_stop: Callable[[], None] = lambda: None
        self.on_decision: Callable[[str, Any], None] = lambda _where, _decision: None
        self.frozen_until = 0.0
        self.slept = 0.0
        self.standstills: list[tuple[float, float]] = []
        self.clock_errors: list[tuple[float, float]] = [(0.0, 0.0)]
        self._latest = 0.0
        self._asleep_until = 0.0
        self.errors: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _loop, context: self.errors.append(context))
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.set_task_factory(self._make_task)
        self._kill_at: int | None = None
        self._operations = 0
        self._callbacks_left = 0
        self._stop_for = 0.0

    @property
    def clock_error(self) -> float:
        """The seconds by which the wall clock is ahead of the true time now."""
        return self.clock_errors[-1][1]

    @clock_error.setter
    def clock_error(self, seconds: float) -> None:
        """Set the wall clock. How it was before stays known, in ``clock_errors``."""
        self.clock_errors.append((self.kernel.now, seconds))

    def clock_errors_between(self, since: float, until: float) -> list[float]:
        """Return every error that the wall clock had within that time (the kernel's).

        Of a clock that was set in its first moment both are told: nobody knows which was read.
        """
        before = [error for at, error in self.clock_errors if at < since]
        return before[-1:] + [error for at, error in self.clock_errors if since <= at <= until]

    def time(self) -> float:
        """Return the seconds of a monotonic clock, which stands still while the machine sleeps."""
        # What is taken away and added again is rounded: no timer may find itself too early.
        now = self.kernel.now - self.slept
        return max(now, self._latest)

    def kill(self) -> None:
        """End, in the middle of whatever is going on."""
        if self.alive:
            self.alive = False
            self.kernel.note(self.name, "killed")
            self.on_kill()
            self.on_fate("killed", 0.0)

    def kill_after(self, operations: int) -> None:
        """End at so many operations on the world from now: see :meth:`operation`."""
        self._kill_at = self._operations + operations

    def freeze(self, seconds: float) -> None:
        """Stand still for a while, as after SIGSTOP; the world goes on, and so do the clocks."""
        self.standstills.append((self.kernel.now, self.kernel.now + seconds))
        self.frozen_until = max(self.frozen_until, self.kernel.now + seconds)
        self.on_fate("frozen", seconds)

    def freeze_after(self, callbacks: int, seconds: float) -> None:
        """Stand still once so many callbacks have run from now: half-way through whatever is on."""
        self._callbacks_left, self._stop_for = callbacks, seconds

    def suspend(self, seconds: float) -> None:
        """Sleep with the whole machine: only its wall clock goes on."""
        self.freeze(seconds)
        now = self.kernel.now
        awake_at = max(self._asleep_until, now + seconds)
        self.slept += awake_at - max(self._asleep_until, now)
        self._asleep_until = awake_at

    def operation(self) -> bool:
        """Say that the process is about to act on the world; return whether it still can.

        A process may die between any two of these, and only there does it show.
        """
        self._operations += 1
        if self._operations == self._kill_at:
            self.kill()
        return self.alive and not self.buried

    def next_time(self) -> float:
        """Return when there is something to do, infinity where never again."""
        if not self.alive:
            return _NEVER
        scheduled = self._scheduled
        while scheduled and scheduled[0]._cancelled:
            heappop(scheduled)._scheduled = False
        if self._ready:
            when = self.kernel.now
        elif scheduled:
            when = scheduled[0]._when + self.slept
        else:
            return _NEVER
        return max(when, self.frozen_until)

    def turn(self) -> None:
        """Run what is ready now, once."""
        now, slept, ready, scheduled = self.kernel.now, self.slept, self._ready, self._scheduled
        while scheduled and scheduled[0]._when + slept <= now:
            handle = heappop(scheduled)
            handle._scheduled = False
            self._latest = handle._when
            ready.append(handle)
        events._set_running_loop(self)
        try:
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle._cancelled:
                    handle._run()
                    if not self.alive and not self.buried:
                        return
                    if self._callbacks_left and self._stops_here():
                        return
        finally:
            events._set_running_loop(None)

    def _stops_here(self) -> bool:
        self._callbacks_left -= 1
        if not self._callbacks_left:
            self.kernel.note(self.name, f"stands still for {self._stop_for:.1f} s")
            self.on_stop()
            self.freeze(self._stop_for)
        return not self._callbacks_left

    def bury(self) -> None:
        """Let go of what was under way, without a word to anybody."""
        self.buried = True
        for _ in range(_ROUNDS):
            if not self._ready:
                if not self.tasks:
                    break
                for task in list(self.tasks):
                    task.cancel()
            self.turn()
        self.close()

    def _make_task(
        self,
        _loop: asyncio.AbstractEventLoop,
        coro: Any,  # noqa: ANN401 - asyncio's own
        **options: Any,
    ) -> asyncio.Task[Any]:
        """Keep the task: of a dead process, nothing may run because it is collected."""
        task = asyncio.Task(coro, loop=self, **options)
        self.tasks[task] = None
        task.add_done_callback(self._forget_task)
        return task

    def _forget_task(self, task: asyncio.Task[Any]) -> None:
        del self.tasks[task]

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector here."""


class Kernel:
    """The processes, and the one clock that they share."""

    def __init__(self, random: Random) -> None:
        self.now = 0.0
        self.trace: list[str] | None = None
        self._random = random
        self._processes: list[Process] = []
        self._living: list[Process] = []

    def process(self, name: str) -> Process:
        """Start a process."""
        made = Process(self, name)
        self._processes.append(made)
        self._living.append(made)
        return made

    def note(self, who: str, what: str) -> None:
        """Write a line into the trace, if one is kept."""
        if self.trace is not None:
            self.trace.append(f"{self.now:10.4f} {who:8} {what}")

    def run(self, process: Process, main: Coroutine[Any, Any, T]) -> T:
        """Run everything until ``main``, in ``process``, is done. Raises what it raises.

        Raises :class:`Deadlock` where that can never be, :class:`Spinning` where time stands.
        """
        done = process.create_task(main)
        rounds = 0
        while not done.done():
            before = self.now
            self._step()
            rounds = rounds + 1 if self.now == before else 0
            if rounds > _BUSY:
                self.now += _TURN
            if rounds > _ROUNDS:
                done.cancel()
                raise Spinning(f"for {rounds} turns at {self.now}")
        return done.result()

    def bury(self) -> None:
        """Let go of all processes."""
        for process in self._processes:
            process.bury()

    def _step(self) -> None:
        """Let one process have its turn, at the next moment at which any has something to do."""
        earliest = _NEVER
        ready: list[Process] = []
        for process in self._living:
            when = process.next_time()
            if when < earliest:
                earliest, ready = when, [process]
            elif when == earliest:
                ready.append(process)
        if earliest == _NEVER:
            raise Deadlock
        self.now = max(self.now, earliest)
        chosen = ready[0] if len(ready) == 1 else ready[int(self._random.random() * len(ready))]
        chosen.turn()
        if not chosen.alive:
            self._living = [process for process in self._living if process.alive]


def give(future: asyncio.Future[Any], value: object) -> None:
    """Give the future its result, unless nobody wants it any more."""
    if not future.done():
        future.set_result(value)
