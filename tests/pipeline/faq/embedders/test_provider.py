"""A provider's vectors: in portions that it takes, in the texts' order, or an ``LLMError``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbot.errors import LLMError
from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.faq.embedders.provider import ProviderEmbedder

KEY = "sk-verysecretkey123"
Answerer = Callable[[list[str]], httpx2.Response]


class Provider:
    """A scripted provider: what it was asked, and how it answers."""

    def __init__(self, answer: Answerer) -> None:
        self.asked: list[list[str]] = []
        self.slept: list[float] = []
        self._answer = answer

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        body = json.loads(request.content)
        assert body["model"] == "small"
        self.asked.append(body["input"])
        return self._answer(self.asked[-1])

    def embedder(self) -> ProviderEmbedder:
        """Return a client of this provider that does not sleep."""
        http = openai.DefaultHttpxClient(transport=httpx2.MockTransport(self))
        client = openai.OpenAI(
            api_key=KEY, base_url="http://model.test/v1", max_retries=0, http_client=http
        )
        return ProviderEmbedder(
            model="small", api_key=KEY, client=client, sleep=self.slept.append, random=lambda: 1.0
        )


def vector(text: str) -> list[float]:
    """A vector that tells which text it belongs to."""
    return [float(text), 1.0]


def good(texts: list[str]) -> httpx2.Response:
    """The usual answer."""
    data = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
    return httpx2.Response(200, json={"data": data})


def body(value: object) -> Answerer:
    """Whatever is asked, this answer."""
    headers = {"content-type": "application/json"}
    return lambda _: httpx2.Response(200, content=json.dumps(value), headers=headers)


def numbers(provider: Provider, count: int) -> list[float]:
    """The texts that the vectors of so many texts belong to."""
    return numbers_in(provider.embedder().embed([str(number) for number in range(count)]))


def numbers_in(vectors: Floats) -> list[float]:
    """The numbers of which a good answer makes vectors: their first part beside the second, 1."""
    return [round(float(first / second), 3) for first, second in vectors]


def failure(provider: Provider, *texts: str) -> LLMError:
    """The error that these texts end in."""
    with pytest.raises(LLMError) as caught:
        provider.embedder().embed(texts or ["1"])
    return caught.value


def test_one_vector_a_text() -> None:
    """Of length 1; any number of texts."""
    provider = Provider(good)
    (seen,) = provider.embedder().embed(["7"])
    assert seen.tolist() == pytest.approx([7 / 50**0.5, 1 / 50**0.5])
    assert numbers(provider, 300) == list(range(300))
    assert len(provider.embedder().embed([])) == 0
    assert provider.embedder().name == "provider:small"


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("too many texts in one request: the batch size is at most 10", 10),
        ("batch size 128 > maximum allowed batch size 32", 32),
        ("input is invalid", 16),
    ],
)
def test_portions_are_learnt_from_what_is_refused(said: str, most: int) -> None:
    """From the number that is named, or by halves; what was learnt is kept."""

    def picky(texts: list[str]) -> httpx2.Response:
        return httpx2.Response(400, json={"error": said}) if len(texts) > most else good(texts)

    provider = Provider(picky)
    embedder = provider.embedder()
    texts = [str(number) for number in range(200)]
    assert numbers_in(embedder.embed(texts)) == list(range(200))
    refused = len([asked for asked in provider.asked if len(asked) > most])
    provider.asked.clear()
    embedder.embed(texts)
    assert refused > 0
    assert max(map(len, provider.asked)) == most


def test_texts_that_are_too_long_are_cut() -> None:
    """Their beginning says what they are about; an empty one is replaced."""

    def short(texts: list[str]) -> httpx2.Response:
        if any(len(text) > 300 for text in texts):
            return httpx2.Response(400, json={"error": {"message": "input is too long"}})
        assert all(texts)
        return httpx2.Response(200, json={"data": [{"embedding": [1.0]} for _ in texts]})

    provider = Provider(short)
    assert len(provider.embedder().embed(["a", "b" * 1000, " ", "c"])) == 4


@pytest.mark.parametrize(
    "shape",
    [
        lambda data: {"data": list(reversed(data))},
        lambda data: {"data": [{"embedding": one["embedding"]} for one in data]},
        lambda data: {"data": [one | {"index": 0} for one in data]},
        lambda data: {"data": [one | {"index": None} for one in data]},
        lambda data: {"data": [one | {"embedding": [one["embedding"]]} for one in data]},
        lambda data: {"embeddings": [one["embedding"] for one in data]},
        lambda data: [one["embedding"] for one in data],
    ],
    ids=["shuffled", "no index", "all 0", "null", "wrapped", "embeddings", "bare"],
)
def test_answers_in_other_shapes(shape: Callable[[list[dict[str, Any]]], object]) -> None:
    """By their index where it is one, else in the texts' order."""

    def answer(texts: list[str]) -> httpx2.Response:
        data = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
        return httpx2.Response(200, json=shape(data))

    assert numbers(Provider(answer), 5) == [0, 1, 2, 3, 4]


def test_an_answer_that_is_not_called_json() -> None:
    """Some servers do not say what they send."""
    value = json.dumps({"data": [{"embedding": [5.0, 1.0]}]})
    seen = Provider(lambda _: httpx2.Response(200, content=value)).embedder().embed(["1"])
    assert numbers_in(seen) == [5.0]


def test_a_provider_that_answers_the_first_text_alone() -> None:
    """Each is asked for on its own."""
    provider = Provider(lambda texts: good(texts[:1]))
    assert numbers(provider, 5) == [0, 1, 2, 3, 4]
    assert len(provider.asked) == 6


@pytest.mark.parametrize(
    "value",
    [
        {"data": []},
        {"data": None},
        {},
        "no",
        None,
        {"data": [{"embedding": [float("nan")]}]},
        {"data": [{"embedding": [float("inf")]}]},
        {"data": [{"embedding": [1e300]}]},
        {"data": [{"embedding": [10**400]}]},
        {"data": [{"embedding": []}]},
        {"data": [{"embedding": ["1"]}]},
        {"data": [{"embedding": "AACAPw=="}]},
        {"data": [{"embedding": [True]}]},
        {"data": [None]},
        {"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]},
    ],
    ids=str,
)
def test_what_is_no_vector_is_an_error(value: object) -> None:
    """A wrong vector would answer wrongly."""
    assert failure(Provider(body(value))).kind == "server"


def test_an_error_with_status_200_is_named() -> None:
    """And weighed by its code."""
    error = failure(Provider(body({"error": {"message": "no such model", "code": 404}})))
    assert (error.kind, error.problem) == ("refused", "no embeddings: 404: no such model")
    error = failure(Provider(body({"error": "overloaded"})))
    assert (error.kind, error.problem) == ("server", "no embeddings: overloaded")


def test_vectors_of_different_length_are_an_error() -> None:
    """They cannot be compared."""
    value = {"data": [{"embedding": [1.0]}, {"embedding": [1.0, 2.0]}]}
    assert "differ in length" in failure(Provider(body(value)), "1", "2").problem


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["data", "embeddings", "error"]), ODD) | ODD)
@settings(deadline=None, max_examples=50)
def test_any_answer_is_vectors_or_a_model_error(value: object) -> None:
    """And no other error."""
    try:
        seen = Provider(body(value)).embedder().embed(["1"])
    except LLMError:
        return
    assert seen.shape[0] == 1


def test_what_may_pass_is_tried_again_in_one_layer() -> None:
    """Three times in all, with pauses; the client does not retry beside it."""
    provider = Provider(lambda _: httpx2.Response(503, text="busy"))
    error = failure(provider)
    assert (error.kind, error.problem) == ("server", "no embeddings: 503: busy")
    assert len(provider.asked) == 3
    assert provider.slept == [0.5, 1.0]
    answers = iter([httpx2.Response(429, headers={"retry-after": "3"}), good(["1"])])
    provider = Provider(lambda _: next(answers))
    assert len(provider.embedder().embed(["1"])) == 1
    assert provider.slept == [3.0]


def test_a_wrong_key_is_said_once_and_not_shown() -> None:
    """Neither fewer texts nor another try would help."""
    provider = Provider(lambda _: httpx2.Response(401, json={"error": f"bad key {KEY}"}))
    error = failure(provider, "1", "2")
    assert (error.kind, error.problem) == ("refused", "no embeddings: 401: bad key [redacted]")
    assert len(provider.asked) == 1


def test_a_connection_that_fails_is_named() -> None:
    """With its cause."""

    def broken(_: object) -> httpx2.Response:
        raise httpx2.ConnectError("nobody there")

    error = failure(Provider(broken))
    assert error.kind == "connection"
    assert "nobody there" in error.problem


def test_a_provider_sees_no_personal_data() -> None:
    """Unless it is said that it may."""
    provider = Provider(body({"data": [{"index": 0, "embedding": [1.0, 0.0]}]}))
    embedder = provider.embedder()
    embedder.embed(["I am a@example.com"])
    embedder._hides = False
    embedder.embed(["I am a@example.com"])
    assert provider.asked == [["I am [email]"], ["I am a@example.com"]]
