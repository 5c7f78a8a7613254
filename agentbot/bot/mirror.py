"""Conversations as they were last read, kept true by what is heard since.

Papercups broadcasts every message that it stores, and the whole conversation with each change of it
(papercups: lib/chat_api/messages/notification.ex, conversations/notification.ex). So what was read
once need not be read again for every turn. What is never broadcast does not stand here: see
docs/mirror.md.

A reading takes a while, and the server may be read before or after what is heard meanwhile was
stored. So what is heard during a :meth:`Mirror.reading` is remembered, and done once more on what
was read: doing it twice changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from agentbot.bot.mirrored import Awake, Heard, Packed
from agentbot.papercups.models import Conversation, ConversationUpdates, Message

MOST_MESSAGES = 100_000
"""Messages that are mirrored at most, of all conversations: some 10 MB, and 4 kB for each that was
heard or asked for within `_QUIET`. The conversations that were quiet longest go first."""
_QUIET = 10.0
"""Seconds after which a conversation is packed: who goes on talking does so sooner."""
_PACKED_AT_ONCE = 2
"""Conversations that are packed at a time, in 65 µs each: more than one is done with at a time."""
_REMEMBERED = 5_000
"""News that are remembered for readings under way: a reading takes milliseconds, a look at all
conversations some seconds."""
_CHAT = "chat"
"""The source whose messages never change: an e-mail's metadata does, once the mail has gone out."""


@dataclass(frozen=True, slots=True)
class _News:
    """What was heard of a conversation, as the ``number``-th news."""

    number: int
    conversation_id: str
    heard: Heard


class Mirror:
    """What is known of conversations without asking. ``clock`` is a clock that nobody sets.

    A conversation is forgotten ``max_age`` seconds after it was last read; 0: nothing is mirrored.
    """

    def __init__(
        self,
        *,
        max_age: float,
        clock: Callable[[], float],
        most_messages: int = MOST_MESSAGES,
    ) -> None:
        self._max_age = max_age
        self._clock = clock
        self._most_messages = most_messages
        self._awake: OrderedDict[str, Awake] = OrderedDict()
        self._packed: OrderedDict[str, Packed] = OrderedDict()
        self._count = 0
        self._news: deque[_News] = deque(maxlen=_REMEMBERED)
        self._number = 0
        self._cleared = 0
        self._readings = 0

    def __len__(self) -> int:
        return len(self._awake) + len(self._packed)

    # Reading

    @contextmanager
    def reading(self) -> Iterator[int]:
        """Remember what is heard while the body reads; gives the mark for :meth:`keep`."""
        self._readings += 1
        try:
            yield self._number
        finally:
            self._readings -= 1
            if not self._readings:
                self._news.clear()

    def keep(self, conversation: Conversation, *, since: int) -> None:
        """Mirror what was read; ``since`` is the mark from before the reading.

        Where too much was heard since, or there was a gap, what was read is not kept.
        """
        if (mirrored := self._mirrored_by(conversation, since)) is not None:
            self.drop(conversation.id)
            self._awake[conversation.id] = mirrored
            self._count += len(mirrored)
            self._make_room()

    def refresh(self, conversation: Conversation, *, since: int) -> None:
        """Mirror what was read by the way, as :meth:`keep`, but in no other's place."""
        id_ = conversation.id
        is_awake, is_known = id_ in self._awake, id_ in self._awake or id_ in self._packed
        if not is_known and self._count + len(conversation.messages) > self._most_messages:
            return
        if (mirrored := self._mirrored_by(conversation, since)) is None:
            return
        if is_awake:
            mirrored.touched_at = self._awake[id_].touched_at
            self._count += len(mirrored) - len(self._awake[id_])
            self._awake[id_] = mirrored
        else:  # nobody has asked for it lately, or ever: then it is the first to go
            self.drop(id_)
            self._pack(id_, mirrored)
            if not is_known and id_ in self._packed:
                self._packed.move_to_end(id_, last=False)
        self._make_room()

    def _mirrored_by(self, conversation: Conversation, since: int) -> Awake | None:
        if not self._max_age or conversation.source not in {None, _CHAT}:
            return None
        heard = self._heard_since(since, conversation.id)
        if heard is None:
            return None
        now = self._clock()
        mirrored = Awake.of(conversation, read_at=now, touched_at=now)
        for news in heard:
            mirrored.take(news)
        return mirrored

    def _heard_since(self, since: int, conversation_id: str) -> list[Heard] | None:
        """Return its news since a mark, oldest first; None: they are not whole."""
        if since < self._cleared or self._number - since > len(self._news):
            return None
        found: list[Heard] = []
        for news in reversed(self._news):
            if news.number <= since:
                break
            if news.conversation_id == conversation_id:
                found.append(news.heard)
        return found[::-1]

    # Hearing

    def heard(self, message: Message) -> None:
        """Take note of a message that was broadcast."""
        self._note(message.conversation_id, message)

    def updated(self, conversation_id: str, updates: ConversationUpdates) -> None:
        """Take note of changes of a conversation that were broadcast."""
        self._note(conversation_id, updates)

    def _note(self, conversation_id: str, heard: Heard) -> None:
        if not self._max_age:
            return
        if self._readings:
            self._number += 1
            self._news.append(_News(self._number, conversation_id, heard))
        if (mirrored := self._wake(conversation_id)) is not None:
            self._count += mirrored.take(heard)
            self._make_room()

    # What is known

    def get(self, conversation_id: str) -> Conversation | None:
        """Return the conversation with its messages, in no order; None where it is not known."""
        mirrored = self._wake(conversation_id)
        if mirrored is None:
            return None
        self._make_room()
        return mirrored.whole()

    def drop(self, conversation_id: str) -> None:
        """Forget a conversation: something was changed in it that is not broadcast."""
        if (mirrored := self._awake.pop(conversation_id, None)) is not None:
            self._count -= len(mirrored)
        elif (packed := self._packed.pop(conversation_id, None)) is not None:
            self._count -= packed.messages

    def clear(self) -> None:
        """Forget all: something may have been said that was not heard. Readings under way, too."""
        self._awake.clear()
        self._packed.clear()
        self._count = 0
        self._number += 1
        self._cleared = self._number

    # Room

    def _wake(self, conversation_id: str) -> Awake | None:
        """Return a conversation in which something happens; None where it is not known."""
        now = self._clock()
        known: Awake | Packed | None = self._awake.get(conversation_id)
        if known is None and (known := self._packed.get(conversation_id)) is None:
            return None
        if now - known.read_at > self._max_age:
            self.drop(conversation_id)
            return None
        if isinstance(known, Packed):
            del self._packed[conversation_id]
            known = self._awake[conversation_id] = known.awake(touched_at=now)
        known.touched_at = now
        self._awake.move_to_end(conversation_id)
        return known

    def _pack(self, conversation_id: str, mirrored: Awake) -> None:
        """Keep a conversation packed that is not awake; one that cannot be packed is forgotten."""
        with suppress(ValueError):  # half a character: the server is asked for it again
            packed = mirrored.packed()
            self._packed[conversation_id] = packed
            self._count += packed.messages

    def _make_room(self) -> None:
        """Pack what has become quiet, and forget what was quiet longest where there is no room."""
        before = self._clock() - _QUIET
        for _ in range(_PACKED_AT_ONCE):
            id_ = next(iter(self._awake), None)
            if id_ is None or self._awake[id_].touched_at > before:
                break
            mirrored = self._awake.pop(id_)
            self._count -= len(mirrored)
            self._pack(id_, mirrored)
        while self._count > self._most_messages:
            self.drop(next(iter(self._packed or self._awake)))
