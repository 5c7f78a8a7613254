"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.evidence import Feature
from agentbot.pipeline.checks.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.5151),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.5798),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.3037),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.6377),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.5903),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.6154),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1445),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3949),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1573),
        Feature.DENIED: FeatureWeight(0.1467, 0.3538, -0.2567),
        Feature.ANSWERS: FeatureWeight(0.2925, 0.4549, -0.2117),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.5427),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.5551),
    },
    constant=-2.1085,
    bars={
        0.5: 0.003,
        0.7: 0.099,
        0.8: 0.240,
        0.85: 0.414,
        0.9: 0.570,
        0.95: 0.764,
        0.97: 0.860,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.3310),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.3763),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.2837),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.4834),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.4473),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.4581),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1725),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3688),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1518),
        Feature.DENIED: FeatureWeight(0.1467, 0.3538, -0.2804),
        Feature.ANSWERS: FeatureWeight(0.2925, 0.4549, -0.1503),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.4460),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.4381),
        Feature.LEAST_MEANING: FeatureWeight(0.4354, 0.3208, 0.5694),
        Feature.LEAST_OF_ALL: FeatureWeight(0.3136, 0.2559, 0.5212),
    },
    constant=-1.8704,
    bars={
        0.5: 0.004,
        0.7: 0.077,
        0.8: 0.230,
        0.85: 0.347,
        0.9: 0.492,
        0.95: 0.782,
        0.97: 0.873,
    },
)
"""Where the vectors of words in their context are compared too."""
