"""What tests of stores share: harnesses with a database, a clock moved by hand, claims, records."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import asyncpg  # type: ignore[import-untyped] # it ships no types

from agentbot.state.migrations import MIGRATIONS, Migration
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import Claim, JsonObject, Store, TurnRecord

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The time at which every test's clock begins."""
LEASE = timedelta(minutes=15)
"""How long a claim holds in tests, which move the clock. PostgreSQL's own goes on meanwhile: the
seconds in which a busy machine does nothing must not matter beside it."""


class Clock:
    """A clock that stands until it is advanced."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time, aware."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self.now += timedelta(seconds=seconds)


class StoreHarness(Protocol):
    """A database, the stores of several holders in it, and its time."""

    clock: Clock

    async def store(self, holder: str) -> Store:
        """Open a store for the holder."""

    async def advance(self, seconds: float) -> None:
        """Let leases grow older by ``seconds``."""

    async def close(self) -> None:
        """Close the stores and delete the database."""


class SQLiteHarness:
    """A database in memory, or in the file ``place``, on the hand-moved clock."""

    def __init__(self, place: str = MEMORY) -> None:
        self.clock = Clock()
        self._database = SQLiteDatabase(place)

    async def store(self, holder: str) -> Store:
        """Open a store for the holder."""
        store = SQLiteStore(
            self._database, holder=holder, lease=LEASE, clock=self.clock, shared=True
        )
        await store.open()
        return store

    async def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.advance(seconds)

    async def close(self) -> None:
        """Drop the database."""
        self._database.close()


class PostgresHarness:
    """A schema of its own in a server. The server has its own clock: leases are moved instead."""

    _numbers = itertools.count()

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.schema = f"agentbot_test_{os.getpid()}_{next(self._numbers)}"
        self.url = url
        self._stores: list[PostgresStore] = []

    def unopened(self, holder: str, migrations: Sequence[Migration] = MIGRATIONS) -> PostgresStore:
        """Return the store, not opened, of a replica whose release knows these steps."""
        return PostgresStore(
            self.url,
            holder=holder,
            lease=LEASE,
            clock=self.clock,
            schema=self.schema,
            migrations=migrations,
        )

    async def store(self, holder: str) -> Store:
        """Open a store for the holder."""
        store = self.unopened(holder)
        await store.open()
        self._stores.append(store)
        return store

    async def advance(self, seconds: float) -> None:
        """Move the clock, and all that the database has timed, by as much."""
        self.clock.advance(seconds)
        await self.fetch(
            f"UPDATE {{schema}}.conversations SET"  # noqa: S608 - a number of the test's own
            f" expires_at = expires_at - interval '{seconds:f} seconds',"
            f" touched_at = touched_at - interval '{seconds:f} seconds'"
        )

    async def close(self) -> None:
        """Close the stores and drop the schema."""
        for store in self._stores:
            await store.close()
        await self.fetch("DROP SCHEMA IF EXISTS {schema} CASCADE")

    async def fetch(self, statement: str) -> list[object]:
        """Run the statement, in which ``{schema}`` is this harness's; return its first column."""
        connection = await asyncpg.connect(self.url)
        try:
            rows = await connection.fetch(statement.replace("{schema}", self.schema))
        finally:
            await connection.close()
        return [row[0] for row in rows]


async def claimed(store: Store, conversation_id: str, *message_ids: str) -> Claim:
    """Claim the messages; fail where the claim is not granted."""
    claim = await store.claim(conversation_id, message_ids)
    assert isinstance(claim, Claim), claim
    return claim


def record_of(
    claim: Claim,
    *,
    customer_id: str | None = "customer",
    question: str = "Do you ship to Norway?",
    settled_at: datetime = START,
    decision: JsonObject | None = None,
) -> TurnRecord:
    """Return the record of the claim's turn, answered."""
    return TurnRecord(
        conversation_id=claim.conversation_id,
        customer_id=customer_id,
        message_ids=claim.message_ids,
        outcome="replied",
        reason_code="rule",
        reason="the rule shipping matched",
        by="rule",
        source="shipping",
        question=question,
        answer="Yes, we do.",
        reply_id="reply",
        received_at=START,
        settled_at=settled_at,
        turn={"messages": [{"text": question}]},
        decision={"kind": "reply"} if decision is None else decision,
        cost={"seconds": 0.25},
    )
