"""Questions in another language than the FAQ's: their words say nothing, and meaning must.

The judge has learnt from questions whose words say something; to it, words that no entry has speak
against all of them. So where a question crosses languages, it is shown what words usually say where
the meaning is as near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders.english import is_foreign
from agentbot.pipeline.faq.judging.features import Background, Feature, Observation
from agentbot.pipeline.languages.foreign import language_of

Flags = npt.NDArray[np.bool_]

_SAMPLE = 200
"""Phrasings by which a FAQ's language is told: they are of one language, or of two."""
_UNKNOWN = 0.8
"""The share of a question's words (0 to 1, rare ones weigh more) that the FAQ must lack: it may
have phrasings in the other language too, and then they are heard."""


class _Line(NamedTuple):
    """What words usually say: ``start``, and ``slope`` for each unit of nearness in meaning."""

    start: float
    slope: float


_OF_AN_ENTRY = {
    Feature.WORDS: _Line(-0.76, 0.40),
    Feature.LIKELIER: _Line(0.79, 0.10),
    Feature.COVERED: _Line(0.27, 0.05),
}
"""By an entry's `Feature.MEANING`; the least squares over 21 FAQs cut out of the public ones."""
_OF_THE_BEST = {
    Background.UNKNOWN: _Line(0.45, -0.09),
    Background.BEST_WORDS: _Line(0.33, 0.73),
}
"""By `Background.BEST_MEANING`; as above."""
_KERNEL = 1.1
"""By how much the classifier's scores of such questions are too low: its kernel is 0.7 of the whole
where no word is shared, and 0.77 where as many are as is usual."""
_SCORES = {Feature.SCORE: 1, Feature.SCORE_SQUARED: 2, Feature.SCORE_BY_PHRASINGS: 1}
"""The features that are made of scores, and which power of them."""


class Crossing:
    """What knows which questions cross from another language into the FAQ's."""

    def __init__(self, phrasings: Sequence[str]) -> None:
        step = len(phrasings) // _SAMPLE + 1
        some = phrasings[::step]
        self._is_foreign = 2 * sum(map(is_foreign, some)) > len(some)
        self._code = language_of(" ".join(some))

    def heard(self, texts: Sequence[str], seen: Observation) -> Observation:
        """Return what was seen of questions, by meaning alone of those that cross."""
        unknown = seen.background[:, list(Background).index(Background.UNKNOWN)]
        rows = np.array(
            [
                share >= _UNKNOWN and self._crosses(text)
                for text, share in zip(texts, unknown.tolist(), strict=True)
            ],
            dtype=np.bool_,
        )
        return by_meaning_alone(seen, rows) if rows.any() else seen

    def _crosses(self, text: str) -> bool:
        if is_foreign(text) != self._is_foreign:
            return True
        code = language_of(text) if self._is_foreign else None
        return None not in (code, self._code) and code != self._code


def by_meaning_alone(seen: Observation, rows: Flags) -> Observation:
    """Return an observation with what words usually say, in place of what they say, in ``rows``."""
    features, background = seen.features.copy(), seen.background.copy()
    numbers = {feature: number for number, feature in enumerate(Feature)}
    near = features[rows][:, :, numbers[Feature.MEANING]]
    for feature, line in _OF_AN_ENTRY.items():
        features[rows, :, numbers[feature]] = line.start + line.slope * near
    for feature, power in _SCORES.items():
        features[rows, :, numbers[feature]] *= _KERNEL**power
    columns = {kind: number for number, kind in enumerate(Background)}
    best = background[rows, columns[Background.BEST_MEANING]]
    for kind, line in _OF_THE_BEST.items():
        background[rows, columns[kind]] = line.start + line.slope * best
    background[rows, columns[Background.BEST_SCORE]] *= _KERNEL
    return replace(seen, features=features, background=background)
