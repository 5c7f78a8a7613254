"""Thousands of seeded worlds, in each of which everything goes wrong that is named in faults.py."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.__main__ import results
from tests.simulation.figures import Figures
from tests.simulation.run import Scenario, simulate

_SHORT, _LONG = 80, 4_000
"""Worlds: CI has a step of its own with 2,000 of them."""
_ROOT = Path(__file__).parents[2]

_PRINT_TRACE = """
from tests.simulation.run import simulate
for seed in (7, 8, 9):
    print(*simulate(seed, trace=True).trace, sep="\\n")
"""


def test_every_turn_is_answered_once_whatever_goes_wrong(
    is_long: bool,  # noqa: FBT001 - a fixture
) -> None:
    """No seed breaks an invariant; one that does is named with the command that replays it.

    Nor are too few answered; and the long form reaches every rare state, each fault every phase.
    """
    figures = Figures()
    for result in results(range(_LONG if is_long else _SHORT), jobs=2):
        figures.add(result)
        again = f"python -m tests.simulation --seed {result.seed} --trace"
        assert not result.violations, f"see it again with: {again}\n{result.violations}"
    assert figures.problems() == []
    assert figures.counts["kills"] > figures.seeds // 10
    assert not any(figures.counts[fate] for fate in ("lost", "doubled", "unfounded"))


@pytest.mark.parametrize("seed", [3, 4])
def test_a_seed_is_the_same_world_every_time(seed: int) -> None:
    """Two runs of a seed in one process leave the same trace, line by line."""
    first, again = simulate(seed, trace=True), simulate(seed, trace=True)
    assert first.trace
    assert list(first.trace) == list(again.trace)


def test_chance_that_nobody_passes_on_is_the_worlds_too() -> None:
    """The pauses between questions to a server that is away are the same every time."""
    scenario = Scenario(
        bots=1, visitors=3, turns=3, deeds=0, kinds=("break state",), harm=60.0, pause=3.0
    )
    runs = [simulate(1, trace=True, scenario=scenario).trace for _ in range(2)]
    first, again = ([line for line in run if "asking.again" in line] for run in runs)
    assert len(first) > 1
    assert first == again


def test_a_seed_is_the_same_world_in_every_process() -> None:
    """Neither the order of hashes nor what ran before is in a trace."""
    digests = set()
    for hash_seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        ran = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", _PRINT_TRACE],
            cwd=_ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        digests.add(hashlib.sha256(ran.stdout).hexdigest())
    assert len(digests) == 1
