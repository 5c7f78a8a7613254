"""Claims that are made of sources: what stands in them, and what contradicts them in their words.

People's answers to the benchmarks seldom contradict a source in its own words; a model does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agentbot.pipeline.checks.parsing.wording import sentences, tongue
from agentbot.pipeline.languages.speech import all_speech

_NUMBER = re.compile(r"\d+")
_VERB = re.compile(
    r"\b(is|are|was|were|can|could|may|will|has|have|must|should|does|do)\b(?!\s+(?:not|n't))",
    re.IGNORECASE,
)
_NOT = re.compile(r"\s*\bnot\b|(?<=\w)n't\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;]\s")
_LEADS = ("Yes, ", "Well, ", "Sure! ", "I can confirm that ")
_LEAST_WORDS = 5
"""Words of a sentence that claims are made of: shorter ones say too little."""


@dataclass(frozen=True, slots=True)
class Case:
    """An answer with the source that it should rest on, the question, and whether it does."""

    source: str
    question: str
    answer: str
    grounded: bool


def made_of(sources: Sequence[str], seed: int = 0) -> Iterator[Case]:
    """Yield claims that the sources support, and as many as they can that the sources contradict.

    English only: the words that are turned round come from the English pack.
    """
    rng = np.random.default_rng(seed)
    words = _names(sources)
    for source in dict.fromkeys(sources):
        told = [one for one in sentences(source) if len(one.split()) >= _LEAST_WORDS]
        if not told:
            continue
        sentence = told[int(rng.integers(len(told)))]
        yield Case(source, "", sentence, grounded=True)
        yield Case(source, "", _LEADS[int(rng.integers(len(_LEADS)))] + sentence, grounded=True)
        first = _CLAUSE.split(sentence)[0]
        if len(first.split()) >= _LEAST_WORDS:
            yield Case(source, "", first, grounded=True)
        for changed in contradicted(sentence, words, rng):
            yield Case(source, "", changed, grounded=False)


def contradicted(sentence: str, names: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Yield the sentence with another number, denied, turned round, with another name."""
    if numbers := list(_NUMBER.finditer(sentence)):
        one = numbers[int(rng.integers(len(numbers)))]
        other = str(int(one[0]) + int(rng.integers(1, 9)))
        yield sentence[: one.start()] + other + sentence[one.end() :]
    if _NOT.search(sentence):
        yield _NOT.sub("", sentence, count=1)
    elif _VERB.search(sentence):
        yield _VERB.sub(lambda verb: f"{verb[0]} not", sentence, count=1)
    for form, other in _turned():
        found = re.search(rf"\b{re.escape(form)}\b", sentence, re.IGNORECASE)
        if found:
            yield sentence[: found.start()] + other + sentence[found.end() :]
            break
    if (own := _content(sentence)) and names:
        old = own[int(rng.integers(len(own)))]
        new = names[int(rng.integers(len(names)))]
        if old.lower() != new.lower():
            yield re.sub(rf"\b{re.escape(old)}\b", new, sentence, count=1)


def _turned() -> Iterable[tuple[str, str]]:
    for group in all_speech()["en"].opposites:
        for side, forms in enumerate(group):
            other = group[(side + 1) % len(group)]
            yield from ((form, other[0]) for form in forms)


def _names(sources: Sequence[str]) -> list[str]:
    return [word for source in sources for word in _content(source)[:3]]


def _content(text: str) -> list[str]:
    common = tongue("en").common
    found = re.findall(r"[A-Za-z]{4,}", text)
    return [word for word in found if word.lower() not in common]
