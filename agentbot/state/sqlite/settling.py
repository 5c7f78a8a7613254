"""Closing a turn in SQLite: what happens within the one transaction that does it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentbot.state.export import fired_to_json
from agentbot.state.packing import pack
from agentbot.state.sql import read_statements, texts_by_name
from agentbot.state.sqlite.times import micros, optional_micros
from agentbot.state.store import Claim, ConversationMemory, TurnRecord

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "settling.sql"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A turn's entry in the journal, and the memory that goes with it, as the tables have them.

    Made before the transaction, which is not to wait for it.
    """

    record: tuple[str | None, int, int | None, bytes]
    memory: dict[str, Any]

    @classmethod
    def of(cls, record: TurnRecord, memory: ConversationMemory | None) -> Entry:
        """Return the entry of a record; where there is no new memory, it stays as it was."""
        new = memory or ConversationMemory()
        return cls(
            (
                record.customer_id,
                micros(record.settled_at),
                optional_micros(record.seen_at),
                pack(record),
            ),
            {
                "remember": memory is not None,
                "fired": fired_to_json(new.fired),
                "snoozed_until": optional_micros(new.snoozed_until),
                "handed_off_at": optional_micros(new.handed_off_at),
                "closed_at": optional_micros(new.closed_at),
            },
        )


def settle(db: sqlite3.Connection, claim: Claim, entry: Entry, *, now: datetime) -> bool:
    """Close the turn; see ``Store.settle``. False: the claim is lost, and nothing was written."""
    lease = (claim.conversation_id, claim.holder, claim.fence)
    leased = db.execute(_SQL["leased_messages"], lease).fetchall()
    closing = [number for _, number, message_id in leased if message_id in claim.message_ids]
    if not closing:
        return _was_settled(db, claim)
    key = leased[0][0]
    record = db.execute(_SQL["add_record"], (key, claim.fence, *entry.record)).lastrowid
    db.executemany(_SQL["settle_message"], [(record, number) for number in closing])
    remain = len(closing) < len(leased)
    at = {"conversation": key, "remain": remain, "now": micros(now)}
    db.execute(_SQL["close_turn"], at | entry.memory)
    return True


def open_messages(db: sqlite3.Connection, key: int | None) -> list[tuple[int, str, int]]:
    """Return number, id and attempt of all that is open in the conversation, the oldest first."""
    return db.execute(_SQL["open_messages"], (key,)).fetchall()


def _was_settled(db: sqlite3.Connection, claim: Claim) -> bool:
    """Say whether each of the claim's messages was settled under the claim's own lease."""
    fences = (
        db.execute(_SQL["settling_fence"], (message_id,)).fetchone()
        for message_id in claim.message_ids
    )
    return all(row is not None and row[0] == claim.fence for row in fences)
