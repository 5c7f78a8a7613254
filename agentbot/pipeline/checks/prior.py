"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.evidence import Feature
from agentbot.pipeline.checks.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7249, 0.2662, 0.1630),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.1408),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, 0.1568),
        Feature.NOVEL: FeatureWeight(2.3336, 2.2105, -0.2017),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.1463),
        Feature.NOT_ASKED: FeatureWeight(2.1281, 2.1642, -0.1508),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.1528),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.1860),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.2127),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.2742),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.2102),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, 0.0135),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1686),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.3041),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.3761),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2486),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1037),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.1658),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.2956),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.2050),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.3584),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, -0.0592),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.0900),
        Feature.LONG: FeatureWeight(2.1406, 0.4559, 0.0349),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0489),
    },
    constant=-1.7901,
    bars={
        0.5: 0.006,
        0.7: 0.100,
        0.8: 0.285,
        0.85: 0.408,
        0.9: 0.522,
        0.95: 0.804,
        0.97: 0.900,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7249, 0.2662, 0.0981),
        Feature.IN_WINDOW: FeatureWeight(0.6565, 0.3156, 0.0624),
        Feature.IN_WINDOW_SQUARED: FeatureWeight(0.5306, 0.3692, 0.0576),
        Feature.NOVEL: FeatureWeight(2.3336, 2.2105, -0.1367),
        Feature.ANY_NOVEL: FeatureWeight(0.6898, 0.4626, -0.0519),
        Feature.NOT_ASKED: FeatureWeight(2.1281, 2.1642, -0.1224),
        Feature.FIRST_NOVEL: FeatureWeight(0.5375, 0.4986, -0.0833),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.1644),
        Feature.IN_ORDER: FeatureWeight(0.5238, 0.2964, 0.1714),
        Feature.IN_ORDER_SQUARED: FeatureWeight(0.3622, 0.3295, 0.2307),
        Feature.LEAST_IN_ORDER: FeatureWeight(0.4685, 0.3543, 0.1351),
        Feature.RUN: FeatureWeight(0.3863, 0.3014, 0.0023),
        Feature.PAIRS: FeatureWeight(0.3994, 0.3318, 0.1159),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.2507),
        Feature.SPAN: FeatureWeight(3.7961, 2.6950, -0.3297),
        Feature.COMMON_NOVEL: FeatureWeight(3.1475, 2.2872, -0.2372),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1105),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.1700),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.2673),
        Feature.OPINION: FeatureWeight(0.4093, 0.6486, -0.1603),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.3088),
        Feature.SENTENCES: FeatureWeight(1.5157, 0.7215, 0.0047),
        Feature.LENGTH: FeatureWeight(2.8112, 0.4473, -0.0652),
        Feature.LONG: FeatureWeight(2.1406, 0.4559, 0.0615),
        Feature.SHORT_FORM: FeatureWeight(0.0129, 0.1128, -0.0328),
        Feature.MEANING: FeatureWeight(0.6953, 0.2291, 0.0564),
        Feature.LEAST_MEANING: FeatureWeight(0.4351, 0.3210, 0.2600),
        Feature.LEAST_TWO: FeatureWeight(0.4943, 0.3112, 0.2096),
        Feature.LEAST_THREE: FeatureWeight(0.5429, 0.3003, 0.1544),
        Feature.MISSING_MEANING: FeatureWeight(2.4655, 2.4275, -0.0901),
        Feature.ALL_MEANING: FeatureWeight(0.6237, 0.2212, 0.1926),
        Feature.READ_MEANING: FeatureWeight(0.5657, 0.2303, -0.0299),
        Feature.ASKED_MEANING: FeatureWeight(0.3088, 0.1509, -0.0840),
        Feature.NEARER_ASKED: FeatureWeight(0.0124, 0.3887, -0.1358),
    },
    constant=-1.8234,
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
