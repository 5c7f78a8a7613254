"""From ``AGENTBOT_STATE_URL`` to a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote

from agentbot.errors import ConfigurationError
from agentbot.state.sqlite import SQLiteStore
from agentbot.state.sqlite_database import MEMORY, SQLiteDatabase
from agentbot.state.store import Store

_PLACE = "AGENTBOT_STATE_URL"
_REMEDY = (
    "write sqlite:///agentbot.db (relative), sqlite:////var/lib/agentbot.db (absolute) or "
    "postgresql://user:password@host/database"
)


def open_store(
    url: str,
    *,
    holder: str,
    lease: timedelta,
    clock: Callable[[], datetime],
    exclusive: bool = True,
) -> Store:
    """Return the store that ``url`` names, not opened yet: ``await store.open()`` does that.

    ``holder`` must be unique to the process. ``clock`` returns the time, aware. With
    ``exclusive=False`` an SQLite file is opened beside the bot that has it, for an operator's
    command: such a store must not claim. PostgreSQL is shared in any case.

    Raises ``ConfigurationError`` where the URL names no store. Its text holds no password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        # Not quoted: what looks like no URL may hold a password all the same.
        raise ConfigurationError(place=_PLACE, problem="is not a URL", remedy=_REMEDY)
    if scheme == "sqlite":
        database = SQLiteDatabase(_sqlite_path(rest), owner=holder, exclusive=exclusive)
        return SQLiteStore(database, holder=holder, lease=lease, clock=clock)
    raise ConfigurationError(
        place=_PLACE, problem=f"{scheme[:20]!r} is no kind of store", remedy=_REMEDY
    )


def _sqlite_path(rest: str) -> str:
    if not rest.startswith("/") or rest == "/":
        raise ConfigurationError(
            place=_PLACE, problem="an SQLite URL has three slashes and a path", remedy=_REMEDY
        )
    path = unquote(rest[1:])
    if "?" in path and path.startswith(MEMORY):
        raise ConfigurationError(
            place=_PLACE, problem="an SQLite URL takes no parameters", remedy=_REMEDY
        )
    return path
