"""The store in one SQLite file: the default, for one process.

Every write is a few statements of some microseconds each, run on the event loop's thread: a
thread pool, or a library that has one, costs ten times more than the statements themselves.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from agentbot.errors import StateUnavailable
from agentbot.state.export import (
    fired_from_json,
    plan_from_json,
    to_json,
)
from agentbot.state.packing import replies_of, unpack
from agentbot.state.sql import read_statements, texts_by_name
from agentbot.state.sqlite import erasure
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.settling import Entry, open_messages, settle
from agentbot.state.sqlite.times import (
    MICROSECOND,
    from_micros,
    micros,
    optional_from_micros,
)
from agentbot.state.store import (
    AlreadySettled,
    Claim,
    ConversationMemory,
    JsonObject,
    LeasedElsewhere,
    Orphan,
    TurnRecord,
)

_BEGINNING = -(2**63)
"""A time before all others: SQLite's least integer."""
_PAGE = 200
"""Records that are read at once: some hundred kB, for a few milliseconds of which the event loop
does nothing else."""

_TRIES, _TRIED_AGAIN = 20, 0.25
"""How often it is tried to empty the write-ahead log, and seconds between: a backup of a gigabyte
takes some seconds."""
_UNKNOWN = (None, "", None, 0, None, None, None, None, None)
"""What ``find_conversation`` finds of a conversation that was never claimed."""

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "store.sql"))


class SQLiteStore:
    """``Store`` on an ``SQLiteDatabase``, which it opens and closes.

    ``lease`` is how long a claim holds without being renewed; ``clock`` returns the time, aware.

    ``shared`` stores work on one database, each under a ``holder`` of its own, as replicas do on
    PostgreSQL: closing one leaves the database open, and opening one leaves the others' leases.
    It serves simulations, whose several bots run in one process on one clock.
    """

    def __init__(
        self,
        database: SQLiteDatabase,
        *,
        holder: str,
        lease: timedelta,
        clock: Callable[[], datetime],
        shared: bool = False,
    ) -> None:
        self._database = database
        self._holder = holder
        self._lease = lease // MICROSECOND
        self._clock = clock
        self._shared = shared

    @property
    def holder(self) -> str:
        """The name under which this store holds claims."""
        return self._holder

    async def open(self) -> None:
        """Open the file and make it this process's own; see ``SQLiteDatabase.open``."""
        self._database.open()
        if self._database.exclusive and not self._shared:
            # The file is ours alone: whoever left a lease in it is dead.
            await self._database.write(self._release_all)

    async def close(self) -> None:
        """Commit what is pending, give back this holder's leases, and disconnect."""
        if not self._database.is_open:
            return
        try:
            await self._database.write(self._release_all_of_holder)
        finally:
            if not self._shared:
                self._database.close()

    async def ping(self) -> None:
        """Write the time and read it back."""
        now = self._now()
        if not self._database.file_is_there():
            raise StateUnavailable(url=self._database.url, problem="the file was removed")

        def write(db: sqlite3.Connection) -> None:
            db.execute(_SQL["ping"], (now,))

        await self._database.write(write)
        self._database.read(lambda db: db.execute(_SQL["read_ping"]).fetchone())

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Lease the conversation; the claim covers all that is open in it. See ``Store.claim``."""
        asked = tuple(dict.fromkeys(message_ids))
        return await self._database.write(lambda db: self._claim(db, conversation_id, asked))

    def _claim(
        self, db: sqlite3.Connection, conversation_id: str, asked: tuple[str, ...]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        now = self._now()
        fresh = [message_id for message_id in asked if not _is_settled(db, message_id)]
        if not fresh:
            return AlreadySettled()
        row: tuple[Any, ...] | None = db.execute(
            _SQL["find_conversation"], (conversation_id,)
        ).fetchone()
        key, holder, fence, expires_at, plan, *remembered = row or _UNKNOWN
        if expires_at <= now:
            fence = None
        if fence is not None and holder != self._holder:
            return LeasedElsewhere(holder=holder, until=from_micros(expires_at))
        is_new = fence is None
        fence = fence or self._database.next_fence()
        expires_at = now + self._lease
        lease = (self._holder, fence, expires_at, now)
        if key is None:
            key = db.execute(_SQL["add_conversation"], (conversation_id, *lease)).lastrowid
        else:
            db.execute(_SQL["lease_conversation"], (*lease, key))
        message_ids, attempt = _cover(db, key, fresh, is_new=is_new)
        return Claim(
            conversation_id=conversation_id,
            message_ids=message_ids,
            holder=self._holder,
            fence=fence,
            expires_at=from_micros(expires_at),
            attempt=attempt,
            plan=plan_from_json(plan),
            memory=_memory(*remembered),
        )

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Prolong the leases; return the conversations whose lease is lost."""
        if not claims:
            return set()

        def renew(db: sqlite3.Connection) -> set[str]:
            until = self._now() + self._lease
            return {
                claim.conversation_id
                for claim in claims
                if not _update_leased(db, _SQL["renew"], claim, until)
            }

        return await self._database.write(renew)

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep the plan with the conversation. False: the claim is lost."""
        text = to_json(plan)
        return await self._database.write(
            lambda db: _update_leased(db, _SQL["checkpoint"], claim, text)
        )

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Close the turn. False: the claim is lost, and nothing was written."""
        entry = Entry.of(record, memory)
        return await self._database.write(lambda db: settle(db, claim, entry, now=self._clock()))

    async def release(self, claim: Claim) -> None:
        """Hand the turn back; does nothing where the claim is lost."""
        await self._database.write(
            lambda db: _update_leased(db, _SQL["release"], claim, self._now())
        )

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Return what is remembered of the conversation: one look into an index, no cache."""
        row = self._database.read(
            lambda db: db.execute(_SQL["memory"], (conversation_id,)).fetchone()
        )
        return ConversationMemory() if row is None else _memory(*row)

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that have their outcome."""
        return self._database.read(
            lambda db: {name for name in message_ids if _is_settled(db, name)}
        )

    async def mark_seen(self, message_id: str, seen_at: datetime) -> bool:
        """Note in the journal when the answer to the message was seen. See ``Store.mark_seen``."""
        values = (micros(seen_at), message_id)
        return await self._database.write(
            lambda db: db.execute(_SQL["mark_seen"], values).rowcount == 1
        )

    async def mark_given(self, conversation_id: str) -> bool:
        """Note that the conversation has been somebody's. See ``Store.mark_given``."""
        values = (self._now(), conversation_id)
        return await self._database.write(
            lambda db: db.execute(_SQL["mark_given"], values).rowcount == 1
        )

    async def claimed(self, message_ids: Sequence[str]) -> set[str]:
        """Return those of the messages that were ever claimed."""

        def look(db: sqlite3.Connection) -> set[str]:
            find = _SQL["find_message"]
            return {name for name in message_ids if db.execute(find, (name,)).fetchone()}

        return self._database.read(look)

    async def replies(self, conversation_id: str) -> dict[str, tuple[str, ...]]:
        """Return the replies in the conversation that the journal knows of, with their messages."""
        rows = self._database.read(
            lambda db: db.execute(_SQL["conversation_records"], (conversation_id,)).fetchall()
        )
        return replies_of(body for (body,) in rows)

    async def orphans(self) -> list[Orphan]:
        """Return what is open under no live lease, oldest conversation first."""
        rows = self._database.read(
            lambda db: db.execute(_SQL["orphans"], (self._now(),)).fetchall()
        )
        found: dict[str, list[str]] = {}
        leases: dict[str, tuple[str, int]] = {}
        for conversation_id, holder, expires_at, message_id in rows:
            found.setdefault(conversation_id, []).append(message_id)
            leases[conversation_id] = (holder, expires_at)
        return [
            Orphan(
                conversation_id=conversation_id,
                message_ids=tuple(message_ids),
                holder=leases[conversation_id][0],
                expired_at=from_micros(leases[conversation_id][1]),
            )
            for conversation_id, message_ids in found.items()
        ]

    async def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Iterate over the journal by ``settled_at``, a page at a time."""
        last = (_BEGINNING if since is None else micros(since), -1)
        while True:
            page = self._database.read(partial(_page, last))
            for settled_at, number, conversation_id, customer_id, seen_at, body in page:
                last = (settled_at, number)
                yield unpack(
                    body,
                    conversation_id=conversation_id,
                    customer_id=customer_id,
                    settled_at=from_micros(settled_at),
                    seen_at=optional_from_micros(seen_at),
                )
            if len(page) < _PAGE:
                return
            await asyncio.sleep(0)

    async def prune(self, *, older_than: timedelta) -> int:
        """Delete what is older, in small transactions that live traffic fits in between."""
        before = self._now() - older_than // MICROSECOND
        records = 0
        while deleted := await self._database.write(
            lambda db: erasure.prune_records(db, before=before)
        ):
            records += deleted
        while await self._database.write(
            lambda db: erasure.prune_conversations(db, before=before, now=self._now())
        ):
            pass
        return records

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase the customer and the conversations, from the write-ahead log too."""
        rows = await self._database.write(
            lambda db: erasure.forget(db, customer_id, conversation_ids)
        )
        await self._empty_log()
        return rows

    async def _empty_log(self) -> None:
        """Empty the write-ahead log, which somebody may be reading (a backup) or copying."""
        for _ in range(_TRIES):
            if self._database.read(erasure.empty_write_ahead_log):
                return
            await asyncio.sleep(_TRIED_AGAIN)
        problem = "all is deleted, but still stands in the write-ahead log, which somebody reads"
        raise StateUnavailable(url=self._database.url, problem=problem)

    def _now(self) -> int:
        return micros(self._clock())

    def _release_all(self, db: sqlite3.Connection) -> None:
        db.execute(_SQL["release_all"], (self._now(),))

    def _release_all_of_holder(self, db: sqlite3.Connection) -> None:
        db.execute(_SQL["release_all_of_holder"], (self._now(), self._holder))


def _cover(
    db: sqlite3.Connection, key: int | None, fresh: Sequence[str], *, is_new: bool
) -> tuple[tuple[str, ...], int]:
    """Add the messages to the conversation; return what is open in it, and its highest attempt.

    A lease that ``is_new`` is another attempt at what stayed open under an earlier one. Raises
    ``ValueError`` where one of the messages is another conversation's.
    """
    earlier = {message_id: attempt for _, message_id, attempt in open_messages(db, key)}
    attempt = max(earlier.values(), default=0) + (is_new or not earlier)
    if is_new and earlier:
        db.execute(_SQL["count_attempt"], (key,))
    for message_id in fresh:
        is_added = db.execute(_SQL["add_message"], (message_id, key)).rowcount == 1
        if not is_added and earlier.pop(message_id, None) is None:
            raise ValueError(f"{message_id} is a message of another conversation")
    return (*earlier, *fresh), attempt


def _is_settled(db: sqlite3.Connection, message_id: str) -> bool:
    row = db.execute(_SQL["find_message"], (message_id,)).fetchone()
    return row is not None and row[0] is not None


def _memory(fired: str | None, *times: int | None) -> ConversationMemory:
    return ConversationMemory(fired_from_json(fired), *map(optional_from_micros, times))


def _page(
    last: tuple[int, int], db: sqlite3.Connection
) -> list[tuple[int, int, str, str | None, int | None, bytes]]:
    return db.execute(_SQL["journal_page"], (*last, _PAGE)).fetchall()


def _lease_of(claim: Claim) -> tuple[str, str, int]:
    return claim.conversation_id, claim.holder, claim.fence


def _update_leased(db: sqlite3.Connection, update: str, claim: Claim, value: int | str) -> bool:
    """Run the update; say whether the claim's lease is the latest, run out or not.

    Where it is not, the update finds nothing to change.
    """
    return db.execute(update, (value, *_lease_of(claim))).rowcount == 1
