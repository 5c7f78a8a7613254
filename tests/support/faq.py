"""A small FAQ, a matcher that says what it is told, and an embedder without a model, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from agentbot.pipeline.faq.embedders import TokenVectors
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.lexical import words
from agentbot.pipeline.faq.outcomes import FaqOutcome

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


class WordEmbedder:
    """Gives each word a fixed pseudo-random vector: equal words are equal, others unrelated."""

    name = "words-by-checksum"

    def __init__(self) -> None:
        self.texts: list[str] = []
        """Every text that was embedded, in order."""

    def embed(self, texts: Sequence[str]) -> list[TokenVectors]:
        """One token a word."""
        self.texts.extend(texts)
        return [self._one(words(text) or [""]) for text in texts]

    def _one(self, found: list[str]) -> TokenVectors:
        ids = np.array([crc32(word.encode()) for word in found], dtype=np.int64)
        vectors = [np.random.default_rng(number).normal(size=32) for number in ids.tolist()]
        return TokenVectors(ids, np.array(vectors, dtype=np.float32))
