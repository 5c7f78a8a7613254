"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.evidence import Feature
from agentbot.pipeline.checks.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7254, 0.2657, 0.2066),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.1365),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, 0.1318),
        Feature.NOVEL: FeatureWeight(2.3328, 2.2097, -0.2841),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.1223),
        Feature.NOT_ASKED: FeatureWeight(2.1273, 2.1633, -0.1750),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.1344),
        Feature.LAST_NOVEL: FeatureWeight(0.2667, 0.4422, -0.2705),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.2315),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.3460),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.2008),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, -0.1276),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1761),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.4078),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.5165),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2344),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1472),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.2249),
        Feature.UNDENIED: FeatureWeight(0.0806, 0.2722, -0.0581),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.4477),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.2325),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.5198),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, -0.0160),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.1084),
        Feature.LONG: FeatureWeight(2.1408, 0.4560, 0.0687),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0773),
    },
    constant=-2.1128,
    bars={
        0.5: 0.003,
        0.7: 0.089,
        0.8: 0.282,
        0.85: 0.387,
        0.9: 0.564,
        0.95: 0.832,
        0.97: 0.917,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7254, 0.2657, 0.1234),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.0316),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, -0.0056),
        Feature.NOVEL: FeatureWeight(2.3328, 2.2097, -0.1939),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.0083),
        Feature.NOT_ASKED: FeatureWeight(2.1273, 2.1633, -0.1640),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.0599),
        Feature.LAST_NOVEL: FeatureWeight(0.2667, 0.4422, -0.2518),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.1935),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.3094),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.1002),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, -0.1049),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1111),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.3360),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.4585),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2383),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1685),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.2377),
        Feature.UNDENIED: FeatureWeight(0.0806, 0.2722, -0.0531),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.4090),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.1764),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.4543),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, 0.0824),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.0695),
        Feature.LONG: FeatureWeight(2.1408, 0.4560, 0.1237),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0538),
        Feature.MEANING: FeatureWeight(0.6953, 0.2291, -0.0151),
        Feature.LEAST_MEANING: FeatureWeight(0.4351, 0.3210, 0.3397),
        Feature.LEAST_TWO: FeatureWeight(0.4943, 0.3112, 0.2575),
        Feature.LEAST_THREE: FeatureWeight(0.5429, 0.3003, 0.1502),
        Feature.MISSING_MEANING: FeatureWeight(2.4655, 2.4275, -0.1014),
        Feature.ALL_MEANING: FeatureWeight(0.6237, 0.2212, 0.2682),
        Feature.READ_MEANING: FeatureWeight(0.5657, 0.2303, -0.1296),
        Feature.ASKED_MEANING: FeatureWeight(0.3088, 0.1509, -0.1277),
        Feature.NEARER_ASKED: FeatureWeight(0.0124, 0.3887, -0.1304),
    },
    constant=-2.0830,
    bars={
        0.5: 0.003,
        0.7: 0.069,
        0.8: 0.256,
        0.85: 0.396,
        0.9: 0.577,
        0.95: 0.849,
        0.97: 0.928,
    },
)
"""Where the vectors of words in their context are compared too."""
