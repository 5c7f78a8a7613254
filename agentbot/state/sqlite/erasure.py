"""Deleting in SQLite: by age, and a customer's data on request."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

CHUNK = 100
"""Rows of the leading table that one transaction deletes: a few milliseconds."""


def prune_records(db: sqlite3.Connection, *, cutoff: int) -> int:
    """Delete the oldest records settled before ``cutoff`` (microseconds) with their messages.

    Return how many records went, ``CHUNK`` at most: call again until there are none.
    """
    old = db.execute(
        "SELECT id FROM records WHERE settled_at < ? ORDER BY settled_at, id LIMIT ?",
        (cutoff, CHUNK),
    ).fetchall()
    db.executemany("DELETE FROM messages WHERE record = ?", old)
    db.executemany("DELETE FROM records WHERE id = ?", old)
    return len(old)


def prune_conversations(db: sqlite3.Connection, *, cutoff: int, now: int) -> int:
    """Delete conversations last touched before ``cutoff``, with what was never settled in them.

    Kept are those with a live lease, a record, or a snooze that has not ended. Return how many
    went, ``CHUNK`` at most.
    """
    old = db.execute(
        """
        SELECT id FROM conversations WHERE touched_at < ?
            AND (fence IS NULL OR expires_at <= ?) AND COALESCE(snoozed_until, 0) <= ?
            AND NOT EXISTS (SELECT 1 FROM records WHERE conversation = conversations.id)
        LIMIT ?
        """,
        (cutoff, now, now, CHUNK),
    ).fetchall()
    db.executemany("DELETE FROM messages WHERE conversation = ? AND record IS NULL", old)
    db.executemany("DELETE FROM conversations WHERE id = ?", old)
    return len(old)


def forget(db: sqlite3.Connection, customer_id: str, conversation_ids: Sequence[str]) -> int:
    """Delete the conversations named, and all in which the customer has a record."""
    keys = {
        key
        for (key,) in db.execute(
            "SELECT conversation FROM records WHERE customer_id = ?", (customer_id,)
        )
    }
    for conversation_id in conversation_ids:
        keys.update(
            key
            for (key,) in db.execute(
                "SELECT id FROM conversations WHERE conversation_id = ?", (conversation_id,)
            )
        )
    rows = 0
    for key in keys:
        for statement in (
            "DELETE FROM messages WHERE record IN (SELECT id FROM records WHERE conversation = ?)",
            "DELETE FROM messages WHERE conversation = ? AND record IS NULL",
            "DELETE FROM records WHERE conversation = ?",
            "DELETE FROM conversations WHERE id = ?",
        ):
            rows += db.execute(statement, (key,)).rowcount
    return rows
