"""Deleting in SQLite: by age, and a customer's data on request."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from agentbot.state.sql import read_statements, texts_by_name

CHUNK = 100
"""Rows of the leading table that one transaction deletes: a few milliseconds, for which the event
loop does nothing else."""

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "erasure.sql"))


def prune_records(db: sqlite3.Connection, *, before: int) -> int:
    """Delete the oldest records settled before that time (microseconds) with their messages.

    Return how many records went, ``CHUNK`` at most: call again until there are none.
    """
    old = db.execute(_SQL["old_records"], (before, CHUNK)).fetchall()
    db.executemany(_SQL["delete_messages_of_record"], old)
    db.executemany(_SQL["delete_record"], old)
    return len(old)


def prune_conversations(db: sqlite3.Connection, *, before: int, now: int) -> int:
    """Delete conversations last touched before that time, with what was never settled in them.

    Kept are those with a live lease, a record, or a snooze that has not ended. Return how many
    went, ``CHUNK`` at most.
    """
    values = {"before": before, "now": now, "limit": CHUNK}
    old = db.execute(_SQL["idle_conversations"], values).fetchall()
    db.executemany(_SQL["delete_open_messages"], old)
    db.executemany(_SQL["delete_conversation"], old)
    return len(old)


def forget(db: sqlite3.Connection, customer_id: str, conversation_ids: Sequence[str]) -> int:
    """Delete the conversations named, and all in which the customer has a record."""
    found = db.execute(_SQL["conversations_of_customer"], (customer_id,)).fetchall()
    for conversation_id in conversation_ids:
        found += db.execute(_SQL["find_conversation"], (conversation_id,))
    rows = 0
    for key in set(found):
        for deletion in (
            _SQL["delete_settled_messages"],
            _SQL["delete_open_messages"],
            _SQL["delete_records"],
            _SQL["delete_conversation"],
        ):
            rows += db.execute(deletion, key).rowcount
    return rows


def empty_write_ahead_log(db: sqlite3.Connection) -> bool:
    """Take what was deleted out of the write-ahead log too; False: somebody reads or copies it."""
    (is_busy, *_) = db.execute(_SQL["empty_write_ahead_log"]).fetchone()
    return not is_busy
