"""The judge that a FAQ starts from, learnt once from `tests/bench/data/faq-triage/valid.jsonl`.

All that agentbot takes from that data; the signs are scale-free, and every FAQ's own rehearsal
corrects these numbers.
"""

from __future__ import annotations

import numpy as np

from agentbot.pipeline.faq.judge import Prior

WORDS_ONLY = Prior(
    centre=np.array((-1.25, 1.03, 0.26, 0.06, 0.15, 0.04, 2.46)),
    spread=np.array((1.19, 1.05, 0.11, 0.10, 0.07, 0.06, 0.48)),
    weights=np.array((0.86, 0.13, 0.51, 0.15, 0.36, -0.38, 0.64, -0.84)),
    # Words alone promise more than they keep, most of all where they promise most.
    optimism=1.9,
    trust=50.0,
)
WITH_VECTORS = Prior(
    centre=np.array(
        (-1.18, 1.14, 0.24, 0.03, 0.14, 0.02, 0.54, 0.11, 0.37, 0.07, 0.46, 0.10, 0.30, 0.06, 2.46)
    ),
    spread=np.array(
        (1.21, 1.12, 0.12, 0.12, 0.08, 0.07, 0.16, 0.13, 0.16, 0.13, 0.15, 0.13, 0.13, 0.12, 0.48)
    ),
    weights=np.array(
        [
            *(0.52, 0.48, 0.25, 0.04, -0.15, -0.14, 0.45, 0.33),
            *(0.53, -0.18, -0.02, 0.14, -0.08, -0.12, 0.44, -0.05),
        ]
    ),
    # A rehearsal holds phrasings back that real questions find there.
    optimism=0.9,
    trust=200.0,
)
