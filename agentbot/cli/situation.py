"""The situation in which ``agentbot ask`` asks: who, through what, and what was said before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.models import FileModel, OneOrMore
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import parse_yaml, read_text, validate
from agentbot.pipeline.turn import Account, Author, Conversation, Customer, Message, Turn
from agentbot.pipeline.words import parse_duration

_PAUSE = timedelta(minutes=1)
"""Time between two messages whose times are not given: a chat's usual pace."""


class SaidModel(FileModel):
    """One message: ``customer: …``, ``person: …`` or ``bot: …``."""

    customer: str | None = None
    person: str | None = None
    bot: str | None = None
    ago: str | None = Field(None, description="How long before the question: 90s, 5m, 2h.")

    @field_validator("ago")
    @classmethod
    def _is_duration(cls, text: str | None) -> str | None:
        if text is not None:
            parse_duration(text)
        return text

    @model_validator(mode="after")
    def _one_author(self) -> Self:
        if sum(text is not None for text in (self.customer, self.person, self.bot)) != 1:
            raise ValueError("write one of customer, person and bot, and what they say")
        return self

    @property
    def author(self) -> Author:
        """Who says it."""
        return next(author for author in Author if getattr(self, author.value) is not None)

    @property
    def text(self) -> str:
        """What is said."""
        return str(getattr(self, self.author.value))


class CustomerModel(FileModel):
    """What is known of the customer."""

    name: str | None = None
    email: str | None = None
    time_zone: str | None = None
    page: str | None = None


class ConversationFile(FileModel):
    """The file of ``--conversation``: what was said before the question, and to whom."""

    customer: CustomerModel = CustomerModel()
    source: str = Field(default="chat", description="chat, email, sms …")
    tags: OneOrMore = Field(default_factory=list)
    messages: list[SaidModel] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the answer may depend on beside the question. What is None is not known."""

    now: datetime
    agents_online: int = 0
    name: str | None = None
    email: str | None = None
    time_zone: str | None = None
    source: str | None = None
    attachments: int = 0
    before: ConversationFile = field(default_factory=ConversationFile)
    account: Account = field(default_factory=Account)

    def turn(self, question: str | None) -> Turn:
        """Return the turn of ``question``; None: of what the customer wrote last in the file.

        What the customer wrote last there, unanswered, belongs to the turn in any case. Raises
        ``ConfigurationError`` where nothing is asked.
        """
        said = self._messages()
        answered = max(
            (i for i, one in enumerate(said, 1) if one.author is not Author.CUSTOMER), default=0
        )
        asked = said[answered:]
        if question is not None:
            text = Message("ask", question, Author.CUSTOMER, self.now, attachments=self.attachments)
            asked = (*asked, text)
        if not asked:
            remedy = "write one after ask, or let the customer have the file's last word"
            raise ConfigurationError("ask", "there is no question", remedy)
        known = self.before.customer
        return Turn(
            conversation=Conversation(
                id="00000000-0000-0000-0000-000000000000",
                source=self.source or self.before.source,
                tags=tuple(self.before.tags),
            ),
            customer=Customer(
                id="ask",
                name=self.name or known.name,
                email=self.email or known.email,
                page=known.page,
                time_zone=self.time_zone or known.time_zone,
            ),
            messages=asked,
            history=said[:answered],
            now=self.now,
            agents_online=self.agents_online,
            account=self.account,
        )

    def _messages(self) -> tuple[Message, ...]:
        """Return what was said before, a minute between two whose times are not given."""
        said: list[Message] = []
        at = self.now
        for number, one in reversed(list(enumerate(self.before.messages))):
            at = self.now - parse_duration(one.ago) if one.ago is not None else at - _PAUSE
            said.insert(0, Message(str(number), one.text, one.author, at))
        return tuple(said)


def read_conversation(path: Path) -> ConversationFile:
    """Read the file of ``--conversation``. Raises ``ConfigurationError`` with all its problems."""
    problems = Problems()
    name = str(path)
    text = read_text(path, name, problems, may_be_piped=True)  # as in --conversation <(…)
    file = parse_yaml(text, name, problems) if text is not None else None
    read = validate(ConversationFile, file, problems) if file is not None else None
    problems.raise_if_any(name)
    assert read is not None  # noqa: S101 - whatever kept it from being read is a problem
    return read
