"""The processes of the bench: each on a core of its own, its CPU read from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
START = 120.0
"""Seconds after which a process that does not begin hangs."""
_LOOK = 0.02
"""Seconds between two looks at a process, which tells of no event."""
_SETTLED = 2.0
"""Seconds for which memory must not have changed by a hundredth."""


def cores() -> tuple[int, int]:
    """Return the processor of the load server and that of its clients; the same if there is one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


class Process:
    """A process of the bench, pinned to a core; its output goes into ``log``."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        core: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.log = log
        whole = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **(environment or {})}
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                list(arguments), env=whole, cwd=folder or ROOT, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip
        os.sched_setaffinity(self._process.pid, {core})

    @classmethod
    def python(
        cls,
        module: str,
        *arguments: str,
        core: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Process:
        """Start ``python -m MODULE``."""
        command = [sys.executable, "-m", module, *arguments]
        return cls(command, core=core, log=log, environment=environment, folder=folder)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def cpu(self) -> float:
        """Return the seconds of processor that its threads have had."""
        total = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that has just ended
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory(self) -> float:
        """Return its resident memory, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) * 1024

    def check(self) -> None:
        """Raise ``RuntimeError`` with the end of its output if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise RuntimeError(f"exit {code}: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        """Ask it to end, and insist after a while; return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def wait_for(
    what: str, process: Process, is_there: Callable[[], bool], *, look: float = _LOOK
) -> None:
    """Wait until ``is_there()`` is true. Raises ``RuntimeError`` where the process ends before."""
    end = time.monotonic() + START
    while not is_there():
        process.check()
        if time.monotonic() > end:
            said = process.log.read_text()[-2000:]
            raise RuntimeError(f"{what}: not within {START:g} s; {said}")
        time.sleep(look)


def settled_memory(process: Process) -> float:
    """Return its memory once it changes no more, in bytes: some is loaded after the start."""
    size, since = process.memory(), time.monotonic()
    while time.monotonic() - since < _SETTLED:
        time.sleep(_LOOK)
        now = process.memory()
        if abs(now - size) > size / 100:
            size, since = now, time.monotonic()
    return process.memory()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Return a folder that is there meanwhile."""
    with tempfile.TemporaryDirectory(prefix="agentbot-bench-") as name:
        yield Path(name)
