"""One question to the model: what it is shown, whether it may be paid for, and what it has cost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentbot.errors import DataException, PromptTooLong
from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.llm.budget import Budget
from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.masking import Mask
from agentbot.pipeline.llm.model import ChatModel, Completion
from agentbot.pipeline.llm.prices import Prices
from agentbot.pipeline.llm.prompt import PromptMaker, Shown, tokens_of
from agentbot.pipeline.turn import Turn

_SHARES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.0)
"""The shares of knowledge and history that a model is shown, as long as it finds them too long."""
_AN_ANSWER = 100
"""Tokens that an answer takes, about, before it is known: four short sentences in the form."""


@dataclass(eq=False)
class OverBudget(DataException):
    """What the answer would cost may not be spent: nobody was asked."""

    reason: Reason

    def __str__(self) -> str:
        return self.reason.text


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, what the model was shown for it, and the figures for the journal."""

    completion: Completion
    shown: Shown
    cost: dict[str, float]
    trace: tuple[TraceStep, ...] = ()


class Asks(Protocol):
    """What asks the model: an `Asker`, or what lets it look things up in between."""

    @property
    def prompt_version(self) -> str:
        """The version of what the model is told."""

    async def ask(self, turn: Turn, facts: Facts, passages: Sequence[Passage], mask: Mask) -> Asked:
        """Return its answer. Raises ``LLMError``, and ``OverBudget``."""


class Asker:
    """What asks the model within time and budget.

    ``seconds`` is the time for one answer, retries included.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        prompt: PromptMaker,
        seconds: float,
        budget: Budget,
        prices: Prices,
    ) -> None:
        self.prompt_version = prompt.version
        """The version of what the model is told."""
        self._model = model
        self._prompt = prompt
        self._seconds = seconds
        self._budget = budget
        self._prices = prices

    async def ask(
        self,
        turn: Turn,
        facts: Facts,
        passages: Sequence[Passage],
        mask: Mask,
        *,
        form: AnswerForm | None = None,
        seconds: float | None = None,
    ) -> Asked:
        """Ask, with less and less to go by while the model finds it too long.

        ``form`` and ``seconds`` take the place of the usual ones. Raises ``LLMError``, and
        ``OverBudget``.
        """
        now = asyncio.get_running_loop().time
        left = self._seconds if seconds is None else seconds
        deadline = now() + left
        for share in _SHARES:
            shown = self._prompt.make(turn, facts, passages, mask, share)
            try:
                return await self._paid(turn, shown, left, form)
            except PromptTooLong:
                left = deadline - now()
                if share == _SHARES[-1] or left <= 0:
                    raise
        raise AssertionError("the last share returns or raises")

    async def _paid(
        self, turn: Turn, shown: Shown, seconds: float, form: AnswerForm | None
    ) -> Asked:
        """Ask once, and count what that has cost.

        What it will take is counted before, about, so that several at once do not overspend.
        """
        read = sum(tokens_of(message.content) for message in shown.messages)
        about = float(read + _AN_ANSWER)
        if reason := self._budget.refuses(turn, about):
            raise OverBudget(reason)
        who = turn.conversation.id, turn.customer.id
        self._budget.spend(*who, about, None)
        try:
            said = await self._model.complete(shown.messages, seconds=seconds, form=form)
        except BaseException:
            self._budget.spend(*who, -about, None)
            raise
        cost = {
            "prompt_tokens": float(said.prompt_tokens),
            "completion_tokens": float(said.completion_tokens),
        }
        usd = self._prices.cost(said.model, said.prompt_tokens, said.completion_tokens)
        if usd is not None:
            cost["usd"] = usd
        # Where the server does not count, what it has read and written is counted here, about.
        spent = sum(cost[name] for name in ("prompt_tokens", "completion_tokens"))
        spent = spent or read + tokens_of(said.text)
        self._budget.spend(*who, spent - about, usd)
        return Asked(said, shown, cost)
