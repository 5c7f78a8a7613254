"""How pytest is run with a mutant: its options, and plugins of our own."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import hypothesis
import pytest

OPTIONS = (
    *("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # Pytest's own tracebacks ask all modules for their files, which imports those that are lazy:
    # the holidays of all countries, in each fork anew. Where the machine is busy that takes so
    # long that a test which has failed seems to hang.
    "--tb=native",
    # The libraries have been imported before pytest could look at them.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)

LEAST_LIMIT = 10.0
"""Seconds that any test may take with a mutant, on a machine that is busy with others."""
_LEAST_WORK = 2.0
"""Seconds of a processor that any test may take with a mutant: what spins ends sooner."""
LIMIT_FACTOR = 5.0
"""How many times as long as without a mutant a test may take."""


class Watch:
    """Ends what takes too long, and notes what fails.

    Hypothesis repeats itself under it, and does not look for the smallest example. ``seconds`` is
    what each test takes without a mutant. What fails is written to a file in ``folder``, which is
    there and is named by the process.
    """

    def __init__(self, folder: Path, seconds: Mapping[str, float]) -> None:
        self._folder = folder
        self.seconds = seconds

    def pytest_configure(self) -> None:
        """Load a profile of its own, before any test of the tree is imported."""
        hypothesis.settings.register_profile(
            "mutants",
            hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name()),
            derandomize=True,
            database=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutants")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """End the process where one test takes too long: an alarm that nobody handles does."""
        usual = self.seconds.get(item.nodeid)
        if usual is not None:
            signal.setitimer(signal.ITIMER_REAL, LEAST_LIMIT + LIMIT_FACTOR * usual)
            signal.setitimer(signal.ITIMER_PROF, _LEAST_WORK + LIMIT_FACTOR * usual)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what has failed."""
        if report.failed:
            with (self._folder / f"{os.getpid()}").open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")


def first_failure(folder: Path, pid: int) -> str:
    """Return which test failed first in the process; empty where none did."""
    file = folder / str(pid)
    return file.read_text(encoding="utf-8").split("\n")[0] if file.exists() else ""


class Only:
    """Runs the given tests alone, in the given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._tests = tests

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not asked for."""
        found = {item.nodeid: item for item in items}
        items[:] = [found[test] for test in self._tests if test in found]
