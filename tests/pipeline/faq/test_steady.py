"""The FAQ goes on by words where meanings fail, whatever fails in them; it is said once."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqOutcome
from agentbot.pipeline.faq.steady import SteadyMatcher

BY_MEANING = FaqAbstention((), 0.5, "by meaning")
BY_WORDS = FaqAbstention((), 0.4, "by words")


class Scripted:
    """A matcher that answers, or fails, as told."""

    def __init__(self, outcome: FaqOutcome | Exception) -> None:
        self.outcome = outcome
        self.asked = 0

    def match(self, text: str) -> FaqOutcome:
        """Answer, or fail."""
        del text
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Story:
    """A steady matcher of two scripted ones, its clock, and what it reports."""

    def __init__(self) -> None:
        self.meanings = Scripted(BY_MEANING)
        self.fitting: Exception | None = None
        self.said: list[str | None] = []
        self.now = 0.0
        self.matcher = SteadyMatcher(
            meanings=self.fit,
            words=lambda: Scripted(BY_WORDS),
            report=self.said.append,
            clock=lambda: self.now,
        )

    def fit(self) -> Scripted:
        """Make the matcher by meanings, or fail."""
        if self.fitting is not None:
            raise self.fitting
        return self.meanings


@pytest.mark.parametrize(
    "failure",
    [
        LLMError("server", "no embeddings: 503: busy"),
        ValueError("shapes (1,3) and (4,) not aligned"),
        FaqAbstention((), math.nan, "no score"),
    ],
    ids=str,
)
def test_by_words_while_meanings_fail(failure: FaqOutcome | Exception) -> None:
    """Said once; not asked for a while; and by meanings again when they work."""
    story = Story()
    story.matcher.start(insist=True)
    assert story.matcher.match("x") == BY_MEANING
    story.meanings.outcome = failure
    for _ in range(2):
        outcome = story.matcher.match("x")
        assert (outcome.score, outcome.best) == (0.4, None)
        assert outcome.reason == "by words; by words alone, for meanings fail"
    assert story.meanings.asked == 2
    story.now += 61
    story.matcher.match("x")
    assert story.meanings.asked == 3
    assert len(story.said) == 1
    story.meanings.outcome = BY_MEANING
    story.now += 61
    assert story.matcher.match("x") == BY_MEANING
    assert story.said[1:] == [None]


def test_a_provider_that_is_away_at_the_start_is_taken_up_later() -> None:
    """The bot starts by words."""
    story = Story()
    story.fitting = LLMError("connection", "no embeddings: nobody there")
    story.matcher.start(insist=True)
    assert story.said == ["connection: no embeddings: nobody there"]
    assert story.matcher.match("x").score == BY_WORDS.score
    story.fitting = None
    story.now += 61
    assert story.matcher.match("x") == BY_MEANING


def test_a_refusal_is_raised_at_the_start_alone() -> None:
    """A wrong key is the operator's to mend; later it must not hold up an edit."""
    story = Story()
    story.fitting = LLMError("refused", "no embeddings: 401")
    with pytest.raises(LLMError, match="401"):
        story.matcher.start(insist=True)
    story.matcher.start(insist=False)
    assert story.matcher.match("x").score == BY_WORDS.score


def test_who_asks_while_another_fits_is_answered_by_words() -> None:
    """A customer does not wait for a training."""
    begun, ended = threading.Event(), threading.Event()

    def slow() -> Scripted:
        begun.set()
        ended.wait(10)
        return Scripted(BY_MEANING)

    matcher = SteadyMatcher(meanings=slow, words=lambda: Scripted(BY_WORDS), report=lambda _: None)
    matcher._words = Scripted(BY_WORDS)
    fitting = threading.Thread(target=matcher.match, args=["x"])
    fitting.start()
    assert begun.wait(10)
    assert matcher.match("x").score == BY_WORDS.score
    ended.set()
    fitting.join()
    assert matcher.match("x") == BY_MEANING


def test_where_it_is_to_wait_who_asks_while_another_fits_gets_meanings() -> None:
    """Right after a start the models are there within a second: what is said must not differ."""
    begun, ended = threading.Event(), threading.Event()
    made: list[Scripted] = []

    def slow() -> Scripted:
        begun.set()
        ended.wait(10)
        made.append(Scripted(BY_MEANING))
        return made[-1]

    matcher = SteadyMatcher(
        meanings=slow, words=lambda: Scripted(BY_WORDS), report=lambda _: None, waits=True
    )
    with ThreadPoolExecutor() as threads:
        starting = threads.submit(matcher.start, insist=False)
        assert begun.wait(10)
        asking = threads.submit(matcher.match, "x")
        assert not asking.done()
        ended.set()
        assert asking.result(10) == BY_MEANING
        starting.result(10)
    assert len(made) == 1
