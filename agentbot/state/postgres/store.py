"""The store in PostgreSQL: for several replicas, which share one database.

It keeps to a schema of its own, so that it can live in the database that Papercups has. Leases
are timed by the database's clock, since replicas' clocks differ, and where that clock is set, by
what each expected it to show; what a claim says of its end is on this process's clock, counted
from before it was asked for, so never too late.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

from agentbot.state.export import (
    aware,
    fired_from_json,
    fired_to_json,
    plan_from_json,
    record_from_json,
    record_to_json,
    to_json,
)
from agentbot.state.postgres.batcher import CallBatcher
from agentbot.state.postgres.clock import DatabaseClock
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
_PAGE = 200
_NO_KEY = ""
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)

_CLAIM = "SELECT * FROM {schema}.claim($1, $2, $3, $4, $5)"
_RENEW = "SELECT {schema}.renew($1, $2, $3, $4) AS held"
_CHECKPOINT = "SELECT {schema}.checkpoint($1, $2, $3, $4) AS held"
_SETTLE = "SELECT {schema}.settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS held"
_RELEASE = "SELECT {schema}.release($1, $2, $3) AS held"
_RELEASE_ALL = "SELECT {schema}.release_all($1) AS held"
_MEMORY_OF = "SELECT * FROM {schema}.memory_of($1)"
_PING = """
    INSERT INTO {schema}.pings (holder, at) VALUES ($1, clock_timestamp())
    ON CONFLICT (holder) DO UPDATE SET at = excluded.at RETURNING at
"""
_SETTLED = """
    SELECT ARRAY(
        SELECT message_id FROM {schema}.messages
        WHERE message_id = ANY ($1::text[]) AND record IS NOT NULL
    ) AS found
"""
_ORPHANS = """
    SELECT coalesce(json_agg(o), '[]')::text AS found FROM (
        SELECT c.conversation_id AS conversation, c.holder,
            extract(epoch FROM clock_timestamp() - c.expires_at) AS seconds_ago,
            array_agg(m.message_id ORDER BY m.id) AS messages
        FROM {schema}.messages AS m JOIN {schema}.conversations AS c ON c.id = m.conversation
        WHERE m.record IS NULL AND (
            c.fence IS NULL OR c.expires_at <= clock_timestamp()
            -- The clock was set back since: to claim it mends it.
            OR c.expires_at > clock_timestamp() + $1 + interval '1 minute'
        )
        GROUP BY c.id ORDER BY min(m.id)
    ) AS o
"""
_RECORDS = """
    SELECT array_agg(settled_at ORDER BY settled_at, id) AS times,
        array_agg(id ORDER BY settled_at, id) AS ids,
        array_agg(body ORDER BY settled_at, id) AS bodies
    FROM (
        SELECT settled_at, id, body FROM {schema}.records WHERE (settled_at, id) > ($1, $2)
        ORDER BY settled_at, id LIMIT $3
    ) AS page
"""
_PRUNE_RECORDS = "SELECT {schema}.prune_records($1, $2) AS gone"
_PRUNE_CONVERSATIONS = "SELECT {schema}.prune_conversations($1, $2) AS gone"
_FORGET = "SELECT {schema}.forget($1, $2) AS gone"


class PostgresStore:
    """``Store`` in the PostgreSQL at ``url``, in ``schema``.

    ``lease`` is how long a claim holds without being renewed; replicas must agree on it, give or
    take a minute. ``clock`` returns this process's time, aware, ``monotonic`` (default: the event
    loop's) seconds on a clock that nobody sets. ``timeout`` (seconds) bounds each attempt to
    connect and each answer: a database that hangs fails a call after three times that at most.

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
        timeout: float = 3.0,
    ) -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
            raise ValueError(f"{schema!r} is no plain name of a schema")
        self._batcher = CallBatcher(url, schema=schema, timeout=timeout)
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
            await self._batcher.call(_NO_KEY, _RELEASE_ALL, self._holder)
        finally:
            await self._batcher.close()

    async def ping(self) -> None:
        """Write the time and read it back."""
        asked_at = self._monotonic()
        row = await self._batcher.call(_NO_KEY, _PING, self._holder)
        self._database_clock.showed(row["at"], asked_at=asked_at)

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Lease the conversation; the claim covers all that is open in it. See ``Store.claim``."""
        asked_at, asked_at_monotonic = self._clock(), self._monotonic()
        row = await self._batcher.call(
            conversation_id,
            _CLAIM,
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
            )
        if row["r_holder"] is not None:
            return LeasedElsewhere(holder=row["r_holder"], until=self._clock() + row["r_remaining"])
        return AlreadySettled()

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong the leases; return the conversations whose lease is lost."""
        calls = [
            self._batcher.call(claim.conversation_id, _RENEW, *_lease_of(claim), self._lease)
            for claim in claims
        ]
        # All are waited for, so that none fails unheard when an earlier one has failed.
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
            claim.conversation_id, _CHECKPOINT, *_lease_of(claim), to_json(plan)
        )
        return bool(row["held"])

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Close the turn. False: the claim is lost, and nothing was written."""
        snoozed_until = handed_off_at = fired = None
        if memory is not None:
            fired = fired_to_json(memory.fired)
            snoozed_until = memory.snoozed_until and aware(memory.snoozed_until)
            handed_off_at = memory.handed_off_at and aware(memory.handed_off_at)
        row = await self._batcher.call(
            claim.conversation_id,
            _SETTLE,
            *_lease_of(claim),
            list(claim.message_ids),
            record.customer_id,
            aware(record.settled_at),
            record_to_json(record),
            memory is not None,
            fired,
            snoozed_until,
            handed_off_at,
        )
        return bool(row["held"])

    async def release(self, claim: Claim) -> None:
        """Hand the turn back; does nothing where the claim is lost."""
        await self._batcher.call(claim.conversation_id, _RELEASE, *_lease_of(claim))

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Return what is remembered; another replica may have written it, so nothing is cached."""
        row = await self._batcher.call(conversation_id, _MEMORY_OF, conversation_id)
        return ConversationMemory(
            fired=fired_from_json(row["r_fired"]),
            snoozed_until=row["r_snoozed"],
            handed_off_at=row["r_handed_over"],
        )

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that have their outcome."""
        row = await self._batcher.call(_NO_KEY, _SETTLED, list(message_ids))
        return set(row["found"])

    async def orphans(self) -> list[Orphan]:
        """Return what is open under no live lease, of any replica, oldest conversation first."""
        row = await self._batcher.call(_NO_KEY, _ORPHANS, self._lease)
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
            page = await self._batcher.call(_NO_KEY, _RECORDS, *last, _PAGE)
            bodies = page["bodies"] or ()
            for body in bodies:
                yield record_from_json(body)
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
        while gone := await self._gone(_PRUNE_RECORDS, before, _CHUNK):
            records += gone
        while await self._gone(_PRUNE_CONVERSATIONS, older_than, _CHUNK):
            pass
        return records

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase the customer and the conversations.

        PostgreSQL frees the rows' space at its next vacuum; its write-ahead log and backups are
        the operator's to expire.
        """
        return await self._gone(_FORGET, customer_id, list(conversation_ids))

    async def _gone(self, query: str, *args: object) -> int:
        row = await self._batcher.call(_NO_KEY, query, *args)
        gone: int = row["gone"]
        return gone


def _lease_of(claim: Claim) -> tuple[str, str, int]:
    return claim.conversation_id, claim.holder, claim.fence
