"""The cached search: each question is looked for once, in a thread where it takes long."""

from __future__ import annotations

import threading

import pytest

from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.search import CachedSearch, Found

FOUND = (Found(Passage("page/a", "A", "a"), 0.5),)


class Spy:
    """A search that notes its questions, and the threads in which they came."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: list[threading.Thread] = []

    def find(self, text: str) -> tuple[Found, ...]:
        """Find the same for every question."""
        self.asked.append(text)
        self.threads.append(threading.current_thread())
        return FOUND


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_question_is_looked_for_once(*, in_thread: bool) -> None:
    """By whoever needs it first."""
    spy = Spy()
    search = CachedSearch(spy, in_thread=in_thread)
    assert search.is_ready("x") is not in_thread
    assert await search.find_later("x") == FOUND
    assert await search.find_later("x") == FOUND
    assert search.is_ready("x")
    assert search.find("x") == FOUND
    assert spy.asked == ["x"]
    assert (spy.threads == [threading.current_thread()]) is not in_thread


def test_the_last_256_questions_are_kept() -> None:
    """The oldest is forgotten first."""
    spy = Spy()
    search = CachedSearch(spy)
    for number in range(257):
        search.find(str(number))
    search.find("1")
    assert len(spy.asked) == 257
    search.find("0")
    assert len(spy.asked) == 258
