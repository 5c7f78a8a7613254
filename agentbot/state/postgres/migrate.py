"""The schema in PostgreSQL, made or brought forward."""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.state.migrations import Migration, missing_steps
from agentbot.state.postgres.connection import PostgresConnection
from agentbot.state.sql import in_schema, read_statements, texts_by_name

_LOCK = 7_212_031_184_009_151
"""The key of the advisory lock under which replicas that start at once migrate in turn: any number
that no other program in the database locks."""

_SQL = texts_by_name(read_statements("agentbot.state.postgres", "migrate.sql"))


async def migrate(
    connection: PostgresConnection, *, schema: str, migrations: Sequence[Migration], url: str
) -> None:
    """Take the steps that ``schema`` lacks, in one transaction.

    Where anything is raised, that transaction is still open: drop the connection. Raises
    ``ConfigurationError`` where the database, at ``url``, is of a newer program.
    """
    await connection.execute("BEGIN")
    await connection.execute(_SQL["lock"], _LOCK)
    if await connection.fetchval(_SQL["schema_is_missing"], schema):
        await connection.execute(in_schema(_SQL["make_schema"], schema))
    await connection.execute(in_schema(_SQL["make_versions"], schema))
    version, least = await read_versions(connection, schema=schema)
    for step in missing_steps(version, least, migrations=migrations, url=url):
        for statement in step.postgres:
            await connection.execute(in_schema(statement.text, schema))
        noted = in_schema(_SQL["note_version"], schema)
        await connection.execute(noted, step.version, step.least)
    await connection.execute("COMMIT")


async def read_versions(connection: PostgresConnection, *, schema: str) -> tuple[int, int]:
    """Return the schema's version, and that which a program must know; 0 where no step was taken.

    There must be the table that tells them.
    """
    [row] = await connection.fetch(in_schema(_SQL["read_version"], schema))
    return row["version"], row["least"]
