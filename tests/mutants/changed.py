"""What git knows of the tree: its commit, and the lines that are new since another one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.mutants.floors import ROOT

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
"""The head of a hunk in git's diff: first line and number of lines (1 where it is left out)."""


def lines_since(commit: str, path: str, *, root: Path = ROOT) -> set[int]:
    """Return the numbers of the lines in a file that are new or changed since ``commit``.

    ``path`` is relative to ``root``, a git work tree. All lines of a new file are new. Raises
    :class:`subprocess.CalledProcessError` where git knows no such commit.
    """
    done = subprocess.run(  # noqa: S603 - git, with the tool's own options
        ["git", "diff", "--unified=0", commit, "--", path],  # noqa: S607
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    found: set[int] = set()
    for first, count in _HUNK.findall(done.stdout):
        start = int(first)
        found.update(range(start, start + (int(count) if count else 1)))
    return found


def head(*, root: Path = ROOT) -> str:
    """Return the tree's commit, 40 hexadecimal digits.

    Raises :class:`subprocess.CalledProcessError` where there is none.
    """
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],  # noqa: S607
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
