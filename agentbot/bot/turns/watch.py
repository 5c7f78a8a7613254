"""What has come up since a turn's conversation was read: asked before anything is said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from agentbot.bot.objections import (
    ASSIGNED,
    CLOSED,
    DRAINING,
    LEASE_LOST,
    PERSON,
    SUPERSEDED,
    Objection,
    of_guard,
)
from agentbot.bot.services import Services
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.papercups.models import Conversation
from agentbot.pipeline.turn import Turn
from agentbot.state.store import Claim, ConversationMemory


class Watch:
    """Compares what is heard with what was read. Nothing in it waits, so that it can be asked in
    the last moment.

    ``deadline`` is the loop's time after which a turn is answered though it still grows.
    """

    def __init__(self, mailbox: Mailbox, services: Services, *, deadline: float) -> None:
        self._mailbox = mailbox
        self._services = services
        self._deadline = deadline
        self._person_at = mailbox.person_at
        self._assignee_id: int | None = None
        self._closed_at: datetime | None = None

    def reading(self) -> None:
        """Note that the conversation is about to be read: what is heard from now on is newer.

        What was heard before is in what is read; and what has changed since, while nobody listened.
        """
        self._mailbox.assignee_id = None
        self._mailbox.assignees.clear()
        self._mailbox.is_closed = False

    def has_read(self, conversation: Conversation) -> None:
        """Note what was read."""
        self._assignee_id = conversation.assignee_id

    def recalls(self, memory: ConversationMemory) -> None:
        """Note what is remembered: news of our own closing says nothing against an answer."""
        self._closed_at = memory.closed_at

    def objection(self, claim: Claim, turn: Turn) -> Objection | None:
        """Return what speaks most against an answer to ``turn`` now, if anything does."""
        return next(self._objections(claim, turn), None)

    def _objections(self, claim: Claim, turn: Turn) -> Iterator[Objection]:
        mailbox, services = self._mailbox, self._services
        if not services.leases.is_good(claim):
            yield LEASE_LOST
        if services.handing_back.is_set():
            yield DRAINING
        if mailbox.person_at != self._person_at:
            yield PERSON
        if mailbox.is_closed and (
            mailbox.closed_at is None or mailbox.closed_at != self._closed_at
        ):
            yield CLOSED
        if mailbox.assignee_id not in (None, self._assignee_id):
            yield ASSIGNED
        has_grown = not {m.id for m in turn.messages}.issuperset(mailbox.pending_ids)
        if has_grown and asyncio.get_running_loop().time() < self._deadline:
            yield SUPERSEDED
        silence = services.current.pipeline.guard(self.as_of_now(turn))
        if silence is not None:
            yield of_guard(silence)

    def as_of_now(self, turn: Turn) -> Turn:
        """Return ``turn`` with the time that it is now, and the people who are there now."""
        services = self._services
        return replace(
            turn,
            now=services.clock(),
            waited=self.waited(turn.messages[-1].id),
            agents_online=len(services.session.agents_online),
        )

    def waited(self, message_id: str) -> timedelta | None:
        """Return how long ago the message was heard as it was written; None: it was found."""
        pending = self._mailbox.get(message_id)
        if pending is None or pending.path != LIVE:
            return None
        return timedelta(seconds=asyncio.get_running_loop().time() - pending.heard_at)
