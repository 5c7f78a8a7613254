"""The responder named ``faq``, made of an operator's folder: the FAQ's, the pages', or both."""

from __future__ import annotations

from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.faq.responder import FaqResponder
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.offering import PagesResponder
from agentbot.pipeline.knowledge.search import CachedSearch, Search
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.responder import Responder

_QUICK = 1_000
"""Passages that are searched by words on the event loop: in a millisecond; 5,000 take up to six."""


def cached_search(
    search: Search | None, prompts: Prompts, *, in_thread: bool
) -> CachedSearch | None:
    """Return what looks for each question once; ``in_thread``: a look-up needs a vector."""
    if search is None:
        return None
    passages = len(prompts.faq) + sum(len(page.passages) for page in prompts.pages)
    return CachedSearch(search, in_thread=in_thread or passages > _QUICK)


def faq_responder(
    prompts: Prompts,
    matcher: CachedMatcher | None,
    search: CachedSearch | None,
    sources: FactSources,
) -> Responder | None:
    """Return the responder; None where there is neither a FAQ nor a page to offer."""
    texts = prompts.texts
    faq = None
    if matcher is not None:
        faq = FaqResponder(
            matcher,
            did_you_mean=texts.did_you_mean,
            none_of_these=texts.none_of_these,
            passed_on=texts.passed_on,
            sources=sources,
            suggestions=prompts.policy.faq.suggestions,
            entries=prompts.faq,
        )
    if search is None or not prompts.pages or texts.may_help is None:
        return faq
    return PagesResponder(faq, search, may_help=texts.may_help, sources=sources)
