"""The rows of a copy, table by table: what goes from one kind of database into the other.

A copy is an SQLite state, whichever database it is of; both have the same tables and columns.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from agentbot.state.sql import read_statements, texts_by_name

Value = int | str | bytes | None

TABLES = ("conversations", "messages", "records")
"""What a copy holds. Pings are left out: they only show that a database can be written."""
TIMES = frozenset(
    {
        "expires_at",
        "snoozed_until",
        "handed_off_at",
        "closed_at",
        "given_at",
        "touched_at",
        "settled_at",
        "seen_at",
    }
)
"""The columns that are times: microseconds here, ``timestamptz`` in PostgreSQL."""

_SQL = texts_by_name(read_statements("agentbot.state.sqlite", "rows.sql"))
_READ = {
    "conversations": _SQL["read_conversations"],
    "messages": _SQL["read_messages"],
    "records": _SQL["read_records"],
}
_ADD = {
    "conversations": _SQL["add_conversation"],
    "messages": _SQL["add_message"],
    "records": _SQL["add_record"],
}


def columns(db: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the names of the table's columns, in their order."""
    return tuple(column[0] for column in db.execute(_READ[table]).description)


def read(db: sqlite3.Connection, table: str) -> Iterator[tuple[Value, ...]]:
    """Yield the table's rows by their numbers."""
    yield from db.execute(_READ[table])


def add(db: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Value]]) -> None:
    """Add rows to a table."""
    db.executemany(_ADD[table], rows)


def read_numbers(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the fence and the record's number that were given last; 0: none was."""
    fence, record = db.execute(_SQL["read_numbers"]).fetchone()
    return fence, record


def keep_numbers(db: sqlite3.Connection, *, fence: int, record: int) -> None:
    """Go on from the fence and the record's number that were given last."""
    db.execute(_SQL["keep_fence"], (fence,))
    db.execute(_SQL["forget_record_number"])
    db.execute(_SQL["keep_record_number"], (record,))


class Digest:
    """What rows come to: tables that hold the same rows in the same order have the same."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.blake2b()

    def add(self, row: tuple[Value, ...]) -> None:
        """Take one more row in."""
        self.rows += 1
        self._hash.update(repr(row).encode("utf-8", "surrogatepass"))

    @property
    def value(self) -> bytes:
        """The digest of the rows so far."""
        return self._hash.digest()


def digest_of(db: sqlite3.Connection, table: str) -> Digest:
    """Return the digest of a table's rows."""
    digest = Digest()
    for row in read(db, table):
        digest.add(row)
    return digest
