"""What can be told of the store at an address without changing anything there."""

from __future__ import annotations

import os
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.state.opening import sqlite_path
from agentbot.state.sqlite.lockfile import holder_of, lock_path

_PLACE = "AGENTBOT_STATE_URL"


def is_missing_file(url: str) -> bool:
    """Say whether the store is a file that is not there yet; the first start of a bot makes it.

    Raises ``ConfigurationError`` where that start could not make it.
    """
    path = sqlite_path(url)
    if path is None:
        return False
    folder = path.parent
    try:
        if path.exists():
            return False
        has_folder = folder.is_dir()
    except OSError as error:
        problem = f"{path} cannot be looked at: {error.strerror}"
        raise ConfigurationError(_PLACE, problem, "let this user in, or name another") from error
    if not has_folder:
        raise ConfigurationError(_PLACE, f"there is no folder {folder}", "make it, or name another")
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = "name a file in a folder that this user may write to"
        raise ConfigurationError(_PLACE, f"{folder} cannot be written to", remedy)
    return True


def holder_at(url: str) -> str | None:
    """Return who holds the store for themselves alone: a running bot. None where nobody does."""
    path: Path | None = sqlite_path(url)
    return holder_of(lock_path(path)) if path is not None else None
