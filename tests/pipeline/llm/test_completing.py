"""What has come is an answer, or says why it is none and whether asking again may help."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.pipeline.llm.answer import Answer
from agentbot.pipeline.llm.completing import (
    MAX_ANSWER,
    FailedAttempt,
    completion_of,
    failure_by,
)
from agentbot.pipeline.llm.model import Completion
from agentbot.pipeline.llm.wire import Done
from agentbot.pipeline.provider import MAX_PROBLEM, Refusal


def come(text: str, finish: str | None = "stop", **more: object) -> Answer:
    """Return what has come where the server sends one body."""
    answer = Answer()
    message: dict[str, Any] = {"content": text, **more}
    choice: dict[str, Any] = {"message": message, "finish_reason": finish}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    answer.take({"choices": [choice], "usage": usage})
    return answer


def failed(answer: Answer, *, rambles: bool = False) -> tuple[str, bool, str]:
    """Return the failure that an answer makes: its kind, whether to ask again, and its words."""
    with pytest.raises(FailedAttempt) as caught:
        completion_of(answer, rambles=rambles)
    return caught.value.kind, caught.value.again, caught.value.problem


def test_a_whole_answer_is_a_completion() -> None:
    """Its thoughts are no part of it."""
    answer = come("<think>Norway?</think>Yes, we do.")

    assert completion_of(answer, rambles=False) == Completion("Yes, we do.", 7, 3)


def test_a_call_is_the_answer() -> None:
    """What is said beside it is not."""
    call = {"function": {"name": "answer", "arguments": '{"text": "Yes."}'}}
    answer = come("I shall call it.", finish="tool_calls", tool_calls=[call])

    assert completion_of(answer, rambles=False).text == '{"text": "Yes."}'


def test_the_longest_answer_is_taken_and_no_longer_one() -> None:
    """To the character."""
    assert completion_of(come("y" * MAX_ANSWER), rambles=False).text == "y" * MAX_ANSWER

    kind, again, problem = failed(come("y" * (MAX_ANSWER + 1)))
    assert (kind, again) == ("cut_off", False)
    assert str(MAX_ANSWER) in problem


@pytest.mark.parametrize(
    ("finish", "kind", "again", "words"),
    [
        (None, "cut_off", True, "ended before the answer did"),
        ("length", "cut_off", False, "the answer reached the limit of tokens"),
        ("content_filter", "refused", False, "filter"),
        ("strange", "cut_off", True, "'strange'"),
        ("z" * MAX_PROBLEM, "cut_off", True, "zzz"),
    ],
)
def test_an_answer_that_did_not_end_well_says_how(
    finish: str | None, kind: str, *, again: bool, words: str
) -> None:
    """By what the server says of its end, and no longer than an error may be."""
    found = failed(come("Yes, we", finish=finish))

    assert found[:2] == (kind, again)
    assert words in found[2]
    assert len(found[2]) <= MAX_PROBLEM


def test_thoughts_can_reach_the_limit_too() -> None:
    """Then no word of an answer has come."""
    assert "its thoughts reached" in failed(come("<think>Norway is", finish="length"))[2]


@pytest.mark.parametrize(
    ("text", "first"), [("One.\n\nTwo, and", "One."), ("\n\nTwo, and", ""), ("One, and", "")]
)
def test_a_rambling_models_first_paragraph_counts_where_it_is_whole(text: str, first: str) -> None:
    """One that has not ended is none; and of any other model no paragraph is taken alone."""
    answer = come(text, finish="length")

    if first:
        assert completion_of(answer, rambles=True).text == first
    else:
        assert failed(answer, rambles=True)[0] == "cut_off"
    assert failed(answer)[0] == "cut_off"


def test_a_refusal_of_the_models_is_no_answer() -> None:
    """In its words, as many as an error takes."""
    kind, again, problem = failed(come("", refusal="I cannot. " * MAX_PROBLEM))

    assert (kind, again) == ("refused", False)
    assert "the model refuses: I cannot." in problem
    assert len(problem) == MAX_PROBLEM


@pytest.mark.parametrize(
    ("text", "words"), [("", "is empty"), ("<think>Hm.</think>", "but for its thoughts")]
)
def test_nothing_is_asked_again(text: str, words: str) -> None:
    """A model says nothing by chance."""
    kind, again, problem = failed(come(text))

    assert (kind, again) == ("empty", True)
    assert problem.endswith(words)


def test_another_protocol_is_named() -> None:
    """It would answer the same again."""
    answer = Answer()
    answer.take({"response": "Yes."})
    answer.take(Done())

    kind, again, problem = failed(answer)
    assert (kind, again) == ("server", False)
    assert "another protocol" in problem


def test_an_error_in_place_of_an_answer_is_a_refusal() -> None:
    """Though the status was 200; it is weighed as any other."""
    answer = Answer()
    answer.take({"error": {"message": "out of memory", "code": 500}})

    kind, again, problem = failed(answer)
    assert (kind, again) == ("server", True)
    assert "out of memory" in problem


@pytest.mark.parametrize(
    ("status", "code", "kind", "again"),
    [
        (429, "", "rate_limited", True),
        (429, "insufficient_quota", "rate_limited", False),
        (None, "", "server", True),
        (408, "", "server", True),
        (409, "", "server", True),
        (500, "", "server", True),
        (503, "", "server", True),
        (499, "", "refused", False),
        (400, "", "refused", False),
        (401, "", "refused", False),
    ],
)
def test_a_refusal_says_whether_to_ask_again(
    status: int | None, code: str, kind: str, *, again: bool
) -> None:
    """And keeps what the server has said, and how long it wants to be left alone."""
    refusal = Refusal(status, code, "", "no", "no")

    failure = failure_by(refusal, 3.0)

    assert (failure.kind, failure.again) == (kind, again)
    assert (failure.problem, failure.retry_after) == (refusal.shown, 3.0)
    assert failure.refusal is refusal
