"""One question to a language model, through ``openai`` and any server that speaks its protocol.

The client's own retries are off: there is one retry layer, here, and it ends with the time that
the caller has. Answers are streamed where the server streams, since a stalled stream shows much
earlier than a stalled answer. Of the client, only its requests are used: it trusts answers to have
one provider's exact shape.

What a server refuses is left out and asked again at once, as often as there is something to leave
out; that is no retry, and is remembered. Whatever is raised in here becomes an ``LLMError``, unless
the answer is there already.
"""

from __future__ import annotations

import asyncio
import json
import random as random_module
import sys
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import orjson

from agentbot.errors import AgentbotError, LLMError, PromptTooLong
from agentbot.pipeline.lean import load_openai
from agentbot.pipeline.llm.answer import Answer
from agentbot.pipeline.llm.completing import FailedAttempt, completion_of, failure_by
from agentbot.pipeline.llm.dialect import Dialect, Way
from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.kept_dialect import KeptDialect
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.llm.patience import Patience
from agentbot.pipeline.llm.repair import find_object
from agentbot.pipeline.llm.wire import Malformed, Reader
from agentbot.pipeline.provider import (
    MAX_PROBLEM,
    async_client,
    proxy_for,
    refusal_of,
    retry_after,
    without_key,
)
from agentbot.retry import RetryPolicy

if TYPE_CHECKING:  # 500 modules and 25 MB: a bot loads them after it has joined
    import httpx2
    import openai

_AFTER_THE_END = 1.0
"""Seconds for what may follow an answer's end (its cost): it comes at once, or never."""
_AFTER_DONE = 0.1
"""Seconds for the response to end after its answer has: it mostly comes in the same packet."""
_REMEMBERED = 600.0
"""Seconds for which no prompt is sent that is as long as one refused: then the server may have been
given more room, or it had meant something else."""
_SHORT = 500
"""Bytes of a prompt that no server finds too long: it is the room for the answer that is missing.
"""

_RETRY = RetryPolicy(first_pause=0.5, longest_pause=8.0, longest_asked_pause=float("inf"))
"""Pauses are short because the customer waits. Providers say how long a limit lasts; where that is
longer than the time that is left, there is no second attempt."""


class OpenAIChat:
    """A :class:`~agentbot.pipeline.llm.model.ChatModel` behind an OpenAI-compatible server."""

    def __init__(
        self,
        *,
        model: str,
        api_key: str | None,
        base_url: str | None = None,
        form: AnswerForm | None = None,
        max_tokens: int = 400,
        attempts: int = 2,
        silence: float = 10.0,
        first_sign: float | None = None,
        rambles: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = random_module.random,
        kept: KeptDialect | None = None,
        client: openai.AsyncOpenAI | None = None,
    ) -> None:
        """``silence`` is the time in seconds that the server may be silent within an answer.

        Its first sign may take ``first_sign``, or as long as the caller has: a local model may have
        to be loaded. ``form`` is asked for by what the server takes: a JSON schema, else a tool
        call, else by the words of the prompt alone. ``max_tokens`` bounds an answer (400 are about
        300 words, more than four short sentences); ``rambles``: the model is so small that it
        hardly ever ends, and of what reaches that limit its first paragraph counts, which is whole.
        ``attempts`` counts the first one too. ``base_url`` of None: OpenAI's own. A server that
        needs no key gets a placeholder. ``kept`` holds what is known of the server from an earlier
        start, and is told what is found out. ``client`` replaces the one that is made of these.
        """
        self._model = model
        self._api_key = api_key
        self._base_url = base_url
        self._attempts = attempts
        self._silence = silence
        self._first_sign = first_sign
        self._rambles = rambles
        self._sleep = sleep
        self._random = random
        self._given = client
        self._kept = kept
        first = Dialect(max_tokens, form)
        self._dialect = first if kept is None else kept.recall(first)
        self._too_long, self._forgets_at = 0, 0.0

    @cached_property
    def _client(self) -> openai.AsyncOpenAI:
        return self._given or async_client(api_key=self._api_key, base_url=self._base_url)

    @property
    def way(self) -> Way:
        """How the form is asked for, as far as the server is known."""
        return self._dialect.way

    @property
    def left_out(self) -> tuple[str, ...]:
        """What the server is not asked for, since it refuses that."""
        return self._dialect.left_out

    def keep(self) -> None:
        """Keep for the next start how the server is asked. Call from the event loop."""
        if self._kept is not None:
            self._kept.keep(self._dialect)

    async def close(self) -> None:
        """Close the connections; what was found out of the server is written by then."""
        if self._kept is not None:
            await self._kept.written()
        if "_client" in self.__dict__:
            await self._client.close()

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, form: AnswerForm | None = None
    ) -> Completion:
        """Return the model's answer within ``seconds``, retries included.

        ``form`` takes the place of the usual one, where answers have any.
        Raises ``LLMError``; of these ``PromptTooLong`` says that less must be shown to the model.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + seconds
        if "openai" not in sys.modules:
            await asyncio.to_thread(load_openai)
        policy = replace(_RETRY, attempts=self._attempts, deadline=seconds)
        retrying = policy.retrying(transient=_may_do_better, random=self._random, sleep=self._sleep)
        try:
            return await retrying(self._attempt, messages, deadline, form)
        except PromptTooLong as error:
            raise PromptTooLong(error.kind, without_key(error.problem, self._api_key)) from error
        except FailedAttempt as error:
            late = f"no answer within {round(seconds, 1):g} s"
            problem = late if error.kind == "timeout" and now() >= deadline else error.problem
            raise LLMError(error.kind, without_key(problem, self._api_key)) from error

    async def _attempt(
        self, messages: Sequence[ChatMessage], deadline: float, form: AnswerForm | None
    ) -> Completion:
        """Ask, and ask otherwise while the server refuses something that can be left out."""
        size = _size(messages)
        now = asyncio.get_running_loop().time()
        if now < self._forgets_at and size >= self._too_long:
            problem = f"{size} bytes; {self._too_long} were refused before"
            raise PromptTooLong("too_long", problem)
        while True:
            asked = self._dialect
            try:
                return await self._ask(messages, deadline, form)
            except FailedAttempt as error:
                if error.refusal is None:
                    raise
                if error.refusal.is_about_length and size > _SHORT:
                    if fewer := asked.with_fewer_tokens(error.refusal):
                        self._use(fewer, asked)
                        continue
                    self._too_long, self._forgets_at = size, now + _REMEMBERED
                    raise PromptTooLong("too_long", error.refusal.shown) from error
                dialect = asked.without(error.refusal)
                if dialect is None:
                    raise
                self._use(dialect, asked)

    def _use(self, learnt: Dialect, asked: Dialect) -> None:
        """Ask otherwise from now on, unless another answer has taught that meanwhile."""
        if self._dialect is asked:
            self._dialect = learnt
            self.keep()

    async def _ask(
        self, messages: Sequence[ChatMessage], deadline: float, form: AnswerForm | None
    ) -> Completion:
        """Ask once. Raises ``FailedAttempt``, and no other error."""
        answer, asked = Answer(), self._dialect
        try:
            async with asyncio.timeout_at(deadline):
                await self._begun(answer, asked.parameters(messages, form))
        except Exception as error:
            if not answer.is_whole and not answer.is_done:
                raise self._failure(error) from error
        completion = completion_of(answer, rambles=self._rambles)
        self._learn(answer, completion, asked)
        return completion

    def _learn(self, answer: Answer, completion: Completion, asked: Dialect) -> None:
        """Ask otherwise from now on where the server lets the form pass, and does not follow it.

        What has come is an answer all the same: asking again would be a second call.
        """
        if asked.form is None or answer.called:
            return
        if asked.way is Way.TOOL or find_object(completion.text) is None:
            self._use(asked.weaker() or asked, asked)

    async def _begun(self, answer: Answer, parameters: dict[str, Any]) -> None:
        """Read an answer whose first sign comes in time; one that is not streamed has but one."""
        most = self._first_sign if "stream" in parameters else None
        first = asyncio.timeout(most)
        try:
            async with first:
                await self._read(answer, parameters, first)
        except TimeoutError as error:
            if not first.expired():
                raise
            problem = f"no first sign within {most:g} s"
            raise FailedAttempt("timeout", problem, again=True) from error

    async def _read(
        self, answer: Answer, parameters: dict[str, Any], first: asyncio.Timeout
    ) -> None:
        import httpx2  # noqa: PLC0415 - it comes with openai
        import openai  # noqa: PLC0415 - see above

        # The client's method for chats would look into each message, and make objects of events;
        # and of a body that is not written yet it would make copies.
        asking = self._client.post(
            "/chat/completions",
            content=_json({"model": self._model, **parameters}),
            cast_to=httpx2.Response,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )
        patience = Patience()
        # What it returns is what it was asked for, whatever its types say of streams.
        async with aclosing(cast("httpx2.Response", await asking)) as response:
            try:
                async with patience, aclosing(response.aiter_bytes()) as pieces:
                    await self._take(answer, pieces, first, patience)
            except TimeoutError as error:
                if not patience.is_out:
                    raise
                problem = f"silent for {self._silence:g} s"
                raise FailedAttempt("timeout", problem, again=True) from error

    async def _take(
        self,
        answer: Answer,
        pieces: AsyncIterable[bytes],
        first: asyncio.Timeout,
        patience: Patience,
    ) -> None:
        """Add what comes to the answer, to its end and that of the response.

        A response that was read to its end gives its connection back for the next question.
        """
        reader, is_first = Reader(), True
        async for piece in pieces:
            for value in reader.feed(piece):
                answer.take(value)
                if is_first:
                    first.reschedule(None)
                    is_first = False
                if answer.is_endless or answer.error is not None:
                    return
            patience.wait(self._longest_silence(answer))
        for value in reader.end():
            answer.take(value)

    def _longest_silence(self, answer: Answer) -> float:
        """Return the seconds for which nothing need come next."""
        if answer.is_done:
            return _AFTER_DONE
        return min(self._silence, _AFTER_THE_END) if answer.is_whole else self._silence

    def _failure(self, error: Exception) -> FailedAttempt:
        """Return what an attempt's error means."""
        import openai  # noqa: PLC0415 - see above

        match error:
            case FailedAttempt():
                failure = error
            case openai.APIStatusError():
                failure = failure_by(refusal_of(error), retry_after(error))
            case TimeoutError() | openai.APITimeoutError():
                problem = "the connection was not opened in time"
                failure = FailedAttempt("timeout", problem, again=True)
            case openai.APIConnectionError():
                failure = FailedAttempt("connection", self._connection_problem(error), again=True)
            case Malformed():
                failure = FailedAttempt("server", str(error)[:MAX_PROBLEM], again=True)
            case AgentbotError():  # the proxy that the environment names, say
                failure = FailedAttempt("connection", str(error)[:MAX_PROBLEM])
            case _:
                said = f"{type(error).__name__}: {error}".removesuffix(": ")
                problem = f"the connection failed: {said}"[:MAX_PROBLEM]
                failure = FailedAttempt("connection", problem, again=True)
        return failure

    def _connection_problem(self, error: openai.APIConnectionError) -> str:
        problem = f"the connection failed: {error.__cause__ or error}"[:MAX_PROBLEM]
        proxy = proxy_for(str(self._client.base_url))
        return f"{problem} (through the proxy of {proxy.variable})" if proxy else problem


def _json(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # half a character
        return json.dumps(body).encode()


def _size(messages: Sequence[ChatMessage]) -> int:
    """Return the bytes of what is shown: nearer to tokens than characters, in any script."""
    return sum(len(message.content.encode("utf-8", "replace")) for message in messages)


def _may_do_better(error: BaseException) -> bool:
    return isinstance(error, FailedAttempt) and error.again
