"""The judges that ship with agentbot, learnt by ``python -m tests.bench.faq_prior``.

All that agentbot takes from `tests/bench/data/faq-triage/valid.jsonl`. The signs are scale-free.
"""

from __future__ import annotations

import numpy as np

from agentbot.pipeline.faq.classifier import Array
from agentbot.pipeline.faq.judge import Judge


def _numbers(text: str) -> Array:
    return np.array(text.split(), dtype=np.float64)


WORDS_ONLY = Judge(
    centre=_numbers(
        "-1.17 0.87 2.56 0.86 0.21 0.06 0.13 0.04 -0.17 0.11 0.42 0.04 0.03 0.02 2.44 3.03 2.06"
    ),
    spread=_numbers(
        "1.09 0.95 0.76 0.42 0.11 0.09 0.08 0.06 1.04 0.95 1.77 1.49 0.16 0.11 0.47 0.70 0.53"
    ),
    weights=_numbers(
        "2.39 -0.07 1.73 0.37 0.23 0.13 0.50 -0.20 -0.22 0.08 -0.37 0.46 -0.36 0.33 0.38 -0.42 "
        "-0.77 -0.62"
    ),
    bars=_numbers("0.12 0.26 0.44 0.54 0.64 0.75 0.86 0.94 0.95 0.97"),
    offer_bar=0.36,
)
WITH_VECTORS = Judge(
    centre=_numbers(
        "-1.02 1.00 2.49 0.80 0.19 0.03 0.12 0.03 1.03 0.25 0.72 0.19 1.09 0.25 0.78 0.19 -0.13 "
        "0.14 0.40 0.02 0.03 0.02 2.44 3.03 2.06"
    ),
    spread=_numbers(
        "1.16 1.07 0.78 0.46 0.12 0.10 0.08 0.07 0.50 0.36 0.46 0.34 0.45 0.36 0.41 0.34 1.00 "
        "0.92 1.73 1.47 0.16 0.10 0.47 0.70 0.53"
    ),
    weights=_numbers(
        "3.13 -0.18 1.59 0.23 0.31 0.04 -0.35 -0.16 0.31 0.01 0.99 -0.68 0.13 0.20 -0.97 0.71 "
        "-0.36 -0.04 -0.81 0.12 -0.25 0.15 0.37 0.41 -1.02 -0.59"
    ),
    bars=_numbers("0.06 0.08 0.23 0.34 0.47 0.63 0.79 0.85 0.96 0.98"),
    offer_bar=0.37,
)
