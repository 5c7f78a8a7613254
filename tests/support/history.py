"""What the repository's history tells, and the rule for its subjects.

``python -m tests.support.history FILE`` checks the message in a file: the hook at each commit.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

LONGEST_SUBJECT = 72
"""Characters of a subject: as much as git's own lists show in a terminal of 80."""


def git(*arguments: str) -> str:
    """Return what git prints about this tree. Raises ``CalledProcessError``."""
    return subprocess.run(  # noqa: S603 - git itself
        ["git", *arguments],  # noqa: S607 - wherever it is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def is_there() -> bool:
    """Say whether the tree has a history: a release's archive has none."""
    return (ROOT / ".git").exists()


def commits_since(place: str, *touching: str) -> Iterator[tuple[str, str]]:
    """Yield commit and subject of what came after the commit that first added the file ``place``.

    ``touching``: only the commits that changed one of these files.

    Works in a shallow clone too: there the file seems to be added by the oldest commit at hand.
    """
    *_, first = git("log", "--diff-filter=A", "--format=%H", "--", place).split() or [""]
    span = f"{first}..HEAD" if first else "HEAD"
    for line in git("log", "--format=%H %s", span, "--", *touching).splitlines():
        commit, _, subject = line.partition(" ")
        yield commit, subject


def subject_problem(subject: str) -> str:
    """Return what is wrong with a commit's subject; "": nothing."""
    if len(subject) > LONGEST_SUBJECT:
        return f"{len(subject)} characters, at most {LONGEST_SUBJECT} are read: {subject!r}"
    return ""


def main() -> int:
    """Check the subject of the message in the file that the command line names."""
    (path,) = sys.argv[1:]
    subject, *_ = [*Path(path).read_text().splitlines(), ""]
    problem = subject_problem(subject)
    if problem:
        sys.stderr.write(f"the subject is too long: {problem}\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
