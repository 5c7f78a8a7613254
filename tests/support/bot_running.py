"""A whole bot that runs, for the tests of ``bot/bot.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agentbot.bot.bot import Bot
from tests.support.bot_parts import Parts, Visitor, perform

QUICK: dict[str, Any] = {"reply": {"first_delay_seconds": 0.0}}
"""Settings with which no fresh visitor's window is waited for."""


class Playing:
    """A bot that runs, and customers with their chat windows open."""

    def __init__(self, parts: Parts, bot: Bot) -> None:
        self.parts = parts
        self.bot = bot
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.ann = parts.account.ann

    def visitor(self) -> Visitor:
        """Let a customer come."""
        visitor = self.parts.visitor()
        visitor.open_window()
        return visitor

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        return self.parts.metric(name, **labels)

    def update(self, visitor: Visitor, **fields: Any) -> None:
        """Change a conversation, and tell the agents."""
        self.server.store.update_conversation(visitor.conversation, fields)
        self.server.backend.announce_updated(visitor.conversation)

    def in_seconds(self, seconds: float, do: Callable[[], object]) -> None:
        """Let something happen by then."""
        asyncio.get_running_loop().call_later(seconds, do)

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """Outcome and reason of each turn that was settled."""
        return [(one.outcome, one.reason_code) for one in self.parts.settled]


def play(story: Callable[[Playing], Awaitable[None]], **options: Any) -> None:
    """Play a story with a bot that runs, and is drained at the end."""

    async def main(parts: Parts) -> None:
        async with parts.running_bot() as bot:
            await asyncio.sleep(10)  # it has looked at everything
            await story(Playing(parts, bot))

    perform(main, listening=False, **{**QUICK, **options})
