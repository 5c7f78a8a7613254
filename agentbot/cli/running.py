"""How a command runs: its module is loaded, and an error becomes a line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from agentbot.cli.exit_codes import EXIT_CONFIGURATION, EXIT_FAILURE, exit_code, remedy
from agentbot.cli.lean import load_structlog
from agentbot.errors import AgentbotError
from agentbot.ops.printable import printable
from agentbot.ops.redaction import redacted

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""Errors of a disk that is full, read-only or failing: nobody's mistake that a traceback shows."""

_IN_THE_WAY = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
    }
)
"""Errors of a path that was named: who runs the command can mend them."""


def guarded(command: Callable[[], int | None]) -> None:
    """Run a command, and exit as it says. An error of ours is one clear line, never a traceback.

    Whatever is printed, tracebacks too, holds no secret of the settings.
    """
    sys.stdout, sys.stderr = redacted(_there(sys.stdout)), redacted(_there(sys.stderr))
    try:
        try:
            sys.exit(command())
        finally:
            sys.stdout.flush()
    except AgentbotError as error:
        what_to_do = remedy(error)
        said = printable(str(error))  # a server's words may stand in it
        sys.stderr.write(f"agentbot: {said}" + (f"; {what_to_do}\n" if what_to_do else "\n"))
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_FAILURE)
    except OSError as error:
        if said := _place_to_mend(error):
            sys.stderr.write(f"agentbot: {said}\n")
            sys.exit(EXIT_CONFIGURATION)
        if error.errno not in _NO_ROOM:
            raise
        place = error.filename or "what is printed"
        sys.stderr.write(f"agentbot: {place} cannot be written: {error.strerror}\n")
        # What still waits to be printed would raise once more when the process ends.
        if sys.__stdout__ is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
        sys.exit(EXIT_FAILURE)


def _place_to_mend(error: OSError) -> str:
    """Return what an operator reads of a file or folder in their way; empty for other errors."""
    try:
        Path.cwd()
    except OSError:
        return "this folder is gone, or may not be entered (go into another one: cd)"
    if error.errno not in _IN_THE_WAY or error.filename is None:
        return ""
    place = printable(os.fsdecode(error.filename))
    remedy = "let the user that runs agentbot reach it, or name another place"
    return f"{place}: cannot be used: {error.strerror} ({remedy})"


def _there(stream: TextIO | None) -> TextIO:
    """Return the stream, or where it was closed, one that keeps nothing."""
    if isinstance(stream, TextIOWrapper):
        # What a terminal of few characters has no sign for is written out, never an error.
        stream.reconfigure(errors="backslashreplace")
    return stream or Path(os.devnull).open("w", encoding="utf-8")


def run_module(module: str, *args: Any, **options: Any) -> int | None:
    """Import ``agentbot.cli.<module>``, run its ``main``, and return its exit code."""
    load_structlog()
    result = import_module(f"agentbot.cli.{module}").main(*args, **options)
    if isinstance(result, Coroutine):
        import asyncio  # noqa: PLC0415 - the help does without

        result = asyncio.run(result)
    code: int | None = result
    return code
