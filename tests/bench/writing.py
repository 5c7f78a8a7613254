"""Ways in which people write the same question: what surrounds it, capitals, slips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tests.bench.sets import Question

Way = Callable[[str, np.random.Generator], str]
"""How a question is written otherwise; what chance decides comes from the generator."""

_BEFORE = (
    "Good morning to all of you! It has been a long week here, and the weather does not make it "
    "any easier, but the children are back at school, so that there is a quiet hour at last to sit "
    "down with a cup of coffee."
)
_AFTER = (
    "My neighbour told me last summer how friendly everybody is at your place, and I have been "
    "meaning to write ever since. Thank you so much in advance, and greetings to the whole team, "
    "also from my sister!"
)
"""Some eighty words that ask nothing, before and after."""
_LONG = 1000
"""Characters of talk before a question at the end: as many as were once looked at."""
_SLIP_IN = 12
"""One character in so many is a slip: an eager thumb on a phone."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def greeted(text: str, _: np.random.Generator) -> str:
    """Return the question between a greeting and thanks."""
    return f"Hello, I hope you are well. {text} Thank you very much!"


def chatted(text: str, _: np.random.Generator) -> str:
    """Return the question amid eighty words of chatter."""
    return f"{_BEFORE} {text} {_AFTER}"


def at_the_end(text: str, _: np.random.Generator) -> str:
    """Return the question at the end of a long message."""
    talk = " ".join([_BEFORE, _AFTER] * (1 + _LONG // len(_BEFORE + _AFTER)))
    return f"{talk} {text}"


def shouted(text: str, _: np.random.Generator) -> str:
    """Return the question in capitals."""
    return f"{text.upper()}!!"


def mistyped(text: str, rng: np.random.Generator) -> str:
    """Return the question with letters left out, doubled, changed, or with the next one's place."""
    letters = list(text)
    for place in np.flatnonzero(rng.random(len(text)) < 1 / _SLIP_IN).tolist():
        match int(rng.integers(4)):
            case 0:
                letters[place] = ""
            case 1:
                letters[place] *= 2
            case 2:
                letters[place] = _LETTERS[int(rng.integers(len(_LETTERS)))]
            case _ if place + 1 < len(letters):
                letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


WAYS: Mapping[str, Way] = {
    "greeted": greeted,
    "chatted": chatted,
    "at the end": at_the_end,
    "shouted": shouted,
    "mistyped": mistyped,
}
"""The ways by name."""


def written(questions: Sequence[Question], way: str, *, seed: int) -> tuple[Question, ...]:
    """Return the questions written in one of `WAYS`."""
    rng = np.random.default_rng(seed)
    return tuple(replace(one, text=WAYS[way](one.text, rng)) for one in questions)
