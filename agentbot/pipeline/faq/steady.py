"""A matcher that goes on by words where meanings cannot be had: a provider's may fail at any time.

Nothing of that reaches whoever asks: neither the FAQ's responder, nor rules, nor the model.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock

from agentbot.errors import LLMError
from agentbot.pipeline.faq.outcomes import FaqOutcome
from agentbot.pipeline.faq.retrieval import Matcher

_PAUSE = 60.0
"""Seconds without meanings after they have failed, so that not every customer waits for the next
failure."""

Report = Callable[[str | None], None]
"""Told once what has failed, and None once it works again."""


class SteadyMatcher:
    """A :class:`~agentbot.pipeline.faq.retrieval.Matcher` by meanings, and else by words.

    Threads may share it.
    """

    def __init__(
        self,
        *,
        meanings: Callable[[], Matcher],
        words: Callable[[], Matcher],
        report: Report,
        waits: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``meanings`` and ``words`` make the two matchers; both may take seconds.

        ``waits``: who asks while the matcher by meanings is being made waits for it. Else words
        decide meanwhile, as while it fails.
        """
        self._waits = waits
        self._make_meanings = meanings
        self._make_words = words
        self._report = report
        self._clock = clock
        self._meanings: Matcher | None = None
        self._words: Matcher | None = None
        self._fitting, self._making_words = Lock(), Lock()
        self._resting_until = -math.inf
        self._is_down = False

    def start(self, *, insist: bool) -> None:
        """Make the matcher by meanings, or the one by words where that fails.

        With ``insist`` an ``LLMError`` that says the provider refuses is raised: it is a wrong key
        or model, which no waiting mends.
        """
        try:
            self._make(waits=True)
        except Exception as error:
            if insist and isinstance(error, LLMError) and error.kind == "refused":
                raise
            self._fail(error)
            self._by_words()

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain."""
        if self._clock() >= self._resting_until:
            try:
                outcome = self._by_meanings(text)
            except Exception as error:  # noqa: BLE001 - whatever a provider's answer leads to
                self._fail(error)
            else:
                if outcome is not None:
                    self._recover()
                    return outcome
        outcome = self._by_words().match(text)
        return replace(outcome, reason=f"{outcome.reason}; by words alone, for meanings fail")

    def _by_meanings(self, text: str) -> FaqOutcome | None:
        """Return the outcome; None while another thread is making the matcher."""
        if self._meanings is None:
            self._make(waits=self._waits)
        if self._meanings is None:
            return None
        outcome = self._meanings.match(text)
        if not math.isfinite(outcome.score):
            raise ValueError("the embeddings lead to no score")
        return outcome

    def _make(self, *, waits: bool) -> None:
        """Make the matcher by meanings, if nobody has; without ``waits`` not if somebody does."""
        if not self._fitting.acquire(blocking=waits):
            return
        try:
            if self._meanings is None:
                self._meanings = self._make_meanings()
        finally:
            self._fitting.release()

    def _by_words(self) -> Matcher:
        with self._making_words:
            if self._words is None:
                self._words = self._make_words()
            return self._words

    def _fail(self, error: Exception) -> None:
        self._resting_until = self._clock() + _PAUSE
        if not self._is_down:
            self._is_down = True
            self._report(str(error) or type(error).__name__)

    def _recover(self) -> None:
        if self._is_down:
            self._is_down = False
            self._report(None)
