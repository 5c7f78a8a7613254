"""``grounding.py``: the judges tell grounded answers from others, as they ship."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.checks.judging import prior
from agentbot.pipeline.checks.judging.evidence import OF_WORDS, Feature
from agentbot.pipeline.checks.judging.grounding import Grounding
from agentbot.pipeline.checks.judging.prior import WITH_VECTORS, WORDS_ONLY
from tests.bench.folder import DataAbsent, existing_folder
from tests.bench.grounding import TUNED_ON, Fit, auroc, bar_for, line, load, shown, table
from tests.bench.perturbed import Case, made_of

EVERY = 6
"""One of so many answers is judged here."""


def test_the_judges_weigh_what_they_are_shown() -> None:
    """Words alone, and meanings too; a surer bar is a higher one."""
    assert set(WORDS_ONLY.weightings) == set(OF_WORDS)
    assert set(WITH_VECTORS.weightings) == set(Feature)
    for judge in (WORDS_ONLY, WITH_VECTORS):
        assert list(judge.bars.values()) == sorted(judge.bars.values())


def test_what_the_bench_prints_is_what_ships() -> None:
    """The tables of the judges stand in their module to the letter."""
    assert shown(WORDS_ONLY, WITH_VECTORS) in Path(prior.__file__).read_text(encoding="utf-8")


def test_grounded_answers_are_told_from_others() -> None:
    """A part of a tune file, by words alone."""
    try:
        folder = existing_folder()
    except DataAbsent as absent:
        pytest.skip(str(absent))
    cases = load(folder / f"grounding/{TUNED_ON[0]}.jsonl")[::EVERY]
    found = line("part", cases, Grounding())
    assert found.auroc > 0.93
    assert found.answers == len(cases)
    assert "part" in table([found])


def test_what_is_made_of_sources_is_told_apart() -> None:
    """Another number, a "not", an opposite, another name."""
    sources = ["Parcels of up to 20 kg are always sent by post, and they arrive before 14:00."] * 2
    cases = [*made_of(sources), Case(sources[0], "", "Parcels arrive before noon.", grounded=False)]
    assert {case.grounded for case in cases} == {True, False}
    found = line("made", cases, Grounding())
    assert found.auroc > 0.9
    assert found.precision == 1


def test_the_measures() -> None:
    """Ties count half; a bar is the least score with the precision from there up."""
    scores, right = np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0])
    assert auroc(scores, right) == pytest.approx(0.875)
    assert bar_for(scores, right, 0.9) == 0.9
    assert bar_for(scores, right, 0.6) == 0.5
    assert bar_for(scores, right, 0.5, more=1) == 0.5
    assert bar_for(scores, right, 0.6, more=1) == 1
    assert bar_for(scores[:2], np.zeros(2), 0.9) == 1


def test_a_fit_finds_what_decides() -> None:
    """And gives no weight to what never differs."""
    rng = np.random.default_rng(0)
    rows = np.c_[rng.normal(size=200), np.ones(200)]
    right = (rows[:, 0] > 0).astype(np.float64)
    fit = Fit(rows, right, np.ones(200), 0.01)
    assert auroc(fit.probabilities(rows), right) > 0.99
    assert abs(fit.weights[1]) < 1e-6
