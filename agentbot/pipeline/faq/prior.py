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
        Feature.SCORE: Weighting(0.071, 0.091, 1.161),
        Feature.SCORE_SQUARED: Weighting(0.013, 0.054, 0.001),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.111, 0.204, -0.434),
        Feature.WORDS: Weighting(-1.477, 0.786, 0.015),
        Feature.MEANING: Weighting(-1.910, 1.271, 0.992),
        Feature.LIKELIER: Weighting(0.566, 0.568, 0.307),
        Feature.COVERED: Weighting(0.176, 0.183, 0.036),
    },
    {
        Background.ENTRIES: Weighting(2.428, 1.061, 0.436),
        Background.LENGTH: Weighting(2.134, 0.540, 0.123),
        Background.UNKNOWN: Weighting(0.495, 0.308, -0.320),
        Background.BEST_SCORE: Weighting(0.239, 0.181, 0.063),
        Background.BEST_WORDS: Weighting(0.450, 1.627, -0.178),
        Background.WORDS_USUAL: Weighting(0.180, 0.068, 0.363),
        Background.WORDS_SPREAD: Weighting(0.091, 0.028, -0.180),
        Background.BEST_MEANING: Weighting(0.084, 1.836, 0.108),
        Background.MEANING_USUAL: Weighting(0.430, 0.087, -0.462),
        Background.MEANING_SPREAD: Weighting(0.122, 0.023, 0.242),
    },
    constant=2.872,
    usual_bars={
        0.5: 0.001,
        0.6: 0.099,
        0.7: 0.206,
        0.8: 0.393,
        0.85: 0.531,
        0.9: 0.715,
        0.925: 0.810,
        0.95: 0.917,
        0.97: 0.970,
        0.99: 0.998,
    },
)
"""Where texts are compared by vectors of meaning too."""
