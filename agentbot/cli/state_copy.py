"""``agentbot state backup`` and ``restore``: copies of the state, made beside a running bot."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_json, print_text, size_in_words
from agentbot.cli.progress import said_if_slow
from agentbot.config import Settings
from agentbot.errors import ConfigurationError
from agentbot.state.opening import sqlite_path
from agentbot.state.sqlite.copy import Copy, back_up, put_back


def main(
    what: Literal["backup", "restore"], file: Path, *, overwrite: bool = False, as_json: bool
) -> int:
    """Copy the state to ``file``, or back from it; say what the copy holds."""
    state = _state_file(read_settings())
    kept = None
    with said_if_slow(f"still copying and verifying {file}"):
        if what == "restore":
            made, kept = put_back(file, state)
        elif file.exists() and not overwrite:
            raise ConfigurationError(str(file), "is there already", "name another, or --overwrite")
        else:
            made = back_up(state, file)
    if as_json:
        print_json(_data(made) | ({} if kept is None else {"kept": str(kept)}))
        return 0
    print_text(
        f"{made.path}: schema version {made.schema_version}, {made.records} records,"
        f" {size_in_words(made.size)}, verified"
    )
    if kept is not None:
        print_text(f"{kept}: what stood there before")
    return 0


def _data(made: Copy) -> dict[str, object]:
    return {
        "file": str(made.path),
        "schema_version": made.schema_version,
        "records": made.records,
        "bytes": made.size,
        "verified": True,
    }


def _state_file(settings: Settings) -> Path:
    """Return the file that holds the state. Raises ``ConfigurationError`` where none does."""
    url = settings.state_url.get_secret_value()
    path = sqlite_path(url)
    if path is not None:
        return path
    if url.startswith("sqlite:"):
        raise ConfigurationError("AGENTBOT_STATE_URL", "is in memory alone", "name a file")
    raise ConfigurationError(
        "AGENTBOT_STATE_URL",
        "is PostgreSQL, which has tools of its own for this",
        "pg_dump --format=custom --schema=agentbot, and pg_restore",
    )
