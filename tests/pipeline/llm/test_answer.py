"""An answer comes together from any shape, or is refused; it is never half of one."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.pipeline.llm.answer import Answer, Ending, ending_of
from agentbot.pipeline.llm.wire import Done, Malformed


def chunk(delta: object = None, finish: object = None, **more: object) -> dict[str, Any]:
    """One event of a stream."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def answer(*events: object) -> Answer:
    """What these events come to."""
    made = Answer()
    for event in events:
        made.take(event)
    return made


def whole(content: str | None, finish: object = None) -> dict[str, Any]:
    """An event with a message in place of a delta."""
    return {"choices": [{"message": {"content": content}, "finish_reason": finish}]}


def refusal(text: str) -> dict[str, Any]:
    """A whole message in which the model refuses: it has no content."""
    message = {"content": None, "refusal": text}
    return {"choices": [{"message": message, "finish_reason": "stop"}]}


SAID = chunk({"content": "Yes, it is."})
STOP = chunk({}, "stop")


@pytest.mark.parametrize(
    "events",
    [
        (SAID, STOP),
        (SAID, STOP, {"choices": None, "usage": {"prompt_tokens": 3}}),
        (SAID, {"choices": [{"content_filter_results": {}}]}, STOP),
        (SAID, {"choices": [None]}, {"choices": []}, {}, None, STOP),
        (chunk({"role": "assistant", "content": None}), SAID, chunk(None, "stop")),
        ({"choices": {"delta": {"content": "Yes, it is."}, "finish_reason": "stop"}},),
        ([SAID, STOP],),
        (chunk({"content": ["Yes, ", {"type": "text", "text": "it is."}]}), STOP),
        (chunk({"content": {"type": "text", "text": {"value": "Yes, it is."}}}), STOP),
        (chunk({"content": [{"type": "thinking", "thinking": [{"text": "SECRET"}]}]}), SAID, STOP),
        (chunk({"reasoning_content": "SECRET", "reasoning": "SECRET"}), SAID, STOP),
        (chunk([{"type": "text", "text": "Yes, it is."}]), STOP),
        ({"choices": [{"text": "Yes, it is.", "finish_reason": "stop"}]},),
        ({"choices": [{"message": {"content": "Yes, it is."}, "finishReason": "STOP"}]},),
        (SAID, {"choices": [{"message": {"content": "Yes, it is."}, "finish_reason": "stop"}]}),
        (SAID, chunk({}, {"type": "stop"})),
        (SAID, chunk({}, ""), chunk({}, "null"), Done()),
        (SAID, STOP, {"error": {"message": "too late to matter"}}),
        ({**SAID, "error": None}, {**STOP, "error": {}}),
        (SAID, whole("", "stop")),
        (SAID, whole(None, "stop")),
        (chunk({"content": "Yes, "}), whole("Yes, it is.", "stop")),
        (whole("Yes, "), whole("it is."), whole("", "stop")),
        (whole("Yes, "), whole("Yes, it is.", "stop")),
    ],
    ids=str,
)
def test_an_answer_in_any_shape(events: tuple[object, ...]) -> None:
    """Fields are missing, null or lists; thoughts have fields of their own."""
    made = answer(*events)
    assert made.raw == "Yes, it is."
    assert made.is_whole
    assert made.error is None


@pytest.mark.parametrize("content", [5, True, [["Yes", 5]], {"type": "text", "text": 1.5}])
def test_what_cannot_be_text_is_an_error(content: object) -> None:
    """To leave it out would leave half an answer."""
    with pytest.raises(Malformed):
        answer(chunk({"content": content}))
    with pytest.raises(Malformed):
        answer("Yes")


@pytest.mark.parametrize(
    ("event", "status", "message"),
    [
        ({"error": {"message": "nobody serves it", "code": 404}}, 404, "nobody serves it"),
        ({"error": "overloaded"}, None, "overloaded"),
        ({"error": ["a", "b"]}, None, '["a", "b"]'),
        ({"object": "error", "message": "too long", "code": "400"}, 400, "too long"),
        ({"detail": [{"msg": "field required"}]}, None, '[{"msg": "field required"}]'),
        ({"message": "no such model", "status": 404}, 404, "no such model"),
        ({**chunk({}, "error"), "error": {"message": "it broke"}}, None, "it broke"),
    ],
)
def test_an_error_in_place_of_an_answer(event: object, status: int | None, message: str) -> None:
    """It is kept with what it says, whatever came before; the answer is not whole."""
    made = answer(SAID, event, STOP)
    assert made.error is not None
    assert (made.error.status, made.error.message) == (status, message)
    assert not made.is_whole


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        *[(word, Ending.GOOD) for word in ("stop", "STOP", "eos", "end-turn", "</s>")],
        *[(word, Ending.TOO_LONG) for word in ("length", "MAX_TOKENS", "model_length")],
        *[(word, Ending.FILTERED) for word in ("content_filter", "SAFETY", "refusal")],
        *[(word, Ending.OTHER) for word in ("abort", "error", "tool_calls", "stopped?", "unheard")],
        (None, Ending.NONE),
    ],
)
def test_only_known_good_ends_are_good(reason: str | None, ending: Ending) -> None:
    """Every other word may stand for half an answer."""
    assert ending_of(reason) is ending


def test_without_an_end_it_is_not_whole() -> None:
    """Nor with an end that is none."""
    assert answer(SAID).ending is Ending.NONE
    assert not answer(SAID).is_whole
    assert not answer(SAID, chunk({}, "abort"), Done()).is_whole


@pytest.mark.parametrize("count", [None, True, "5", -1, 10**12, 1.5, [5], {"n": 5}])
def test_counts_that_are_none(count: object) -> None:
    """They are nothing; the others count."""
    usage = {"prompt_tokens": count, "completion_tokens": 7}
    made = answer({"choices": [], "usage": usage}, {"usage": count})
    assert (made.prompt_tokens, made.completion_tokens) == (0, 7)


def test_halves_of_one_sign_are_joined() -> None:
    """A lone half is replaced: it cannot be sent to anybody."""
    assert answer(chunk({"content": "\ud83d"}), chunk({"content": "\ude00"})).raw == "\U0001f600"
    assert answer(chunk({"content": "a\ud83d"})).raw == "a\ufffd"


def test_a_model_in_a_loop_is_endless() -> None:
    """Somebody must stop it."""
    assert not answer(SAID).is_endless
    assert answer(*[chunk({"content": "word " * 1000})] * 21).is_endless


@pytest.mark.parametrize(
    "events",
    [
        (chunk({"refusal": "I can't."}), STOP),
        (refusal("I can't."),),
        (chunk({"refusal": "I "}), refusal("I can't.")),
    ],
)
def test_a_models_refusal_is_kept_apart(events: tuple[object, ...]) -> None:
    """It is not the answer, whether it comes in parts, whole, or both ways."""
    made = answer(*events)
    assert (made.refused, made.raw, made.is_whole) == ("I can't.", "", True)


def call(arguments: object, *, index: object = 0, name: str = "tool_calls") -> dict[str, object]:
    """A delta with a part of a call."""
    if name == "function_call":
        return {name: {"name": "answer", "arguments": arguments}}
    return {name: [{"index": index, "function": {"name": "answer", "arguments": arguments}}]}


CALLED = chunk({}, "tool_calls")


@pytest.mark.parametrize(
    "events",
    [
        (chunk(call('{"a": ')), chunk(call("1}")), CALLED),
        (chunk(call('{"a": 1}'), "stop"),),
        (chunk(call({"a": 1})), CALLED),
        (chunk(call('{"a": 1}', name="function_call"), "function_call"),),
        (chunk(call('{"a": 1}')), chunk(call('{"b": 2}', index=1)), CALLED),
        (chunk({"role": "assistant", "tool_calls": None}), chunk(call('{"a": 1}')), CALLED),
        (chunk({"content": "Let me see."}), chunk(call('{"a": 1}')), CALLED),
        ({"choices": [{"message": call('{"a": 1}'), "finish_reason": "tool_calls"}]},),
        ({"choices": [{"message": {"content": None, **call('{"a": 1}')}}]}, Done()),
        (
            chunk(call('{"a": ')),
            {"choices": [{"message": call('{"a": 1}'), "finish_reason": "tool_use"}]},
        ),
    ],
)
def test_a_call_comes_together_from_its_parts(events: tuple[object, ...]) -> None:
    """The first one, whole or in pieces, as text or as an object."""
    made = answer(*events)
    assert made.called == '{"a": 1}'
    assert made.is_whole


def test_an_end_with_a_call_is_none_without_it() -> None:
    """The call was lost."""
    made = answer(SAID, CALLED)
    assert made.called == ""
    assert made.ending is Ending.OTHER


def test_a_call_without_an_end_is_in_a_loop() -> None:
    """It is bounded as any other answer."""
    assert answer(*[chunk(call("x" * 50_000))] * 3).is_endless
