"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Both judges are fitted on the same claims: a
feature has one centre and one spread, and a weight for each of them.
"""

from __future__ import annotations

from typing import NamedTuple

from agentbot.pipeline.checks.judging.evidence import Feature
from agentbot.pipeline.checks.judging.judge import ClaimJudge, FeatureWeight


class _Seen(NamedTuple):
    """A feature's centre and spread, and its weights; None: it is not seen by words alone."""

    centre: float
    spread: float
    by_words: float | None
    by_vectors: float


_FEATURES = {
    Feature.COVERED: _Seen(0.7252, 0.2661, 0.4751, 0.3157),
    Feature.NOVEL: _Seen(2.3304, 2.2095, -0.5201, -0.3491),
    Feature.LAST_NOVEL: _Seen(0.2675, 0.4427, -0.2743, -0.2515),
    Feature.IN_ORDER: _Seen(0.3622, 0.3295, 0.6106, 0.4593),
    Feature.OTHER: _Seen(6.1459, 4.3957, -0.5517, -0.4213),
    Feature.SPAN: _Seen(3.7945, 2.6943, -0.5690, -0.4290),
    Feature.PRONOUNS: _Seen(0.7857, 0.9504, 0.1033, 0.1274),
    Feature.AUXILIARIES: _Seen(0.9605, 1.0112, -0.3635, -0.3336),
    Feature.NUMBERS: _Seen(0.0766, 0.2974, -0.1430, -0.1341),
    Feature.DENIED: _Seen(0.1467, 0.3538, -0.2245, -0.2378),
    Feature.ANSWERS: _Seen(0.2925, 0.4549, -0.1776, -0.1233),
    Feature.FIRST: _Seen(0.4883, 0.7381, -0.4654, -0.3863),
    Feature.QUESTION: _Seen(0.1257, 0.3315, -0.4851, -0.3846),
    Feature.LEAST_MEANING: _Seen(0.4354, 0.3208, None, 0.5430),
    Feature.LEAST_OF_ALL: _Seen(0.3136, 0.2559, None, 0.4834),
}
_CONSTANTS = (-1.9232, -1.7343)
_BARS = {
    0.5: (0.005, 0.005),
    0.7: (0.118, 0.088),
    0.8: (0.276, 0.251),
    0.85: (0.423, 0.369),
    0.9: (0.577, 0.514),
    0.95: (0.792, 0.838),
    0.97: (0.856, 0.868),
}
"""The bar of each judge, by words and by vectors, for the share that must be grounded."""

WORDS_ONLY = ClaimJudge(
    {
        feature: FeatureWeight(one.centre, one.spread, one.by_words)
        for feature, one in _FEATURES.items()
        if one.by_words is not None
    },
    constant=_CONSTANTS[0],
    bars={share: by_words for share, (by_words, _) in _BARS.items()},
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        feature: FeatureWeight(one.centre, one.spread, one.by_vectors)
        for feature, one in _FEATURES.items()
    },
    constant=_CONSTANTS[1],
    bars={share: by_vectors for share, (_, by_vectors) in _BARS.items()},
)
"""Where the vectors of words in their context are compared too."""
