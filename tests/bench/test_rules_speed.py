"""Rules can be measured (tests/bench/rules_speed.py)."""

from __future__ import annotations

import pytest

from tests.bench import rules_speed


def test_as_many_rules_as_asked_for_are_measured() -> None:
    """A line for each number of rules."""
    speed = rules_speed.measure(30, seconds=0)
    assert speed.rules == 30
    assert speed.microseconds > 0
    assert speed.loading > 0


def test_a_file_with_a_mistake_is_no_figure() -> None:
    """Else less would be measured than is said."""
    with pytest.raises(ValueError, match="does nothing"):
        rules_speed.load("rules: [{id: a}]")
