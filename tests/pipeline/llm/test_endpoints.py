"""The endpoints that operators use, each as its documentation and its users say that it answers.

`docs/endpoints.md` tells where each peculiarity is from. Nothing here was recorded from a real
account; what was tried for real is told there too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from agentbot.pipeline.llm.dialect import Way
from tests.pipeline.llm.test_openai_chat_shapes import (
    FORM,
    OBJECT,
    QUESTION,
    USAGE,
    Server,
    chunk,
    refused,
    stream,
)

HALVES = (OBJECT[:9], OBJECT[9:])
ROLE: dict[str, Any] = {
    "id": "c",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}],
}
USED = {"id": "c", "choices": [], "usage": USAGE}
SAID: tuple[dict[str, Any], ...] = (ROLE, chunk(HALVES[0]), chunk(HALVES[1]), chunk(None, "stop"))


def thought(field: str, text: str = "The customer asks about Norway.") -> dict[str, Any]:
    """One event that holds a part of the model's thoughts, in a field beside the answer."""
    return {"id": "c", "choices": [{"index": 0, "delta": {"content": None, field: text}}]}


def openai_reasoning(body: dict[str, Any]) -> httpx2.Response:
    """OpenAI's reasoning models: another name of the limit; usage in a last chunk of its own."""
    if "max_tokens" in body:
        said = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return refused(said, param="max_tokens", code="unsupported_parameter")
    return stream(*SAID, USED)


def azure(_body: dict[str, Any]) -> httpx2.Response:
    """Azure: a first chunk without choices, with what its filter says of the prompt."""
    filtered = {"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    checked = {"content_filter_results": {"hate": {"filtered": False}}}
    said = [{**one, "choices": [{**one["choices"][0], **checked}]} for one in SAID]
    return stream(filtered, *said, USED)


def open_router(_body: dict[str, Any]) -> httpx2.Response:
    """OpenRouter: comments that keep the line open, and thoughts in a field of their own."""
    comment = ": OPENROUTER PROCESSING\n\n"
    return stream(comment, comment, thought("reasoning"), *SAID[:-1], chunk(None, "stop"), USED)


def ollama(body: dict[str, Any]) -> httpx2.Response:
    """Ollama: no `tool_choice`, thoughts in the text or beside it, usage only where asked for."""
    if "tool_choice" in body:
        return refused("unknown field: tool_choice")
    last = (USED,) if body.get("stream_options") else ()
    return stream(thought("reasoning"), chunk("<think>Norway?</think>\n"), *SAID, *last)


def vllm(_body: dict[str, Any]) -> httpx2.Response:
    """VLLM with a parser of thoughts: they stand in `reasoning_content`."""
    return stream(ROLE, thought("reasoning_content"), *SAID[1:], USED)


def lm_studio(body: dict[str, Any]) -> httpx2.Response:
    """LM Studio: an error is a bare text; usage may be missing."""
    form = body.get("response_format", {}).get("type", "text")
    if form not in {"json_schema", "text"}:
        said = "'response_format.type' must be 'json_schema' or 'text'"
        return httpx2.Response(400, json={"error": said})
    if not isinstance(body.get("tool_choice", ""), str):
        said = "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"
        return httpx2.Response(400, json={"error": said})
    return stream(*SAID)


def llama_cpp(_body: dict[str, Any]) -> httpx2.Response:
    """llama.cpp: its own `timings` beside everything, and a last chunk with the usage."""
    return stream(*SAID, {**USED, "timings": {"predicted_ms": 12.5}})


def lite_llm(body: dict[str, Any]) -> httpx2.Response:
    """LiteLLM before a model without forms: what it cannot pass on is a 400, codes are texts."""
    if "response_format" in body or "tools" in body:
        said = (
            "litellm.UnsupportedParamsError: ollama does not support parameters: "
            "['response_format', 'tools'], for model=small."
        )
        return refused(said, type="None", param="None", code="400")
    fields = {"provider_specific_fields": None}
    return stream(*({**one, **fields} for one in SAID), USED)


@dataclass(frozen=True)
class Seen:
    """What is expected of an endpoint: its ``way``, and whether tokens are counted.

    ``requests`` are those of the first question; the second one takes one.
    """

    way: Way
    requests: int = 1
    counts: bool = True


ENDPOINTS: list[tuple[Callable[[dict[str, Any]], httpx2.Response], Seen]] = [
    (openai_reasoning, Seen(Way.SCHEMA, requests=2)),
    (azure, Seen(Way.SCHEMA)),
    (open_router, Seen(Way.SCHEMA)),
    (ollama, Seen(Way.SCHEMA)),
    (vllm, Seen(Way.SCHEMA)),
    (lm_studio, Seen(Way.SCHEMA, counts=False)),
    (llama_cpp, Seen(Way.SCHEMA)),
    (lite_llm, Seen(Way.WORDS, requests=3)),
]


@pytest.mark.parametrize(
    ("endpoint", "seen"), ENDPOINTS, ids=[one.__name__ for one, _ in ENDPOINTS]
)
async def test_an_endpoint_answers_as_it_is(
    endpoint: Callable[[dict[str, Any]], httpx2.Response], seen: Seen
) -> None:
    """The answer comes without a thought of the model's; what is refused is found out once."""
    server = Server(endpoint)
    client = server.chat(form=FORM)
    first = await client.complete(QUESTION, seconds=20.0)
    assert first.text == OBJECT
    assert (first.prompt_tokens, first.completion_tokens) == ((10, 3) if seen.counts else (0, 0))
    assert len(server.asked) == seen.requests
    assert (await client.complete(QUESTION, seconds=20.0)).text == OBJECT
    assert len(server.asked) == seen.requests + 1
    assert client.way is seen.way


async def test_one_that_knows_no_schema_and_no_named_function_is_asked_to_call_any() -> None:
    """There is but one function; to name it is what some servers cannot read."""

    def picky(body: dict[str, Any]) -> httpx2.Response:
        if "response_format" in body:
            return refused("response_format is not supported")
        if body.get("tool_choice") != "required":
            return refused("Invalid tool_choice type: 'object'")
        function = {"name": "answer", "arguments": OBJECT}
        message = {"content": None, "tool_calls": [{"id": "1", "function": function}]}
        return httpx2.Response(
            200, json={"choices": [{"message": message, "finish_reason": "tool_calls"}]}
        )

    server = Server(picky)
    client = server.chat(form=FORM)
    assert (await client.complete(QUESTION, seconds=20.0)).text == OBJECT
    assert client.way is Way.TOOL
