"""The judges that ship with agentbot, learnt by ``python -m tests.bench.faq_prior``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.faq.features import Background, Feature
from agentbot.pipeline.faq.judge import Judge, Weighting

WORDS_ONLY = Judge.of(
    {
        Feature.SCORE: Weighting(0.060, 0.092, 1.023),
        Feature.SCORE_SQUARED: Weighting(0.012, 0.050, -0.162),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.102, 0.202, -0.067),
        Feature.WORDS: Weighting(-1.446, 0.779, 0.499),
        Feature.LIKELIER: Weighting(0.580, 0.574, 0.247),
        Feature.COVERED: Weighting(0.183, 0.183, 0.080),
    },
    {
        Background.ENTRIES: Weighting(2.413, 1.061, 0.725),
        Background.LENGTH: Weighting(2.133, 0.539, 0.022),
        Background.UNKNOWN: Weighting(0.496, 0.309, -0.147),
        Background.BEST_SCORE: Weighting(0.212, 0.178, 0.028),
        Background.BEST_WORDS: Weighting(0.457, 1.633, 0.001),
        Background.WORDS_USUAL: Weighting(0.180, 0.068, 0.042),
        Background.WORDS_SPREAD: Weighting(0.091, 0.028, 0.012),
    },
    constant=2.489,
    usual_bars={
        0.5: 0.094,
        0.6: 0.197,
        0.7: 0.332,
        0.8: 0.518,
        0.85: 0.649,
        0.9: 0.799,
        0.925: 0.866,
        0.95: 0.929,
        0.97: 0.972,
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
