"""Proves :mod:`tests.mutants.floors`: whose turn it is in the short form."""

from __future__ import annotations

from tests.mutants.floors import FLOORS, ROOT, whose_turn


def test_every_floor_has_its_turn_and_two_come_at_once() -> None:
    """As many commits in a row as there are floors; the two slowest ones never wait together."""
    turns = [
        {floor.name for floor in whose_turn(f"{commit:040x}")} for commit in range(len(FLOORS))
    ]
    assert {name for turn in turns for name in turn} == {floor.name for floor in FLOORS}
    assert {len(turn) for turn in turns} == {2}
    assert {"pipeline", "bot"} not in turns


def test_a_commit_has_the_same_floors_again() -> None:
    """So that a failure can be repeated."""
    assert whose_turn("b0c5e73") == whose_turn("b0c5e73")


def test_fitted_figures_are_left_out() -> None:
    """A bench learns them; the modules beside them are in."""
    (checks,) = (floor for floor in FLOORS if floor.name == "checks")
    assert set(checks.fitted).isdisjoint(checks.files())
    assert all((ROOT / name).is_file() for name in checks.fitted)
    assert "agentbot/pipeline/checks/judging/judge.py" in checks.files()
