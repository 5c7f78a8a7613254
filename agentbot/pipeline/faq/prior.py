"""The judges that ship with agentbot, learnt by ``python -m tests.bench.faq_prior``.

All that agentbot takes from `faq-triage/valid.jsonl` of the benchmark's data (`tests/README.md`).
Each feature has its centre, its spread and its weight.
"""

from __future__ import annotations

from agentbot.pipeline.faq.features import Feature
from agentbot.pipeline.faq.judge import Judge, Weighting

WORDS_ONLY = Judge.of(
    {
        Feature.SURENESS: Weighting(-1.17, 1.09, 2.39),
        Feature.LEAD: Weighting(0.87, 0.95, -0.07),
        Feature.DOUBT: Weighting(2.56, 0.76, 1.73),
        Feature.EVIDENCE: Weighting(0.86, 0.42, 0.37),
        Feature.WORDS_NEAREST: Weighting(0.21, 0.11, 0.23),
        Feature.WORDS_NEAREST_LEAD: Weighting(0.06, 0.09, 0.13),
        Feature.WORDS_OVERALL: Weighting(0.13, 0.08, 0.5),
        Feature.WORDS_OVERALL_LEAD: Weighting(0.04, 0.06, -0.2),
        Feature.SURENESS_BY_ENTRIES: Weighting(-0.17, 1.04, -0.22),
        Feature.SURENESS_BY_PHRASINGS: Weighting(0.11, 0.95, 0.08),
        Feature.DOUBT_BY_ENTRIES: Weighting(0.42, 1.77, -0.37),
        Feature.DOUBT_BY_PHRASINGS: Weighting(0.04, 1.49, 0.46),
        Feature.WORDS_NEAREST_BY_ENTRIES: Weighting(0.03, 0.16, -0.36),
        Feature.WORDS_NEAREST_BY_PHRASINGS: Weighting(0.02, 0.11, 0.33),
        Feature.LENGTH: Weighting(2.44, 0.47, 0.38),
        Feature.ENTRIES: Weighting(3.03, 0.7, -0.42),
        Feature.PHRASINGS: Weighting(2.06, 0.53, -0.77),
    },
    constant=-0.62,
    thresholds={
        0.5: 0.12,
        0.6: 0.26,
        0.7: 0.44,
        0.75: 0.54,
        0.8: 0.64,
        0.85: 0.75,
        0.9: 0.86,
        0.925: 0.94,
        0.95: 0.95,
        0.97: 0.97,
    },
    offer_threshold=0.36,
)
"""Where words alone decide."""
WITH_VECTORS = Judge.of(
    {
        Feature.SURENESS: Weighting(-1.02, 1.16, 3.13),
        Feature.LEAD: Weighting(1.0, 1.07, -0.18),
        Feature.DOUBT: Weighting(2.49, 0.78, 1.59),
        Feature.EVIDENCE: Weighting(0.8, 0.46, 0.23),
        Feature.WORDS_NEAREST: Weighting(0.19, 0.12, 0.31),
        Feature.WORDS_NEAREST_LEAD: Weighting(0.03, 0.1, 0.04),
        Feature.WORDS_OVERALL: Weighting(0.12, 0.08, -0.35),
        Feature.WORDS_OVERALL_LEAD: Weighting(0.03, 0.07, -0.16),
        Feature.MEANING_NEAREST: Weighting(1.03, 0.5, 0.31),
        Feature.MEANING_NEAREST_LEAD: Weighting(0.25, 0.36, 0.01),
        Feature.MEANING_OVERALL: Weighting(0.72, 0.46, 0.99),
        Feature.MEANING_OVERALL_LEAD: Weighting(0.19, 0.34, -0.68),
        Feature.TOKENS_NEAREST: Weighting(1.09, 0.45, 0.13),
        Feature.TOKENS_NEAREST_LEAD: Weighting(0.25, 0.36, 0.2),
        Feature.TOKENS_OVERALL: Weighting(0.78, 0.41, -0.97),
        Feature.TOKENS_OVERALL_LEAD: Weighting(0.19, 0.34, 0.71),
        Feature.SURENESS_BY_ENTRIES: Weighting(-0.13, 1.0, -0.36),
        Feature.SURENESS_BY_PHRASINGS: Weighting(0.14, 0.92, -0.04),
        Feature.DOUBT_BY_ENTRIES: Weighting(0.4, 1.73, -0.81),
        Feature.DOUBT_BY_PHRASINGS: Weighting(0.02, 1.47, 0.12),
        Feature.WORDS_NEAREST_BY_ENTRIES: Weighting(0.03, 0.16, -0.25),
        Feature.WORDS_NEAREST_BY_PHRASINGS: Weighting(0.02, 0.1, 0.15),
        Feature.LENGTH: Weighting(2.44, 0.47, 0.37),
        Feature.ENTRIES: Weighting(3.03, 0.7, 0.41),
        Feature.PHRASINGS: Weighting(2.06, 0.53, -1.02),
    },
    constant=-0.59,
    thresholds={
        0.5: 0.06,
        0.6: 0.08,
        0.7: 0.23,
        0.75: 0.34,
        0.8: 0.47,
        0.85: 0.63,
        0.9: 0.79,
        0.925: 0.85,
        0.95: 0.96,
        0.97: 0.98,
    },
    offer_threshold=0.37,
)
"""Where texts are compared by vectors of meaning too."""
