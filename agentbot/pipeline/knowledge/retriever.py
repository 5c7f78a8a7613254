"""What gives a question its passages: the FAQ's sure match first, then what the index finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome, FaqSuggestions
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.passage import Passage, Retriever, passage_of
from agentbot.pipeline.knowledge.search import CachedSearch

_MAX_KNOWLEDGE = 12_000
"""Characters of titles and texts that a model is shown: about 3,000 tokens, so that they fit beside
the conversation into the 8,000 tokens of the smallest models in use."""


def retriever_from(
    entries: tuple[FaqEntry, ...], matcher: CachedMatcher | None, search: CachedSearch | None = None
) -> Retriever:
    """Return what gives a question its passages, best first, as many as fit.

    With a ``search`` they are those that it finds near enough, after the entries that the FAQ
    answers with, or would ask back about: none for a question about something else. Without one
    all of the FAQ is gone through, the entries that the ``matcher`` finds near first.
    """
    by_id = {entry.id: passage_of(entry) for entry in entries}

    async def retrieve(text: str) -> list[Passage]:
        if matcher and not matcher.is_ready(text):
            await matcher.prepare(text)
        outcome = matcher.match(text) if matcher else None
        if search is None:
            first = _near(outcome)
            ranked: Iterable[Passage] = (
                by_id[id_] for id_ in dict.fromkeys([*first, *by_id]) if id_ in by_id
            )
        else:
            found = await search.find_later(text)
            near = (by_id[id_] for id_ in _sure(outcome) if id_ in by_id)
            ranked = [*near, *(one.passage for one in found)]
        return list(_bounded(ranked))

    return retrieve


def _bounded(ranked: Iterable[Passage]) -> Iterator[Passage]:
    """Yield each passage once, as many as there is room for."""
    left = _MAX_KNOWLEDGE
    for passage in {one.id: one for one in ranked}.values():
        left -= len(passage.title) + len(passage.text)
        if left < 0:
            return
        yield passage


def _sure(outcome: FaqOutcome | None) -> list[str]:
    """Return the ids of the entries that the FAQ answers with, or would ask back about."""
    if isinstance(outcome, FaqAnswer):
        return [outcome.entry.id]
    if isinstance(outcome, FaqAnswers | FaqSuggestions):
        return [entry.id for entry in outcome.entries]
    return []


def _near(outcome: FaqOutcome | None) -> list[str]:
    """Return the ids of the entries nearest to the question, however far they are."""
    if outcome is None:
        return []
    return _sure(outcome) or [candidate.id for candidate in getattr(outcome, "nearest", ())]
