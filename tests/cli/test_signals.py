"""What signals do as a process starts and ends. While it runs: tests/chaos/test_stopping.py."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

from tests.support.bot_process import ROOT
from tests.support.timing import TIMEOUT_SCALE

_TOLD_TO_STOP = "os.kill(os.getpid(), signal.SIGTERM)"


def life(script: str) -> subprocess.CompletedProcess[str]:
    """Run the script in a process of its own; STOP in it sends that process a SIGTERM."""
    source = "import os, signal, sys\n" + dedent(script).replace("STOP", _TOLD_TO_STOP)
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", source],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60 * TIMEOUT_SCALE,
    )  # fmt: skip


def test_run_handles_signals_before_it_loads_what_takes_long() -> None:
    """Told to stop while the command line is still being imported, it ends with 0."""
    ran = life(
        """
        class ImportHook:
            def find_spec(self, name, path=None, target=None):
                if name == "agentbot.cli.running":
                    print(sorted({"asyncio", "typer", "structlog"} & set(sys.modules)), flush=True)
                    STOP

        sys.meta_path.insert(0, ImportHook())
        sys.argv = ["agentbot", "run"]
        from agentbot.cli import main
        main()
        """
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[]\n", "")


def test_other_commands_end_by_a_signal_as_programs_do() -> None:
    """An export that was cut short must not pass for one that is whole."""
    ran = life(
        """
        class ImportHook:
            def find_spec(self, name, path=None, target=None):
                if name == "agentbot.cli.app":
                    STOP

        sys.meta_path.insert(0, ImportHook())
        sys.argv = ["agentbot", "state", "export"]
        from agentbot.cli import main
        main()
        """
    )
    assert ran.returncode == -15


def test_a_stop_amid_the_last_tidying_up_changes_nothing() -> None:
    """Not even once Python has reset the signals: the exit code stays the program's."""
    ran = life(
        """
        from agentbot.cli.signals import nothing_to_stop
        nothing_to_stop()

        class Late:
            def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.SIGTERM):
                kill(pid, number)
                print("told", flush=True)

        late = Late()
        sys.exit(5)
        """
    )
    assert (ran.returncode, ran.stdout) == (5, "told\n")


def test_between_two_handlers_there_is_no_gap() -> None:
    """What stops a body calls its stop, once; before and after it, the process ends with 0."""
    ran = life(
        """
        import asyncio, atexit
        from agentbot.cli.signals import nothing_to_stop, on_signals
        nothing_to_stop()

        async def main():
            stopping = asyncio.Event()
            with on_signals(stop=stopping.set, reload=lambda: print("reload", flush=True)):
                os.kill(os.getpid(), signal.SIGHUP)
                STOP
                await stopping.wait()
                print("drained", flush=True)
            atexit.register(lambda: print("not reached", flush=True))
            STOP

        asyncio.run(main())
        """
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "reload\ndrained\n", "")


def test_a_second_stop_is_exit_1_even_where_the_loop_hangs() -> None:
    """A blocked event loop does not keep a process alive that was told twice."""
    ran = life(
        """
        import asyncio
        from agentbot.cli.signals import on_signals

        async def main():
            with on_signals(stop=lambda: None, reload=lambda: None):
                STOP
                STOP
                print("not reached", flush=True)

        asyncio.run(main())
        """
    )
    assert (ran.returncode, ran.stdout) == (1, "")


def test_a_loop_that_sleeps_is_woken() -> None:
    """Nothing else is due in it, and the signal comes from outside."""
    ran = life(
        """
        import asyncio, subprocess
        from agentbot.cli.signals import on_signals

        async def main():
            stopping = asyncio.Event()
            with on_signals(stop=stopping.set, reload=lambda: None):
                subprocess.Popen(["sh", "-c", f"sleep 0.2; kill {os.getpid()}"])
                await stopping.wait()
            print("woken", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)

        asyncio.run(main())
        """
    )
    assert (ran.returncode, ran.stdout) == (0, "woken True\n")
