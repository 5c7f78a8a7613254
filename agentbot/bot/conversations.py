"""Where the bot gets a conversation from: the server, and the mirror of what was read before."""

from __future__ import annotations

from collections.abc import AsyncIterator

from agentbot.bot.mirror import Mirror
from agentbot.papercups import events
from agentbot.papercups.models import Conversation, ConversationPage
from agentbot.papercups.rest import AgentRest
from agentbot.retry import retry_while_away

_NEVER_STORED = "raw_shout"
"""What is unreadable since the server has refused to store it: that is no gap in what is known."""


class Conversations:
    """Reads conversations, and mirrors what it has read."""

    def __init__(self, rest: AgentRest, mirror: Mirror) -> None:
        self._rest = rest
        self.mirror = mirror

    async def read(
        self,
        conversation_id: str,
        *,
        what: str = "conversation",
        give_up_after: float | None = None,
        paced: bool = False,
    ) -> Conversation:
        """Return the conversation as the server has it, waiting while the server is away.

        ``what`` and ``give_up_after``: see :func:`~agentbot.retry.retry_while_away`. ``paced``:
        nobody waits for it. Raises ``NotFound``, and other errors that are answers.
        """

        async def ask() -> Conversation:
            return await self.read_once(conversation_id, paced=paced)

        return await retry_while_away(ask, what=what, give_up_after=give_up_after)

    async def read_once(self, conversation_id: str, *, paced: bool = False) -> Conversation:
        """Return the conversation as the server has it. Raises what REST raises."""
        with self.mirror.reading() as mark:
            conversation = await self._rest.conversation(conversation_id, paced=paced)
            self.mirror.keep(conversation, since=mark)
        return conversation

    def heard(self, event: events.Event) -> None:
        """Keep the mirror true to what was heard, and clear it where something may be missed."""
        match event:
            case events.MessageReceived(message=message):
                self.mirror.heard(message)
            case events.ConversationUpdated(conversation_id=conversation_id, updates=updates):
                self.mirror.updated(conversation_id, updates)
            case events.Connected() | events.Disconnected() | events.ConnectionLost():
                self.mirror.clear()
            case events.Unreadable(reason=reason) if reason != _NEVER_STORED:
                self.mirror.clear()
            case _:
                pass

    async def all_open(self) -> AsyncIterator[Conversation]:
        """Yield all open conversations. Raises what REST raises."""
        with self.mirror.reading() as mark:
            async for conversation in self._rest.open_conversations():
                self.mirror.refresh(conversation, since=mark)
                yield conversation

    async def last_closed(self) -> ConversationPage:
        """Return the closed conversations that were active last. Raises what REST raises."""
        return await self._rest.conversations(status="closed")
