"""The OpenAI client answers or fails in time, against a scripted server with real faults."""

from __future__ import annotations

import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from llmock.pytest_plugin import LLMock

from agentbot.errors import LLMError
from agentbot.pipeline.llm.completing import MAX_ANSWER
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.llm.openai_chat import OpenAIChat

QUESTION = [ChatMessage("system", "Answer."), ChatMessage("user", "Do you ship to Norway?")]
BUDGET = 20.0

Make = Callable[..., OpenAIChat]


class Sleeps:
    """Notes how long it was told to sleep, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Note it."""
        self.seconds.append(seconds)


@pytest.fixture
def sleeps() -> Sleeps:
    """What the client under test slept."""
    return Sleeps()


@pytest.fixture
async def make(llmock: LLMock, sleeps: Sleeps) -> AsyncIterator[Make]:
    """Makes clients of the scripted server, and closes them."""
    made: list[OpenAIChat] = []

    def one(*, base_url: str | None = None, silence: float = 5.0, attempts: int = 2) -> OpenAIChat:
        client = OpenAIChat(
            model="test",
            api_key="key",
            base_url=base_url or llmock.base_url(),
            silence=silence,
            attempts=attempts,
            sleep=sleeps,
        )
        made.append(client)
        return client

    yield one
    for client in made:
        await client.close()


async def failure(answer: Awaitable[object]) -> LLMError:
    """The error that the answer ends in."""
    with pytest.raises(LLMError) as caught:
        await answer
    return caught.value


async def test_an_answer_comes_whole_with_its_cost(llmock: LLMock, make: Make) -> None:
    """Text and tokens; the question reaches the server as it was put."""
    llmock.reply("Yes, we ship to Norway.")
    completion = await make().complete(QUESTION, seconds=BUDGET)
    assert completion.text == "Yes, we ship to Norway."
    assert completion.completion_tokens > 0
    assert completion.prompt_tokens > 0
    assert len(llmock.requests) == 1


async def test_a_rate_limit_is_waited_out_as_told(
    llmock: LLMock, make: Make, sleeps: Sleeps
) -> None:
    """The server's Retry-After is the wait before the second attempt."""
    llmock.rate_limit(retry_after=3.0).reply("Yes.")
    completion = await make().complete(QUESTION, seconds=BUDGET)
    assert completion.text == "Yes."
    assert sleeps.seconds == [3.0]


async def test_a_rate_limit_longer_than_the_budget_ends_it_at_once(
    llmock: LLMock, make: Make, sleeps: Sleeps
) -> None:
    """There is no use in waiting for an answer that comes too late."""
    llmock.rate_limit(retry_after=60.0, times=None)
    error = await failure(make().complete(QUESTION, seconds=BUDGET))
    assert error.kind == "rate_limited"
    assert sleeps.seconds == []
    assert len(llmock.requests) == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_is_tried_again(llmock: LLMock, make: Make, status: int) -> None:
    """Once more, and not more often than told."""
    llmock.fail(status).reply("Yes.")
    assert (await make().complete(QUESTION, seconds=BUDGET)).text == "Yes."


async def test_an_outage_ends_after_the_last_attempt(llmock: LLMock, make: Make) -> None:
    """The error names the kind; the client made no retries of its own."""
    llmock.outage(status=500)
    error = await failure(make(attempts=3).complete(QUESTION, seconds=BUDGET))
    assert error.kind == "server"
    assert "500" in error.problem
    assert len(llmock.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_not_repeated(llmock: LLMock, make: Make, status: int) -> None:
    """Asking the same again would get the same."""
    llmock.fail(status, times=None)
    error = await failure(make().complete(QUESTION, seconds=BUDGET))
    assert error.kind == "refused"
    assert len(llmock.requests) == 1


@pytest.mark.parametrize(
    ("refusal", "left_out"),
    [
        ("Unsupported parameter: use 'max_completion_tokens' instead.", "max_tokens"),
        ("Unknown field: stream_options", "stream_options"),
    ],
)
async def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on(
    llmock: LLMock, make: Make, refusal: str, left_out: str
) -> None:
    """Newer models and older servers differ in what they know."""
    client = make(attempts=1)
    llmock.fail(400, message=refusal).reply("Yes.", times=None)
    assert (await client.complete(QUESTION, seconds=BUDGET)).text == "Yes."
    assert (await client.complete(QUESTION, seconds=BUDGET)).text == "Yes."
    sent = [left_out in one.body for one in llmock.requests]
    assert sent == [True, False, False]


async def test_a_spent_quota_is_not_repeated(llmock: LLMock, make: Make) -> None:
    """It is a 429 that no short wait helps."""
    llmock.fail(429, code="insufficient_quota", times=None)
    error = await failure(make().complete(QUESTION, seconds=BUDGET))
    assert error.kind == "rate_limited"
    assert len(llmock.requests) == 1


async def test_a_stalled_stream_is_given_up_and_tried_again(llmock: LLMock, make: Make) -> None:
    """Silence in the middle of an answer counts as failure long before the budget ends."""
    llmock.stall(seconds=20.0).reply("Yes, we ship to Norway.", times=None)
    completion = await make(silence=1.0).complete(QUESTION, seconds=BUDGET)
    assert completion.text == "Yes, we ship to Norway."


async def test_silence_on_every_attempt_is_a_timeout(llmock: LLMock, make: Make) -> None:
    """The last silence is what is reported."""
    llmock.stall(seconds=2.0, times=None)
    error = await failure(make(silence=0.2).complete(QUESTION, seconds=BUDGET))
    assert error.kind == "timeout"


async def test_the_budget_ends_even_a_talkative_server(llmock: LLMock, make: Make) -> None:
    """A server that keeps the line alive, but is too slow, is cut at the budget."""
    llmock.delay(2.0, times=None)
    error = await failure(make(silence=60.0).complete(QUESTION, seconds=0.3))
    assert error.kind == "timeout"
    assert "0.3" in error.problem


@pytest.mark.parametrize("fault", ["truncate", "disconnect", "corrupt"])
async def test_a_broken_stream_is_never_taken_for_an_answer(
    llmock: LLMock, make: Make, fault: str
) -> None:
    """Half an answer is no answer: it is asked again, and fails with its kind."""
    getattr(llmock, fault)(times=1)
    llmock.reply("Yes, we ship to Norway, and to all of the EU.", times=None)
    assert (await make().complete(QUESTION, seconds=BUDGET)).text.endswith("EU.")
    getattr(llmock, fault)(times=2)
    error = await failure(make().complete(QUESTION, seconds=BUDGET))
    expected = {"truncate": "cut_off", "disconnect": "connection", "corrupt": "server"}
    assert error.kind == expected[fault]


async def test_an_empty_answer_is_an_error(llmock: LLMock, make: Make) -> None:
    """An empty bubble must never reach a customer."""
    llmock.reply("", times=None)
    assert (await failure(make().complete(QUESTION, seconds=BUDGET))).kind == "empty"


@pytest.mark.parametrize(("finish", "kind"), [("length", "cut_off"), ("content_filter", "refused")])
async def test_an_answer_that_the_server_cut_is_an_error(
    llmock: LLMock, make: Make, finish: str, kind: str
) -> None:
    """The finish reason tells; the same again would end the same."""
    from llmock.scenarios import Reply  # noqa: PLC0415 - the fixture has no word for it

    llmock.add(Reply(text="Yes, we", finish_reason=finish, times=None))
    assert (await failure(make().complete(QUESTION, seconds=BUDGET))).kind == kind
    assert len(llmock.requests) == 1


async def test_an_endless_answer_is_cut_off(llmock: LLMock, make: Make) -> None:
    """A model in a loop does not fill the memory, nor the customer's screen."""
    llmock.reply("word " * MAX_ANSWER)
    assert (await failure(make().complete(QUESTION, seconds=BUDGET))).kind == "cut_off"


async def test_nobody_there_is_a_connection_error(make: Make) -> None:
    """A wrong port is told from a slow server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = make(base_url=f"http://127.0.0.1:{port}/v1")
    assert (await failure(client.complete(QUESTION, seconds=BUDGET))).kind == "connection"


async def test_the_scripted_server_leaves_the_shared_random_numbers_alone(
    llmock: LLMock, make: Make
) -> None:
    """It draws its own, in its own thread: a test that generates data is not disturbed by it."""
    llmock.reply("Yes.")
    before = random.getstate()
    assert (await make().complete(QUESTION, seconds=BUDGET)).text == "Yes."
    assert random.getstate() == before
