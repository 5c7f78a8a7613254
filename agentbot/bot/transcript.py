"""A conversation's messages, and what they say together: what was answered, what waits, who spoke.

A conversation grows by a message at a time, and each turn asks the same of all of it. So what was
worked out is kept with the messages, and carried on as more are added (:meth:`Transcript.plus`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from agentbot.bot.proof import Identity, answers, has_lost_its_mark, held
from agentbot.papercups.models import Message
from agentbot.pipeline import turn as pipeline

T = TypeVar("T")

_SKEW = timedelta(minutes=1)
"""The time by which a server's stamps may go back: its clock is set, or the next message comes by
way of another of its nodes. A minute is far more than clocks that are kept differ by."""
_NEVER = datetime.min.replace(tzinfo=UTC) + _SKEW


class Transcript(tuple[Message, ...]):  # noqa: SLOT001 - a tuple's own slots must be empty
    """Messages in the order in which they were read and heard, private ones too. Never changes."""

    _proof: _Proof | None = None
    _seen: _Seen | None = None

    @classmethod
    def of(cls, messages: Iterable[Message]) -> Transcript:
        """Return the transcript that ``messages`` is, or make one of them."""
        return messages if isinstance(messages, Transcript) else cls(messages)

    @property
    def proof(self) -> _Proof:
        """What the messages prove, whoever asks."""
        if self._proof is None:
            proof = _Proof()
            for message in sorted(self, key=_time_of):
                proof.add(message)
            self._proof = proof
        return self._proof

    def seen_by(self, identity: Identity) -> _Seen:
        """Return what the public messages say to whoever knows these users as bots."""
        if self._seen is None or self._seen.identity != identity:
            seen = _Seen(identity)
            for message in self.proof.public:
                seen.add(message)
            self._seen = seen
        return self._seen

    def plus(self, *messages: Message) -> Transcript:
        """Return the transcript with more messages; this one stays as it is.

        What was found out about this one passes to the longer one, for hardly anybody asks the
        shorter one again; who does waits until it is found out anew.
        """
        grown = Transcript((*self, *messages))
        grown._proof, self._proof = self._proof, None
        grown._seen, self._seen = self._seen, None
        for message in messages:
            if grown._proof is not None:
                grown._proof.add(message)
            if grown._seen is not None and not message.is_private:
                grown._seen.add(message)
        return grown


@dataclass(slots=True)
class _Proof:
    """What messages prove: ``by_id`` holds all, ``public`` those that customers get, oldest first.

    ``replies`` are the oldest message that answers each id; ``waiting`` are the customer's that no
    message answers; ``unmarked`` are those that have lost their marks; ``answered_at`` is the time
    of the last message that has its answer.
    """

    by_id: dict[str, Message] = field(default_factory=dict)
    public: list[Message] = field(default_factory=list)
    replies: dict[str, Message] = field(default_factory=dict)
    waiting: dict[str, Message] = field(default_factory=dict)
    unmarked: list[Message] = field(default_factory=list)
    answered_at: datetime = _NEVER

    def add(self, message: Message) -> None:
        self.by_id[message.id] = message
        if message.is_private:
            return
        _take_in(self.public, message, key=_time_of)
        if message.is_from_customer:
            if message.id in self.replies:
                self.answered_at = max(self.answered_at, message.created_at)
            else:
                self.waiting[message.id] = message
            return
        if has_lost_its_mark(message):
            self.unmarked.append(message)
        for id_ in answers(message):
            before = self.replies.get(id_)
            if before is None or message.created_at < before.created_at:
                self.replies[id_] = message
            if (asked := self.waiting.pop(id_, None)) is not None:
                self.answered_at = max(self.answered_at, asked.created_at)


@dataclass(slots=True)
class _Seen:
    """What the public messages say, by which users are bots.

    ``said`` is all that counts as said, oldest first: that an answer takes a moment is nothing that
    was said about anything. ``person_at`` is when a person last wrote.
    """

    identity: Identity
    said: list[pipeline.Message] = field(default_factory=list)
    person_at: datetime = _NEVER

    @property
    def last_person_at(self) -> datetime | None:
        """When a person last wrote, None: never."""
        return None if self.person_at is _NEVER else self.person_at

    def add(self, message: Message) -> None:
        if self.identity.is_person(message):
            self.person_at = max(self.person_at, message.created_at)
        if held(message) is None:
            _take_in(self.said, _said(message, self.identity), key=_said_at)


def _take_in(ordered: list[T], one: T, *, key: Callable[[T], datetime]) -> None:
    """Put one where it belongs by its time, behind others of the same: mostly at the end."""
    if ordered and key(one) < key(ordered[-1]):
        insort(ordered, one, key=key)
    else:
        ordered.append(one)


def _time_of(message: Message) -> datetime:
    return message.created_at


def _said_at(message: pipeline.Message) -> datetime:
    return message.at


def _said(message: Message, identity: Identity) -> pipeline.Message:
    if message.is_from_customer:
        author = pipeline.Author.CUSTOMER
    elif identity.is_person(message):
        author = pipeline.Author.PERSON
    else:
        author = pipeline.Author.BOT
    return pipeline.Message(
        id=message.id,
        text=message.body or "",
        author=author,
        at=message.created_at,
        attachments=len(message.attachments),
        metadata=message.metadata or {},
        source=message.source or "",
    )


def unanswered(messages: Iterable[Message], identity: Identity) -> list[Message]:
    """Return the customer's messages that wait for an answer, oldest first.

    A message waits if it came after the last answered one, and after a person last wrote. A message
    that no mark names may be newer than the answered one although its stamp is a little older, so
    only what is clearly older counts as dealt with. (What was left unanswered on purpose is known
    to the journal.) A message of the same second as a person's does not wait: a moment of silence,
    which people see, is better than talking over them. A reply whose mark was taken from it
    answers everything before it.
    """
    transcript = Transcript.of(messages)
    proof = transcript.proof
    since = proof.answered_at - _SKEW
    last_word = max((m.created_at for m in proof.unmarked), default=_NEVER)
    last_word = max(last_word, transcript.seen_by(identity).person_at)
    waiting = [m for m in proof.waiting.values() if since <= m.created_at > last_word]
    return sorted(waiting, key=_time_of)


def find_reply(messages: Iterable[Message], message_ids: Iterable[str]) -> Message | None:
    """Return the message that answers any of ``message_ids``, the oldest, if there is one.

    Of several of one second it is that to what stands first among the ids.
    """
    proof, wanted = Transcript.of(messages).proof, list(message_ids)
    marked = [proof.replies[id_] for id_ in wanted if id_ in proof.replies]
    if marked:
        return min(marked, key=_time_of)
    if not proof.unmarked:
        return None
    asked = [proof.by_id[id_].created_at for id_ in wanted if id_ in proof.by_id]
    if not asked:
        return None
    unmarked = (m for m in proof.unmarked if m.created_at >= max(asked))
    return min(unmarked, key=_time_of, default=None)


def find_reply_to(messages: Iterable[Message], message_ids: Sequence[str]) -> Message | None:
    """Return the reply to exactly these messages, as a plan has them, if there is one.

    A reply to more or fewer was decided by another plan. Where its mark was lost, ``with_marks``
    has put it back.
    """
    wanted = frozenset(message_ids)
    return next((message for message in messages if answers(message) == wanted), None)
