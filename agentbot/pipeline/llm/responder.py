"""The responder that asks a language model.

It answers from the FAQ entries that go with the question, or hands off: the model says so by the
word :data:`HAND_OVER`, which the smallest models manage too. It is asked for on a line of its own,
and wherever it stands, nothing of that answer is said.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentbot.errors import LLMError, PromptTooLong
from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.knowledge.passage import Passage, Retriever
from agentbot.pipeline.llm.model import ChatMessage, ChatModel, Completion
from agentbot.pipeline.llm.spoken import spoken, without_marks
from agentbot.pipeline.turn import Author, Message, Turn

HAND_OVER = "HAND_OVER"
"""What a model writes to hand off: a word that it does not write by chance."""
_MAX_SYSTEM = 40_000
"""Characters of the system prompt: about 10,000 tokens, more than an operator should send with
each question."""

_LEAST_QUESTION = 600
"""Characters of the conversation that are shown however little room there is: a long question."""

_PROTOCOL = f"""

# How to hand over

To hand over to a colleague, write {HAND_OVER} on a line of its own, and nothing else. Otherwise
write only the answer itself, as it should be shown to the customer."""

# The word as models write it: with a line or a backslash in it, in capitals or not. Without its
# underscore, and in small letters, it is the word only where the line holds nothing else: "you can
# hand over the parcel at any post office" is an answer.
_HAND_OVER = re.compile(
    r"hand(?:s|ed|ing)?\W{0,3}_\W{0,3}o(?:ver|ff)|(?-i:HAND[\W_]{0,3}O(?:VER|FF))"
    r"|^\W*hand[\W_]{0,3}o(?:ver|ff)\W*$|\A\W*hand[\W_]{0,3}o(?:ver|ff)\s?[:\u2013\u2014]",
    re.IGNORECASE | re.MULTILINE,
)
_SHARES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.0)
"""The shares of knowledge and history that a model is shown, as long as it finds them too long."""


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
            completion = await self._complete(turn, facts)
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
        text = spoken(completion.text)
        # Whatever a model writes beside the word is not said: it was told to write nothing else.
        if says_hand_over(text):
            reason = Reason("llm_hand_over", "the model hands off")
            said = _say(self._texts.handoff, facts)
            return Handoff(reason=reason, text=said, by="llm", cost=cost, gap=True)
        if not text:
            reason = Reason("llm_failed", "empty: the answer holds nothing for the customer")
            said = _say(self._texts.fallback, facts)
            return Handoff(reason=reason, text=said, failure="empty", cost=cost, gap=True)
        reason = Reason("llm", "the model answered")
        return Reply(reason=reason, text=text, by="llm", cost=cost)

    async def _complete(self, turn: Turn, facts: Facts) -> Completion:
        """Ask, with less and less to go by while the model finds it too long."""
        knowledge = await self._retriever(turn.text)
        now = asyncio.get_running_loop().time
        left, deadline = self._seconds, now() + self._seconds
        for share in _SHARES:
            messages = self._messages(turn, facts, knowledge, share)
            try:
                return await self._model.complete(messages, seconds=left)
            except PromptTooLong:
                left = deadline - now()
                if share == _SHARES[-1] or left <= 0:
                    raise
        raise AssertionError("the last share returns or raises")

    def _messages(
        self, turn: Turn, facts: Facts, knowledge: Sequence[Passage], share: float
    ) -> list[ChatMessage]:
        known: dict[str, Any] = {"knowledge": _first(knowledge, share)}
        known.update({name: facts[name] for name in self._system.names - {"knowledge"}})
        try:
            system = self._system.render(known, limit=_MAX_SYSTEM) + _PROTOCOL
        except TemplateProblem as error:
            raise LLMError("refused", f"system.md cannot be used: {error.problem}") from error
        earlier = turn.history[max(0, len(turn.history) - self._history_messages) :]
        characters = max(int(self._history_characters * share), _LEAST_QUESTION)
        said = _bounded(turn, earlier, characters)
        return [ChatMessage("system", system), *_merged(said)]


def says_hand_over(text: str) -> bool:
    """Say whether the model asks for a colleague: the protocol's word stands anywhere in it."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return _HAND_OVER.search(plain) is not None


def _first(passages: Sequence[Passage], share: float) -> list[Passage]:
    """Return the best of the passages: as many as make up this share of all their text."""
    left = share * sum(len(one.title) + len(one.text) for one in passages)
    kept = []
    for one in passages:
        left -= len(one.title) + len(one.text)
        if left < 0:
            break
        kept.append(one)
    return kept


def _say(template: Template, facts: Facts) -> str | None:
    try:
        return template.render(facts) or None
    except TemplateProblem:
        return None


def _bounded(turn: Turn, history: Sequence[Message], characters: int) -> list[tuple[Author, str]]:
    """Return the newest messages that fit, oldest first, and always the end of the question."""
    kept: list[tuple[Author, str]] = []
    for message in reversed([*history, *turn.messages]):
        text = without_marks(turn.said(message)).strip()
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
