"""Proves `agentbot.pipeline.checks.judging.judge`: features become a probability."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.judging.evidence import Feature
from agentbot.pipeline.checks.judging.judge import ClaimJudge, FeatureWeight

JUDGE = ClaimJudge({Feature.COVERED: FeatureWeight(0.5, 0.25, 2.0)}, constant=-1.0, bars={0.9: 0.8})


def test_a_probability_follows_the_features() -> None:
    """Log odds of -1 + 2 * (1 - 0.5) / 0.25 are 3."""
    assert JUDGE.probability({Feature.COVERED: 1.0}) == pytest.approx(0.95257, abs=1e-5)
    assert JUDGE.probability({Feature.COVERED: 0.5}) == pytest.approx(0.26894, abs=1e-5)


def test_extremes_stay_probabilities() -> None:
    """However far a feature lies."""
    assert 0 < JUDGE.probability({Feature.COVERED: -1e9}) < 1e-12
    assert JUDGE.probability({Feature.COVERED: 1e9}) <= 1
