"""The store in PostgreSQL: for several replicas, which share one database.

It keeps to a schema of its own, so that it can live in the database that Papercups has.

Leases are timed by the database's clock, since replicas' clocks differ. Where somebody sets that
clock, each replica goes by what it expected the clock to show (``DatabaseClock``). The end that a
claim tells is on this process's clock. It is counted from before the claim was asked for, so it
is never later than the lease's true end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

from agentbot.state.export import (
    aware,
    fired_from_json,
    fired_to_json,
    plan_from_json,
    to_json,
)
from agentbot.state.migrations import MIGRATIONS, Migration
from agentbot.state.packing import pack, replies_of, unpack
from agentbot.state.postgres.batcher import CallBatcher
from agentbot.state.postgres.clock import DatabaseClock
from agentbot.state.postgres.connection import Row
from agentbot.state.sql import in_schema, read_statements
from agentbot.state.store import (
    AlreadySettled,
    Claim,
    ConversationMemory,
    JsonObject,
    LeasedElsewhere,
    Orphan,
    TurnRecord,
)

_CHUNK = 500
"""Rows of the leading table that one transaction deletes: it must be short beside a time-out, since
other calls of this process wait for it."""
_PAGE = 200
"""Records that are read at once: some hundred kB, for which other calls wait."""
_NO_KEY = ""
"""The key of calls that are of no one conversation."""
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
"""A time before all others."""

_TIMEOUT = 3.0
"""Seconds for connecting, and for an answer. A call waits for three times that at most, less than a
lease: whoever cannot renew hears of it before another replica takes over."""

_STATEMENTS = read_statements("agentbot.state.postgres", "store.sql")


class PostgresStore:
    """``Store`` in the PostgreSQL at ``url``, in ``schema``.

    ``lease`` is how long a claim holds without being renewed; replicas must agree on it, give or
    take a minute. ``clock`` returns this process's time, aware, ``monotonic`` (default: the event
    loop's) seconds on a clock that nobody sets. ``timeout`` (seconds) bounds each attempt to
    connect and each answer: a database that hangs fails a call after three times that at most.
    ``migrations`` are the steps that make the schema.

    Raises ``ConfigurationError`` from ``open`` where the login is refused, the database is
    missing or newer than this program, or the user may not make the schema.
    """

    def __init__(
        self,
        url: str,
        *,
        holder: str,
        lease: timedelta,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] | None = None,
        schema: str = "agentbot",
        timeout: float = _TIMEOUT,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self._sql = {it.name: in_schema(it.text, schema) for it in _STATEMENTS}
        self._batcher = CallBatcher(url, schema=schema, timeout=timeout, migrations=migrations)
        self._holder = holder
        self._lease = lease
        self._clock = clock
        self._monotonic = monotonic or (lambda: asyncio.get_running_loop().time())
        self._database_clock = DatabaseClock(lease=lease, monotonic=self._monotonic)

    @property
    def holder(self) -> str:
        """The name under which this store holds claims."""
        return self._holder

    async def open(self) -> None:
        """Connect and migrate; see ``CallBatcher.open``."""
        await self._batcher.open()

    async def close(self) -> None:
        """Finish what is pending, give back this holder's leases, and disconnect."""
        if not self._batcher.is_open:
            return
        try:
            await self._batcher.call(_NO_KEY, self._sql["release_all"], self._holder)
        finally:
            await self._batcher.close()

    async def ping(self) -> None:
        """Write the time and read it back."""
        asked_at = self._monotonic()
        row = await self._batcher.call(_NO_KEY, self._sql["ping"], self._holder)
        self._database_clock.showed(row["at"], asked_at=asked_at)

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Lease the conversation; the claim covers all that is open in it. See ``Store.claim``."""
        asked_at, asked_at_monotonic = self._clock(), self._monotonic()
        row = await self._batcher.call(
            conversation_id,
            self._sql["claim"],
            conversation_id,
            list(dict.fromkeys(message_ids)),
            self._holder,
            self._lease,
            self._database_clock.latest(),
        )
        self._database_clock.showed(row["r_moment"], asked_at=asked_at_monotonic)
        if row["r_fence"] is not None:
            return Claim(
                conversation_id=conversation_id,
                message_ids=tuple(row["r_messages"]),
                holder=self._holder,
                fence=row["r_fence"],
                expires_at=asked_at + self._lease,
                attempt=row["r_attempt"],
                plan=plan_from_json(row["r_plan"]),
                memory=_memory(row),
            )
        if row["r_holder"] is not None:
            return LeasedElsewhere(holder=row["r_holder"], until=self._clock() + row["r_remaining"])
        return AlreadySettled()

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong the leases; return the conversations whose lease is lost."""
        calls = [
            self._batcher.call(
                claim.conversation_id, self._sql["renew"], *_lease_of(claim), self._lease
            )
            for claim in claims
        ]
        # All are waited for: asyncio would complain of a failure that nobody looked at.
        rows = await asyncio.gather(*calls, return_exceptions=True)
        lost: set[str] = set()
        for claim, row in zip(claims, rows, strict=True):
            if isinstance(row, BaseException):
                raise row
            if not row["held"]:
                lost.add(claim.conversation_id)
        return lost

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep the plan with the conversation. False: the claim is lost."""
        row = await self._batcher.call(
            claim.conversation_id, self._sql["checkpoint"], *_lease_of(claim), to_json(plan)
        )
        return bool(row["held"])

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Close the turn. False: the claim is lost, and nothing was written."""
        snoozed_until = handed_off_at = closed_at = fired = None
        if memory is not None:
            fired = fired_to_json(memory.fired)
            snoozed_until = memory.snoozed_until and aware(memory.snoozed_until)
            handed_off_at = memory.handed_off_at and aware(memory.handed_off_at)
            closed_at = memory.closed_at and aware(memory.closed_at)
        row = await self._batcher.call(
            claim.conversation_id,
            self._sql["settle"],
            *_lease_of(claim),
            list(claim.message_ids),
            record.customer_id,
            aware(record.settled_at),
            record.seen_at and aware(record.seen_at),
            pack(record),
            memory is not None,
            fired,
            snoozed_until,
            handed_off_at,
            closed_at,
        )
        return bool(row["held"])

    async def release(self, claim: Claim) -> None:
        """Hand the turn back; does nothing where the claim is lost."""
        await self._batcher.call(claim.conversation_id, self._sql["release"], *_lease_of(claim))

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Return what is remembered; another replica may have written it, so nothing is cached."""
        row = await self._batcher.call(conversation_id, self._sql["memory"], conversation_id)
        return _memory(row)

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that have their outcome."""
        row = await self._batcher.call(_NO_KEY, self._sql["settled"], list(message_ids))
        return set(row["found"])

    async def mark_seen(self, message_id: str, seen_at: datetime) -> bool:
        """Note in the journal when the answer to the message was seen. See ``Store.mark_seen``."""
        sql = self._sql["mark_seen"]
        row = await self._batcher.call(_NO_KEY, sql, message_id, aware(seen_at))
        return bool(row["done"])

    async def mark_given(self, conversation_id: str) -> bool:
        """Note that the conversation has been somebody's. See ``Store.mark_given``."""
        row = await self._batcher.call(conversation_id, self._sql["mark_given"], conversation_id)
        return bool(row["done"])

    async def claimed(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that were ever claimed, by any replica."""
        row = await self._batcher.call(_NO_KEY, self._sql["claimed"], list(message_ids))
        return set(row["found"])

    async def replies(self, conversation_id: str) -> dict[str, tuple[str, ...]]:
        """Return the replies in the conversation that the journal knows of, with their messages."""
        row = await self._batcher.call(
            conversation_id, self._sql["conversation_records"], conversation_id
        )
        return replies_of(row["bodies"])

    async def orphans(self) -> list[Orphan]:
        """Return what is open under no live lease, of any replica, oldest conversation first."""
        row = await self._batcher.call(_NO_KEY, self._sql["orphans"], self._lease)
        now = self._clock()
        return [
            Orphan(
                conversation_id=entry["conversation"],
                message_ids=tuple(entry["messages"]),
                holder=entry["holder"],
                expired_at=now - timedelta(seconds=entry["seconds_ago"]),
            )
            for entry in json.loads(row["found"])
        ]

    async def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Iterate over the journal by ``settled_at``, a page at a time.

        What other replicas settle meanwhile with an earlier time than the page's is not seen.
        """
        last = (_BEGINNING if since is None else aware(since), -1)
        while True:
            page = await self._batcher.call(_NO_KEY, self._sql["journal_page"], *last, _PAGE)
            bodies = page["bodies"] or ()
            for number, body in enumerate(bodies):
                yield unpack(
                    body,
                    conversation_id=page["conversations"][number],
                    customer_id=page["customers"][number],
                    settled_at=page["times"][number],
                    seen_at=page["seen"][number],
                )
            if len(bodies) < _PAGE:
                return
            last = (page["times"][-1], page["ids"][-1])

    async def prune(self, *, older_than: timedelta) -> int:
        """Delete what is older, in small transactions.

        Records go by this process's clock, as their times are a bot's, conversations by the
        database's.
        """
        records = 0
        before = self._clock() - older_than
        while gone := await self._gone(self._sql["prune_records"], before, _CHUNK):
            records += gone
        while await self._gone(self._sql["prune_conversations"], older_than, _CHUNK):
            pass
        return records

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase the customer and the conversations.

        PostgreSQL frees the rows' space at its next vacuum; its write-ahead log and backups are
        the operator's to expire.
        """
        return await self._gone(self._sql["forget"], customer_id, list(conversation_ids))

    async def _gone(self, query: str, *args: object) -> int:
        row = await self._batcher.call(_NO_KEY, query, *args)
        gone: int = row["gone"]
        return gone


def _memory(row: Row) -> ConversationMemory:
    return ConversationMemory(
        fired=fired_from_json(row["r_fired"]),
        snoozed_until=row["r_snoozed_until"],
        handed_off_at=row["r_handed_off_at"],
        closed_at=row["r_closed_at"],
    )


def _lease_of(claim: Claim) -> tuple[str, str, int]:
    return claim.conversation_id, claim.holder, claim.fence
