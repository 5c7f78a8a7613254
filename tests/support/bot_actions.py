"""One conversation to act on, for tests of ``bot/delivery/actions.py`` and ``assignment.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agentbot.bot.delivery.actions import ConversationActions
from agentbot.bot.delivery.plan import Plan
from agentbot.devserver.store.records import Conversation
from agentbot.pipeline.decision import Close
from tests.support.bot_parts import Parts, perform, reply

PLAN = Plan(("m1",), reply())

CLOSING = Plan(("m1",), reply(actions=(Close(),)))


class Acting:
    """A bot on duty, and a customer's conversation that it has just read."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.session = parts.session
        self.bot = parts.account.bot
        self.ann = parts.account.ann
        self.visitor = parts.visitor()

    @property
    def conversation(self) -> Conversation:
        """The conversation as the server has it."""
        return self.visitor.conversation

    @property
    def tags(self) -> set[str]:
        """The conversation's tags."""
        return {self.server.store.tags[id_].name for id_ in self.conversation.tag_ids}

    async def actions(self, is_held: Callable[[], bool] = lambda: True) -> ConversationActions:
        """Return what acts on the conversation, as it is now."""
        conversation = await self.parts.rest.conversation(self.conversation.id)
        return ConversationActions(conversation, self.parts.services, is_held=is_held)

    async def write_mail(self) -> None:
        """Write as an e-mail is written: the first one assigns the conversation to us."""
        self.session.shout(self.conversation.id, "Hi", via="notification")
        await self.session.dealt_with(self.conversation.id, via="notification")

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)


def act(story: Callable[[Acting], Awaitable[None]], **options: Any) -> None:
    """Run a story."""

    async def main(parts: Parts) -> None:
        await story(Acting(parts))

    perform(main, **options)
