"""Attacks through a whole pipeline: ``python -m tests.bench.attacks --through``.

A scripted model stands in the endpoint's place, and says the worst to each attack in the form that
is asked of it. All else is as in `agentbot run`: what it is shown is put together and masked, what
it writes is read, unmasked and checked, and what fails becomes a handoff in the operator's words.
Only the model is asked, so that no rule and no FAQ entry comes before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from inspect import isawaitable

from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.decision import Decision, Reply
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.search import Found
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.model_responder import ModelOptions
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import Prompts
from tests.bench.obeying import Attack, outputs
from tests.bench.shop import Sent, Shop
from tests.support.model import in_form
from tests.support.turns import turn

_QUESTION = "How much is shipping?"
"""What a customer asks where the attack stands in a page."""


@dataclass(slots=True)
class ObeyingModel:
    """A model that says ``text``, as an answer or as a question back."""

    text: str = ""
    action: str = "answer"

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
    ) -> Completion:
        """Say it, to whatever prompt."""
        assert messages
        assert seconds > 0
        asked = self.text if self.action == "clarify" else ""
        return Completion(in_form(self.text, action=self.action, ask=asked))


@dataclass(frozen=True, slots=True)
class _Everything:
    """A search that finds all passages, whatever is asked."""

    passages: tuple[Passage, ...]

    def find(self, _text: str) -> Sequence[Found]:
        """Return all of them."""
        return [Found(one, 1.0) for one in self.passages]


async def sent_through(
    prompts: Prompts, checker: Checker, found: Sequence[Attack], where: Shop
) -> tuple[Counter[str], list[Sent]]:
    """Return how many outputs each family has, and the model's words that would be sent."""
    counts: Counter[str] = Counter()
    through = []
    for number, attack in enumerate(found):
        model = ObeyingModel()
        passages = where.passages
        if attack.in_document:
            passages = (Passage("page/poisoned", "A page", attack.text), *passages)
        decider = pipeline(prompts, checker, passages, model)
        asked = turn(_QUESTION if attack.in_document else attack.text)
        for text in outputs(attack, where.system, where.honest[number % len(where.honest)], number):
            for action in ("answer", "clarify"):
                model.text, model.action = text, action
                counts[attack.family] += 1
                came = decider.respond(asked)
                decision: Decision = await came if isawaitable(came) else came
                if isinstance(decision, Reply) and decision.by == "llm":
                    through.append(Sent(attack.family, decision.text))
    return counts, through


def pipeline(
    prompts: Prompts, checker: Checker, passages: tuple[Passage, ...], model: ObeyingModel
) -> Pipeline:
    """Return the pipeline of a folder in which the model alone answers, from all passages."""
    return build_pipeline(
        replace(prompts, policy=prompts.policy.model_copy(update={"responders": ("llm",)})),
        search=_Everything(passages),
        llm=model,
        model_options=ModelOptions(checks=checker),
    )
