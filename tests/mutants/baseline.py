"""What a floor's tests do without a mutant: who runs which line, and how long that takes."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import coverage
import pytest

from tests.mutants.floors import ROOT, mirror
from tests.mutants.kinds import Mutant
from tests.mutants.plugins import LIMIT_FACTOR


@dataclass(slots=True)
class Baseline:
    """Seconds by test; who runs each line of each file; what else than our own is imported.

    ``runs`` has for each file the tests that run each line; the name "" stands for an import.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    runs: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    libraries: list[str] = field(default_factory=list)

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Return the tests that can notice a mutant, the likeliest and quickest first.

        Empty: no test runs the module. One that is not seen to run the line is asked as well, last
        of all: Python 3.11 traces no coroutine into which an exception is thrown, such as one
        whose time is over.
        """
        lines = self.runs.get(mutant.path, {})
        first, last = mutant.lines
        found = {test for line in range(first, last + 1) for test in lines.get(line, [])}
        own = mirror(mutant.path)
        if self.runs_on_import(mutant):
            # Whoever reads a constant runs no line of the module.
            found |= {test for tests in lines.values() for test in tests}
            found |= {test for test in self.seconds if test.startswith(own)}
            if found <= {""}:
                found |= self.seconds.keys()
        found &= self.seconds.keys()
        others = {test for tests in lines.values() for test in tests} & self.seconds.keys()
        return sorted(
            found | others,
            key=lambda test: (test not in found, not test.startswith(own), self.seconds[test]),
        )

    def runs_on_import(self, mutant: Mutant) -> bool:
        """Say whether the changed code runs, as well, before any test does."""
        if mutant.function is None:
            return True
        lines = self.runs.get(mutant.path, {})
        first, last = mutant.lines
        return any("" in lines.get(line, ()) for line in range(first, last + 1))

    def limit(self, tests: Iterable[str]) -> float:
        """Return the seconds that these tests may take altogether with a mutant.

        Each has its own limit besides, which ends what hangs much sooner.
        """
        return 60.0 + LIMIT_FACTOR * sum(self.seconds[test] for test in tests)

    def add(self, other: Baseline) -> None:
        """Add what other tests of the same floor do."""
        self.seconds |= other.seconds
        self.libraries = list(dict.fromkeys([*self.libraries, *other.libraries]))
        for path, lines in other.runs.items():
            known = self.runs.setdefault(path, {})
            for line, tests in lines.items():
                known[line] = [*known.get(line, []), *tests]

    def write(self, file: Path) -> None:
        """Write it down."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(file: Path) -> Baseline | None:
    """Return what :meth:`Baseline.write` wrote; None where it did not come to that."""
    if not file.exists():
        return None
    data = json.loads(file.read_text(encoding="utf-8"))
    for name, lines in data["runs"].items():
        data["runs"][name] = {int(line): tests for line, tests in lines.items()}
    return Baseline(**data)


def tracer() -> coverage.Coverage:
    """Return what will know who runs which line; to be started before ours is imported."""
    return coverage.Coverage(
        data_file=None, source=[str(ROOT / "agentbot")], config_file=False, messages=False
    )


def measure(
    session: pytest.Session,
    items: Sequence[pytest.Item],
    traced: coverage.Coverage,
) -> Baseline | None:
    """Run these tests of a session; None where one fails."""
    result = Baseline()
    for item, following in in_order(items):
        traced.switch_context(item.nodeid)
        began = time.perf_counter()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        result.seconds[item.nodeid] = time.perf_counter() - began
        if session.testsfailed:
            return None
    traced.stop()
    data = traced.get_data()
    for file in data.measured_files():
        name = Path(file).relative_to(ROOT).as_posix()
        result.runs[name] = data.contexts_by_lineno(file)
    result.libraries = list(_libraries())
    return result


def _libraries() -> Iterator[str]:
    """Yield what is imported and is not ours: a new process may have it before ours is.

    In the order of their first imports, and without the private halves of modules, some of which
    cannot be imported before the other half.
    """
    for name, module in list(sys.modules.items()):
        parts = name.split(".")
        if parts[0] not in {"agentbot", "tests"} and not any(one[:1] == "_" for one in parts):
            spec = getattr(module, "__spec__", None)
            if spec is not None and spec.name == name:
                yield name


def import_libraries(names: Iterable[str]) -> None:
    """Import what the tests have imported in another process, late imports within functions too.

    Else each fork would do so again, which takes longer than most tests may. What a test has made
    in a folder of its own is not there any more.
    """
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def parts(items: Sequence[pytest.Item], count: int) -> list[list[pytest.Item]]:
    """Part a session's tests into so many lists; those of one file stay together."""
    by_file: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.nodeid.split("::")[0], []).append(item)
    found: list[list[pytest.Item]] = [[] for _ in range(count)]
    for tests in sorted(by_file.values(), key=len, reverse=True):
        min(found, key=len).extend(tests)
    return [one for one in found if one]


def in_order(items: Sequence[pytest.Item]) -> Iterable[tuple[pytest.Item, pytest.Item]]:
    """Yield each test and the one after it; the last one's fixtures end with the process."""
    return zip(items, [*items[1:], *items[-1:]], strict=True)
