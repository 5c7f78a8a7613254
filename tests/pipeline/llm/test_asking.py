"""A question is paid for: what it may cost is looked at before, and what it cost is counted."""

from __future__ import annotations

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.llm.asking import Asker, OverBudget
from agentbot.pipeline.llm.budget import Budget, Limits
from agentbot.pipeline.llm.masking import Mask
from agentbot.pipeline.llm.model import Completion
from agentbot.pipeline.llm.prices import Price, Prices
from agentbot.pipeline.llm.prompt import PromptMaker
from tests.support.model import FakeModel
from tests.support.turns import turn
from tests.support.words import WORDS

ASKED = turn("Hi")
PAID = Completion("Yes.", prompt_tokens=1000, completion_tokens=100, model="m")
PRICES = Prices({"m": Price(input=1.0, output=10.0)})


async def cost(model: FakeModel, budget: Budget, prices: Prices = PRICES) -> dict[str, float]:
    """What one question costs."""
    asker = Asker(
        model,
        prompt=PromptMaker(Template("Be kind.", {})),
        seconds=5.0,
        budget=budget,
        prices=prices,
    )
    facts = Facts(ASKED, FactSources(words=WORDS))
    return (await asker.ask(ASKED, facts, (), Mask())).cost


async def test_an_answer_has_its_tokens_and_its_price() -> None:
    """In the journal, and in the budget."""
    budget = Budget(Limits(day_tokens=1_500))
    assert await cost(FakeModel(PAID), budget) == {
        "prompt_tokens": 1000.0,
        "completion_tokens": 100.0,
        "usd": pytest.approx(0.002),
    }
    assert budget._day.total.tokens == 1100
    assert budget._day.total.usd == pytest.approx(0.002)


async def test_a_price_that_is_not_known_is_left_out() -> None:
    """It is not 0."""
    assert "usd" not in await cost(FakeModel(PAID), Budget(), Prices())


async def test_past_the_budget_nobody_is_asked() -> None:
    """The reason says what is spent."""
    model = FakeModel(PAID)
    with pytest.raises(OverBudget, match="0 of 50 tokens of the day are spent"):
        await cost(model, Budget(Limits(day_tokens=50)))
    assert model.calls == 0


async def test_what_a_server_does_not_count_is_counted_about() -> None:
    """Else its budget would never end."""
    budget = Budget()
    await cost(FakeModel("Yes."), budget)
    assert budget._day.total.tokens > 200


async def test_a_failure_is_given_back() -> None:
    """Nobody has been paid, as far as is known."""
    budget = Budget()
    with pytest.raises(LLMError):
        await cost(FakeModel(LLMError("server", "500")), budget)
    assert budget._day.total.tokens == 0
