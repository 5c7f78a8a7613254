"""How a command runs: its module is loaded, and an error becomes a line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from agentbot.cli.exit_codes import EXIT_FAILURE, exit_code, remedy
from agentbot.cli.lean import load_structlog
from agentbot.errors import AgentbotError
from agentbot.ops.printable import printable
from agentbot.ops.redaction import redacted


def guarded(command: Callable[[], int | None]) -> None:
    """Run a command, and exit as it says. An error of ours is one clear line, never a traceback.

    Whatever is printed, tracebacks too, holds no secret of the settings.
    """
    sys.stdout, sys.stderr = redacted(sys.stdout), redacted(sys.stderr)
    try:
        sys.exit(command())
    except AgentbotError as error:
        what_to_do = remedy(error)
        said = printable(str(error))  # a server's words may stand in it
        sys.stderr.write(f"agentbot: {said}" + (f"; {what_to_do}\n" if what_to_do else "\n"))
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(EXIT_FAILURE)


def run_module(module: str, *args: Any, **options: Any) -> int | None:
    """Import ``agentbot.cli.<module>``, run its ``main``, and return its exit code."""
    load_structlog()
    result = import_module(f"agentbot.cli.{module}").main(*args, **options)
    if isinstance(result, Coroutine):
        import asyncio  # noqa: PLC0415 - the help does without

        result = asyncio.run(result)
    code: int | None = result
    return code
