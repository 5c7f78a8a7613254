"""What the unit tests reach of each floor is counted rightly, and its minimum only rises."""

from __future__ import annotations

import pytest

from tests.support import history
from tests.support.floors import FLOORS
from tests.support.reached import ROOT, by_floor, minimums, shortfalls

LEAST = minimums((ROOT / "pyproject.toml").read_text())


def summary(lines: tuple[int, int], branches: tuple[int, int]) -> dict[str, int]:
    """Return what coverage says of a file: how many are reached, of how many."""
    return {
        "covered_lines": lines[0],
        "num_statements": lines[1],
        "covered_branches": branches[0],
        "num_branches": branches[1],
    }


def test_a_floor_is_the_sum_of_its_files() -> None:
    """Lines and branches count alike; what stands in no folder is the ground floor."""
    reached = by_floor(
        {
            "agentbot/errors.py": summary((3, 4), (0, 0)),
            "agentbot/bot/bot.py": summary((10, 10), (0, 4)),
            "agentbot/bot/turns/attempt.py": summary((0, 6), (0, 0)),
            "/anywhere/agentbot/state/__init__.py": summary((0, 0), (0, 0)),
        }
    )

    assert reached == {"ground": 75.0, "bot": 50.0}


def test_too_little_is_said() -> None:
    """Less than the minimum, no minimum, and a floor that has gone, each with its name."""
    reached = {"bot": 80.9, "ops": 99.0, "state": 95.0}

    assert shortfalls(reached, {"bot": 81, "state": 95, "attic": 1}) == [
        "80.90 % of bot is reached: at least 81 % must be",
        "0.00 % of attic is reached: at least 1 % must be",
        "ops has no minimum in pyproject.toml, [tool.agentbot.reached]",
    ]


def test_every_floor_has_a_minimum() -> None:
    """And phoenix/, which has no I/O of its own, is reached whole."""
    folders = {floor for floor in FLOORS if (ROOT / "agentbot" / floor).is_dir()}

    assert set(LEAST) == folders | {"ground"}
    assert LEAST["phoenix"] == 100


@pytest.mark.skipif(not history.is_there(), reason="an archive has no history")
def test_a_minimum_only_rises() -> None:
    """No commit before this one asked for more."""
    for commit, _ in history.commits_since("tests/support/reached.py", "pyproject.toml"):
        for floor, minimum in minimums(history.git("show", f"{commit}:pyproject.toml")).items():
            assert LEAST[floor] >= minimum, f"{commit} asks for {minimum} % of {floor}"
