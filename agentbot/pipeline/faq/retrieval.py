"""What is known for a question: the FAQ's match of it, and the passages that go with it.

The matcher is asked once a question; rules, the FAQ's responder and the language model share what
it said.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome, FaqSuggestions

_CACHED_QUESTIONS = 256
"""Questions whose outcomes are kept: far more than are decided on at the same time, and at a few
hundred bytes each of no weight."""
_MAX_KNOWLEDGE = 12_000
"""Characters of questions and answers that a model is shown: about 3,000 tokens, so that they fit
beside the conversation into the 8,000 tokens of the smallest models in use."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what a model may answer from."""

    id: str
    question: str
    answer: str


Retriever = Callable[[str], Awaitable[Sequence[Passage]]]
"""Gives the passages that go with a question, best first."""


class Matcher(Protocol):
    """What finds the entry for a question: :class:`agentbot.pipeline.faq.matcher.FaqMatcher`."""

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain."""


class CachedMatcher:
    """A matcher that is asked once a question, and whose last outcomes are kept.

    ``in_thread``: a match takes long enough to be made in a thread of its own.
    """

    def __init__(self, matcher: Matcher, *, in_thread: bool = False) -> None:
        self._matcher = matcher
        self._in_thread = in_thread
        self._outcomes: OrderedDict[str, FaqOutcome] = OrderedDict()

    def is_ready(self, text: str) -> bool:
        """Say whether the outcome for ``text`` is at hand, or quickly made."""
        return not self._in_thread or text in self._outcomes

    async def prepare(self, text: str) -> None:
        """Match ``text`` in a thread of its own, so that :meth:`match` has its outcome at hand."""
        if text not in self._outcomes:
            self._keep(text, await asyncio.to_thread(self._matcher.match, text))

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain; from the cache where ``text`` was matched before."""
        outcome = self._outcomes.get(text)
        if outcome is None:
            outcome = self._matcher.match(text)
            self._keep(text, outcome)
        return outcome

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """Return the nearest entry's id, its score, and whether the FAQ answers with it."""
        outcome = self.match(text)
        return outcome.best or "", outcome.score, isinstance(outcome, FaqAnswer | FaqAnswers)

    def _keep(self, text: str, outcome: FaqOutcome) -> None:
        self._outcomes[text] = outcome
        if len(self._outcomes) > _CACHED_QUESTIONS:
            self._outcomes.popitem(last=False)


def retriever_from(entries: tuple[FaqEntry, ...], matcher: CachedMatcher | None) -> Retriever:
    """Return what gives a model its passages: entries near the question first, as many as fit.

    Without a ``matcher`` they come in the order of the files.
    """
    by_id = {entry.id: entry for entry in entries}

    async def retrieve(text: str) -> list[Passage]:
        if matcher and not matcher.is_ready(text):
            await matcher.prepare(text)
        outcome = matcher.match(text) if matcher else None
        first = dict.fromkeys(_near(outcome)) if outcome else {}
        ranked = [*first, *(id_ for id_ in by_id if id_ not in first)]
        passages: list[Passage] = []
        left = _MAX_KNOWLEDGE
        for entry in (by_id[id_] for id_ in ranked if id_ in by_id):
            left -= len(entry.question) + len(entry.answer)
            if left < 0:
                break
            passages.append(Passage(entry.id, entry.question, entry.answer))
        return passages

    return retrieve


def _near(outcome: FaqOutcome) -> list[str]:
    if isinstance(outcome, FaqAnswer):
        return [outcome.entry.id]
    if isinstance(outcome, FaqAnswers | FaqSuggestions):
        return [entry.id for entry in outcome.entries]
    return [candidate.id for candidate in outcome.nearest]
