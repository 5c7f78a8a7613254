"""The process in which a floor's tests are collected once, and that is forked for each mutant."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FunctionType

import pytest

from tests.mutants import baseline
from tests.mutants.floors import Floor
from tests.mutants.forking import Task, run_forked
from tests.mutants.kinds import Mutant
from tests.mutants.planting import Place, forget_ours, functions_by_place, plant
from tests.mutants.plugins import OPTIONS, Watch, first_failure

NOTICED = 10
SURVIVED = 11
NEEDS_IMPORT = 12
"""The status of a fork in which the mutant could not be made to run, or not wholly."""

_BASELINE_LIMIT = 1800.0
"""Seconds in which a floor's tests must end: ten times what the slowest takes under coverage, since
a machine that is busy with others has been seen to take four times as long."""


class Warm:
    """Tries mutants by replacing the code of functions. A plugin of pytest's.

    Writes ``baseline`` and then ``trials``, a line a mutant: its number, the status of its fork,
    the seconds taken and the test that failed. A mutant that no test reaches has no line.
    """

    def __init__(self, floor: Floor, mutants: Sequence[Mutant], jobs: int, folder: Path) -> None:
        self._floor = floor
        self._mutants = mutants
        self._jobs = jobs
        self._folder = folder
        self._failures = folder / "failures"
        self._functions: dict[Place, list[FunctionType]] = {}
        self._tests: dict[str, pytest.Item] = {}
        self._watch = Watch(self._failures, {})
        self._traced = baseline.tracer()

    def run(self) -> int:
        """Collect, and try every mutant."""
        forget_ours()
        self._traced.start()
        return int(pytest.main([*OPTIONS, self._floor.tests], plugins=[self._watch, self]))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants instead of running the tests."""
        self._tests = {item.nodeid: item for item in session.items}
        self._functions = functions_by_place()
        usual = self._measure(session)
        if usual is not None:
            self._watch.seconds = usual.seconds
            self._try_all(session, usual)
        return True

    def _measure(self, session: pytest.Session) -> baseline.Baseline | None:
        """Run the tests without a mutant, in as many processes as the mutants have."""
        _start_servers(session)
        parts = baseline.parts(session.items, self._jobs)

        def task(number: int) -> Task[Path]:
            file = self._folder / f"baseline-{number}"

            def run() -> int:
                found = baseline.measure(session, parts[number], self._traced)
                if found is not None:
                    found.write(file)
                return 0

            return Task(file, run, _BASELINE_LIMIT)

        tasks, usual = map(task, range(len(parts))), baseline.Baseline()
        for ended in run_forked(tasks, jobs=self._jobs, log=self._folder / "log"):
            part = baseline.read(ended.what)
            if part is None:
                return None
            usual.add(part)
        self._traced.stop()
        baseline.import_libraries(usual.libraries)  # once here, and not in each fork
        usual.write(self._folder / "baseline")
        return usual

    def _try_all(self, session: pytest.Session, usual: baseline.Baseline) -> None:
        gc.collect()
        gc.freeze()  # so that a fork's collections touch none of what it shares
        tasks = list(self._tasks(session, usual))
        with (self._folder / "trials").open("a", encoding="utf-8") as trials:
            for ended in run_forked(tasks, jobs=self._jobs, log=self._folder / "log"):
                by = first_failure(self._failures, ended.pid)
                json.dump([ended.what, ended.status, ended.seconds, by], trials)
                trials.write("\n")
                trials.flush()

    def _tasks(self, session: pytest.Session, usual: baseline.Baseline) -> Iterator[Task[int]]:
        for number, mutant in enumerate(self._mutants):
            if tests := usual.tests_for(mutant):
                yield Task(number, self._trial(session, mutant, usual), usual.limit(tests))

    def _trial(
        self, session: pytest.Session, mutant: Mutant, usual: baseline.Baseline
    ) -> Callable[[], int]:
        tests = usual.tests_for(mutant)
        runs_on_import = usual.runs_on_import(mutant)

        def run() -> int:
            if not plant(mutant, self._functions):
                return NEEDS_IMPORT
            for item, following in baseline.in_order([self._tests[test] for test in tests]):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    return NOTICED
            # What has run on import already was not changed by this.
            return NEEDS_IMPORT if runs_on_import else SURVIVED

        return run


def _start_servers(session: pytest.Session) -> None:
    """Have what is shared by the whole session started before the first fork.

    By a test that uses it, after which only what all tests share is left set up.
    """
    for item in session.items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            above = item.listchain()
            farthest = min(session.items, key=lambda one: len(set(above) & set(one.listchain())))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=farthest)
            return
