"""Trying mutants: in a fork of a process that has all imported, or else of one that has not."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import pytest

from tests.mutants import baseline
from tests.mutants.floors import ROOT, Floor
from tests.mutants.forking import CRASHED, Ended, Task, run_forked
from tests.mutants.kinds import Mutant
from tests.mutants.planting import plant_for_import
from tests.mutants.plugins import OPTIONS, Only, Watch, first_failure
from tests.mutants.warm import NEEDS_IMPORT, NOTICED, SURVIVED, Warm

_CONTROL = "control"
"""The kind of a mutant that changes nothing, and so must survive."""

_LOG_SHOWN = 4000
"""Characters of the tests' own output that are shown where they fail without a mutant."""


class Verdict(Enum):
    """What the tests make of a mutant."""

    NOTICED = "noticed"
    TIMED_OUT = "timed out"
    """The tests did not end: noticed too."""
    SURVIVED = "survived"
    NOT_REACHED = "not reached"
    """No test runs the module: it survives without a trial."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and what became of it.

    ``seconds`` is what that took, ``by`` the test that failed, if one did.
    """

    mutant: Mutant
    verdict: Verdict
    seconds: float
    by: str = ""

    @property
    def noticed(self) -> bool:
        """Whether a test failed, or one did not end."""
        return self.verdict in {Verdict.NOTICED, Verdict.TIMED_OUT}


class UntriableError(Exception):
    """Tests fail without any mutant, or with one that changes nothing, or this tool itself does."""


Tell = Callable[[Trial], None]


def try_floor(floor: Floor, mutants: Sequence[Mutant], *, jobs: int, tell: Tell) -> list[Trial]:
    """Try the mutants against the floor's tests; ``tell`` hears of each as soon as it is known.

    Raises :class:`UntriableError` where a test fails that no mutant made fail.
    ``mutants`` are at least one.
    """
    with tempfile.TemporaryDirectory(prefix="agentbot-mutants-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # a database server of a test's runs as another user
        (folder / "failures").mkdir()
        with _away_from_the_tree(folder):
            return list(_try_floor(floor, [_control(mutants[0]), *mutants], jobs, folder, tell))


def _control(mutant: Mutant) -> Mutant:
    """Return a mutant at the same place that changes nothing."""
    source = (ROOT / mutant.path).read_bytes()
    text = source[mutant.start : mutant.end].decode()
    return replace(mutant, kind=_CONTROL, text=text, now=mutant.was)


def _try_floor(
    floor: Floor, mutants: Sequence[Mutant], jobs: int, folder: Path, tell: Tell
) -> Iterator[Trial]:
    log = folder / "log"
    warm, heard = Warm(floor, mutants, jobs, folder), _Heard(folder, mutants, tell)
    task = Task(floor, warm.run, float("inf"))
    [ended] = run_forked([task], jobs=1, log=log, meanwhile=heard.read)
    usual = baseline.read(folder / "baseline")
    if usual is None or ended.status != pytest.ExitCode.OK:
        raise UntriableError(f"{floor.tests} fails without any mutant\n{_end_of(log)}")
    heard.finish()
    yield from heard.trials
    baseline.import_libraries(usual.libraries)
    tasks = [_import_task(mutant, usual, folder) for mutant in heard.to_import]
    for imported in run_forked(tasks, jobs=jobs, log=log):
        _check_crash(imported.status, imported.what, log)
        yield from _told(_trial(imported, folder), tell)


class _Heard:
    """What the warm process has found so far: ``trials``, and mutants that an import must show."""

    def __init__(self, folder: Path, mutants: Sequence[Mutant], tell: Tell) -> None:
        self.trials: list[Trial] = []
        self.to_import: list[Mutant] = []
        self._file = folder / "trials"
        self._log = folder / "log"
        self._read_to = 0
        self._waiting = dict(enumerate(mutants))
        self._tell = tell

    def read(self) -> None:
        """Read what is new."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # it is being written
                self._read_to += len(line)
                self._take(*json.loads(line))

    def finish(self) -> None:
        """Read the rest: what was not tried is not reached by any test."""
        self.read()
        for mutant in self._waiting.values():
            self.trials += _told(Trial(mutant, Verdict.NOT_REACHED, 0.0), self._tell)

    def _take(self, number: int, status: int | None, seconds: float, by: str) -> None:
        mutant = self._waiting.pop(number)
        _check_crash(status, mutant, self._log)
        if status == NEEDS_IMPORT:
            self.to_import.append(mutant)
        else:
            self.trials += _told(Trial(mutant, _verdict(status), seconds, by), self._tell)


def _told(trial: Trial, tell: Tell) -> Iterator[Trial]:
    """Tell of a trial, and yield it, but for the control's, which must survive."""
    if trial.mutant.kind == _CONTROL:
        if trial.noticed:
            raise UntriableError(f"{trial.by} fails with {trial.mutant.path} as it is")
        return
    tell(trial)
    yield trial


def _import_task(mutant: Mutant, usual: baseline.Baseline, folder: Path) -> Task[Mutant]:
    tests = usual.tests_for(mutant)

    def run() -> int:
        plant_for_import(mutant)
        files = dict.fromkeys(test.split("::")[0] for test in tests)
        plugins = [Watch(folder / "failures", usual.seconds), Only(tests)]
        status = pytest.main([*OPTIONS, *files], plugins=plugins)
        return SURVIVED if status == pytest.ExitCode.OK else NOTICED

    return Task(mutant, run, usual.limit(tests))


def _check_crash(status: int | None, mutant: Mutant, log: Path) -> None:
    """Raise where no test has spoken: what this tool does not survive, no test has noticed."""
    if status == CRASHED:
        raise UntriableError(f"this tool crashes with {mutant.diff}\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-_LOG_SHOWN:]


def _trial(ended: Ended[Mutant], folder: Path) -> Trial:
    by = first_failure(folder / "failures", ended.pid)
    return Trial(ended.what, _verdict(ended.status), ended.seconds, by)


def _verdict(status: int | None) -> Verdict:
    match status:
        case None:
            return Verdict.TIMED_OUT
        case code if code == SURVIVED:
            return Verdict.SURVIVED
        case _:
            return Verdict.NOTICED  # a module that cannot be imported is noticed too


@contextlib.contextmanager
def _away_from_the_tree(folder: Path) -> Iterator[None]:
    """Have all that tests and Python write go to ``folder``."""
    changed = {
        "TMPDIR": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
    before = {name: os.environ.get(name) for name in changed}
    prefix, temporary = sys.pycache_prefix, tempfile.tempdir
    os.environ.update(changed)
    sys.pycache_prefix, tempfile.tempdir = changed["PYTHONPYCACHEPREFIX"], str(folder)
    try:
        yield
    finally:
        sys.pycache_prefix, tempfile.tempdir = prefix, temporary
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
