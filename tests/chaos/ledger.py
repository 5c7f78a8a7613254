"""What the server has stored, watched as it grows: the questions, their answers, and the times."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

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
    is people's to answer.
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
        self.on_reply: Callable[[Message], None] = lambda _message: None

    async def watch(self) -> None:
        """Follow the store, until cancelled."""
        while True:
            self.look()
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
        """Return the replies that should not stand in a person's conversation.

        A reply that was under way may arrive up to ``allowed`` seconds late. To what was asked
        after the person had come, there may be none.
        """
        return [
            reply
            for reply, late in self.said_over
            if late > allowed or any(self._asked_too_late(id_) for id_ in named_in(reply))
        ]

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
        named = named_in(message)
        if not named or not named <= self.questions.keys():
            self.strangers.append(message)
            return
        self.replies.append(message)
        since = self.taken_over.get(message.conversation_id)
        if since is not None:
            self.said_over.append((message, now - since))
        for id_ in named:
            question = self.questions[id_]
            question.replies.append(message)
            question.answered_at = question.answered_at or now
        self.on_reply(message)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            await self._changed.wait()


def named_in(message: Message) -> frozenset[str]:
    """Return the ids of the messages that a reply says it answers.

    Read here from the bare metadata, not with the bot's own code, which is under test.
    """
    mark = (message.metadata or {}).get("agentbot")
    if not isinstance(mark, dict) or message.private:
        return frozenset()
    return frozenset([mark["in_reply_to"], *mark.get("also", [])])


def _number(message: Message) -> str:
    return str(_NUMBER.findall(message.body or "")[0])
