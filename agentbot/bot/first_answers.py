"""The person who answers first gets the conversation, where a message of ours came before theirs.

Papercups assigns a conversation to the user who writes its first message, private notes included
(papercups: lib/chat_api/messages/helpers.ex, count_agent_replies). What the bot writes as a user,
a note or an e-mail, takes that place, and its assignment to the bot is undone: without this, the
person who answers later would get nothing, and the bot would take them for a passer-by.

It is done once a conversation, and only while it is nobody's: whoever gives it away again means it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import structlog

from agentbot.bot.delivery.assignment import Assignment
from agentbot.bot.proof import KEY, Identity
from agentbot.bot.services import Services
from agentbot.errors import AgentbotError, NotFound
from agentbot.latest import Latest
from agentbot.papercups.models import Conversation, Message
from agentbot.retry import GIVE_UP_AFTER

_log = structlog.get_logger("agentbot.first_answers")

MOST_REMEMBERED = 10_000
"""Conversations that wait, and those that are done with, at most: what is beyond, and is still
nobody's, is found by the next look at all conversations."""


class FirstAnswers:
    """Finds conversations to give away, in what is heard and in what is read, and gives them."""

    def __init__(self, services: Services, *, most_remembered: int = MOST_REMEMBERED) -> None:
        self._services = services
        self._most_remembered = most_remembered
        self._waiting: OrderedDict[str, float] = OrderedDict()
        self._done: Latest[str, None] = Latest(most_remembered)
        self._news = asyncio.Event()
        self._giving: str | None = None
        self._assignees: list[int | None] = []

    def person_wrote(self, conversation_id: str) -> None:
        """Look at the conversation soon: a person has answered there."""
        is_known = conversation_id in self._waiting or conversation_id in self._done
        if is_known or not self._is_wanted or len(self._waiting) >= self._most_remembered:
            return
        # The server assigns a moment after the echo, and a turn that is under way undoes what its
        # own note has brought.
        delay = self._services.settings.catch_up.settle_seconds
        self._waiting[conversation_id] = asyncio.get_running_loop().time() + delay
        self._news.set()

    def look(self, conversation: Conversation) -> None:
        """Look at what was read: a person may have answered while nobody listened."""
        if conversation.assignee_id is None and self._answered_by(conversation) is not None:
            self.person_wrote(conversation.id)

    def assigned(self, conversation_id: str, user_id: int | None) -> None:
        """Note whose a conversation has become."""
        if conversation_id == self._giving:
            self._assignees.append(user_id)

    async def run(self) -> None:
        """Give away what is found, one after the other, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            conversation_id, due = next(iter(self._waiting.items()))
            await asyncio.sleep(due - loop.time())
            self._giving, self._assignees = conversation_id, []
            try:
                if await self._give(conversation_id):
                    self._done[conversation_id] = None
            except AgentbotError as error:
                _log.warning("not_given", conversation_id=conversation_id, error=str(error))
            finally:
                del self._waiting[conversation_id]

    @property
    def _is_wanted(self) -> bool:
        policy = self._services.current.pipeline.prompts.policy
        return policy.on_hand_over.assign_who_answers

    def _answered_by(self, conversation: Conversation) -> int | None:
        """Return the person that Papercups would have assigned, had we not written before them."""
        identity = self._services.current.identity
        return first_person(conversation, identity, self._services.session.user_id)

    async def _give(self, conversation_id: str) -> bool:
        """Give it to who answered first, where it is nobody's; return whether it is done with.

        That is noted before: of two replicas one does it, and after a crash nobody does.
        """
        services = self._services
        try:
            conversation = await services.conversations.read(
                conversation_id, what="first answer", give_up_after=GIVE_UP_AFTER
            )
        except NotFound:
            return True
        person = self._answered_by(conversation)
        if person is None:
            return False  # a private note alone, or the next message of ours may still come
        if conversation.assignee_id == services.session.user_id:
            return False  # a turn is about to undo that
        if not await services.store.mark_given(conversation_id):
            return True
        if conversation.assignee_id is None:
            assignment = Assignment(conversation, services, heard=lambda: self._assignees)
            await assignment.give_to(person)
        return True


def first_person(conversation: Conversation, identity: Identity, user_id: int) -> int | None:
    """Return who answered first in public, where the bot's ``user_id`` had written before them.

    None where nobody has, or where a person had written first, be it a note: they were assigned.
    """
    by_users = [message for message in conversation.messages if message.user_id is not None]
    ours = [m.created_at for m in by_users if _is_ours(m, user_id)]
    persons = sorted(
        (m for m in by_users if identity.is_person(m) and not _is_ours(m, user_id)),
        key=lambda message: message.created_at,
    )
    answer = next((message for message in persons if not message.is_private), None)
    if answer is None or not ours or min(ours) > persons[0].created_at:
        return None
    return None if answer.user_id == user_id else answer.user_id


def _is_ours(message: Message, user_id: int) -> bool:
    """Say whether the bot wrote it as its user. A person's e-mail may bear our mark, see proof."""
    if message.user_id != user_id:
        return False
    return message.is_bot or (message.is_private and KEY in (message.metadata or {}))
