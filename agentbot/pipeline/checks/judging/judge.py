"""The judge of claims: how likely it is that a claim rests on its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agentbot.pipeline.checks.judging.evidence import Feature

RULED_OUT = 0.1
"""The probability by words below which vectors are not asked for: up to 0.2 the tune files' answers
are told apart as well as if they were. It spares four of ten claims there their vectors."""
_LARGEST = 30.0
"""Log odds beyond which a probability is 0 or 1 whatever follows."""


class FeatureWeight(NamedTuple):
    """How a judge takes a feature: ``weight`` times its distance from ``centre`` in ``spread``."""

    centre: float
    spread: float
    weight: float


@dataclass(frozen=True, slots=True)
class ClaimJudge:
    """A logistic regression over a claim's features.

    ``bars`` are the least probabilities, by the share of the claims let through that must be
    grounded (on the data that it was fitted on, each claim judged by a judge that had not seen it).
    """

    weightings: Mapping[Feature, FeatureWeight]
    constant: float
    bars: Mapping[float, float]

    def probability(self, seen: Mapping[Feature, float]) -> float:
        """Return the probability, 0 to 1, that a claim rests on its source."""
        odds = self.constant + sum(
            one.weight * (seen[feature] - one.centre) / one.spread
            for feature, one in self.weightings.items()
        )
        return float(1 / (1 + np.exp(-np.clip(odds, -_LARGEST, _LARGEST))))
