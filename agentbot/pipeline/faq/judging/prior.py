"""The judges that ship with agentbot, learnt by ``python -m tests.bench.faq_prior``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.faq.judging.features import Background, Feature
from agentbot.pipeline.faq.judging.judge import Judge, Weighting

WORDS_ONLY = Judge.of(
    {
        Feature.SCORE: Weighting(0.060, 0.093, 1.018),
        Feature.SCORE_SQUARED: Weighting(0.012, 0.050, -0.158),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.102, 0.204, -0.070),
        Feature.WORDS: Weighting(-1.444, 0.784, 0.496),
        Feature.LIKELIER: Weighting(0.582, 0.573, 0.250),
        Feature.COVERED: Weighting(0.184, 0.184, 0.090),
    },
    {
        Background.ENTRIES: Weighting(2.413, 1.061, 0.728),
        Background.LENGTH: Weighting(2.133, 0.540, 0.022),
        Background.UNKNOWN: Weighting(0.493, 0.310, -0.140),
        Background.BEST_SCORE: Weighting(0.214, 0.180, 0.025),
        Background.BEST_WORDS: Weighting(0.473, 1.644, 0.009),
        Background.WORDS_USUAL: Weighting(0.180, 0.068, 0.047),
        Background.WORDS_SPREAD: Weighting(0.091, 0.028, 0.017),
    },
    constant=2.490,
    usual_bars={
        0.5: 0.209,
        0.6: 0.336,
        0.7: 0.487,
        0.8: 0.688,
        0.85: 0.721,
        0.9: 0.797,
        0.925: 0.830,
        0.95: 0.892,
        0.97: 0.933,
        0.99: 0.990,
    },
)
"""Where words alone decide."""
WITH_VECTORS = Judge.of(
    {
        Feature.SCORE: Weighting(0.071, 0.091, 1.156),
        Feature.SCORE_SQUARED: Weighting(0.013, 0.054, 0.007),
        Feature.SCORE_BY_PHRASINGS: Weighting(0.111, 0.204, -0.432),
        Feature.WORDS: Weighting(-1.474, 0.791, 0.023),
        Feature.MEANING: Weighting(-1.908, 1.271, 0.974),
        Feature.LIKELIER: Weighting(0.569, 0.568, 0.308),
        Feature.COVERED: Weighting(0.177, 0.184, 0.037),
    },
    {
        Background.ENTRIES: Weighting(2.428, 1.061, 0.432),
        Background.LENGTH: Weighting(2.133, 0.541, 0.116),
        Background.UNKNOWN: Weighting(0.491, 0.308, -0.307),
        Background.BEST_SCORE: Weighting(0.239, 0.181, 0.061),
        Background.BEST_WORDS: Weighting(0.466, 1.638, -0.173),
        Background.WORDS_USUAL: Weighting(0.180, 0.068, 0.366),
        Background.WORDS_SPREAD: Weighting(0.091, 0.028, -0.172),
        Background.BEST_MEANING: Weighting(0.086, 1.837, 0.110),
        Background.MEANING_USUAL: Weighting(0.430, 0.087, -0.456),
        Background.MEANING_SPREAD: Weighting(0.123, 0.023, 0.243),
    },
    constant=2.862,
    usual_bars={
        0.5: 0.121,
        0.6: 0.219,
        0.7: 0.369,
        0.8: 0.591,
        0.85: 0.627,
        0.9: 0.710,
        0.925: 0.761,
        0.95: 0.840,
        0.97: 0.921,
        0.99: 0.993,
    },
)
"""Where texts are compared by vectors of meaning too."""
