"""What a server refuses is asked otherwise, as long as there is something to change."""

from __future__ import annotations

import pytest

from agentbot.pipeline.llm.dialect import Dialect, Way
from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.provider import Refusal

ASKED = [ChatMessage("system", "Be kind."), ChatMessage("user", "Hi")]


def refusal(message: str, *, status: int | None = 400, param: str = "") -> Refusal:
    """A server's refusal."""
    return Refusal(status, "", param, message, message)


def learnt(*refusals: Refusal, max_tokens: int = 400) -> Dialect | None:
    """The dialect after these refusals, one after the other."""
    dialect: Dialect | None = Dialect(max_tokens)
    for one in refusals:
        assert dialect is not None
        dialect = dialect.without(one)
    return dialect


def body(dialect: Dialect | None) -> dict[str, object]:
    """What would be sent."""
    assert dialect is not None
    return dialect.parameters(ASKED)


def test_all_is_asked_at_first() -> None:
    """As OpenAI documents it."""
    assert body(Dialect(400)) == {
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
        "max_tokens": 400,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


NO_LIMIT = refusal("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")


def test_the_limit_goes_by_two_names_and_then_by_none() -> None:
    """A server that takes neither bounds its answers itself."""
    assert body(learnt(NO_LIMIT))["max_completion_tokens"] == 400
    gone = learnt(NO_LIMIT, refusal("Unknown field max_completion_tokens"))
    assert {"max_tokens", "max_completion_tokens"}.isdisjoint(body(gone))
    assert gone is not None
    assert gone.without(NO_LIMIT) is None


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("max_tokens is too large: 400. This model supports at most 256 completion tokens", 256),
        ("max_tokens must be less than 300 (was 400)", 300),
        ("max_tokens: too high", 200),
    ],
)
def test_a_limit_that_is_too_high_is_lowered(said: str, limit: int) -> None:
    """To what the server names, or to half."""
    assert body(learnt(refusal(said)))["max_tokens"] == limit


def test_streaming_and_its_options_are_left_out_apart() -> None:
    """Whoever refuses the options may well stream."""
    bare = body(learnt(refusal("Unknown field: stream_options")))
    assert "stream" in bare
    assert "stream_options" not in bare
    still = body(learnt(refusal("This account may not stream this model.", param="stream")))
    assert "stream" not in still
    assert "stream_options" not in still
    assert body(learnt(refusal("streaming is not implemented", status=501))).get("stream") is None


@pytest.mark.parametrize(
    "said",
    [
        "System role not supported",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Only user and assistant roles are supported!",
    ],
)
def test_a_model_without_a_system_role_is_told_by_the_user(said: str) -> None:
    """At the head of the first question, so that roles still take turns."""
    assert body(learnt(refusal(said)))["messages"] == [
        {"role": "user", "content": "Be kind.\n\n---\nThe customer writes:\n\nHi"}
    ]
    assert learnt(refusal(said), refusal(said)) is None


@pytest.mark.parametrize(
    "said",
    [
        refusal("the model does not exist"),
        refusal("Incorrect API key; see max_tokens", status=401),
        refusal("rate limit of streaming requests", status=429),
        refusal("the stream broke", status=500),
        refusal("the stream broke", status=None),
    ],
)
def test_what_is_no_matter_of_parameters_changes_nothing(said: Refusal) -> None:
    """Nor does a server that has merely failed, and mentions a name."""
    assert learnt(said) is None


@pytest.mark.parametrize("said", ["Unknown parameter", "Extra fields not permitted"])
def test_a_refusal_that_names_nothing_costs_what_fewest_servers_know(said: str) -> None:
    """The options of a stream, then the limit; more is not guessed."""
    once, twice = learnt(refusal(said)), learnt(refusal(said), refusal(said))
    assert "stream_options" not in body(once)
    assert body(once)["max_tokens"] == 400
    assert "max_tokens" not in body(twice)
    assert learnt(refusal(said), refusal(said), refusal(said)) is None


def test_room_for_an_answer_gives_way_to_the_prompt() -> None:
    """Down to what a chat needs, where the server counts it; it is never raised."""
    said = refusal("maximum context length is 4096; you asked for 5000 (904 and 4096)")
    roomy = Dialect(4096).with_fewer_tokens(said)
    assert roomy is not None
    assert roomy.max_tokens == 2048
    assert Dialect(400).with_fewer_tokens(refusal("400 of 4096 tokens")) is None
    assert Dialect(300).with_fewer_tokens(refusal("300 of 4096 tokens")) is None
    assert Dialect(1000).with_fewer_tokens(refusal("the prompt is too long")) is None
    unlimited = learnt(NO_LIMIT, NO_LIMIT, max_tokens=1000)
    assert unlimited is not None
    assert unlimited.with_fewer_tokens(refusal("1000 tokens")) is None


def test_what_is_named_as_the_parameter_goes_first() -> None:
    """A body that repeats the request names everything."""
    said = Refusal(422, "", "", "Extra inputs: stream_options", '{"max_tokens": 1, "stream": 1}')
    assert "stream_options" not in body(learnt(said))
    assert body(learnt(said))["max_tokens"] == 400


def test_every_chain_of_refusals_ends() -> None:
    """Whatever a server refuses, there comes a time when nothing is left to leave out."""
    dialect: Dialect | None = Dialect(400)
    said = refusal("unsupported: max_tokens too large, stream_options, stream, system role")
    steps = 0
    while dialect is not None:
        dialect, steps = dialect.without(said), steps + 1
        assert steps < 20


NO_SCHEMA = refusal("Invalid parameter: 'response_format' of type 'json_schema' is not supported")
NO_TOOLS = refusal("This model does not support tools")
FORM = AnswerForm("answer", "What is answered.", {"type": "object"})


def in_form(*refusals: Refusal) -> Dialect:
    """The dialect in which a form is asked for, after these refusals."""
    dialect: Dialect | None = Dialect(400, FORM)
    for one in refusals:
        assert dialect is not None
        dialect = dialect.without(one)
    assert dialect is not None
    return dialect


def test_a_form_is_asked_for_by_a_schema_then_by_a_call_then_in_words() -> None:
    """As OpenAI documents them; and nothing else changes with it."""
    named = {"name": "answer", "strict": True, "schema": FORM.schema}
    schema = {"response_format": {"type": "json_schema", "json_schema": named}}
    tool = {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "answer",
                    "description": "What is answered.",
                    "parameters": FORM.schema,
                },
            }
        ],
        "tool_choice": "required",
    }
    plain = body(Dialect(400))
    assert body(in_form()) == plain | schema
    assert body(in_form(NO_SCHEMA)) == plain | tool
    assert body(in_form(NO_SCHEMA, NO_TOOLS)) == plain
    assert in_form(NO_SCHEMA, NO_TOOLS).without(NO_TOOLS) is None
    assert Dialect(400).without(NO_SCHEMA) is None


@pytest.mark.parametrize(
    "said",
    [
        refusal("response_format is not supported"),
        refusal("Unknown parameter", param="response_format"),
        refusal("json_schema: structured outputs are not available for this model"),
        refusal("failed to parse grammar"),
        refusal("Invalid schema: 'additionalProperties' must be a boolean"),
        refusal("No endpoints found that can handle the requested parameters.", status=404),
        refusal("structured output is not supported", status=500),
        refusal("Bad Request"),
        refusal("", status=422),
        refusal("Extra fields not permitted"),
    ],
)
def test_a_form_that_is_refused_is_asked_for_otherwise(said: Refusal) -> None:
    """However that is said, also where nothing is."""
    assert in_form(said).way is Way.TOOL


@pytest.mark.parametrize(
    "said",
    [refusal("Incorrect API key", status=401), refusal("the model does not exist", status=404)],
)
def test_a_refusal_of_something_else_does_not_touch_the_form(said: Refusal) -> None:
    """The form may well work."""
    assert Dialect(400, FORM).without(said) is None


def test_a_form_that_is_not_followed_is_asked_for_otherwise() -> None:
    """Until only words are left."""
    ways = []
    dialect: Dialect | None = Dialect(400, FORM)
    while dialect is not None:
        ways.append(dialect.way)
        dialect = dialect.weaker()
    assert ways == list(Way)
    assert Dialect(400).weaker() is None
