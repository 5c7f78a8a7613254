"""The checker: what speaks against saying an answer."""

from __future__ import annotations

import re
from typing import Literal

from agentbot.pipeline.checks.draft import Code, Draft, Finding
from agentbot.pipeline.words import fold

Strictness = Literal["strict", "lenient"]
"""``strict`` lets nothing through that no source supports; ``lenient`` small talk too."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_MAX_LENGTH = 2_000
"""Characters of an answer: what a person reads in a chat window."""
_LEAST_COVERED = 0.75
"""The share (0 to 1) of a claim's words that must stand in what supports it."""


class Checker:
    """The checks of an answer before it is said.

    A draft takes a few milliseconds a sentence, without waiting for anything: up to five sentences
    may be checked on the event loop.
    """

    def __init__(self, strictness: Strictness = "strict") -> None:
        self._strictness = strictness

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what speaks against saying the draft; empty where it may be said."""
        if len(draft.text) > _MAX_LENGTH:
            return (Finding(Code.LENGTH, draft.text[:80], f"more than {_MAX_LENGTH} characters"),)
        texts = [f"{one.title} {one.text}" for one in draft.sources]
        supporting = set(fold(" ".join([*texts, *draft.known])).split())
        found = []
        for sentence in filter(str.strip, _SENTENCE.split(draft.text)):
            words = fold(sentence).split()
            covered = sum(word in supporting for word in words) / max(1, len(words))
            if covered < _LEAST_COVERED:
                why = f"{covered:.0%} of its words stand in what it may rest on"
                found.append(Finding(Code.UNSUPPORTED, sentence.strip(), why))
        return tuple(found)
