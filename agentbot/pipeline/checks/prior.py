"""The judges of claims that ship with agentbot: ``python -m tests.bench.grounding --fit``.

All that agentbot takes from the benchmark's data. Each feature has its centre, spread and weight.
"""

from __future__ import annotations

from agentbot.pipeline.checks.evidence import Feature
from agentbot.pipeline.checks.judge import ClaimJudge, FeatureWeight

WORDS_ONLY = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.4672),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.5457),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.2894),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.6593),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.6314),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.6370),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1576),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3590),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1533),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.2166),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.5285),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.5420),
    },
    constant=-2.0824,
    bars={
        0.5: 0.003,
        0.7: 0.095,
        0.8: 0.257,
        0.85: 0.395,
        0.9: 0.556,
        0.95: 0.798,
        0.97: 0.879,
    },
)
"""Where words alone decide: in languages other than English, or without the packages."""
WITH_VECTORS = ClaimJudge(
    {
        Feature.COVERED: FeatureWeight(0.7252, 0.2661, 0.3080),
        Feature.NOVEL: FeatureWeight(2.3304, 2.2095, -0.3602),
        Feature.LAST_NOVEL: FeatureWeight(0.2675, 0.4427, -0.2742),
        Feature.IN_ORDER: FeatureWeight(0.3622, 0.3295, 0.4879),
        Feature.OTHER: FeatureWeight(6.1459, 4.3957, -0.4691),
        Feature.SPAN: FeatureWeight(3.7945, 2.6943, -0.4670),
        Feature.PRONOUNS: FeatureWeight(0.7857, 0.9504, 0.1832),
        Feature.AUXILIARIES: FeatureWeight(0.9605, 1.0112, -0.3428),
        Feature.NUMBERS: FeatureWeight(0.0766, 0.2974, -0.1492),
        Feature.DENIED: FeatureWeight(0.1442, 0.3513, -0.2378),
        Feature.FIRST: FeatureWeight(0.4883, 0.7381, -0.4347),
        Feature.QUESTION: FeatureWeight(0.1257, 0.3315, -0.4283),
        Feature.LEAST_MEANING: FeatureWeight(0.4354, 0.3208, 0.5247),
        Feature.LEAST_OF_ALL: FeatureWeight(0.3136, 0.2559, 0.5893),
    },
    constant=-1.8410,
    bars={
        0.5: 0.004,
        0.7: 0.073,
        0.8: 0.223,
        0.85: 0.364,
        0.9: 0.503,
        0.95: 0.832,
        0.97: 0.872,
    },
)
"""Where the vectors of words in their context are compared too."""
