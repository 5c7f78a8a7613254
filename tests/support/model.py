"""A language model that says what a test wants, and checks that find what it wants."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agentbot.errors import LLMError
from agentbot.pipeline.checks.draft import Draft, Finding
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.model_responder import ModelOptions


def in_form(text: str = "", **fields: object) -> str:
    """Return an answer in the form: by default an answer, in English, that names no source."""
    form: dict[str, Any] = {
        "meant": "",
        "action": "answer",
        "sources": [],
        "language": "en",
        "text": text,
        "ask": "",
    }
    return json.dumps(form | fields)


class FakeModel:
    """Answers with what it was given, and keeps what it was shown."""

    def __init__(self, answer: Completion | LLMError | str) -> None:
        self.answer = answer
        self.shown: Sequence[ChatMessage] = ()
        self.seconds = 0.0
        self.calls = 0

    async def complete(
        self, messages: Sequence[ChatMessage], *, seconds: float, **_form: object
    ) -> Completion:
        """Answer, or fail."""
        self.shown, self.seconds = messages, seconds
        self.calls += 1
        if isinstance(self.answer, LLMError):
            raise self.answer
        return Completion(self.answer) if isinstance(self.answer, str) else self.answer


class FakeChecks:
    """Checks that find what they were given, and keep what they were shown."""

    def __init__(self, *found: Finding) -> None:
        self.found = found
        self.drafts: list[Draft] = []

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what was given."""
        self.drafts.append(draft)
        return self.found


def unchecked(**options: Any) -> ModelOptions:
    """Return options by which whatever a model writes may be said."""
    return ModelOptions(checks=FakeChecks(), **options)
