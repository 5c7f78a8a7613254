"""One question to a language model, through ``openai`` and any server that speaks its protocol.

The client's own retries are off: there is one retry layer, here, and it ends with the time that
the caller has. Answers are streamed, since a stalled stream shows much earlier than a stalled
answer; a stream that is cut short raises nothing in the client, so its finish reason is checked.
"""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import openai
from openai.types.chat import ChatCompletionMessageParam

from agentbot.errors import LLMError
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.retry import RetryPolicy

MAX_ANSWER = 8_000
"""Characters of an answer, far more than a chat needs; a model that goes on is cut off."""
_MAX_PROBLEM = 300
"""Characters of what a server says of an error that go into the journal: a line or two."""

_RETRY = RetryPolicy(first_pause=0.5, longest_pause=8.0, longest_asked_pause=float("inf"))
"""Pauses are short because the customer waits. Providers say how long a limit lasts; where that is
longer than the time that is left, there is no second attempt."""


@dataclass(eq=False)
class _Failed(LLMError):
    """An attempt that failed; ``again`` says whether another may do better."""

    again: bool = False
    retry_after: float | None = None


class OpenAIChat:
    """A :class:`~agentbot.pipeline.llm.model.ChatModel` behind an OpenAI-compatible server."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None,
        base_url: str | None = None,
        max_tokens: int = 400,
        attempts: int = 2,
        silence: float = 10.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        """``silence`` is the time in seconds that the server may be silent before it is given up.

        ``max_tokens`` bounds an answer (400 are about 300 words, more than four short sentences);
        ``attempts`` counts the first one too. ``base_url`` of None: OpenAI's own. A server that
        needs no key gets a placeholder.
        """
        self._model = model
        self._api_key = api_key
        self._base_url = base_url
        self._max_tokens = max_tokens
        self._attempts = attempts
        self._silence = silence
        self._sleep = sleep
        self._random = random
        # Servers differ in these; what one refuses is not sent to it again.
        self._old_limit = True
        self._ask_usage = True

    @cached_property
    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._api_key or "none",
            base_url=self._base_url,
            max_retries=0,
            timeout=self._silence,
        )

    async def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            await self._client.close()

    async def complete(self, messages: Sequence[ChatMessage], *, seconds: float) -> Completion:
        """Return the model's answer within ``seconds``, retries included. Raises ``LLMError``."""
        policy = replace(_RETRY, attempts=self._attempts, deadline=seconds)
        retrying = policy.retrying(transient=_may_do_better, random=self._random, sleep=self._sleep)
        try:
            async with asyncio.timeout(seconds):
                return await retrying(self._attempt, messages)
        except TimeoutError as error:
            raise LLMError("timeout", f"no answer within {seconds:g} s") from error
        except _Failed as error:
            raise LLMError(error.kind, error.problem) from error

    async def _attempt(self, messages: Sequence[ChatMessage]) -> Completion:
        try:
            try:
                return await self._stream(messages)
            except openai.APIStatusError as error:
                if not self._adapt(error):
                    raise
                return await self._stream(messages)
        except openai.APITimeoutError as error:
            problem = f"silent for {self._silence:g} s"
            raise _Failed("timeout", problem, again=True) from error
        except openai.APIConnectionError as error:
            problem = f"the connection failed: {error.__cause__ or error}"
            raise _Failed("connection", problem, again=True) from error
        except openai.APIStatusError as error:
            raise _from_status(error) from error
        except (openai.OpenAIError, ValueError) as error:
            raise _Failed(
                "server", f"malformed answer: {error}"[:_MAX_PROBLEM], again=True
            ) from error

    def _adapt(self, error: openai.APIStatusError) -> bool:
        """Leave out what the server has just refused; False where that is something else."""
        if error.status_code not in {400, 422}:
            return False
        if self._old_limit and "max_completion_tokens" in error.message:
            self._old_limit = False
            return True
        if self._ask_usage and "stream_options" in error.message:
            self._ask_usage = False
            return True
        return False

    async def _stream(self, messages: Sequence[ChatMessage]) -> Completion:
        parts: list[str] = []
        length = prompt_tokens = completion_tokens = 0
        finish: str | None = None
        stream = await self._client.chat.completions.create(
            model=self._model,
            messages=[_param(message) for message in messages],
            max_tokens=self._max_tokens if self._old_limit else openai.omit,
            max_completion_tokens=openai.omit if self._old_limit else self._max_tokens,
            stream=True,
            stream_options={"include_usage": True} if self._ask_usage else openai.omit,
        )
        async with stream:
            async for chunk in stream:
                if chunk.usage is not None:
                    prompt_tokens = chunk.usage.prompt_tokens
                    completion_tokens = chunk.usage.completion_tokens
                for choice in chunk.choices[:1]:
                    parts.append(choice.delta.content or "")
                    finish = choice.finish_reason or finish
                    length += len(parts[-1])
                if length > MAX_ANSWER:
                    raise _Failed("cut_off", f"the answer is longer than {MAX_ANSWER} characters")
        text = "".join(parts).strip()
        _check(text, finish)
        return Completion(text, prompt_tokens, completion_tokens)


def _param(message: ChatMessage) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.content}
    if message.role == "user":
        return {"role": "user", "content": message.content}
    return {"role": "assistant", "content": message.content}


def _check(text: str, finish: str | None) -> None:
    if finish is None:
        raise _Failed("cut_off", "the stream ended before the answer did", again=True)
    if finish == "length":
        raise _Failed("cut_off", "the answer reached the limit of tokens")
    if finish == "content_filter":
        raise _Failed("refused", "the provider's filter stopped the answer")
    if not text:
        raise _Failed("empty", "the answer is empty", again=True)


def _from_status(error: openai.APIStatusError) -> _Failed:
    said = f"{error.status_code}: {error.message}"[:_MAX_PROBLEM]
    if error.status_code == 429:
        # A spent quota comes as 429 too, and does not come back within a chat.
        again = error.code != "insufficient_quota"
        return _Failed("rate_limited", said, again=again, retry_after=_retry_after(error))
    if error.status_code >= 500 or error.status_code in {408, 409}:
        return _Failed("server", said, again=True, retry_after=_retry_after(error))
    return _Failed("refused", said)


def _retry_after(error: openai.APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:  # absent, or a date: the usual wait is as good
        return None


def _may_do_better(error: BaseException) -> bool:
    return isinstance(error, _Failed) and error.again
