"""What gives a question its passages."""

from __future__ import annotations

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome, FaqSuggestions
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.passage import Passage, Retriever

_MAX_KNOWLEDGE = 12_000
"""Characters of titles and texts that a model is shown: about 3,000 tokens, so that they fit beside
the conversation into the 8,000 tokens of the smallest models in use."""


def passage_of(entry: FaqEntry) -> Passage:
    """Return a FAQ entry as a passage."""
    return Passage(entry.id, entry.question, entry.answer, link=next(iter(entry.links), None))


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
            passages.append(passage_of(entry))
        return passages

    return retrieve


def _near(outcome: FaqOutcome) -> list[str]:
    if isinstance(outcome, FaqAnswer):
        return [outcome.entry.id]
    if isinstance(outcome, FaqAnswers | FaqSuggestions):
        return [entry.id for entry in outcome.entries]
    return [candidate.id for candidate in outcome.nearest]
