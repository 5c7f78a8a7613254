"""Whatever a server sends, the client gives an answer or an ``LLMError``, and nothing else.

The servers are scripted at the lowest seam, the client's HTTP transport.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbot.errors import LLMError, PromptTooLong
from agentbot.pipeline.llm.dialect import Way
from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.kept_dialect import KeptDialect
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.llm.openai_chat import OpenAIChat
from tests.support.virtual_time import in_virtual_time

QUESTION = [ChatMessage("system", "Answer."), ChatMessage("user", "Do you ship to Norway?")]
KEY = "sk-verysecretkey123"

Answerer = Callable[[dict[str, Any]], httpx2.Response]


class Server:
    """A scripted server: what it was asked, and how it answers."""

    def __init__(self, answer: Answerer) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        self.asked.append(json.loads(request.content))
        return self._answer(self.asked[-1])

    def chat(
        self,
        *,
        silence: float = 5.0,
        attempts: int = 2,
        max_tokens: int = 400,
        form: AnswerForm | None = None,
        kept: KeptDialect | None = None,
    ) -> OpenAIChat:
        """Return a client of this server that does not sleep between attempts."""
        http = openai.DefaultAsyncHttpxClient(transport=httpx2.MockTransport(self))
        client = openai.AsyncOpenAI(
            api_key=KEY, base_url="http://model.test/v1", max_retries=0, http_client=http
        )
        return OpenAIChat(
            model="test",
            api_key=KEY,
            client=client,
            form=form,
            max_tokens=max_tokens,
            silence=silence,
            attempts=attempts,
            sleep=wake,
            kept=kept,
        )


async def wake(seconds: float) -> None:
    """Sleep not at all."""
    del seconds


def chunk(text: str | None = None, finish: object = None, **more: object) -> dict[str, Any]:
    """One event of a stream."""
    choice = {"index": 0, "delta": {} if text is None else {"content": text}}
    return {"id": "c", "choices": [{**choice, "finish_reason": finish}], **more}


def stream(*events: object, end: str = "data: [DONE]\n\n") -> httpx2.Response:
    """Return an answer that streams these events; a text goes out as it stands."""
    sent = [one if isinstance(one, str) else f"data: {json.dumps(one)}\n\n" for one in events]
    headers = {"content-type": "text/event-stream"}
    return httpx2.Response(200, headers=headers, content="".join([*sent, end]).encode())


def refused(message: str, status: int = 400, **more: str) -> httpx2.Response:
    """Return an error in OpenAI's shape."""
    return httpx2.Response(status, json={"error": {"message": message, **more}})


async def ask(server: Server, messages: list[ChatMessage] = QUESTION) -> Completion:
    """The server's answer."""
    return await server.chat().complete(messages, seconds=20.0)


async def failure(server: Server) -> LLMError:
    """The error in which a question to the server ends."""
    with pytest.raises(LLMError) as caught:
        await ask(server)
    return caught.value


YES = [chunk("Yes, "), chunk("it is."), chunk(None, "stop")]
USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
VALID = [
    {"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]},
    *YES,
    {"id": "c", "choices": [], "usage": USAGE},
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every part of a JSON value, the whole one apart."""
    if isinstance(value, dict):
        inner = list(value.items())
    else:
        inner = list(enumerate(value)) if isinstance(value, list) else []
    return [place for key, part in inner for place in ((*path, key), *places(part, (*path, key)))]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_mutation_of_a_stream_is_an_answer_or_a_model_error(data: st.DataObject) -> None:
    """Fields that are missing, or hold anything at all, raise no other error."""
    events: Any = copy.deepcopy(VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        where = data.draw(st.sampled_from(places(events) or [(0,)]))
        part = events
        for step in where[:-1]:
            part = part[step]
        if data.draw(st.booleans()):
            del part[where[-1]]
        else:
            part[where[-1]] = data.draw(ODD)
    as_stream = data.draw(st.booleans())
    body = httpx2.Response(200, json=None, content=json.dumps(events).encode())
    answer = stream(*events) if as_stream else body

    async def tried() -> Completion | LLMError:
        try:
            return await Server(lambda _: answer).chat(attempts=1).complete(QUESTION, seconds=5.0)
        except LLMError as error:
            return error

    outcome = asyncio.run(tried())
    assert isinstance(outcome, LLMError) or outcome.text.strip()


@given(st.binary(max_size=200), st.integers(200, 599))
@settings(max_examples=50, deadline=None)
def test_any_bytes_are_an_answer_or_a_model_error(body: bytes, status: int) -> None:
    """With any status."""
    server = Server(lambda _: httpx2.Response(status, content=body))

    async def tried() -> None:
        with pytest.raises(LLMError):
            await server.chat(attempts=1).complete(QUESTION, seconds=5.0)

    asyncio.run(tried())


async def test_one_body_in_place_of_a_stream_is_an_answer() -> None:
    """With its cost; and asked once."""
    message = {"role": "assistant", "content": "Yes, it is."}
    body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    server = Server(lambda _: httpx2.Response(200, json=body))
    assert await ask(server) == Completion("Yes, it is.", 10, 3)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "rest",
    [
        "data: {broken\n\n",
        'data: {"error": {"message": "too late"}}\n\n',
        'data: {"choices": [{"delta": {"content": 5}}]}\n\n',
    ],
)
async def test_what_fails_after_the_end_takes_no_answer_away(rest: str) -> None:
    """The answer has come."""
    server = Server(lambda _: stream(*YES, rest, end=""))
    assert (await ask(server)).text == "Yes, it is."
    assert len(server.asked) == 1


class Stalling(httpx2.AsyncByteStream):
    """A body that sends these pieces, and then nothing more, without an end."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Send, and stand still."""
        for piece in self._pieces:
            yield piece
        await asyncio.Event().wait()


@in_virtual_time
async def test_a_connection_left_open_after_the_end_holds_no_answer_back() -> None:
    """Some servers end the answer, and not the response; also where the time is over."""
    sent = stream(*YES, end="").content
    server = Server(lambda _: httpx2.Response(200, stream=Stalling(sent)))
    assert (await server.chat(silence=0.05).complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert (await server.chat().complete(QUESTION, seconds=0.1)).text == "Yes, it is."


@in_virtual_time
async def test_the_first_sign_may_take_all_the_time_there_is() -> None:
    """A local model is loaded first; within an answer, silence shows much earlier."""

    async def loading() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.3)
        yield stream(*YES).content

    server = Server(lambda _: httpx2.Response(200, content=loading()))
    assert (await server.chat(silence=0.05).complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert len(server.asked) == 1


async def test_thoughts_are_cut_before_anything_is_judged() -> None:
    """An answer of nothing but thoughts is empty."""
    server = Server(lambda _: stream(chunk("<think>Hm"), chunk("m</think>Yes."), YES[-1]))
    assert (await ask(server)).text == "Yes."
    error = await failure(Server(lambda _: stream(chunk("<think>Hmm</think>"), YES[-1])))
    assert (error.kind, error.problem) == ("empty", "the answer is empty, but for its thoughts")


async def test_thoughts_that_use_up_the_tokens_name_the_setting() -> None:
    """It is what the operator has to raise."""
    error = await failure(Server(lambda _: stream(chunk("<think>Hmm"), chunk(None, "length"))))
    assert error.kind == "cut_off"
    assert "AGENTBOT_LLM__MAX_TOKENS" in error.problem


async def test_a_models_own_refusal_is_no_answer() -> None:
    """What it says is the reason."""
    said = {"choices": [{"delta": {"refusal": "I won't."}, "finish_reason": "stop"}]}
    error = await failure(Server(lambda _: stream(said)))
    assert (error.kind, error.problem) == ("refused", "the model refuses: I won't.")


async def test_an_error_with_status_200_is_named_and_weighed_as_any_other() -> None:
    """By its code: what is refused is not asked again, what has failed is."""
    gone = {"error": {"message": "nobody serves this model", "code": 404}}
    server = Server(lambda _: httpx2.Response(200, json=gone))
    error = await failure(server)
    assert (error.kind, error.problem) == ("refused", "404: nobody serves this model")
    assert len(server.asked) == 1
    server = Server(lambda _: stream({"error": {"message": "overloaded"}}, end=""))
    assert (await failure(server)).problem == "overloaded"
    assert len(server.asked) == 2


async def test_what_a_server_refuses_is_left_out_one_after_the_other_and_remembered() -> None:
    """In one attempt, however many there are; also streaming and the system's role."""

    def picky(body: dict[str, Any]) -> httpx2.Response:
        for name in ("stream_options", "stream", "max_tokens"):
            if name in body:
                return refused(f"Unsupported parameter: '{name}'", param=name)
        if body["messages"][0]["role"] == "system":
            return refused("system role not supported", 422)
        message = {"content": "Yes, it is."}
        return httpx2.Response(200, json={"choices": [{"message": message}]})

    server = Server(picky)
    client = server.chat(attempts=1)
    assert (await client.complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert len(server.asked) == 5
    assert (await client.complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert len(server.asked) == 6


async def test_a_prompt_too_long_is_said_and_remembered() -> None:
    """One as long, or longer, is not even sent; a shorter one is."""

    def small(body: dict[str, Any]) -> httpx2.Response:
        if sum(len(message["content"]) for message in body["messages"]) > 1000:
            return refused("the prompt is too long", code="context_length_exceeded")
        return stream(*YES)

    server = Server(small)
    client = server.chat()
    for size in (2000, 2000, 3000):
        with pytest.raises(PromptTooLong):
            await client.complete([ChatMessage("user", "x" * size)], seconds=20.0)
    assert len(server.asked) == 1
    client._forgets_at = 0.0
    with pytest.raises(PromptTooLong):
        await client.complete([ChatMessage("user", "x" * 2000)], seconds=20.0)
    assert len(server.asked) == 2
    short = [ChatMessage("user", "x" * 900)]
    assert (await client.complete(short, seconds=20.0)).text == "Yes, it is."


async def test_room_for_an_answer_is_taken_from_before_the_prompt_is() -> None:
    """A limit as large as the model's whole window would make every prompt too long."""

    def counting(body: dict[str, Any]) -> httpx2.Response:
        prompt = sum(len(message["content"]) for message in body["messages"]) // 4
        if prompt + body["max_tokens"] > 4096:
            said = f"maximum context length is 4096, not {prompt} + {body['max_tokens']}"
            return refused(said, code="context_length_exceeded")
        return stream(*YES)

    server = Server(counting)
    client = server.chat(max_tokens=4096)
    long = [ChatMessage("user", "x" * 8000)]
    assert (await client.complete(long, seconds=20.0)).text == "Yes, it is."
    assert [body["max_tokens"] for body in server.asked] == [4096, 2048]
    with pytest.raises(PromptTooLong):
        await client.complete([ChatMessage("user", "x" * 16_000)], seconds=20.0)


async def test_another_protocol_is_called_so() -> None:
    """The base URL leads to another address of the same provider."""
    body = {"object": "response", "output": [{"content": [{"text": "Yes, it is."}]}]}
    chat = Server(lambda _: httpx2.Response(200, json=body)).chat()
    with pytest.raises(LLMError, match="another protocol"):
        await chat.complete(QUESTION, seconds=20.0)


async def test_retry_after_may_be_a_date() -> None:
    """By the server's own clock, which need not be ours."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    date = {"date": "Wed, 01 Jan 2020 10:00:00 GMT", "retry-after": "Wed, 01 Jan 2020 10:00:07 GMT"}
    past = {"retry-after": format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)}
    milliseconds = {"retry-after-ms": "9000", "retry-after": "1"}
    for headers in (date, past, milliseconds, {"retry-after": "soon"}, {"retry-after": "nan"}):
        answers = iter([httpx2.Response(429, headers=headers), stream(*YES)])
        chat = Server(lambda _, answers=answers: next(answers)).chat()  # type: ignore[misc]
        chat._sleep, chat._random = sleep, lambda: 1.0
        assert (await chat.complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert slept == [7.0, 0.5, 9.0, 0.5, 0.5]


async def test_the_key_stands_in_no_error() -> None:
    """Servers repeat it, and so do errors about a header."""
    error = await failure(Server(lambda _: refused(f"Incorrect API key provided: {KEY}.", 401)))
    assert error.problem == "401: Incorrect API key provided: [redacted]."

    def broken(_: object) -> httpx2.Response:
        raise RuntimeError(f"Illegal header value b'Bearer {KEY}'")

    error = await failure(Server(broken))
    assert error.kind == "connection"
    assert "Illegal header" in error.problem
    assert KEY not in error.problem


FORM = AnswerForm("answer", "What is answered.", {"type": "object"})
OBJECT = '{"text": "Yes, it is."}'


def call(arguments: str) -> httpx2.Response:
    """Return an answer that calls the one function there is."""
    function = {"name": "answer", "arguments": arguments}
    message = {"content": None, "tool_calls": [{"id": "1", "function": function}]}
    body = {"choices": [{"message": message, "finish_reason": "tool_calls"}]}
    return httpx2.Response(200, json=body)


async def asked_twice(answer: Answerer) -> tuple[list[str], list[dict[str, Any]], Way]:
    """What two questions in a form come to, what the server was asked, and how it is asked then."""
    server = Server(answer)
    client = server.chat(form=FORM)
    texts = [(await client.complete(QUESTION, seconds=20.0)).text for _ in range(2)]
    return texts, server.asked, client.way


async def test_a_server_that_knows_schemas_is_asked_by_one() -> None:
    """Once a question."""
    texts, asked, way = await asked_twice(lambda _: stream(chunk(OBJECT), chunk(None, "stop")))
    assert texts == [OBJECT, OBJECT]
    assert [one["response_format"]["type"] for one in asked] == ["json_schema"] * 2
    assert way is Way.SCHEMA


async def test_a_server_that_knows_only_tools_is_asked_by_a_call() -> None:
    """What it refuses is found out once, and not at every question."""

    def tools(body: dict[str, Any]) -> httpx2.Response:
        if "response_format" in body:
            return refused("response_format is not supported")
        return call(OBJECT)

    texts, asked, way = await asked_twice(tools)
    assert texts == [OBJECT, OBJECT]
    assert ["tools" in one for one in asked] == [False, True, True]
    assert way is Way.TOOL


async def test_a_server_that_knows_neither_is_asked_in_words() -> None:
    """What it writes is read as far as it goes."""

    def plain(body: dict[str, Any]) -> httpx2.Response:
        if "response_format" in body or "tools" in body:
            return refused("tools and response_format are unknown fields")
        return stream(*YES)

    texts, asked, way = await asked_twice(plain)
    assert texts == ["Yes, it is."] * 2
    assert len(asked) == 4
    assert way is Way.WORDS


async def test_a_server_that_lets_a_form_pass_and_does_not_follow_it_is_asked_otherwise_next() -> (
    None
):
    """What came counts: nobody is asked twice for one answer."""
    texts, asked, way = await asked_twice(lambda _: stream(*YES))
    assert texts == ["Yes, it is."] * 2
    assert ["response_format" in asked[0], "tools" in asked[1]] == [True, True]
    assert len(asked) == 2
    assert way is Way.WORDS


async def test_two_first_questions_at_once_learn_the_same_once() -> None:
    """What both are refused is left out, and no more."""

    def tools(body: dict[str, Any]) -> httpx2.Response:
        return refused("no response_format") if "response_format" in body else call(OBJECT)

    client = Server(tools).chat(form=FORM)
    asking = [client.complete(QUESTION, seconds=20.0) for _ in range(3)]
    assert [one.text for one in await asyncio.gather(*asking)] == [OBJECT] * 3
    assert client.way is Way.TOOL


@in_virtual_time
async def test_the_first_sign_may_have_a_time_of_its_own() -> None:
    """One that is late is asked for again; a comment that keeps the line open is none."""

    async def idle() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b": wait\n\n"
            await asyncio.sleep(0.02)

    async def slow() -> AsyncIterator[bytes]:
        yield stream(YES[0], end="").content
        await asyncio.sleep(0.2)
        yield stream(*YES[1:]).content

    bodies = iter([idle(), slow()])
    server = Server(lambda _: httpx2.Response(200, content=next(bodies)))
    client = server.chat()
    client._first_sign = 0.1
    assert (await client.complete(QUESTION, seconds=20.0)).text == "Yes, it is."
    assert len(server.asked) == 2
    server = Server(lambda _: httpx2.Response(200, content=idle()))
    client = server.chat(attempts=1)
    client._first_sign = 0.05
    with pytest.raises(LLMError, match=r"no first sign within 0\.05 s"):
        await client.complete(QUESTION, seconds=20.0)


async def test_of_a_tiny_models_rambling_the_first_paragraph_counts() -> None:
    """It is whole; without an end to it there is no answer, nor from any other model."""
    for said, rambles, text in (
        ("Yes, it is.\n\nOrder: 100\n\nOrd", True, "Yes, it is."),
        ("Yes, it is. Ord", True, None),
        ("Yes, it is.\n\nOrder: 100", False, None),
    ):
        client = Server(lambda _, said=said: stream(chunk(said, "length"))).chat()  # type: ignore[misc]
        client._rambles = rambles
        if text is None:
            with pytest.raises(LLMError, match="limit of tokens"):
                await client.complete(QUESTION, seconds=20.0)
        else:
            assert (await client.complete(QUESTION, seconds=20.0)).text == text
