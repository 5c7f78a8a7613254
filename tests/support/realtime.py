"""Tests in real time: which they are, how long one may take, and what follows when one fails.

They drive real processes, sockets and browsers, so that chance has a part in them. Three rules keep
a run of them trustworthy, whoever starts it:

- each has a limit, so that none holds the run up; one that meets it says what it waited for;
- one that fails is run again at the end, alone, in a process of its own. If it passes, it is named
  as flaky in the last lines, and the run goes on as if it had passed;
- one flaky test is bad luck, two are a fault: a second one fails the run, as does a test that fails
  twice. With more failures than that, none is run again.

A test that is not in real time is never run again. Nor is any with ``-x``, or in the workers of
``pytest -n``, where nothing is alone.
"""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Literal, cast

import pytest

from tests.support.timing import TIMEOUT_SCALE
from tests.support.waiting import what_is_awaited

PLACES = (
    "chaos/",
    "clients/",
    "e2e/",
    "devserver/test_demo_page.py",
    "devserver/realtime/test_phoenix_js.py",
    "pipeline/tools/test_client.py",
    "pipeline/tools/test_toolbox.py",
)
"""The folders and files under tests/ whose tests run in real time."""

LIMIT_SECONDS = 240 * TIMEOUT_SCALE
"""Seconds in which a test must end, fixtures included: four times what the longest one takes."""
_AGAIN_SECONDS = 60 * TIMEOUT_SCALE
"""Seconds until what has outlived the limit is interrupted once more: its tidying up hangs."""

MOST_FLAKY = 1
"""Flaky tests in a run that may still pass."""
_MOST_RERUNS = 2
"""Failed tests that are run again: one more than may be flaky, to tell what the second one is."""

_SHOWN_LINES = 60
"""Lines of the second run that are shown when it fails too."""

RERUN = "realtime-rerun"
"""The plugin's name: ``-p no:realtime-rerun`` lets a failure be one at once."""
_HELD, _FLAKY = "held", "flaky"

Outcome = Literal["passed", "failed", "skipped"]


def register(config: pytest.Config) -> None:
    """Add the rules to a run."""
    if not config.getoption("--long"):
        config.pluginmanager.register(Limit(LIMIT_SECONDS), "realtime-limit")
    if not config.getoption("maxfail") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Rerun(config), RERUN)


def mark(item: pytest.Item, tests: Path) -> None:
    """Mark the test as one in real time if its file is in such a place under ``tests``."""
    if item.path.is_relative_to(tests):
        place = item.path.relative_to(tests).as_posix()
        if place.startswith(PLACES):
            item.add_marker("realtime")


def is_realtime(item: pytest.Item) -> bool:
    """Say whether the test runs in real time."""
    return item.get_closest_marker("realtime") is not None


class Limit:
    """The end of a test that runs for too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Fail the test when its time is over."""
        if not is_realtime(item):
            return (yield)

        def too_long(_signal: int, _frame: FrameType | None) -> None:
            limit = f"it took longer than the {self._seconds:g} s of a test in real time"
            pytest.fail(f"{limit}; what was waited for then:\n{what_is_awaited()}")

        before = signal.signal(signal.SIGALRM, too_long)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN_SECONDS)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


class Rerun:
    """A second chance for one test of a run, told aloud."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._held: dict[str, pytest.TestReport] = {}
        self._flaky: list[pytest.TestReport] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hold a failure back until all other tests are done."""
        report = yield
        if report.failed and is_realtime(item):
            self._held.setdefault(item.nodeid, copy.copy(report))
            report.outcome = cast("Outcome", _HELD)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Run again what failed, and report what it is in the end."""
        few = False
        try:
            result = yield
            few = len(self._held) <= _MOST_RERUNS
        finally:
            # However the loop ended, no failure stays hidden.
            self._report(self._run_again() if few else {})
        return result

    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Return the word and the letter of a test that was held back, or was flaky."""
        if report.outcome == _HELD:
            return "", "R", ("HELD BACK", {"yellow": True})
        if report.outcome == _FLAKY:
            return _FLAKY, "f", ("FLAKY", {"yellow": True})
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show how each flaky test failed, then name them, one a line."""
        if not self._flaky:
            return
        terminalreporter.section("flaky")
        for report in self._flaky:
            terminalreporter.write_line(f"{report.nodeid}:\n{report.longreprtext}\n")
        for report in self._flaky:
            terminalreporter.write_line(
                f"flaky: {report.nodeid} failed, and passed when it was run again alone"
            )

    def _run_again(self) -> dict[str, subprocess.CompletedProcess[str]]:
        """Run each test that failed in a process of its own, one after the other."""
        return {nodeid: self._run_alone(nodeid) for nodeid in self._held}

    def _run_alone(self, nodeid: str) -> subprocess.CompletedProcess[str]:
        config = self._config
        self._say(f"\nrunning again, alone: {nodeid}")
        options = ["-p", f"no:{RERUN}", f"--rootdir={config.rootpath}"]
        if config.inipath is not None:
            options.append(f"--config-file={config.inipath}")
        if config.getoption("--long"):
            options.append("--long")
        if config.pluginmanager.hasplugin("randomly"):
            options.append(f"--randomly-seed={config.getoption('randomly_seed')}")
        return subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "pytest", *options, nodeid],
            cwd=config.rootpath,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def _report(self, again: dict[str, subprocess.CompletedProcess[str]]) -> None:
        """Report every test that was held back: as flaky, or as failed."""
        flaky = [nodeid for nodeid, ran in again.items() if ran.returncode == 0]
        self._flaky = [self._held[nodeid] for nodeid in flaky]
        for nodeid, report in self._held.items():
            if nodeid not in again:
                note = f"It was not run again: {len(self._held)} tests in real time failed."
            elif nodeid not in flaky:
                shown = again[nodeid].stdout.splitlines()[-_SHOWN_LINES:]
                note = "\n".join(("It failed when it was run again alone, too:", *shown))
            else:
                note = f"It passed when it was run again alone, but {len(flaky)} tests are flaky."
            if nodeid in flaky and len(flaky) <= MOST_FLAKY:
                report.outcome = cast("Outcome", _FLAKY)
            else:
                report.sections.append(("Run again", note))
            self._config.hook.pytest_runtest_logreport(report=report)

    def _say(self, text: str) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line(text)
