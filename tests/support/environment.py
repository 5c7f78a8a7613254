"""The environment of a process that a test starts: nothing of this machine's settings."""

from __future__ import annotations

import os


def bare_environ() -> dict[str, str]:
    """Return what every program needs, and what lets its coverage be measured."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME"} or name.startswith("COVERAGE_")
    }
