"""From ``AGENTBOT_STATE_URL`` to a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agentbot.errors import ConfigurationError
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
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
    command: such a store must not claim, and a file that is missing is an error for it. PostgreSQL
    is shared in any case.

    Raises ``ConfigurationError`` where the URL names no store. Its text holds no password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        # Not quoted: what looks like no URL may hold a password all the same.
        raise ConfigurationError(place=_PLACE, problem="is not a URL", remedy=_REMEDY)
    if scheme == "sqlite":
        database = SQLiteDatabase(_sqlite_path(rest), owner=holder, exclusive=exclusive)
        return SQLiteStore(database, holder=holder, lease=lease, clock=clock)
    if scheme in ("postgresql", "postgres"):
        _check_server(url)
        # Loaded here, since asyncpg is not needed where the state is a file.
        from agentbot.state.postgres.store import PostgresStore  # noqa: PLC0415 - see above

        return PostgresStore(url, holder=holder, lease=lease, clock=clock)
    raise ConfigurationError(
        place=_PLACE, problem=f"{scheme[:20]!r} is no kind of store", remedy=_REMEDY
    )


def sqlite_path(url: str) -> Path | None:
    """Return the file of an SQLite store, absolute; None where the store is none.

    Raises ``ConfigurationError`` like :func:`open_store`.
    """
    scheme, _, rest = url.partition("://")
    path = _sqlite_path(rest) if scheme == "sqlite" else MEMORY
    return None if path == MEMORY else Path(path).absolute()


def _sqlite_path(rest: str) -> str:
    if not rest.startswith("/") or rest == "/":
        raise ConfigurationError(
            place=_PLACE, problem="an SQLite URL has three slashes and a path", remedy=_REMEDY
        )
    if "?" in rest:
        raise ConfigurationError(
            place=_PLACE, problem="an SQLite URL takes no parameters", remedy=_REMEDY
        )
    return unquote(rest[1:])


def _check_server(url: str) -> None:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname or parts.query) and parts.port != 0
        ambiguous = parts.netloc.count("@") > 1
    except ValueError:
        named = ambiguous = False
    if ambiguous:
        # The driver would take what follows the first for the host, and quote it.
        raise ConfigurationError(
            place=_PLACE, problem="holds more than one @", remedy="write %40 for one in a password"
        )
    if not named:
        raise ConfigurationError(
            place=_PLACE,
            problem="names no PostgreSQL server, or a port that is none",
            remedy=_REMEDY,
        )
