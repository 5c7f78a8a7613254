"""A reconciler at work, for the tests of ``bot/hearing/reconcile.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agentbot.bot.hearing.reconcile import MOST_FRESH, Reconciler
from agentbot.devserver.store import records
from agentbot.papercups.models import Message
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, Visitor, perform
from tests.support.states import record_of
from tests.support.virtual_time import now


class Reconciling:
    """A reconciler at work, all that it finds, and when."""

    def __init__(self, parts: Parts, *, most_fresh: int) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.found: list[tuple[str, str]] = []
        self.at: list[float] = []
        self.seen_open: list[str] = []
        self.known: set[str] = set()
        self.reconciler = Reconciler(
            parts.services,
            found=self._take,
            seen_open=self.seen_open.append,
            most_fresh=most_fresh,
        )
        self.began = now()

    def visitor(self, body: str | None = "Hi?") -> Visitor:
        """Let a customer write into a new conversation, unheard."""
        visitor = self.parts.visitor()
        if body is not None:
            visitor.write(body, heard=False)
        return visitor

    def asked(self, visitor: Visitor) -> records.Message:
        """Return what the customer wrote first."""
        return visitor.conversation.messages[0]

    def reads(self, visitor: Visitor) -> int:
        """Return how often the conversation was read by itself."""
        return self.parts.network.asked.count(f"GET /api/conversations/{visitor.id}")

    @property
    def sweeps(self) -> int:
        """How often everything was looked at: all that is open, and what was closed last."""
        return self.parts.network.asked.count("GET /api/conversations") // 2

    def caught_up(self, path: str) -> float:
        """Return how many were counted as found on this path."""
        return self.parts.metric("catch_up_found_total", path=path)

    async def orphan(self, visitor: Visitor, *message_ids: str, holder_lives: bool = False) -> None:
        """Let another replica have claimed these messages and died."""
        store = await self.parts.colleague()
        claim = await store.claim(visitor.id, message_ids or (self.asked(visitor).id,))
        assert isinstance(claim, Claim)
        if not holder_lives:
            await store.release(claim)

    async def settle(self, visitor: Visitor, message: records.Message) -> None:
        """Settle a message without an answer."""
        claim = await self.parts.store.claim(visitor.id, (message.id,))
        assert isinstance(claim, Claim)
        await self.parts.store.settle(claim, record_of(claim), None)

    def _take(self, message: Message, *, path: str) -> bool:
        self.at.append(round(now() - self.began, 1))
        self.found.append((path, message.id))
        is_new = message.id not in self.known
        self.known.add(message.id)
        return is_new


def work(
    story: Callable[[Reconciling], Awaitable[None]], *, most_fresh: int = MOST_FRESH, **options: Any
) -> None:
    """Play a story with a reconciler that runs; nothing else follows the connection."""

    async def main(parts: Parts) -> None:
        it = Reconciling(parts, most_fresh=most_fresh)
        running = asyncio.create_task(it.reconciler.run())
        await asyncio.sleep(0)
        try:
            await story(it)
            assert not running.done(), "it runs until it is cancelled"
        finally:
            running.cancel()

    perform(main, **options)
