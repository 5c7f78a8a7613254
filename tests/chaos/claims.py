"""What the bots have claimed, read from outside with plain SQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped] # it ships no types

from tests.support.timing import TIMEOUT_SCALE

_PAUSE = 0.2
"""Seconds between two questions to a database that is away: soon enough, and no load."""
_GIVE_UP_AFTER = 60.0 * TIMEOUT_SCALE
"""Seconds: the faults take a database away for two."""

_CLAIMED = "SELECT message_id FROM agentbot.messages WHERE message_id = ANY ($1::text[])"
_OPEN = "SELECT message_id FROM agentbot.messages WHERE record IS NULL"
_RECORDS = "SELECT body FROM agentbot.records ORDER BY id"


class Claims(Protocol):
    """A store's tables, read whichever process has them open."""

    async def claimed(self, message_ids: Collection[str]) -> set[str]:
        """Return those of the messages that have been claimed."""

    async def open(self) -> set[str]:
        """Return the messages that are claimed and not settled."""

    async def records(self) -> list[str]:
        """Return the journal: each record as JSON, in the order of its writing."""


class SQLiteClaims:
    """The tables of the file at ``path``. Each question has a read-only connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def claimed(self, message_ids: Collection[str]) -> set[str]:
        """Return those of the messages that have been claimed."""
        marks = ",".join("?" * len(message_ids))
        query = f"SELECT message_id FROM messages WHERE message_id IN ({marks})"  # noqa: S608 - marks
        return {row[0] for row in self._rows(query, *message_ids)}

    async def open(self) -> set[str]:
        """Return the messages that are claimed and not settled."""
        return {
            row[0] for row in self._rows("SELECT message_id FROM messages WHERE record IS NULL")
        }

    async def records(self) -> list[str]:
        """Return the journal."""
        return [row[0] for row in self._rows("SELECT body FROM records ORDER BY id")]

    def _rows(self, query: str, *values: str) -> list[Any]:
        if not self._path.exists():
            return []
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=5.0)
        try:
            return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()


class PostgresClaims:
    """The tables of the schema ``agentbot`` of the server at ``url``."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def claimed(self, message_ids: Collection[str]) -> set[str]:
        """Return those of the messages that have been claimed."""
        return {row[0] for row in await self._rows(_CLAIMED, list(message_ids))}

    async def open(self) -> set[str]:
        """Return the messages that are claimed and not settled."""
        return {row[0] for row in await self._rows(_OPEN)}

    async def records(self) -> list[str]:
        """Return the journal."""
        return [row[0] for row in await self._rows(_RECORDS)]

    async def _rows(self, query: str, *values: object) -> list[Any]:
        """Ask, again and again while the database is away: what is claimed stays claimed."""
        async with asyncio.timeout(_GIVE_UP_AFTER):
            while True:
                try:
                    return await self._ask(query, *values)
                except asyncpg.UndefinedTableError:
                    return []
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await asyncio.sleep(_PAUSE)

    async def _ask(self, query: str, *values: object) -> list[Any]:
        connection = await asyncpg.connect(self._url, timeout=_GIVE_UP_AFTER)
        try:
            rows: list[Any] = await connection.fetch(query, *values)
            return rows
        finally:
            connection.terminate()
