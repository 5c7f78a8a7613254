"""What is found for a question: passages with their scores, looked for once a question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from agentbot.latest import Latest
from agentbot.pipeline.knowledge.passage import Passage

_CACHED_QUESTIONS = 256
"""Questions whose passages are kept: as many as the FAQ's outcomes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage, and how near it is to what was asked, 0 to 1."""

    passage: Passage
    score: float


class Search(Protocol):
    """What finds passages: :class:`agentbot.pipeline.knowledge.index.PassageIndex`."""

    def find(self, text: str) -> Sequence[Found]:
        """Return the passages near enough to what is asked to be worth reading, best first."""


class LateSearch:
    """A search that is prepared by :meth:`prepare`, or for the first question.

    Threads may share it.
    """

    def __init__(self, maker: Callable[[], Search]) -> None:
        """``maker`` may take seconds."""
        self._maker = maker
        self._search: Search | None = None
        self._making = Lock()

    @property
    def is_put_off(self) -> bool:
        """Whether the next question would wait for it."""
        return self._search is None

    def prepare(self) -> Search:
        """Return what searches, made once."""
        with self._making:
            if self._search is None:
                self._search = self._maker()
            return self._search

    def find(self, text: str) -> Sequence[Found]:
        """Return the passages near enough to what is asked to be worth reading, best first."""
        return self.prepare().find(text)


class CachedSearch:
    """A search that is asked once a question, and whose last outcomes are kept.

    ``in_thread``: a search takes long enough to be made in a thread of its own; so does the first
    one of a :class:`LateSearch`.
    """

    def __init__(self, search: Search, *, in_thread: bool = False) -> None:
        self._search = search
        self._in_thread = in_thread
        self._found: Latest[str, tuple[Found, ...]] = Latest(_CACHED_QUESTIONS)

    def is_ready(self, text: str) -> bool:
        """Say whether what is found for ``text`` is at hand, or quickly found."""
        return text in self._found or not (self._in_thread or self._is_put_off)

    @property
    def _is_put_off(self) -> bool:
        return isinstance(self._search, LateSearch) and self._search.is_put_off

    async def prepare(self, text: str) -> None:
        """Search in a thread of its own, so that :meth:`find` has the outcome at hand."""
        if text not in self._found:
            self._found[text] = tuple(await asyncio.to_thread(self._search.find, text))

    def find(self, text: str) -> tuple[Found, ...]:
        """Return the passages near to ``text``, best first."""
        found = self._found.get(text)
        if found is None:
            found = self._found[text] = tuple(self._search.find(text))
        return found

    def best(self, text: str) -> tuple[str, str, str, float]:
        """Return the nearest passage's id, title, link and score; "" and 0 where none is near."""
        for one in self.find(text)[:1]:
            return one.passage.id, one.passage.title, one.passage.link or "", one.score
        return "", "", "", 0.0

    async def find_later(self, text: str) -> tuple[Found, ...]:
        """Return the passages near to ``text``, best first, looked for where it suits."""
        if not self.is_ready(text):
            await self.prepare(text)
        return self.find(text)
