"""The passage: a piece of what the business knows, from which answers are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date

from agentbot.pipeline.faq.entries import FaqEntry

PAGE = "page/"
"""What the ids of pages' passages begin with, so that they are told from FAQ entries'."""


BETWEEN = " \u203a "
"""What stands between a page's title and the headings above a piece."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what a model may answer from: a FAQ entry, or a section of a page.

    ``id`` is a FAQ entry's own, or ``page/<name of the file>#<heading>``. ``title`` is the question
    or the page's title with the headings above the text; ``text`` is markdown. ``link`` is an
    address that customers may be shown, and ``age`` the day of the last change; None: unknown.
    """

    id: str
    title: str
    text: str
    link: str | None = None
    age: date | None = None

    @property
    def question(self) -> str:
        """The title, by the name that an operator's system.md may use."""
        return self.title

    @property
    def answer(self) -> str:
        """The text, by the name that an operator's system.md may use."""
        return self.text


Retriever = Callable[[str], Awaitable[Sequence[Passage]]]
"""Gives the passages that go with a question, best first."""


def passage_of(entry: FaqEntry) -> Passage:
    """Return a FAQ entry as a passage."""
    return Passage(entry.id, entry.question, entry.answer, link=next(iter(entry.links), None))
