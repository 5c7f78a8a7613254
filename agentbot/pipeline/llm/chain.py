"""Several models as one: the first that can be had answers, and one that keeps failing rests.

A call waits for its turn where as many are under way as may be; that waiting is part of its time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agentbot.errors import LLMError, PromptTooLong
from agentbot.pipeline.llm.form import AnswerForm
from agentbot.pipeline.llm.model import ChatMessage, ChatModel, Completion
from agentbot.tracing import Value, span

_FAILURES = 5
"""Failures in a row after which a model rests: one outage of a minute has many more, and a model
that answers four times of five has fewer."""
_FIRST_REST, _LONGEST_REST = 20.0, 300.0
"""Seconds of rest: doubled each time the one call after it fails as well. Customers get the usual
words meanwhile, without waiting for a server that is away."""
_SHARE = 0.6
"""The share (0 to 1) of the time that a model gets while another stands by."""
_LEAST_SECONDS = 1.0
"""Seconds below which no other model is asked: none answers in less."""
_OF_THE_MODEL = frozenset({"timeout", "rate_limited", "server", "connection"})
"""The kinds of failures that say something of the model's server, and not of the question."""


class Breaker:
    """The rest of a model that keeps failing."""

    def __init__(self) -> None:
        self._failures = 0
        self._rest = _FIRST_REST
        self._until = 0.0
        self._last = ""

    def resting(self, now: float) -> str:
        """Return why the model is not to be asked now; "" where it may be.

        Once the rest is over one call is let through, and the others wait for what comes of it.
        """
        if self._failures < _FAILURES:
            return ""
        if now >= self._until:
            self._until = now + self._rest
            return ""
        left = self._until - now
        return f"not asked for {left:.0f} s more after {self._failures} failures: {self._last}"

    def answered(self) -> None:
        """Note that the model can be had."""
        self._failures, self._rest = 0, _FIRST_REST

    def failed(self, error: LLMError, now: float) -> None:
        """Note a failure. What is the question's fault shows that the server is there."""
        if error.kind not in _OF_THE_MODEL:
            self.answered()
            return
        self._failures += 1
        self._last = str(error)
        if self._failures < _FAILURES:
            return
        if self._failures > _FAILURES:
            self._rest = min(self._rest * 2, _LONGEST_REST)
        self._until = now + self._rest


@dataclass(frozen=True, slots=True)
class Link:
    """One model of a chain, by its name."""

    name: str
    model: ChatModel


class ModelChain:
    """A :class:`~agentbot.pipeline.llm.model.ChatModel` of several, the first asked first."""

    def __init__(self, links: Sequence[Link], *, most_at_once: int = 8) -> None:
        self._links = [(link, Breaker()) for link in links]
        self._slots = asyncio.Semaphore(most_at_once)

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, form: AnswerForm | None = None
    ) -> Completion:
        """Return the first model's answer that comes within ``seconds``. Raises ``LLMError``."""
        now = asyncio.get_running_loop().time
        deadline = now() + seconds
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            problem = f"{seconds:g} s went by while other answers were under way"
            raise LLMError("timeout", problem) from None
        try:
            return await self._first(messages, deadline, now, form)
        finally:
            self._slots.release()

    async def _first(
        self,
        messages: Sequence[ChatMessage],
        deadline: float,
        now: Callable[[], float],
        form: AnswerForm | None,
    ) -> Completion:
        failed: LLMError | None = None
        for number, (link, breaker) in enumerate(self._links):
            left = deadline - now()
            if failed is not None and left < _LEAST_SECONDS:
                break
            if why := breaker.resting(now()):
                failed = failed or LLMError("server", why)
                continue
            is_last = number == len(self._links) - 1
            try:
                seconds = left if is_last else left * _SHARE
                said = await _asked(link, messages, seconds=seconds, form=form)
            except PromptTooLong:
                breaker.answered()
                raise
            except LLMError as error:
                breaker.failed(error, now())
                failed = error
            else:
                breaker.answered()
                return replace(said, model=said.model or link.name)
        assert failed is not None  # noqa: S101 - there is a link, which has answered or failed
        raise failed


async def _asked(
    link: Link, messages: Sequence[ChatMessage], *, seconds: float, form: AnswerForm | None
) -> Completion:
    """Ask one model, and let it be traced (OpenTelemetry: semantic conventions, GenAI spans)."""
    asked: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",  # the API's kind, whoever speaks it
        "gen_ai.request.model": link.name,
    }
    with span(f"chat {link.name}", asked, is_client=True) as under_way:
        if under_way.holds_texts:
            under_way.note({"gen_ai.input.messages": _as_parts(messages)})
        said = await link.model.complete(messages, seconds=seconds, form=form)
        told: dict[str, Value] = {
            "gen_ai.response.model": said.model or link.name,
            "gen_ai.usage.input_tokens": said.prompt_tokens,
            "gen_ai.usage.output_tokens": said.completion_tokens,
        }
        under_way.note(told)
        if under_way.holds_texts:
            answer = ChatMessage("assistant", said.text)
            under_way.note({"gen_ai.output.messages": _as_parts([answer])})
    return said


def _as_parts(messages: Sequence[ChatMessage]) -> str:
    """Return messages as the conventions write them, in JSON."""
    parts = (
        {"role": one.role, "parts": [{"type": "text", "content": one.content}]} for one in messages
    )
    return json.dumps(list(parts))
