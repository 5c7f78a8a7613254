"""What the server has stored, watched as it grows: the questions, their answers, and the times."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from agentbot.devserver.store.memory import MemoryStore
from agentbot.devserver.store.records import Message

_LOOK = 0.01
"""Seconds between two looks at the store: times are told to a hundredth."""
_NUMBER = re.compile(r"#(\d+)")


@dataclass(slots=True)
class Question:
    """A customer's message in the server's store, and the replies that name it."""

    message: Message
    stored_at: float
    replies: list[Message] = field(default_factory=list)
    answered_at: float | None = None


class AnswerLedger:
    """The questions and answers in ``store``, watched while :meth:`watch` runs.

    Times are the loop's. ``on_reply`` is told of every reply of the bot's within a moment of its
    being stored.
    ``taken_over`` says since when a conversation has been a person's: what is not answered there
    is people's to answer. ``held`` are the holding messages, with the seconds that each came after
    the answer which it announces; most come before it.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._known = 0
        self._changed = asyncio.Event()
        self._bodies: set[str] = set()
        self.questions: dict[str, Question] = {}
        self.replies: list[Message] = []
        self.strangers: list[Message] = []
        self.taken_over: dict[str, float] = {}
        self.said_over: list[tuple[Message, float]] = []
        self.held: list[tuple[Message, float]] = []
        self._failure: Exception | None = None
        self.on_reply: Callable[[Message], None] = lambda _message: None

    async def watch(self) -> None:
        """Follow the store, until cancelled. What it cannot read fails whoever waits."""
        while True:
            try:
                self.look()
            except Exception as error:
                self._failure = error
                self._changed.set()
                raise
            await asyncio.sleep(_LOOK)

    def look(self) -> None:
        """Take in what is new."""
        if len(self._store.messages) == self._known:
            return
        now = asyncio.get_running_loop().time()
        new = list(islice(self._store.messages.values(), self._known, None))
        self._known += len(new)
        for message in new:
            self._take(message, now)
        self._changed.set()
        self._changed = asyncio.Event()

    async def stored(self, body: str) -> None:
        """Wait until a customer's message with this text is stored."""
        await self._until(lambda: body in self._bodies)

    async def all_stored(self, count: int) -> None:
        """Wait until so many questions are stored."""
        await self._until(lambda: len(self.questions) >= count)

    async def all_answered(self, bodies: frozenset[str] | None = None) -> None:
        """Wait until all questions (with these texts) have a reply."""
        await self._until(lambda: not self.unanswered(bodies))

    def unanswered(self, bodies: frozenset[str] | None = None) -> list[Question]:
        """Return the questions (with these texts) that no reply names, where the bot should."""
        return [
            question
            for question in self.questions.values()
            if not question.replies
            and (bodies is None or question.message.body in bodies)
            and question.message.conversation_id not in self.taken_over
        ]

    def doubled(self) -> list[Question]:
        """Return the questions that more than one reply names."""
        return [question for question in self.questions.values() if len(question.replies) > 1]

    def mistaken(self) -> list[Message]:
        """Return the replies that do not repeat just the numbers of the questions they name."""
        wrong = []
        for reply in self.replies:
            named = {_number(self.questions[id_].message) for id_ in named_in(reply)}
            if set(_NUMBER.findall(reply.body or "")) != named:
                wrong.append(reply)
        return wrong

    def talked_over(self, *, allowed: float) -> list[Message]:
        """Return what the bot said that should not stand in a person's conversation.

        What was under way may arrive up to ``allowed`` seconds late. To what was asked after the
        person had come, there may be nothing.
        """
        return [
            message
            for message, late in self.said_over
            if late > allowed or any(self._asked_too_late(id_) for id_ in concerned_by(message))
        ]

    def held_too_late(self, *, allowed: float) -> list[Message]:
        """Return the holding messages that came more than ``allowed`` seconds after the answer."""
        return [message for message, late in self.held if late > allowed]

    def _asked_too_late(self, id_: str) -> bool:
        question = self.questions[id_]
        return question.stored_at > self.taken_over[question.message.conversation_id]

    def latest_over(self) -> float:
        """Return by how many seconds the latest reply came after a person."""
        return max((late for _, late in self.said_over), default=0.0)

    def slowest(self) -> float:
        """Return the longest time that an answered question waited."""
        times = (q.answered_at - q.stored_at for q in self.questions.values() if q.answered_at)
        return max(times, default=0.0)

    def conversations(self) -> dict[str, list[Question]]:
        """Return the questions by conversation."""
        found: dict[str, list[Question]] = defaultdict(list)
        for question in self.questions.values():
            found[question.message.conversation_id].append(question)
        return found

    def _take(self, message: Message, now: float) -> None:
        if message.customer_id is not None and message.user_id is None:
            self.questions[message.id] = Question(message, now)
            self._bodies.add(message.body or "")
            return
        if message.user_id is not None and message.metadata is None:
            return  # a person's
        named = concerned_by(message)
        if not named or not named <= self.questions.keys():
            self.strangers.append(message)
            return
        since = self.taken_over.get(message.conversation_id)
        if since is not None:
            self.said_over.append((message, now - since))
        if not named_in(message):
            answered_at = min(self.questions[id_].answered_at or now for id_ in named)
            self.held.append((message, now - answered_at))
            return
        self.replies.append(message)
        for id_ in named:
            question = self.questions[id_]
            question.replies.append(message)
            question.answered_at = question.answered_at or now
        self.on_reply(message)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            if self._failure is not None:
                raise AssertionError("the store cannot be followed") from self._failure
            await self._changed.wait()


def named_in(message: Message) -> frozenset[str]:
    """Return the ids of the messages that a reply says it answers.

    Read here from the bare metadata, not with the bot's own code, which is under test.
    """
    mark = _mark(message)
    return frozenset(mark.get("also", [])) | _ids(mark, "in_reply_to")


def concerned_by(message: Message) -> frozenset[str]:
    """Return the ids of the messages that a reply answers, or to which one is announced."""
    return named_in(message) | _ids(_mark(message), "holding")


def _mark(message: Message) -> dict[str, Any]:
    mark = (message.metadata or {}).get("agentbot")
    return mark if isinstance(mark, dict) and not message.private else {}


def _ids(mark: dict[str, Any], key: str) -> frozenset[str]:
    return frozenset([mark[key]] if key in mark else [])


def _number(message: Message) -> str:
    return str(_NUMBER.findall(message.body or "")[0])
