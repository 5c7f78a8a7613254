"""The FAQ's match of a question.

The matcher is asked once a question; rules, the FAQ's responder and the language model share what
it said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from agentbot.latest import Latest
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome

_CACHED_QUESTIONS = 256
"""Questions whose outcomes are kept: far more than are decided on at the same time, and at a few
hundred bytes each of no weight."""


class Matcher(Protocol):
    """What finds the entry for a question: :class:`agentbot.pipeline.faq.matcher.FaqMatcher`."""

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain."""


def never() -> bool:
    """Say that nothing is put off."""
    return False


class CachedMatcher:
    """A matcher that is asked once a question, and whose last outcomes are kept.

    ``in_thread``: a match takes long enough to be made in a thread of its own. ``is_put_off`` says
    whether the next one does: what it needs is still to be learnt.
    """

    def __init__(
        self,
        matcher: Matcher,
        *,
        in_thread: bool = False,
        is_put_off: Callable[[], bool] = never,
    ) -> None:
        self._matcher = matcher
        self._in_thread = in_thread
        self._is_put_off = is_put_off
        self._outcomes: Latest[str, FaqOutcome] = Latest(_CACHED_QUESTIONS)

    def is_ready(self, text: str) -> bool:
        """Say whether the outcome for ``text`` is at hand, or quickly made."""
        return text in self._outcomes or not (self._in_thread or self._is_put_off())

    async def prepare(self, text: str) -> None:
        """Match ``text`` in a thread of its own, so that :meth:`match` has its outcome at hand."""
        if text not in self._outcomes:
            self._outcomes[text] = await asyncio.to_thread(self._matcher.match, text)

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain; from the cache where ``text`` was matched before."""
        outcome = self._outcomes.get(text)
        if outcome is None:
            outcome = self._outcomes[text] = self._matcher.match(text)
        return outcome

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """Return the nearest entry's id, its score, and whether the FAQ answers with it."""
        outcome = self.match(text)
        return outcome.best or "", outcome.score, isinstance(outcome, FaqAnswer | FaqAnswers)
