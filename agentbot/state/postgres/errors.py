"""Errors that keep a PostgreSQL from being opened: some pass, some only the operator can mend."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped] # it ships no types

from agentbot.errors import ConfigurationError, StateUnavailable

_PLACE = "AGENTBOT_STATE_URL"

_PASSING = frozenset({"08", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE (PostgreSQL's appendix A) for failures of the server's own, which may pass:
connections, rollbacks, resources (too many connections, a full disk), objects in use, what its
operators do (57P03: starting up), the system's failures, bugs."""
_READ_ONLY = "25006"
"""The SQLSTATE of a standby: it may be on its way to become the primary."""
_NOT_ALLOWED = "42501"
"""The SQLSTATE where the user lacks a right."""
_LOGIN_REFUSED = "28"
"""The class of SQLSTATE of a login that is refused."""
_NO_DATABASE = "3D000"
"""The SQLSTATE where no database has that name."""


def opening_error(
    error: Exception, *, url: str, schema: str
) -> StateUnavailable | ConfigurationError:
    """Return the error of ours for ``error``, which was met in opening the store at ``url``.

    ``StateUnavailable`` where it may pass. Neither ``url`` nor the text holds a secret.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        if state == _READ_ONLY or state[:2] in _PASSING:
            return StateUnavailable(url=url, problem=reason(error))
        return ConfigurationError(_PLACE, f"{url}: {reason(error)}", _remedy(state, schema))
    if isinstance(error, ValueError):
        # What the driver says of the URL names its setting; other texts may quote a password.
        known = isinstance(error, asyncpg.exceptions.ClientConfigurationError)
        problem = reason(error) if known else "the URL cannot be used"
        return ConfigurationError(_PLACE, f"{url}: {problem}", "correct the URL and what follows ?")
    return StateUnavailable(url=url, problem=reason(error))


def reason(error: BaseException) -> str:
    """Return the error's own words, in one line."""
    return "; ".join(str(error).split("\n")) or type(error).__name__


def without_secrets(url: str) -> str:
    """Return a database's address with neither user, password nor parameters."""
    try:
        parts = urlsplit(url)
        place = parts.hostname or "localhost"
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "postgresql://?"
    return f"postgresql://{place}{port}{parts.path}"


def _remedy(state: str, schema: str) -> str:
    if state.startswith(_LOGIN_REFUSED) or state == _NO_DATABASE:
        return "check the user, the password and the database in the URL"
    if state == _NOT_ALLOWED:
        return f"let this user make the schema {schema}, or make it its owner"
    return "check what follows ? in the URL, and the server's version"
