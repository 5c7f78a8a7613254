"""A small FAQ, a matcher that says what it is told, and an embedder without a model, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
)
from agentbot.pipeline.faq.similarity.lexical import words

SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of *Europe*.")
RETURNS = FaqEntry("returns", "Can I return it?", "Yes.")
LONG = FaqEntry("long", "Is it long?", "It is.")
ANSWER = FaqAnswer(SHIPPING, 0.95, "sure")
BOTH = FaqAnswers((LONG, SHIPPING), (), 0.9, "sure", "long")
NOTHING = FaqAbstention((Candidate("returns", "Can I return it?", 0.1),), 0.1, "far")
"""Outcomes over three entries: one that answers, two that do, and none."""

_SUBJECTS = {
    "shipping": "parcel delivery shipping post courier",
    "returns": "return refund exchange label sendback",
    "hours": "open close hours saturday sunday",
    "payment": "pay card invoice paypal instalments",
    "account": "password login account email username",
    "sizes": "size fit small large chart",
    "jobs": "job work career hiring apply",
    "gifts": "gift voucher wrapping present birthday",
}
_FRAMES = (
    "tell me about {0} and {1}",
    "what about {1} please",
    "i have a question on {2} or {3}",
    "how does {0} work with {4}",
    "is {3} possible",
    "{4} {2}",
)


def small_faq() -> tuple[FaqEntry, ...]:
    """Eight entries of six phrasings that share no subject words."""
    return tuple(
        FaqEntry(
            id=name,
            question=_FRAMES[0].format(*subject.split()),
            answer=f"All about {name}.",
            phrasings=tuple(frame.format(*subject.split()) for frame in _FRAMES[1:]),
        )
        for name, subject in _SUBJECTS.items()
    )


class FakeMatcher:
    """Says what it was given, and counts how often it was asked."""

    def __init__(self, outcome: FaqOutcome) -> None:
        self.outcome = outcome
        self.asked: list[str] = []

    def match(self, text: str) -> FaqOutcome:
        """The same for every text."""
        self.asked.append(text)
        return self.outcome


_SIZE = 64
"""Numbers of a word's vector: enough that unrelated words are nearly at right angles."""


class WordEmbedder:
    """Gives each word a fixed pseudo-random vector: equal words are equal, others unrelated."""

    name = "words-by-checksum"

    def __init__(self) -> None:
        self.texts: list[str] = []
        """Every text that was embedded, in order."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the mean of the words' vectors."""
        self.texts.extend(texts)
        return unit(np.array([self._one(words(text) or [""]) for text in texts], dtype=np.float32))

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)

    def _one(self, found: list[str]) -> Floats:
        seeds = [crc32(word.encode()) for word in found]
        vectors = [np.random.default_rng(seed).normal(size=_SIZE) for seed in seeds]
        return np.asarray(np.mean(vectors, axis=0), dtype=np.float32)
