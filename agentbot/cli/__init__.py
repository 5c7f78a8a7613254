"""The ``agentbot`` command: one module a command, and the exit codes of all."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, also while it is still being loaded: see :mod:`agentbot.cli.app`."""
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(1)  # as `exit_codes.EXIT_FAILURE`, which may not be loaded yet


def _main() -> None:
    if sys.argv[1:2] == ["run"]:
        # Before all else is loaded, which takes a while: a bot may be stopped as it starts.
        from agentbot.cli.interpreter import put_off_collecting  # noqa: PLC0415
        from agentbot.cli.signals import nothing_to_stop  # noqa: PLC0415

        nothing_to_stop()
        put_off_collecting()
    if sys.argv[1:] == ["run"]:
        # Nothing is left to be read, for which typer would take 60 ms.
        from agentbot.cli.running import guarded, run_module  # noqa: PLC0415 - see above

        guarded(lambda: run_module("run"))
    else:
        from agentbot.cli.app import main as command_line  # noqa: PLC0415 - see above

        command_line()


__all__ = ["main"]
