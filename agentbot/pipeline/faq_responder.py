"""The responder named ``faq``, made of an operator's folder: the FAQ's, the pages', or both."""

from __future__ import annotations

from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.faq.responder import FaqResponder
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.knowledge.offering import PagesResponder
from agentbot.pipeline.knowledge.search import CachedSearch
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.responder import Responder


def faq_responder(
    prompts: Prompts,
    matcher: CachedMatcher | None,
    search: CachedSearch | None,
    sources: FactSources,
    *,
    has_model: bool,
) -> Responder | None:
    """Return the responder; None where there is neither a FAQ nor a page to offer.

    Where a model answers (``has_model``), it is shown the pages, and none is offered instead.
    """
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
    if search is None or has_model or not prompts.pages or texts.may_help is None:
        return faq
    return PagesResponder(faq, search, may_help=texts.may_help, sources=sources)
