"""The judges that ship with agentbot, learnt by ``python -m tests.bench.faq_prior``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.faq.features import Background, Feature
from agentbot.pipeline.faq.judge import Judge, Weighting

WORDS_ONLY = Judge.of(
    {
        Feature.SCORE: Weighting(0.063, 0.092, 0.985),
        Feature.SCORE_SQUARED: Weighting(0.012, 0.049, -0.202),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.108, 0.207, -0.012),
        Feature.WORDS: Weighting(-1.469, 0.782, 0.514),
        Feature.LIKELIER: Weighting(0.629, 0.612, 0.302),
        Feature.COVERED: Weighting(0.193, 0.189, 0.099),
    },
    {
        Background.ENTRIES: Weighting(2.568, 1.158, 0.732),
        Background.LENGTH: Weighting(2.125, 0.539, -0.019),
        Background.UNKNOWN: Weighting(0.475, 0.315, -0.191),
        Background.BEST_SCORE: Weighting(0.216, 0.178, 0.031),
        Background.BEST_WORDS: Weighting(0.443, 1.614, -0.012),
        Background.WORDS_USUAL: Weighting(0.188, 0.073, 0.013),
        Background.WORDS_SPREAD: Weighting(0.093, 0.028, 0.031),
    },
    constant=2.526,
    usual_bars={
        0.5: 0.101,
        0.6: 0.201,
        0.7: 0.337,
        0.8: 0.527,
        0.85: 0.656,
        0.9: 0.801,
        0.925: 0.868,
        0.95: 0.930,
        0.97: 0.977,
        0.99: 0.999,
    },
)
"""Where words alone decide."""
WITH_VECTORS = Judge.of(
    {
        Feature.SCORE: Weighting(0.071, 0.090, 1.190),
        Feature.SCORE_SQUARED: Weighting(0.013, 0.053, 0.005),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.111, 0.202, -0.455),
        Feature.WORDS: Weighting(-1.473, 0.785, -0.005),
        Feature.MEANING: Weighting(-1.892, 1.264, 1.012),
        Feature.LIKELIER: Weighting(0.568, 0.569, 0.305),
        Feature.COVERED: Weighting(0.177, 0.184, 0.019),
    },
    {
        Background.ENTRIES: Weighting(2.428, 1.061, 0.426),
        Background.LENGTH: Weighting(2.134, 0.540, 0.116),
        Background.UNKNOWN: Weighting(0.496, 0.308, -0.324),
        Background.BEST_SCORE: Weighting(0.236, 0.178, 0.069),
        Background.BEST_WORDS: Weighting(0.449, 1.627, -0.182),
        Background.WORDS_USUAL: Weighting(0.180, 0.068, 0.365),
        Background.WORDS_SPREAD: Weighting(0.091, 0.028, -0.197),
        Background.BEST_MEANING: Weighting(0.080, 1.829, 0.113),
        Background.MEANING_USUAL: Weighting(0.429, 0.086, -0.467),
        Background.MEANING_SPREAD: Weighting(0.122, 0.023, 0.235),
    },
    constant=2.880,
    usual_bars={
        0.5: 0.001,
        0.6: 0.099,
        0.7: 0.207,
        0.8: 0.392,
        0.85: 0.535,
        0.9: 0.713,
        0.925: 0.812,
        0.95: 0.917,
        0.97: 0.974,
        0.99: 0.999,
    },
)
"""Where texts are compared by vectors of meaning too."""
