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
        Feature.SCORE: Weighting(0.071, 0.092, 1.141),
        Feature.SCORE_SQUARED: Weighting(0.013, 0.055, -0.064),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.114, 0.210, -0.364),
        Feature.WORDS: Weighting(-1.508, 0.789, 0.045),
        Feature.MEANING: Weighting(-1.898, 1.261, 0.940),
        Feature.LIKELIER: Weighting(0.618, 0.609, 0.373),
        Feature.COVERED: Weighting(0.184, 0.189, 0.046),
    },
    {
        Background.ENTRIES: Weighting(2.590, 1.161, 0.441),
        Background.LENGTH: Weighting(2.125, 0.540, 0.086),
        Background.UNKNOWN: Weighting(0.474, 0.314, -0.341),
        Background.BEST_SCORE: Weighting(0.242, 0.184, 0.019),
        Background.BEST_WORDS: Weighting(0.433, 1.605, -0.187),
        Background.WORDS_USUAL: Weighting(0.189, 0.073, 0.358),
        Background.WORDS_SPREAD: Weighting(0.093, 0.028, -0.130),
        Background.BEST_MEANING: Weighting(0.110, 1.794, 0.131),
        Background.MEANING_USUAL: Weighting(0.441, 0.093, -0.450),
        Background.MEANING_SPREAD: Weighting(0.125, 0.023, 0.237),
    },
    constant=2.869,
    usual_bars={
        0.5: 0.003,
        0.6: 0.105,
        0.7: 0.213,
        0.8: 0.401,
        0.85: 0.537,
        0.9: 0.718,
        0.925: 0.817,
        0.95: 0.920,
        0.97: 0.975,
        0.99: 1.000,
    },
)
"""Where texts are compared by vectors of meaning too."""
