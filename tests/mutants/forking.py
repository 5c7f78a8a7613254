"""A process of its own for each task, several at a time, each with a time limit."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

_LOOK_AGAIN = 0.005
"""Seconds between two looks at the running processes: short beside what a test takes."""

_MEMORY = 2 * 2**30
"""Bytes of address space that a task may add: a mutant that appends for ever ends there."""

_PR_SET_PDEATHSIG = 1
"""The number of an operation of prctl(2), which Python has no name for."""

CRASHED = 70
"""The status of a process whose task raised."""


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """What a process is for. ``run`` returns the process' exit status; ``limit`` is in seconds."""

    what: T
    run: Callable[[], int]
    limit: float


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """How a task's process ended. ``status`` is None where it was killed, at its limit or before.

    ``seconds`` is how long it ran.
    """

    what: T
    status: int | None
    seconds: float
    pid: int


@dataclass(frozen=True, slots=True)
class _Running(Generic[T]):
    task: Task[T]
    began: float


def run_forked(
    tasks: Iterable[Task[T]],
    *,
    jobs: int,
    log: Path,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Ended[T]]:
    """Run each task in a fork of this process, ``jobs`` at a time; yield how they end.

    What they print goes to ``log``. Whatever processes they have started end with them, and they
    with this one. ``meanwhile`` is called again and again.
    """
    waiting = iter(tasks)
    running: dict[int, _Running[T]] = {}
    try:
        while True:
            while len(running) < jobs and (task := next(waiting, None)) is not None:
                running[_fork(task, log)] = _Running(task, time.monotonic())
            if not running:
                return
            yield from _ended(running)
            meanwhile()
            time.sleep(_LOOK_AGAIN)
    finally:
        for pid in running:
            _kill(pid)
            os.waitpid(pid, 0)


def _ended(running: dict[int, _Running[T]]) -> Iterator[Ended[T]]:
    for pid, one in list(running.items()):
        seconds = time.monotonic() - one.began
        if seconds > one.task.limit:
            _kill(pid)
            os.waitpid(pid, 0)
            del running[pid]
            yield Ended(one.task.what, None, seconds, pid)
            continue
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _kill(pid)  # what it has left behind
            del running[pid]
            code = os.waitstatus_to_exitcode(status)
            yield Ended(one.task.what, code if code >= 0 else None, seconds, pid)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _fork(task: Task[T], log: Path) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        with contextlib.suppress(PermissionError, ProcessLookupError):  # it has done so itself
            os.setpgid(pid, pid)
        return pid
    status = CRASHED
    try:
        os.setpgid(0, 0)
        _die_with(parent)
        _print_to(log)
        _limit_memory()
        status = task.run()
    except BaseException:  # noqa: BLE001 - a fork must never return into its parent's code
        traceback.print_exc()
    finally:
        os._exit(status)


def _die_with(parent: int) -> None:
    """Have the kernel end this process as soon as its parent has ended, however that comes."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise RuntimeError("the parent has ended already")


def _print_to(log: Path) -> None:
    opened = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
