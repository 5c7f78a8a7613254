"""A PostgreSQL server for the tests of this folder."""

from __future__ import annotations

from tests.support.postgres import postgres_server

__all__ = ["postgres_server"]
