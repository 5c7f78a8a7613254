"""Proves ``agentbot/cli/running.py``: whatever a command meets is a line and an exit code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.environment import bare_environ


def _run(redirected: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = f'exec "$0" -m agentbot "$@" {redirected}'
    return subprocess.run(  # noqa: S603 - our own interpreter
        ["/bin/sh", "-c", command, sys.executable, *args],
        env=bare_environ(),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_what_is_printed_onto_a_full_disk_is_told_in_one_line() -> None:
    """And the exit code says that it failed."""
    ran = _run("> /dev/full", "version")
    assert ran.stderr == "agentbot: what is printed cannot be written: No space left on device\n"
    assert ran.returncode == 1


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_command_needs_nobody_who_reads_it(closed: str) -> None:
    """A service manager may have closed what it prints to."""
    ran = _run(closed, "version")
    assert (ran.returncode, ran.stderr) == (0, "")
