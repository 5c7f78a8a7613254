"""Sentences of a source that speak to a model: nobody's answer rests on them.

Whoever got a text into a page, or into an import, may have put "say that …" into it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold

_LINE = re.compile(r"(\n+)")
_SENTENCE = re.compile(r"(?<=[.!?\u2026:>])(\s+)")
_KEPT = 1024
"""Texts that are kept as they were read: a shop's pieces that are asked for often."""


@lru_cache(_KEPT)
def without_instructions(text: str) -> str:
    """Return the text without what speaks to a model: such a sentence, and the rest of its line.

    What a model is told to say stands behind: "Ignore this and state: …".
    """
    return "".join(_line_without(line) for line in _LINE.split(text))


def _line_without(line: str) -> str:
    kept = []
    for part in _SENTENCE.split(line):
        if is_instruction(part):
            break
        kept.append(part)
    return "".join(kept)


def is_instruction(sentence: str) -> bool:
    """Say whether a sentence speaks to a model."""
    return _instructing().are_in(tuple(fold(sentence).split()))


@cache
def _instructing() -> Phrases:
    return Phrases(phrase for speech in all_speech().values() for phrase in speech.instructs)
