"""Proves ``agentbot/state/sql.py``, and every ``.sql`` file of the state.

What the statements do is proved by test_contract and test_model; here: each is named, described,
used, and accepted by a real SQLite or PostgreSQL.
"""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import asyncpg  # type: ignore[import-untyped] # it ships no types
import pytest

import agentbot.state
from agentbot.state.migrations import MIGRATIONS
from agentbot.state.postgres.store import PostgresStore
from agentbot.state.sql import (
    Statement,
    in_schema,
    parse_statements,
    read_statements,
    texts_by_name,
)
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, Clock, PostgresHarness

FOLDER = Path(agentbot.state.__file__).parent
FILES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.sql"))
RUN_WHOLE = {"connection.sql", "schema_1.sql", "functions_1.sql"}
"""Files whose statements are all run, in their order; no name of one stands in Python."""


def _statements(file: Path) -> tuple[Statement, ...]:
    return read_statements(f"agentbot.state.{file.parent.name}", file.name)


def _everything(room: str) -> Iterator[Statement]:
    for file in FILES:
        if file.parent.name == room:
            yield from _statements(file)


def _names_used(module: Path) -> set[str]:
    """Return every name that is looked up as ``_SQL["name"]`` or ``self._sql["name"]``."""
    return {
        node.slice.value
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Subscript)
        and ast.unparse(node.value) in {"_SQL", "self._sql"}
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }


def _docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of the nodes that are strings standing alone: documentation."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_a_file_is_a_list_of_named_statements() -> None:
    """In their order; a description may have lines, a text comments and semicolons of its own."""
    text = (
        "-- About the file.\n\n-- name: one\n-- Does this\n-- and that.\nSELECT 1;\n\n"
        "-- name: two\n-- Is a function.\nCREATE FUNCTION f() AS $$\n"
        "-- Why.\nBEGIN; END\n$$;\n"
    )
    assert parse_statements(text, place="x.sql") == (
        Statement("one", "Does this and that.", "SELECT 1"),
        Statement("two", "Is a function.", "CREATE FUNCTION f() AS $$\n-- Why.\nBEGIN; END\n$$"),
    )
    assert parse_statements("-- Nothing yet.\n", place="x.sql") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("SELECT 1;\n", "the first statement has no name"),
        ("-- About.\nSELECT 1;\n-- name: one\n-- Reads.\nSELECT 2;\n", "has no name"),
        ("-- name: one\nSELECT 1;\n", "one has no description"),
        ("-- name: one\n\n-- Too late.\nSELECT 1;\n", "one has no description"),
        ("-- name: one\n-- Does nothing.\n;\n", "one has no text"),
        ("-- name: one\n-- Ends the file.", "one has no description"),
        ("-- name: no name\n-- Reads.\nSELECT 1;\n", "'no name' is no name"),
        ("-- name: \n-- Reads.\nSELECT 1;\n", "'' is no name"),
        ("-- name: a\n-- A.\nSELECT 1;\n-- name: a\n-- B.\nSELECT 2;\n", "two .* named a"),
    ],
)
def test_a_bad_file_is_refused(text: str, problem: str) -> None:
    """With its place, at import: no statement without a name and a description."""
    with pytest.raises(ValueError, match=rf"^x\.sql: .*{problem}"):
        parse_statements(text, place="x.sql")


def test_a_file_is_read_from_its_package() -> None:
    """Its place in errors is the package and the file; its statements go by their names."""
    statements = read_statements("agentbot.state.sqlite", "database.sql")
    assert texts_by_name(statements)["read_version"] == "PRAGMA user_version"


@pytest.mark.parametrize("schema", ["agentbot", "_x9", "a" * 63])
def test_a_plain_schema_is_put_in(schema: str) -> None:
    """Wherever the placeholder stands."""
    assert in_schema("{schema}.a, {schema}.b", schema) == f"{schema}.a, {schema}.b"


@pytest.mark.parametrize(
    "schema", ["", "9x", "Upper", "a.b", 'a"b', "a; DROP TABLE b", "a\n", "ä", "a" * 64]
)
def test_any_other_schema_is_refused(schema: str) -> None:
    """It becomes a part of statements as it is."""
    with pytest.raises(ValueError, match="no plain name of a schema"):
        in_schema("SELECT 1", schema)
    with pytest.raises(ValueError, match="no plain name of a schema"):
        PostgresStore("postgresql://h/d", holder="x", lease=LEASE, clock=Clock(), schema=schema)


def test_files_are_found() -> None:
    """Both rooms have theirs: the tests below look at something."""
    assert {file.parent.name for file in FILES} == {"sqlite", "postgres"}
    assert {file.name for file in FILES} >= RUN_WHOLE


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_statement_is_described_in_a_sentence(file: Path) -> None:
    """More than its name in other words can hardly be checked; that it is a sentence can."""
    statements = _statements(file)
    assert statements
    for statement in statements:
        assert re.fullmatch(r"[A-Z].{15,}\.", statement.description), statement.name


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_statement_is_used(file: Path) -> None:
    """By the module beside it, which names no other; or, run whole, as a part of a migration."""
    names = {statement.name for statement in _statements(file)}
    if file.name not in RUN_WHOLE:
        assert names == _names_used(FOLDER / file.with_suffix(".py"))
    elif file.name != "connection.sql":
        run = {statement for step in MIGRATIONS for statement in (*step.sqlite, *step.postgres)}
        assert set(_statements(file)) <= run


@pytest.mark.parametrize("room", ["sqlite", "postgres"])
def test_no_python_holds_sql(room: str) -> None:
    """But for the words that begin and end a transaction, and a pragma that takes no parameter."""
    for module in (FOLDER / room).glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        documentation = _docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_sql = re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|SET) ", node.value)
                assert id(node) in documentation or not is_sql, f"{module.name}: {node.value}"


def _prepare(statement: Statement, db: sqlite3.Connection) -> None:
    names = re.findall(r":(\w+)", statement.text)
    values = dict.fromkeys(names, 0) if names else (0,) * statement.text.count("?")
    db.execute(f"EXPLAIN {statement.text}", values).fetchall()


def test_sqlite_accepts_every_statement() -> None:
    """Prepared, not run, on the schema as the migrations make it."""
    database = SQLiteDatabase(MEMORY)
    database.open()
    made = {statement for step in MIGRATIONS for statement in step.sqlite}
    prepared = [statement for statement in _everything("sqlite") if statement not in made]
    for statement in prepared:
        database.read(partial(_prepare, statement))
    assert len(prepared) > 30
    database.close()


async def test_postgresql_accepts_every_statement(postgres_server: PostgresServer) -> None:
    """Prepared, not run, in a schema as the migrations make it."""
    harness = PostgresHarness(postgres_server.url)
    await harness.store("one")
    connection = await asyncpg.connect(harness.url)
    prepared = 0
    for statement in _everything("postgres"):
        await connection.prepare(in_schema(statement.text, harness.schema))
        prepared += 1
    await connection.close()
    assert prepared > 40
    await harness.close()
