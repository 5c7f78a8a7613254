"""``bars.py``: a line falls short where a figure is under its bar, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench.bars import excesses, shortfalls
from tests.bench.costs import Costs
from tests.bench.lines import AtPrecision, Line
from tests.bench.sets import TRIAGE

GOOD = Line(
    row="some shop",
    mode="meanings",
    prior="shipped",
    entries=20,
    phrasings=60,
    questions=400,
    share=0.2,
    right=0.8,
    auroc=0.9,
    at={
        0.8: AtPrecision(0.7, 0.7, 0.77, 100),
        0.9: AtPrecision(0.45, 0.6, 0.87, 100),
        0.95: AtPrecision(0.3, 0.5, 0.92, 100),
    },
)
"""A line that reaches every bar, and hardly."""


def _at(line: Line, asked: float, **changes: float) -> Line:
    return replace(line, at={**line.at, asked: replace(line.at[asked], **changes)})


def test_what_reaches_every_bar_is_not_short() -> None:
    """To the last digit."""
    assert shortfalls(GOOD) == []


@pytest.mark.parametrize("asked", [0.8, 0.9, 0.95])
def test_a_precision_is_short_where_enough_was_answered(asked: float) -> None:
    """By more than three points of a hundred, of a hundred answers or more."""
    low = _at(GOOD, asked, precision=asked - 0.031)
    assert [f"at {asked}" in said for said in shortfalls(low)] == [True]
    assert shortfalls(_at(low, asked, answers=99)) == []


@pytest.mark.parametrize(("asked", "coverage"), [(0.9, 0.449), (0.95, 0.299)])
def test_meanings_must_cover_much_of_the_possible(asked: float, coverage: float) -> None:
    """Three quarters at 0.9, 0.6 at 0.95; nothing is asked of 0.8."""
    assert len(shortfalls(_at(GOOD, asked, coverage=coverage))) == 1
    assert shortfalls(_at(GOOD, 0.8, coverage=0.0)) == []


def test_words_must_cover_less() -> None:
    """0.6 of the possible."""
    words = _at(replace(GOOD, mode="words"), 0.9, coverage=0.36)
    assert shortfalls(words) == []
    assert len(shortfalls(_at(words, 0.9, coverage=0.359))) == 1


def test_where_nothing_is_possible_nothing_is_asked() -> None:
    """And a precision of no answer is none that is too low."""
    silent = _at(GOOD, 0.95, coverage=0.0, possible=0.0, precision=float("nan"), answers=0)
    assert shortfalls(silent) == []


def test_the_triage_set_has_bars_of_its_own() -> None:
    """By meanings, as it is; each is named."""
    line = _at(replace(GOOD, row=TRIAGE, share=None, right=0.83), 0.9, coverage=0.6, precision=0.89)
    assert shortfalls(line) == []
    assert len(shortfalls(replace(line, right=0.829))) == 1
    assert len(shortfalls(_at(line, 0.9, precision=0.889))) == 1
    assert len(shortfalls(_at(line, 0.9, coverage=0.599))) == 1
    silent = _at(line, 0.9, coverage=0.0, possible=0.0, precision=float("nan"), answers=0)
    assert len(shortfalls(silent)) == 2
    for other in (replace(silent, share=0.2), replace(silent, mode="words")):
        assert shortfalls(other) == []


def test_costs_have_bars_where_there_are_many_entries() -> None:
    """Each is named; of a small FAQ only an edit is."""
    costs = Costs(
        entries=5000,
        phrasings=15_000,
        fit_s=60,
        embedding_s=40,
        cached_fit_s=20,
        edit_s=20,
        median_ms=15,
        p95_ms=40,
        peak_mb=600,
        edit_peak_mb=600,
        growth_mb=300,
    )
    assert excesses(costs) == []
    for dear in (
        replace(costs, fit_s=61),
        replace(costs, peak_mb=601),
        replace(costs, edit_peak_mb=601),
        replace(costs, median_ms=16),
    ):
        assert len(excesses(dear)) == 1
        assert excesses(replace(dear, entries=4999)) == []
    assert excesses(replace(costs, entries=1000)) == ["20 s after an edit, not 1"]
    assert excesses(replace(costs, entries=1000, edit_s=1)) == []
