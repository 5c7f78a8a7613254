"""What the pipeline needs of a language model, whatever serves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from agentbot.pipeline.llm.form import AnswerForm


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of what a model is shown."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's whole answer, and what it cost in tokens (0 where the server does not say).

    ``model`` is the name of the one that answered, where several may.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model: str = ""


class ChatModel(Protocol):
    """What the pipeline needs of a language model."""

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, form: AnswerForm | None = None
    ) -> Completion:
        """Return the model's answer within ``seconds``, retries included. Raises ``LLMError``.

        ``form`` takes the place of the usual form of answers.
        """
