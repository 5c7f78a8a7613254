"""What was spent on the language model before this start, and is by others: from the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from agentbot.errors import StateError
from agentbot.pipeline.llm.budget import Budget
from agentbot.state.store import Store, TurnRecord

_log = structlog.get_logger("agentbot.model")

EVERY = 15.0
"""Seconds between two looks at the journal of several replicas: by what they spend in that time the
budget may be passed."""
_LATE = timedelta(seconds=60)
"""How much of the journal is read again: replicas' clocks differ, and a turn's entry is written
some seconds after the time that it bears."""


class Spending:
    """What tells a budget what the journal says of today. ``clock`` tells the time, aware.

    ``is_shared``: other replicas write into the journal too.
    """

    def __init__(
        self,
        budget: Budget,
        store: Store,
        *,
        clock: Callable[[], datetime],
        is_shared: bool,
    ) -> None:
        self._budget = budget
        self._is_shared = is_shared
        self._store = store
        self._clock = clock
        self._read_to: datetime | None = None
        self._seen: dict[tuple[str, tuple[str, ...]], datetime] = {}
        self._is_known = True

    async def read(self) -> None:
        """Count what has come into the journal since the last look, or since midnight (UTC)."""
        if not self._budget.is_limited:
            return
        now = self._clock().astimezone(UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight if self._read_to is None else max(midnight, self._read_to - _LATE)
        try:
            async for record in self._store.records(since=since):
                self._count(record)
        except StateError as error:  # the bot itself waits for a store that is away
            if self._is_known:
                _log.warning("budget.unknown", problem=str(error))
            self._is_known = False
            return
        self._is_known = True
        self._read_to = now
        self._seen = {turn: at for turn, at in self._seen.items() if at >= now - 2 * _LATE}

    async def follow(self) -> None:
        """Look again and again what others have spent, until cancelled; not where nobody does."""
        while self._is_shared and self._budget.is_limited:
            await asyncio.sleep(EVERY)
            await self.read()

    def _count(self, record: TurnRecord) -> None:
        turn = record.conversation_id, record.message_ids
        if turn in self._seen:
            return
        self._seen[turn] = record.settled_at
        cost = record.cost
        tokens = cost.get("prompt_tokens", 0.0) + cost.get("completion_tokens", 0.0)
        if tokens:
            self._budget.journaled(
                record.conversation_id, record.customer_id, tokens, cost.get("usd")
            )
