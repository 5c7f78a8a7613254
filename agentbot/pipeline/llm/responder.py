"""The responder that asks a language model.

It answers from the FAQ entries that go with the question, or hands off: the model says so by the
word :data:`HAND_OVER` on a line of its own, which the smallest models manage too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentbot.errors import LLMError
from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.retrieval import Retriever
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.llm.model import ChatMessage, ChatModel, Completion
from agentbot.pipeline.turn import Author, Message, Turn

HAND_OVER = "HAND_OVER"
"""What a model writes to hand off: a word that it does not write by chance."""
_MAX_SYSTEM = 40_000
"""Characters of the system prompt: about 10,000 tokens, more than an operator should send with
each question."""

_PROTOCOL = f"""

# How to hand over

To hand over to a colleague, write {HAND_OVER} on a line of its own, and nothing else. Otherwise
write only the answer itself, as it should be shown to the customer."""

# What chat templates use to mark turns: customers must not be able to write it.
_CONTROL = re.compile(r"<\|[^|<>]{0,40}\|>|</?s>|\[/?INST\]|<</?SYS>>", re.IGNORECASE)
_MARK = re.compile(rf"^\W*{HAND_OVER.replace('_', '[_ ]?')}\W*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LLMTexts:
    """The texts of texts.yaml that go with a model's answers and failures."""

    fallback: Template
    handoff: Template


class LLMResponder:
    """The responder that asks a language model; what it cannot answer is left to people."""

    def __init__(
        self,
        model: ChatModel,
        *,
        system: Template,
        texts: LLMTexts,
        sources: FactSources,
        retriever: Retriever,
        seconds: float = 20.0,
        history_messages: int = 20,
        history_characters: int = 8_000,
    ) -> None:
        """``seconds`` is the time for one answer, retries included.

        ``history_messages`` and ``history_characters`` bound what a model is shown of the
        conversation: 8,000 characters are about 2,000 tokens, a quarter of the smallest models'
        window.
        """
        self.name = "llm"
        self._model = model
        self._system = system
        self._texts = texts
        self._sources = sources
        self._retriever = retriever
        self._seconds = seconds
        self._history_messages = history_messages
        self._history_characters = history_characters

    async def respond(self, turn: Turn) -> Decision | Pass:
        """Return the model's answer, or a handoff with the reason why."""
        facts = Facts(turn, self._sources)
        try:
            messages = await self._messages(turn, facts)
            completion = await self._model.complete(messages, seconds=self._seconds)
        except LLMError as error:
            return Handoff(
                reason=Reason("llm_failed", str(error)),
                text=_say(self._texts.fallback, facts),
                failure=error.kind,
                gap=True,
            )
        cost = {
            "prompt_tokens": float(completion.prompt_tokens),
            "completion_tokens": float(completion.completion_tokens),
        }
        return self._decide(completion, facts, cost)

    def _decide(self, completion: Completion, facts: Facts, cost: dict[str, float]) -> Decision:
        # Whatever a model writes beside the mark is not said: it was told to write nothing else.
        if _MARK.search(completion.text):
            reason = Reason("llm_hand_over", "the model hands off")
            text = _say(self._texts.handoff, facts)
            return Handoff(reason=reason, text=text, by="llm", cost=cost, gap=True)
        reason = Reason("llm", "the model answered")
        return Reply(reason=reason, text=completion.text, by="llm", cost=cost)

    async def _messages(self, turn: Turn, facts: Facts) -> list[ChatMessage]:
        known: dict[str, Any] = {"knowledge": await self._retriever(turn.text)}
        known.update({name: facts[name] for name in self._system.names - {"knowledge"}})
        try:
            system = self._system.render(known, limit=_MAX_SYSTEM) + _PROTOCOL
        except TemplateProblem as error:
            raise LLMError("refused", f"system.md cannot be used: {error.problem}") from error
        earlier = turn.history[max(0, len(turn.history) - self._history_messages) :]
        said = _bounded(earlier, turn.messages, self._history_characters)
        return [ChatMessage("system", system), *_merged(said)]


def _say(template: Template, facts: Facts) -> str | None:
    try:
        return template.render(facts) or None
    except TemplateProblem:
        return None


def _bounded(
    history: Sequence[Message], asked: Sequence[Message], characters: int
) -> list[tuple[Author, str]]:
    """Return the newest messages that fit, oldest first, and always the end of the question."""
    kept: list[tuple[Author, str]] = []
    for message in reversed([*history, *asked]):
        text = _CONTROL.sub(" ", message.text).strip()
        if not text or message.private:
            continue
        if len(text) > characters:
            if not kept:
                kept.append((message.author, text[-characters:]))
            break
        characters -= len(text)
        kept.append((message.author, text))
    return kept[::-1]


def _merged(said: Iterable[tuple[Author, str]]) -> list[ChatMessage]:
    """Return user and assistant by turns, the user first: many chat templates insist on it."""
    merged: list[ChatMessage] = []
    for author, text in said:
        role: Literal["user", "assistant"]
        role = "user" if author is Author.CUSTOMER else "assistant"
        if merged and merged[-1].role == role:
            merged.append(ChatMessage(role, f"{merged.pop().content}\n\n{text}"))
        elif merged or role == "user":
            merged.append(ChatMessage(role, text))
    return merged
