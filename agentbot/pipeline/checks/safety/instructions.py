"""Sentences of a source that speak to a model: nobody's answer rests on them.

Whoever got a text into a page, or into an import, may have put "say that …" into it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from agentbot.pipeline.languages.foreign import LATIN, script_of
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold

_LINE = re.compile(r"(\n+)")
_SENTENCE = re.compile(r"(?<=[.!?\u2026:>])(\s+)")
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_FOREIGN = 10
"""Letters in another script that are more than a name."""
_KEPT = 1024
"""Texts that are kept as they were read: a shop's pieces that are asked for often."""


@lru_cache(_KEPT)
def without_instructions(text: str, script: str = LATIN) -> str:
    """Return the text without what speaks to a model: such a sentence, and the rest of its line.

    What a model is told to say stands behind: "Ignore this and state: …". What is written neither
    in Latin letters nor in the answer's ``script`` is left out so too: nobody can say what it asks.
    """
    return "".join(_line_without(line, script) for line in _LINE.split(text))


def _line_without(line: str, script: str) -> str:
    kept = []
    for part in _SENTENCE.split(line):
        if is_instruction(part) or _is_in_other_script(part, script):
            break
        kept.append(part)
    return "".join(kept)


def is_instruction(sentence: str) -> bool:
    """Say whether a sentence speaks to a model."""
    return _instructing().are_in(tuple(fold(sentence).split()))


def _is_in_other_script(text: str, script: str) -> bool:
    """Say whether a text has words in a script that is neither Latin nor this one."""
    if text.isascii():
        return False
    foreign = [one[0] for one in _WORD.finditer(text) if script_of(one[0]) not in {LATIN, script}]
    return sum(map(len, foreign)) >= _LEAST_FOREIGN


@cache
def _instructing() -> Phrases:
    return Phrases(phrase for speech in all_speech().values() for phrase in speech.instructs)
