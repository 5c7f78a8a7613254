"""``bound.py``: figures said of the wrong thing are found, and right claims are not lost."""

from __future__ import annotations

from agentbot.pipeline.checks.checker import Checker
from tests.bench.bound import HELD_OUT, OPEN, judged, pairs, table

EVERY = 7
"""One of so many pairs is judged here."""
MOST_SENT, MOST_LOST = 0.03, 0.10
"""The shares of wrong claims sent, and of right ones lost, by words alone."""


def test_what_belongs_elsewhere_is_not_said() -> None:
    """A part of the open pairs, by words alone."""
    lines, amiss = judged(Checker(), list(pairs(OPEN))[::EVERY])
    whole = lines["all"]
    assert whole.sent <= MOST_SENT * whole.wrong, amiss
    assert whole.lost <= MOST_LOST * whole.right, amiss
    assert table(lines).splitlines()[-1].startswith("all ")


def test_the_halves_hold_both_kinds_in_every_language() -> None:
    """Right and wrong claims; and no pair stands in both halves."""
    known = set(pairs(OPEN))
    held_out = set(pairs(HELD_OUT))
    assert not known & held_out
    for half in (known, held_out):
        assert {one.right for one in half} == {True, False}
        assert {one.language for one in half} == {"en", "de", "fr", "es", "pt", "it", "nl", "pl"}
