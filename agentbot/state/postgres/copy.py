"""Copies of a state in PostgreSQL: an SQLite state, made beside running bots, and put back.

It is the file that a backup of an SQLite state is (``sqlite/copy.py``), so that a state can move
from one kind of database to the other.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import asyncpg  # type: ignore[import-untyped] # it ships no types

from agentbot.errors import ConfigurationError
from agentbot.state.migrations import MIGRATIONS, Migration, missing_steps
from agentbot.state.postgres.connection import PostgresConnection, Row, connect
from agentbot.state.postgres.errors import opening_error, without_secrets
from agentbot.state.postgres.migrate import migrate, read_versions
from agentbot.state.sql import in_schema, read_statements, texts_by_name
from agentbot.state.sqlite import rows
from agentbot.state.sqlite.copy import Copy, keep_in_one_file, made_whole, verify
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.times import from_micros, micros

_PLACE = "AGENTBOT_STATE_URL"
_SQL = texts_by_name(read_statements("agentbot.state.postgres", "copy.sql"))
_READ = {
    "conversations": _SQL["read_conversations"],
    "messages": _SQL["read_messages"],
    "records": _SQL["read_records"],
}
_TIMEOUT = 10.0
"""Seconds for connecting: far more than it takes, less than a person waits."""
_PAGE = 1_000
"""Rows that are read at once: some hundred kB."""


class _Connection(PostgresConnection, Protocol):
    """What is used of ``asyncpg.Connection`` here, and nowhere else."""

    def cursor(self, query: str, *, prefetch: int) -> AsyncIterable[Row]:
        """Return the rows, of which ``prefetch`` are asked for at a time."""

    async def copy_records_to_table(
        self, table: str, *, schema_name: str, columns: Sequence[str], records: Iterable[Any]
    ) -> str:
        """Add all records."""


async def back_up(
    url: str,
    target: Path,
    *,
    schema: str = "agentbot",
    migrations: Sequence[Migration] = MIGRATIONS,
) -> Copy:
    """Copy the state as it is at one moment to ``target``, beside bots that write on; verify it.

    The copy is there only once it is whole, and its rows are those that were read. Raises
    ``ConfigurationError`` where there is no state, its schema is of another version than this
    program's, or the file cannot be written; ``StateUnavailable`` where the database is away.
    """
    with made_whole(target) as part:
        async with _connected(url, schema) as connection:
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await _check_version(connection, url, schema, migrations)
            with _file(part, migrations) as db:
                digests = {
                    table: await _fetched(connection, schema, table, db) for table in rows.TABLES
                }
                [numbers] = await connection.fetch(in_schema(_SQL["read_numbers"], schema))
                rows.keep_numbers(db, fence=numbers["fence"], record=numbers["record"])
        made = verify(part)
        with closing(sqlite3.connect(part)) as db:
            for table, digest in digests.items():
                _compare(rows.digest_of(db, table), digest, f"{target}: {table}")
    return replace(made, path=target)


async def put_back(
    copy: Path, url: str, *, schema: str = "agentbot", migrations: Sequence[Migration] = MIGRATIONS
) -> Copy:
    """Fill an empty database from a copy, in one transaction; verify what is there then.

    Raises ``ConfigurationError`` where there is a state already, or the copy is damaged, none of
    ours, or of a newer program; nothing was changed then. ``StateUnavailable``: it is away.
    """
    wanted = verify(copy)
    version = wanted.schema_version
    missing = missing_steps(version, version, migrations=migrations, url=str(copy))
    with _brought_forward(copy, migrations) if missing else _opened(copy) as db:
        async with _connected(url, schema) as connection:
            place = without_secrets(url)
            if await connection.fetchval(_SQL["find_versions"], _versions(schema)):
                await _check_empty(connection, place, schema)
            await migrate(connection, schema=schema, migrations=migrations, url=place)
            await connection.execute("BEGIN")
            await connection.execute(in_schema(_SQL["keep_others_out"], schema))
            await _check_empty(connection, place, schema)
            for table in rows.TABLES:
                await _send(connection, schema, table, db)
                there = await _fetched(connection, schema, table, None)
                _compare(there, rows.digest_of(db, table), f"{place}: {table}")
            await connection.fetch(in_schema(_SQL["keep_numbers"], schema), *rows.read_numbers(db))
            await connection.execute("COMMIT")
    return replace(wanted, schema_version=migrations[-1].version)


async def _check_version(
    connection: PostgresConnection, url: str, schema: str, migrations: Sequence[Migration]
) -> None:
    """Raise ``ConfigurationError`` unless the state's schema is the one that this program knows."""
    place = without_secrets(url)
    if not await connection.fetchval(_SQL["find_versions"], _versions(schema)):
        problem = f"there is no state at {place}: no bot has run with it"
        raise ConfigurationError(_PLACE, problem, "name the database of the bot's")
    version, _least = await read_versions(connection, schema=schema)
    latest = migrations[-1].version
    if version != latest:
        problem = f"{place} has schema version {version}, this program knows {latest}"
        raise ConfigurationError(_PLACE, problem, "make the copy with the agentbot that runs there")


async def _check_empty(connection: PostgresConnection, place: str, schema: str) -> None:
    """Raise ``ConfigurationError`` where something is there already."""
    if await connection.fetchval(in_schema(_SQL["holds_something"], schema)):
        remedy = f"name an empty database, or put it aside: ALTER SCHEMA {schema} RENAME TO before"
        raise ConfigurationError(_PLACE, f"{place} holds a state already", remedy)


def _versions(schema: str) -> str:
    return f"{schema}.schema_version"


async def _fetched(
    connection: _Connection, schema: str, table: str, db: sqlite3.Connection | None
) -> rows.Digest:
    """Read a table, and add its rows to a file where there is one; return what they come to."""
    digest = rows.Digest()
    page: list[dict[str, rows.Value]] = []
    async for row in connection.cursor(in_schema(_READ[table], schema), prefetch=_PAGE):
        kept = {name: _kept(value) for name, value in row.items()}
        digest.add(tuple(kept.values()))
        page.append(kept)
        if len(page) == _PAGE and db is not None:
            rows.add(db, table, page)
            page.clear()
    if db is not None:
        rows.add(db, table, page)
    return digest


async def _send(connection: _Connection, schema: str, table: str, db: sqlite3.Connection) -> None:
    names = rows.columns(db, table)
    times = [name in rows.TIMES for name in names]
    given = (
        tuple(_given(value, is_time=time) for value, time in zip(row, times, strict=True))
        for row in rows.read(db, table)
    )
    await connection.copy_records_to_table(table, schema_name=schema, columns=names, records=given)


def _kept(value: rows.Value | datetime) -> rows.Value:
    return micros(value) if isinstance(value, datetime) else value


def _given(value: rows.Value, *, is_time: bool) -> rows.Value | datetime:
    return from_micros(value) if is_time and isinstance(value, int) else value


def _compare(found: rows.Digest, wanted: rows.Digest, place: str) -> None:
    if found.value != wanted.value:
        problem = f"holds {found.rows} rows that are not the {wanted.rows} of the other side"
        raise ConfigurationError(place, problem, "look for what changes them, such as a trigger")


@asynccontextmanager
async def _connected(url: str, schema: str) -> AsyncIterator[_Connection]:
    """Yield a connection. What was not committed on it is undone at the end."""
    place = without_secrets(url)
    try:
        connection = cast(_Connection, await connect(url, timeout=_TIMEOUT))
    except Exception as error:
        raise opening_error(error, url=place, schema=schema) from error
    try:
        yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise opening_error(error, url=place, schema=schema) from error
    finally:
        connection.terminate()


@contextmanager
def _file(part: Path, migrations: Sequence[Migration]) -> Iterator[sqlite3.Connection]:
    """Yield an empty state in a file that is there; what was added is written at the end."""
    database = SQLiteDatabase(str(part), exclusive=False, may_fill=True, migrations=migrations)
    database.open()
    database.close()
    with closing(sqlite3.connect(part)) as db:
        try:
            with db:
                yield db
            keep_in_one_file(db)
        except sqlite3.Error as error:
            raise ConfigurationError(str(part), f"cannot be written: {error}") from error


@contextmanager
def _opened(copy: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(copy)) as db:
        yield db


@contextmanager
def _brought_forward(copy: Path, migrations: Sequence[Migration]) -> Iterator[sqlite3.Connection]:
    """Yield what an earlier program's copy is after the steps that it lacks; it is not touched."""
    with tempfile.TemporaryDirectory(prefix="agentbot-restore-") as folder:
        path = Path(folder) / copy.name
        shutil.copyfile(copy, path)
        database = SQLiteDatabase(str(path), exclusive=False, migrations=migrations)
        database.open()
        database.close()
        with _opened(path) as db:
            yield db
