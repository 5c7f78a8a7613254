"""SQL from ``.sql`` files, in which every statement has a name and a description.

A statement begins with its name; the comment under it is its description::

    -- name: release
    -- Give the lease back, and keep its holder, so that one can see who had it last.
    UPDATE conversations SET fence = NULL WHERE conversation_id = :conversation_id;

Comments above the first name are about the whole file. A file stands beside the module that runs
its statements, and is read once, when that module is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

_NAME = re.compile(r"^-- name: (.*)$", flags=re.MULTILINE)
_DESCRIPTION = re.compile(r"(?:--.*\n)+")
_COMMENTS = re.compile(r"(?:--.*\n|\s)*")
_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
"""A PostgreSQL identifier that needs no quotes: 63 bytes are what the server keeps of one."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a file. ``text`` has neither the description nor the last semicolon."""

    name: str
    description: str
    text: str


def read_statements(package: str, file: str) -> tuple[Statement, ...]:
    """Return the statements of ``file``, which lies in ``package``, in their order.

    Raises ``ValueError`` where one of them has no name, no description or no text, or another's
    name.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return parse_statements(text, place=f"{package}/{file}")


def parse_statements(text: str, *, place: str) -> tuple[Statement, ...]:
    """Return the statements in ``text``; ``place`` names it in errors. See ``read_statements``."""
    head, *parts = _NAME.split(text)
    if not _COMMENTS.fullmatch(head):
        raise ValueError(f"{place}: the first statement has no name")
    statements: dict[str, Statement] = {}
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        statement = _parse_one(name.strip(), part.removeprefix("\n"), place=place)
        if statement.name in statements:
            raise ValueError(f"{place}: two statements are named {statement.name}")
        statements[statement.name] = statement
    return tuple(statements.values())


def _parse_one(name: str, part: str, *, place: str) -> Statement:
    if not name.isidentifier():
        raise ValueError(f"{place}: {name!r} is no name of a statement")
    described = _DESCRIPTION.match(part)
    if described is None:
        raise ValueError(f"{place}: {name} has no description")
    text = part[described.end() :].strip().removesuffix(";")
    if not text:
        raise ValueError(f"{place}: {name} has no text")
    words = (line.removeprefix("--").strip() for line in described[0].splitlines())
    return Statement(name=name, description=" ".join(words), text=text)


def texts_by_name(statements: Iterable[Statement]) -> dict[str, str]:
    """Return each statement's text under its name."""
    return {statement.name: statement.text for statement in statements}


def in_schema(text: str, schema: str) -> str:
    """Return a PostgreSQL statement's ``text`` with ``schema`` in the place of ``{schema}``.

    Raises ``ValueError`` where ``schema`` is more than a plain lower-case name, since it becomes
    a part of the statement as it is.

    >>> in_schema("SELECT count(*) FROM {schema}.records", "agentbot")
    'SELECT count(*) FROM agentbot.records'
    """
    if not _SCHEMA_NAME.fullmatch(schema):
        raise ValueError(f"{schema!r} is no plain name of a schema")
    return text.replace("{schema}", schema)
