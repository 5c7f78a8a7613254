"""What has happened in one conversation and is not dealt with yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agentbot.bot.proof import answers
from agentbot.papercups.models import Message

MOST_PENDING = 200
"""Messages that one mailbox holds. More are left to the reading of the conversation, which each
turn begins with and catching up repeats."""

LIVE = "live"
"""The path of a message that was heard as it was written; others name who found it."""

SEEN = "seen"
"""The path of a message that was seen while another turn of its conversation was worked on."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A customer's message that waits. ``heard_at`` is the loop's time; ``path`` is how it came."""

    message: Message
    heard_at: float
    path: str


class Mailbox:
    """A conversation's customer messages that wait, and what else bears on answering them.

    It is told what happens (:meth:`hear`, :meth:`person_wrote`, …) and wakes whoever waits for
    :meth:`news`.
    """

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.person_at: datetime | None = None
        self.assignee_id: int | None = None
        self.is_closed = False
        self.closed_at: datetime | None = None
        self.assignees: list[int | None] = []
        self._pending: dict[str, Pending] = {}
        self._news = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._pending)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another message."""
        return len(self._pending) >= MOST_PENDING

    @property
    def is_live(self) -> bool:
        """Whether anything of what waits was heard as it was written: somebody is there."""
        return any(pending.path == LIVE for pending in self._pending.values())

    @property
    def pending(self) -> list[Pending]:
        """What waits for an answer, oldest first."""
        waiting = list(self._pending.values())
        if len(waiting) > 1:
            waiting.sort(key=lambda p: (p.message.created_at, p.heard_at))
        return waiting

    @property
    def pending_ids(self) -> tuple[str, ...]:
        """The ids of what waits, oldest first."""
        return tuple(pending.message.id for pending in self.pending)

    def get(self, message_id: str) -> Pending | None:
        """Return the message with this id, where it waits."""
        return self._pending.get(message_id)

    def hear(self, message: Message, *, path: str) -> bool:
        """Take a customer's message. False: it is pending already."""
        if message.id in self._pending:
            return False
        now = asyncio.get_running_loop().time()
        self._pending[message.id] = Pending(message, now, path)
        if path == LIVE:
            self.is_closed = False  # a customer's message opens the conversation again
        self._news.set()
        return True

    def person_wrote(self, message: Message) -> None:
        """Note that a person has written to the customer: nothing may be said over them."""
        self.person_at = message.created_at
        self._news.set()

    def answered(self, message: Message) -> None:
        """Note a bot's reply: another replica's, or our own."""
        self.done_with(answers(message))
        self._news.set()

    def status_changed(self, status: str, *, closed_at: datetime | None = None) -> None:
        """Note that someone has closed or opened the conversation; ``closed_at`` is the server's
        time of it, by which our own closing is known."""
        self.is_closed = status == "closed"
        self.closed_at = closed_at if self.is_closed else None
        self._news.set()

    def held_by(self, user_id: int | None) -> None:
        """Note whose the conversation is now, a bot's or nobody's too."""
        if self.assignees[-1:] != [user_id]:
            self.assignees.append(user_id)

    def assigned_to(self, user_id: int) -> None:
        """Note whose the conversation is, by what was heard since it was last read."""
        self.assignee_id = user_id
        self._news.set()

    def wake(self) -> None:
        """Let whoever waits for news look again: something outside has changed."""
        self._news.set()

    def done_with(self, message_ids: Iterable[str]) -> None:
        """Take out messages that have their outcome."""
        for message_id in message_ids:
            self._pending.pop(message_id, None)

    async def news(self, *, until: float) -> bool:
        """Wait for something to happen; False: nothing did ``until`` then (the loop's time).

        Look at the state before the call: what has happened already is no news.
        """
        self._news.clear()
        try:
            async with asyncio.timeout_at(until):
                return await self._news.wait()
        except TimeoutError:
            return False
