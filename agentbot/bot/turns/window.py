"""The customer's chat window: what of ours it would never show, and the receipt that it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from agentbot.bot.objections import Objection
from agentbot.bot.services import Services
from agentbot.bot.turns.mailbox import Mailbox
from agentbot.errors import PushNotSent
from agentbot.pipeline.turn import Turn

_LONGEST_REJOIN = 2.0
"""Seconds that a window is waited for which may have left for good: rejoining takes far less."""
_SETTLED_WINDOW = timedelta(minutes=1)
"""The age of a message after which its window is no longer waited for: who is not there then is
away, and not between leaving and rejoining."""
_REJOIN_LOOK = 0.05
"""Seconds between two looks for the window: little beside the time in which it rejoins."""


class ChatWindow:
    """The window in which one turn's customer writes. ``heard_at`` is the loop's time."""

    def __init__(self, mailbox: Mailbox, services: Services, *, heard_at: float) -> None:
        self._mailbox = mailbox
        self._services = services
        self._heard_at = heard_at
        self._acknowledged = False

    async def acknowledge(self, turn: Turn) -> None:
        """Send the customer's receipt for what agents wrote before, once, as the turn is taken up.

        ``ReceiptsSettings`` argues when it is true. E-mail and SMS have no window to see it in.
        """
        if self._acknowledged or not self._services.settings.receipts.seen:
            return
        self._acknowledged = True
        if turn.conversation.source != "chat" or self._services.settings.mode != "reply":
            return
        session, id_ = self._services.session, turn.conversation.id
        if not session.seen(id_):
            with suppress(PushNotSent, TimeoutError):
                async with asyncio.timeout(_LONGEST_REJOIN):
                    await session.joined(id_)  # just found, its topic may be still on its way
                session.seen(id_)

    async def settle(self, turn: Turn, objection: Callable[[], Objection | None]) -> None:
        """Let a fresh visitor's chat window settle: what comes while it rejoins, it never shows."""
        if (
            not turn.is_first
            or turn.conversation.source != "chat"
            or age_of(turn) > _SETTLED_WINDOW
        ):
            return
        loop = asyncio.get_running_loop()
        until = self._heard_at + self._services.settings.reply.first_delay_seconds
        while objection() is None and loop.time() < until:
            await self._mailbox.news(until=until)
        # Between leaving and rejoining the window would never show it: wait until it is back.
        until = loop.time() + _LONGEST_REJOIN
        while loop.time() < until and not self._services.session.is_here(turn.customer.id):
            if objection() is not None:
                return
            await asyncio.sleep(_REJOIN_LOOK)


def age_of(turn: Turn) -> timedelta:
    """Return how long the turn has waited; where we heard it, by no wall clock of ours."""
    return turn.server_now - turn.messages[-1].at
