"""Commands in processes that need not import anything: each is a fork of one that has done so.

Most of the processor time of a short command goes into its imports. Here one process, the warm one,
does them once, and forks for each command. The fork gets the command's arguments, folder,
environment and output, and runs the package as ``python -m agentbot`` does, to its exit code. So
what a command does and leaves behind is what it would be alone.

What this cannot show is how the program comes to life: that the imports suffice, what signals do
meanwhile, and what it is on a terminal. Tests of that start a process as operators do.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from threading import Lock, Timer
from types import TracebackType
from typing import Self

import agentbot.cli
from agentbot.pipeline.prompts import load_prompts
from tests.support.environment import bare_environ
from tests.support.folders import DEFAULT
from tests.support.timing import TIMEOUT_SCALE

_GIVE_UP_AFTER = 120.0
"""Seconds, scaled, after which a command hangs, or the imports before the first one do."""
_SHOWN = 2000
"""Characters of a command's output that are shown where it hangs: the last twenty lines or so."""

_LIBRARIES = ("cel", "holidays", "openai")
"""What only some commands import, deep inside."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code: minus the number of the signal that ended it."""

    out: str
    err: str
    code: int


class WarmCommands:
    """The warm process, from the first command to the end of the ``with`` block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.communicate()  # it ends with its input
            self._process = None

    def run(self, *arguments: str, cwd: Path, environ: Mapping[str, str], typed: str = "") -> Ran:
        """Run a command in a folder, with these settings and none of this machine's.

        ``typed`` comes on its standard input. Raises :class:`TimeoutError` where it does not end.
        """
        with self._one_at_a_time, tempfile.TemporaryDirectory() as folder:
            out, err, given = (Path(folder, name) for name in ("out", "err", "in"))
            given.write_text(typed, "utf-8")
            asked = {
                "arguments": arguments,
                "cwd": str(cwd),
                "environ": {**bare_environ(), **environ},
                "in": str(given),
                "out": str(out),
                "err": str(err),
            }
            code = self._ask(asked)
            return Ran(out.read_text("utf-8"), err.read_text("utf-8"), code)

    def _ask(self, asked: Mapping[str, object]) -> int:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        hanging = Timer(_GIVE_UP_AFTER * TIMEOUT_SCALE, _kill, [process])
        hanging.start()
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        finally:
            hanging.cancel()
        if not answer:
            self._process = None
            _kill(process)
            process.communicate()
            said = [_end_of(Path(str(asked[name]))) for name in ("out", "err")]
            raise TimeoutError("\n".join((f"no end of {asked['arguments']}; it said:", *said)))
        return int(answer)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_commands"],
                env=bare_environ(),
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,  # so that the command that hangs can be ended with it
            )
        return self._process


def _kill(process: subprocess.Popen[str]) -> None:
    """End the warm process, and the command that it has forked."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _end_of(file: Path) -> str:
    """Return what a command has written at last; nothing where it was not even begun."""
    text = file.read_text("utf-8", errors="replace") if file.exists() else ""
    return text[-_SHOWN:]


WARM = WarmCommands()
"""The one of this run of tests, which the fixture ``warm_commands`` ends."""


def _warm_up() -> None:
    """Import all that a command may import, and read once what every prompts folder needs.

    The garbage collector then lets all of it be: a fork that looked at it would have to copy it.
    """
    for module in walk_packages(agentbot.cli.__path__, "agentbot.cli."):
        import_module(module.name)
    for name in _LIBRARIES:
        import_module(name)
    load_prompts(DEFAULT)
    gc.collect()
    gc.freeze()


def _become(asked: Mapping[str, object]) -> None:
    """Make this fork the process that the command would have."""
    os.dup2(os.open(str(asked["in"]), os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(str(asked[name]), os.O_WRONLY | os.O_CREAT), number)
    os.chdir(str(asked["cwd"]))
    environ = asked["environ"]
    arguments = asked["arguments"]
    assert isinstance(environ, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["agentbot", *arguments]


def _serve() -> None:
    """Run the commands that are asked for, one a line, and say each one's exit code.

    Returns in the forks too, whose end must be a process's own: it flushes, and saves coverage.
    """
    _warm_up()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
            runpy.run_module("agentbot", run_name="__main__", alter_sys=True)
            return
        _, status = os.waitpid(pid, 0)
        with suppress(BrokenPipeError):
            sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _serve()
