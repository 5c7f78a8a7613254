"""The pipeline, put together of an operator's folder: which responders there are, in which order.

How it comes to its decisions stands in :mod:`agentbot.pipeline.deciding`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agentbot.pipeline.custom import load_responder
from agentbot.pipeline.deciding import Pipeline
from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.faq.retrieval import CachedMatcher, Matcher, never
from agentbot.pipeline.faq_responder import cached_search, faq_responder
from agentbot.pipeline.knowledge.retriever import retriever_from
from agentbot.pipeline.knowledge.search import Search
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from agentbot.pipeline.llm.model import ChatModel
from agentbot.pipeline.model_responder import ModelOptions, model_responder
from agentbot.pipeline.prompts import BUILT_IN, Prompts
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.rule_responders import rules_responders
from agentbot.pipeline.tools.toolbox import Toolbox

__all__ = ("Pipeline", "build_pipeline")
"""`Pipeline` too: whoever builds one names its type."""


def build_pipeline(
    prompts: Prompts,
    *,
    matcher: Matcher | None = None,
    match_in_thread: bool = False,
    is_put_off: Callable[[], bool] = never,
    search: Search | None = None,
    llm: ChatModel | None = None,
    model_options: ModelOptions = ModelOptions(),  # noqa: B008 - it never changes
    responders: Mapping[str, Responder] | None = None,
    toolbox: Toolbox | None = None,
    load: Callable[[str], Responder] = load_responder,
    puts_off: bool = False,
) -> Pipeline:
    """Put the responders together that policy.yaml names, in its order.

    FAQ and model are left out where there is no ``matcher`` or ``llm``. ``match_in_thread``: a
    match takes long enough to be made in a thread of its own; ``is_put_off`` says whether the next
    one does, since what it needs is still to be learnt. ``search`` finds passages of FAQ and
    pages; None: there are none, or nobody looks for them. ``responders`` are used for the names
    that they hold; ``load`` finds the others. ``toolbox`` has the tools of tools.yaml. Raises
    ``ConfigurationError`` where one of the operator's own responders cannot be loaded.
    ``puts_off``: whoever calls this calls :meth:`Pipeline.get_ready` soon.
    """
    texts = prompts.texts
    reader = SmallTalkReader(own=texts.language)
    faq = None
    if matcher is not None:
        faq = CachedMatcher(matcher, in_thread=match_in_thread, is_put_off=is_put_off)
    knowledge = cached_search(search, prompts, in_thread=match_in_thread)
    sources = FactSources(
        words=texts.times,
        language=texts.language,
        hours=prompts.hours,
        faq=faq,
        passages=knowledge,
        company=prompts.company.facts,
        denied=Negations(load_pack(texts.language)).denied,
    )
    toolbox = toolbox or Toolbox(prompts.tools)
    made = rules_responders(prompts, sources, reader, toolbox)
    answering = faq_responder(prompts, faq, knowledge, sources)
    if answering is not None:
        made["faq"] = answering
    if llm is not None:
        retriever = retriever_from(prompts.faq, faq, knowledge)
        made["llm"] = model_responder(
            llm, prompts, sources, reader, retriever, model_options, toolbox
        )
    made.update(responders or {})
    names = [name for name in prompts.policy.responders if name in made or name not in BUILT_IN]
    order = tuple(made[name] if name in made else load(name) for name in names)
    pipeline = Pipeline(
        prompts=prompts, responders=order, sources=sources, faq=faq, search=knowledge
    )
    if not puts_off:
        pipeline.get_ready()
    return pipeline
