"""Who waits for a conversation's topic to be joined."""

from __future__ import annotations

import asyncio

from agentbot.errors import PushNotSent
from agentbot.papercups.translate import SHOUT, conversation_topic


class JoinWaiters:
    """The callers that wait for conversations to be joined, some perhaps for the same one."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    async def wait(self, conversation_id: str) -> None:
        """Wait until the conversation is joined. Raises :class:`PushNotSent` if it will not be."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(conversation_id, []).append(waiter)
        await waiter

    def joined(self, conversation_id: str) -> None:
        """Let those go on who wait for this conversation."""
        for waiter in self._waiting.pop(conversation_id, ()):
            if not waiter.done():
                waiter.set_result(None)

    def refuse(self, conversation_id: str, problem: str) -> None:
        """Tell those who wait for this conversation that it will not be joined, and why."""
        for waiter in self._waiting.pop(conversation_id, ()):
            if not waiter.done():
                topic = conversation_topic(conversation_id)
                waiter.set_exception(PushNotSent(topic, SHOUT, problem))

    def refuse_all(self, problem: str) -> None:
        """Tell all who wait that nothing will be joined any more."""
        for conversation_id in list(self._waiting):
            self.refuse(conversation_id, problem)
