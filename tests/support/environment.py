"""The environment of a process that a test starts: nothing of this machine's settings."""

from __future__ import annotations

import os


def bare_environ() -> dict[str, str]:
    """Return what every program needs, where our code is, and what lets its coverage be measured.

    ``PYTHONPATH`` stays: a process must run the tree that is tested, not the one that is installed.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "PYTHONPATH"} or name.startswith("COVERAGE_")
    }
