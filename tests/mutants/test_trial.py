"""Proves :mod:`tests.mutants.trial` on a module of this tree: mutants are noticed, or survive."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.mutants.floors import FLOORS, ROOT, Floor
from tests.mutants.kinds import Mutant, mutants_of
from tests.mutants.trial import Trial, UntriableError, Verdict, try_floor

PATH = "agentbot/phoenix/heartbeat.py"
[PHOENIX] = [floor for floor in FLOORS if floor.name == "phoenix"]
FLOOR = replace(PHOENIX, tests="tests/phoenix/test_heartbeat.py")


def mutants() -> list[Mutant]:
    """Return the module's mutants."""
    return mutants_of(PATH, (ROOT / PATH).read_bytes())


def tried(floor: Floor, chosen: list[Mutant]) -> tuple[list[Trial], list[Trial]]:
    """Try the mutants; return what came of them, and what was told meanwhile."""
    told: list[Trial] = []
    return try_floor(floor, chosen, jobs=2, tell=told.append), told


def test_a_mutant_is_noticed_in_a_function_and_in_what_runs_on_import() -> None:
    """With the name of the test that fails; the file stays as it is."""
    before = (ROOT / PATH).read_bytes()
    [in_function] = [one for one in mutants() if one.now == "if now <= self.next():"]
    on_import = replace(in_function, function=None)
    trials, told = tried(FLOOR, [in_function, on_import])
    assert {trial.mutant: trial.verdict for trial in trials} == {
        in_function: Verdict.NOTICED,
        on_import: Verdict.NOTICED,
    }
    assert all(trial.by.startswith(f"{FLOOR.tests}::") for trial in trials)
    assert set(told) == set(trials)
    assert (ROOT / PATH).read_bytes() == before


def test_a_change_that_makes_no_difference_survives() -> None:
    """In a function, and where it runs on import; a module that no test runs is not tried."""
    [one] = [one for one in mutants() if one.now == "if now <= self.next():"]
    source = (ROOT / PATH).read_bytes()
    same = replace(one, text=source[one.start : one.end].decode())
    on_import = replace(same, function=None)
    not_run = replace(same, path="agentbot/phoenix/of_no_test.py")
    trials, _ = tried(FLOOR, [same, on_import, not_run])
    verdicts = {trial.mutant: trial.verdict for trial in trials}
    assert verdicts == {
        same: Verdict.SURVIVED,
        on_import: Verdict.SURVIVED,
        not_run: Verdict.NOT_REACHED,
    }


def test_a_mutant_that_never_ends_is_ended_and_noticed() -> None:
    """By its use of the processor, long before its time."""
    [one] = [one for one in mutants() if one.place == "Heartbeat.heard"]
    endless = replace(one, text="while True: pass")
    trials, _ = tried(FLOOR, [endless])
    [trial] = trials
    assert trial.verdict is Verdict.TIMED_OUT
    assert trial.noticed


def test_nothing_is_said_of_mutants_where_tests_fail_without_any() -> None:
    """Whatever a red test says, it says without a mutant too."""
    nowhere = replace(FLOOR, tests="tests/phoenix/test_no_such_file.py")
    with pytest.raises(UntriableError):
        tried(nowhere, mutants()[:1])


def test_what_this_tool_does_not_survive_is_not_noticed_by_a_test() -> None:
    """A change that is no Python breaks the planting: the run says so, and counts nothing."""
    [one] = [one for one in mutants() if one.place == "Heartbeat.heard"]
    told: list[Trial] = []
    with pytest.raises(UntriableError, match="this tool crashes with"):
        try_floor(FLOOR, [replace(one, text="now = =")], jobs=1, tell=told.append)
    assert told == []
