"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.judging.evidence import Feature
from agentbot.pipeline.checks.judging.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.4751),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.5201),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.2743),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.6106),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.5517),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.5690),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1033),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3635),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1430),
        Feature.DENIED: FeatureWeight(0.1467, 0.3538, -0.2245),
        Feature.ANSWERS: FeatureWeight(0.2925, 0.4549, -0.1776),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.4654),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.4851),
    },
    constant=-1.9232,
    bars={
        0.5: 0.005,
        0.7: 0.118,
        0.8: 0.276,
        0.85: 0.423,
        0.9: 0.577,
        0.95: 0.792,
        0.97: 0.856,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.3157),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.3491),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.2515),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.4593),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.4213),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.4290),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1274),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3336),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1341),
        Feature.DENIED: FeatureWeight(0.1467, 0.3538, -0.2378),
        Feature.ANSWERS: FeatureWeight(0.2925, 0.4549, -0.1233),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.3863),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.3846),
        Feature.LEAST_MEANING: FeatureWeight(0.4354, 0.3208, 0.5430),
        Feature.LEAST_OF_ALL: FeatureWeight(0.3136, 0.2559, 0.4834),
    },
    constant=-1.7343,
    bars={
        0.5: 0.005,
        0.7: 0.088,
        0.8: 0.251,
        0.85: 0.369,
        0.9: 0.514,
        0.95: 0.838,
        0.97: 0.868,
    },
)
"""Where the vectors of words in their context are compared too."""
