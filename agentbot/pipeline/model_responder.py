"""The responder that asks a language model, made of an operator's folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from agentbot.pipeline.checks.draft import Draft, Finding
from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.knowledge.passage import Retriever
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from agentbot.pipeline.llm.asking import Asker
from agentbot.pipeline.llm.budget import Budget
from agentbot.pipeline.llm.checking import Checks
from agentbot.pipeline.llm.model import ChatModel
from agentbot.pipeline.llm.prices import Prices
from agentbot.pipeline.llm.prompt import PromptMaker
from agentbot.pipeline.llm.responder import LLMResponder
from agentbot.pipeline.llm.tool_use import ToolUser, told_of
from agentbot.pipeline.llm.words import LLMTexts, LLMWords
from agentbot.pipeline.prompts import Prompts
from agentbot.pipeline.tools.calling import ToolCalls
from agentbot.pipeline.tools.toolbox import Toolbox

if TYPE_CHECKING:  # it brings numpy along, which nobody pays for who has no model
    from agentbot.pipeline.checks.judging.evidence import States


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What the settings say of the model.

    ``seconds`` is its time for one answer, retries included. ``history_messages`` and
    ``history_tokens`` bound what it is shown of the conversation, ``knowledge_tokens`` the
    passages, and ``hides_personal`` hides personal data. ``in_form``: it can write JSON.
    ``look_ups`` is how many it may ask for before one answer, where tools are meant for it.
    ``budget`` and ``prices`` say what may be spent, and what an answer costs.
    ``checks`` of None: those that policy.yaml asks for, which compare meanings where ``states``
    gives the vectors of words.
    """

    seconds: float = 20.0
    history_messages: int = 20
    history_tokens: int = 2000
    knowledge_tokens: int = 3000
    in_form: bool = True
    look_ups: int = 2
    budget: Budget = field(default_factory=Budget)
    prices: Prices = field(default_factory=Prices)
    hides_personal: bool = True
    checks: Checks | None = None
    states: States | None = None


def model_responder(  # noqa: PLR0917 - what a folder's responders share
    model: ChatModel,
    prompts: Prompts,
    sources: FactSources,
    reader: SmallTalkReader,
    retriever: Retriever,
    options: ModelOptions,
    toolbox: Toolbox,
) -> LLMResponder:
    """Return the responder that asks ``model``."""
    tools = ToolCalls(toolbox, (tool for tool in prompts.tools if tool.for_model))
    has_tools = bool(tools.tools) and options.in_form and options.look_ups > 0
    texts, policy = prompts.texts, prompts.policy
    own = LLMTexts(texts.language, texts.fallback, texts.handoff, texts.more)
    asker = Asker(
        model,
        prompt=PromptMaker(
            prompts.system,
            history_messages=options.history_messages,
            history_tokens=options.history_tokens,
            knowledge_tokens=options.knowledge_tokens,
            in_form=options.in_form,
            tools=told_of(tools) if has_tools else "",
        ),
        seconds=options.seconds,
        budget=options.budget,
        prices=options.prices,
    )
    user = ToolUser(asker, tools, rounds=options.look_ups, seconds=options.seconds)
    return LLMResponder(
        user if has_tools else asker,
        words=LLMWords(own, reader, show_links=policy.show_links),
        checks=options.checks or _LateChecks(policy.checks, options.states),
        sources=sources,
        retriever=retriever,
        hides=options.hides_personal,
    )


class _LateChecks:
    """The checks, which the first draft loads: a thread looks at each, and nobody waits for it."""

    def __init__(self, strictness: Literal["strict", "lenient"], states: States | None) -> None:
        self._strictness: Literal["strict", "lenient"] = strictness
        self._states = states

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what speaks against saying it."""
        return self._checker.check(draft)

    @cached_property
    def _checker(self) -> Checks:
        from agentbot.pipeline.checks.checker import Checker  # noqa: PLC0415 - see above

        return Checker(self._strictness, states=self._states)
