"""A turn: what a customer wrote since the last answer, and all that a decision may rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from agentbot.pipeline.decision import Reason
from agentbot.pipeline.mail.quoting import own_words
from agentbot.pipeline.words import is_blank

MAX_TEXT = 10_000
"""Characters of a turn's text that are judged: some four pages, more than anybody asks in a chat or
a mail. Folding takes up to 20 ms for them on the event loop, by their script, and took seconds for
the megabytes that a visitor can send."""
_LAST = 5_000
"""Characters of them that are the last ones of a longer text: people tell first, and ask then."""
_MAX_MAIL = 5 * MAX_TEXT
"""Characters of a mail in which what its sender wrote is looked for: quotations are longer."""
MAIL = "email"
"""The source of a mail, as Papercups names it."""
TOPIC_ENDS_AFTER = timedelta(hours=4)
"""The pause after which what was said before is no topic any more: half a working day, for whoever
comes back after lunch still has it in mind. In mails no pause ends it: they take days anyway."""


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    PERSON = "person"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a responder sees it. ``at`` is aware, in UTC, in whole seconds.

    ``source`` is ``chat``, ``email`` and the like; empty: the conversation's.
    """

    id: str
    text: str
    author: Author
    at: datetime
    private: bool = False
    attachments: int = 0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


class History(tuple[Message, ...]):  # noqa: SLOT001 - a tuple's own slots must be empty
    """What was said before a turn, with what the guards ask of all of it.

    ``last_person_at`` is when a person (not a bot) last wrote to the customer, None: never.
    """

    last_person_at: datetime | None

    @classmethod
    def with_person_at(cls, messages: Iterable[Message], at: datetime | None) -> History:
        """Return the history whose last message of a person's is from ``at``."""
        history = cls(messages)
        history.last_person_at = at
        return history

    @classmethod
    def of(cls, messages: tuple[Message, ...]) -> History:
        """Return the history that ``messages`` is, or make one of them."""
        if isinstance(messages, History):
            return messages
        theirs = (one.at for one in reversed(messages) if one.author is Author.PERSON)
        return cls.with_person_at(messages, next(theirs, None))


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks. Everything but ``id`` is what the customer, or the page, claims."""

    id: str
    name: str | None = None
    email: str | None = None
    page: str | None = None
    time_zone: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation's state when the turn was taken up.

    ``source`` is ``chat``, ``email``, ``sms`` and the like; ``subject`` is that of the mail that
    began it; ``tags`` are names.
    """

    id: str
    source: str = "chat"
    subject: str = ""
    status: str = "open"
    priority: str = "not_priority"
    inbox_id: str | None = None
    assignee_id: int | None = None
    tags: tuple[str, ...] = ()
    read: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkingSpan:
    """One row of the account's working hours, as Papercups keeps them.

    ``day`` is ``everyday``, ``weekdays``, ``weekends`` or a day's name in lower case; minutes
    count from midnight in the account's time zone. The first row that matches a day wins.
    """

    day: str
    start_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class Account:
    """What the account itself says of its hours. No ``time_zone``: never outside hours.

    ``away_message`` is what its chat window shows outside hours while no user is tracked.
    """

    id: str = ""
    name: str | None = None
    time_zone: str | None = None
    working_hours: tuple[WorkingSpan, ...] = ()
    away_message: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the bot remembers of a conversation from one turn to the next.

    ``fired`` maps a limit's key (a rule's id) to the times it last took effect; ``snoozed_until``
    silences the bot; ``handed_off_at`` is when it last asked a person to take over; ``closed_at``
    is when the conversation was last closed, as far as known, by the server's clock.
    """

    fired: Mapping[str, datetime] = field(default_factory=dict)
    snoozed_until: datetime | None = None
    handed_off_at: datetime | None = None
    closed_at: datetime | None = None


class FollowUpKind(StrEnum):
    """How a sentence goes on from what was said before it."""

    ASPECT = "aspect"
    """It asks something of what was spoken of: "how much is that?"."""
    FRAGMENT = "fragment"
    """It names something else: "and returns?"."""
    SUPPLEMENT = "supplement"
    """It says more of it, or something else about it: "and to Sweden?"."""
    PRONOUN = "pronoun"
    """It says itself what it asks, of what was spoken of: "can I return it?"."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A sentence that does not stand for itself, and the ``question`` that it means.

    ``written`` is what the customer wrote, ``bare`` the same without the "and" before it, and
    ``topic`` what was spoken of before it, in the customer's words. ``adds``: it is put beside
    what was said, and in the place of nothing, or nothing shows that it goes on. ``without_aspect``
    is the question without what was asked of the topic meanwhile, or "": "Do you ship to Norway?",
    "how much is that?", "and to Sweden?" may mean "Do you ship to Sweden?".
    """

    kind: FollowUpKind
    written: str
    bare: str
    question: str
    topic: str
    adds: bool = False
    without_aspect: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a turn asks that does not stand for itself, by what was said before it.

    ``question`` is what is to be looked for, and ``why`` how it came about. ``follow_ups`` are its
    sentences that go on from others; there is none where the customer turns down the questions that
    were offered. ``standing`` are those of its sentences that depend on nothing, or "". ``source``
    has the ids of the rule or FAQ entries that answered last, or ""; ``offered`` those of the
    entries that were offered instead.
    """

    question: str
    why: Reason
    follow_ups: tuple[FollowUp, ...] = ()
    standing: str = ""
    source: str = ""
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """All that a decision may rest on. Nothing in it changes.

    ``messages`` are the customer's, at least one, oldest first; ``history`` is what was said
    before them, oldest first, private notes left out. ``agents_online`` counts people: neither
    this bot nor known bots; ``bot_tracked`` says whether a bot is in the room's presence, which
    is what the chat window goes by. ``now`` is aware. ``waited`` is how long ago the last message
    was heard, where it was heard as it was written. ``meant`` is what it asks by what was said
    before, where it does not stand for itself: the pipeline finds that out.
    """

    conversation: Conversation
    customer: Customer
    messages: tuple[Message, ...]
    history: tuple[Message, ...]
    now: datetime
    agents_online: int = 0
    bot_tracked: bool = True
    account: Account = field(default_factory=Account)
    memory: Memory = field(default_factory=Memory)
    waited: timedelta | None = None
    meant: Meant | None = None
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def question(self) -> str:
        """What FAQ, retriever and model are to look for: the text, or what it means in context."""
        return self.text if self.meant is None else self.meant.question

    @property
    def text(self) -> str:
        """What the customer wrote themselves, one message a line: at most `MAX_TEXT` characters."""
        text = self._text
        if text is None:  # every part of a decision asks for it
            text = shortened("\n".join(self.said(message) for message in self.messages))
            object.__setattr__(self, "_text", text)
        return text

    def is_mail(self, message: Message) -> bool:
        """Say whether a message came as an e-mail."""
        return (message.source or self.conversation.source) == MAIL

    def said(self, message: Message) -> str:
        """Return what the writer of a message has said in it: at most `MAX_TEXT` characters.

        Of a customer's e-mail their own words, without what it quotes and its signature.
        """
        if message.author is not Author.CUSTOMER or not self.is_mail(message):
            return shortened(message.text)
        return shortened(own_words(message.text[:_MAX_MAIL]))

    @property
    def is_blank(self) -> bool:
        """Whether the customer said nothing that can be seen."""
        return is_blank(self.text)

    @property
    def last_said(self) -> Message | None:
        """What a bot or a person last said to the customer, if anything."""
        said = (one for one in reversed(self.history) if one.author is not Author.CUSTOMER)
        return next(said, None)

    @property
    def so_far(self) -> tuple[Message, ...]:
        """What of the history may belong to what is asked now, oldest first: the topic's cut.

        Nothing from before the conversation was closed, or from before a person last wrote (it was
        theirs, and has been handed back); nor, in a chat, from before a pause of
        `TOPIC_ENDS_AFTER`. Whatever reads what was said for what is meant goes by this, a language
        model included; for facts about the customer, such as their language, ``history`` counts.
        """
        return tuple(self.going_back())[::-1]

    def going_back(self) -> Iterator[Message]:
        """Yield what `so_far` holds, newest first: who needs the last of it need not see all."""
        after = self.messages[0].at
        closed_at = self.memory.closed_at
        is_mail = self.is_mail(self.messages[0])
        for message in reversed(self.history):
            is_paused = not is_mail and after - message.at >= TOPIC_ENDS_AFTER
            is_closed = closed_at is not None and message.at <= closed_at
            if is_paused or is_closed or message.author is Author.PERSON:
                return
            yield message
            after = message.at

    @property
    def is_first(self) -> bool:
        """Whether the customer had written nothing in this conversation before this turn."""
        return not any(message.author is Author.CUSTOMER for message in self.history)

    @property
    def server_now(self) -> datetime:
        """What the server's clock shows about now: what it has stamped is compared with this.

        Our own clock may be wrong, or be set while we run; it counts only where the turn was not
        heard as it was written.
        """
        return self.now if self.waited is None else self.messages[-1].at + self.waited

    @property
    def last_person_at(self) -> datetime | None:
        """When a person (not a bot) last wrote to the customer, if ever."""
        return History.of(self.history).last_person_at


def shortened(text: str) -> str:
    """Return the beginning and the end of a text: at most `MAX_TEXT` characters."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - _LAST] + text[-_LAST:]
