"""``python -m tests.mutants``: change one thing in a module, and see whether a test notices.

Without options a seeded sample of every floor's mutants is tried, with ``--short`` a smaller one of
two floors, which ones the commit decides, and with ``--all PATH`` those of a module or folder. Only
the unit tests of the module's own floor count. Nothing in the tree is written to. The status is 1
where a floor's share is below its minimum, with ``--all`` where any mutant survives without a
reason in known.yaml, where that file is stale, and where tests fail without any mutant.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.mutants import known as known_mutants
from tests.mutants import report
from tests.mutants.changed import head, lines_since
from tests.mutants.floors import FLOORS, ROOT, Floor, whose_turn
from tests.mutants.kinds import Mutant, mutants_of
from tests.mutants.trial import Trial, UntriableError, try_floor

_SAMPLE = 40
"""Mutants of each floor that are tried by default: 200 in all."""
_SHORT_SAMPLE = 12
"""Mutants of each floor in the short form, which shares CI's two processors with other steps."""
_SHORT_LENIENCE = 0.15
"""Taken from the minimum of a short sample: of twelve mutants one makes 0.08, and a change of the
code, which draws others, must not fail CI by bad luck. What it cannot hide is a floor that has lost
its tests."""


def main() -> int:
    """Try what the command line asks for; print survivors as they come, and a table."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # clean up first
    began = time.perf_counter()
    known = known_mutants.read()
    keys = {entry.key for entry in known}
    tried: list[tuple[Floor, list[Trial]]] = []
    problems: list[str] = []
    for floor in _floors(options):
        mutants = _mutants(floor, options)
        if options.since is None:
            problems += known_mutants.stale(known, mutants)
        chosen = mutants if options.all else sample(mutants, options.sample, options.seed)
        if options.list:
            _say("".join(f"{mutant.diff}\n" for mutant in chosen))
        elif chosen:
            try:
                tried.append((floor, _tried(floor, chosen, options, keys)))
            except UntriableError as error:
                problems.append(str(error))
    if tried:
        _say(report.table(tried, keys))
    problems += known_mutants.noticed(known, [trial for _, trials in tried for trial in trials])
    if options.all:
        problems += report.unexplained(tried, keys)
    lenience = _SHORT_LENIENCE if options.short else 0
    problems += report.too_few(tried, keys, lenience=lenience)
    _say("".join(f"{problem}\n" for problem in problems))
    _say(f"{sum(len(trials) for _, trials in tried)} in {time.perf_counter() - began:.0f} s")
    return 1 if problems else 0


def _floors(options: argparse.Namespace) -> Sequence[Floor]:
    if options.floor:
        return [floor for floor in FLOORS if floor.name in options.floor]
    return whose_turn(head()) if options.short else FLOORS


def _mutants(floor: Floor, options: argparse.Namespace) -> list[Mutant]:
    """Return all mutants of the modules that are wanted."""
    paths = [path for path in floor.files() if _is_wanted(path, options)]
    found = [mutant for path in paths for mutant in mutants_of(path, (ROOT / path).read_bytes())]
    if options.since is None:
        return found
    new = {path: lines_since(options.since, path) for path in paths}
    return [
        one for one in found if new[one.path].intersection(range(one.lines[0], one.lines[1] + 1))
    ]


def _tried(
    floor: Floor, chosen: Sequence[Mutant], options: argparse.Namespace, known: set[str]
) -> list[Trial]:
    tests = options.tests or floor.tests
    tell = _Teller(known, options.verbose)
    return try_floor(replace(floor, tests=tests), chosen, jobs=options.jobs, tell=tell)


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return ``size`` of the mutants, chosen by chance, yet the same ones for the same seed.

    Each is drawn by itself, so that a change in one module leaves the others' choice as it was.
    """

    def drawn(mutant: Mutant) -> bytes:
        return hashlib.sha256(f"{seed} {mutant.key} {mutant.start}".encode()).digest()

    chosen = set(sorted(mutants, key=drawn)[:size])
    return [mutant for mutant in mutants if mutant in chosen]


class _Teller:
    """Prints the survivors, and with ``verbose`` who has noticed the others."""

    def __init__(self, known: set[str], verbose: bool) -> None:  # noqa: FBT001 - of the command line
        self._known = known
        self._verbose = verbose

    def __call__(self, trial: Trial) -> None:
        if not trial.noticed and trial.mutant.key not in self._known:
            _say(f"{trial.verdict.value}: {trial.mutant.diff}")
        elif self._verbose:
            by = f" by {trial.by}" if trial.by else ""
            _say(f"{trial.verdict.value}{by}, {trial.seconds:.1f} s: {trial.mutant.diff}")


def _is_wanted(path: str, options: argparse.Namespace) -> bool:
    return not options.all or any(Path(path).is_relative_to(one) for one in options.all)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=_SAMPLE, help="mutants of each floor")
    parser.add_argument("--seed", type=int, default=0, help="chooses the sample")
    parser.add_argument(
        "--short", action="store_true", help="a small sample of two floors, as in CI"
    )
    parser.add_argument("--floor", nargs="+", help="these floors only")
    parser.add_argument("--all", nargs="+", metavar="PATH", help="all mutants below these paths")
    parser.add_argument("--since", metavar="COMMIT", help="with --all: in lines changed since then")
    parser.add_argument("--tests", metavar="PATH", help="let these tests alone notice them")
    parser.add_argument("--jobs", type=int, default=2, help="processes at work")
    parser.add_argument("--list", action="store_true", help="show the mutants, and try none")
    parser.add_argument("--verbose", action="store_true", help="show those noticed too")
    options = parser.parse_args()
    if options.short:
        options.sample = _SHORT_SAMPLE
    return options


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
