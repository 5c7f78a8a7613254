"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.evidence import Feature
from agentbot.pipeline.checks.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7254, 0.2657, 0.1633),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.1408),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, 0.1568),
        Feature.NOVEL: FeatureWeight(2.3328, 2.2097, -0.2013),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.1458),
        Feature.NOT_ASKED: FeatureWeight(2.1273, 2.1633, -0.1504),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.1527),
        Feature.LAST_NOVEL: FeatureWeight(0.2667, 0.4422, -0.1860),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.2130),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.2747),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.2102),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, 0.0137),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1691),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.3040),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.3760),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2487),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1036),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.1658),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.2957),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.2051),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.3585),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, -0.0591),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.0886),
        Feature.LONG: FeatureWeight(2.1408, 0.4560, 0.0315),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0488),
    },
    constant=-1.7899,
    bars={
        0.5: 0.006,
        0.7: 0.100,
        0.8: 0.285,
        0.85: 0.408,
        0.9: 0.522,
        0.95: 0.805,
        0.97: 0.900,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7254, 0.2657, 0.0982),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.0625),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, 0.0577),
        Feature.NOVEL: FeatureWeight(2.3328, 2.2097, -0.1364),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.0515),
        Feature.NOT_ASKED: FeatureWeight(2.1273, 2.1633, -0.1222),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.0832),
        Feature.LAST_NOVEL: FeatureWeight(0.2667, 0.4422, -0.1644),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.1717),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.2311),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.1352),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, 0.0024),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1163),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.2506),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.3296),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2372),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1104),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.1699),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.2673),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.1603),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.3089),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, 0.0049),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.0638),
        Feature.LONG: FeatureWeight(2.1408, 0.4560, 0.0577),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0327),
        Feature.MEANING: FeatureWeight(0.6953, 0.2291, 0.0565),
        Feature.LEAST_MEANING: FeatureWeight(0.4351, 0.3210, 0.2598),
        Feature.LEAST_TWO: FeatureWeight(0.4943, 0.3112, 0.2093),
        Feature.LEAST_THREE: FeatureWeight(0.5429, 0.3003, 0.1541),
        Feature.MISSING_MEANING: FeatureWeight(2.4655, 2.4275, -0.0898),
        Feature.ALL_MEANING: FeatureWeight(0.6237, 0.2212, 0.1931),
        Feature.READ_MEANING: FeatureWeight(0.5657, 0.2303, -0.0295),
        Feature.ASKED_MEANING: FeatureWeight(0.3088, 0.1509, -0.0840),
        Feature.NEARER_ASKED: FeatureWeight(0.0124, 0.3887, -0.1355),
    },
    constant=-1.8235,
    bars={
        0.5: 0.006,
        0.7: 0.087,
        0.8: 0.234,
        0.85: 0.409,
        0.9: 0.563,
        0.95: 0.825,
        0.97: 0.921,
    },
)
"""Where the vectors of words in their context are compared too."""
