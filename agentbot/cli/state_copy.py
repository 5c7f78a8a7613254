"""``agentbot state backup`` and ``restore``: copies of the state, made beside a running bot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_json, print_text, size_in_words
from agentbot.cli.progress import said_if_slow
from agentbot.errors import ConfigurationError
from agentbot.state.opening import sqlite_path
from agentbot.state.sqlite.copy import Copy, back_up, put_back


def main(
    what: Literal["backup", "restore"], file: Path, *, overwrite: bool = False, as_json: bool
) -> int:
    """Copy the state to ``file``, or back from it; say what the copy holds."""
    url = read_settings().state_url.get_secret_value()
    with said_if_slow(f"still copying and verifying {file}"):
        made, kept = _copied(what, file, url, overwrite=overwrite)
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


def _copied(
    what: Literal["backup", "restore"], file: Path, url: str, *, overwrite: bool
) -> tuple[Copy, Path | None]:
    """Make the copy; return it, and where what stood in its place before is kept."""
    if what == "backup" and file.exists() and not overwrite:
        raise ConfigurationError(str(file), "is there already", "name another, or --overwrite")
    path = sqlite_path(url)
    if path is not None:
        return put_back(file, path) if what == "restore" else (back_up(path, file), None)
    if url.startswith("sqlite:"):
        raise ConfigurationError("AGENTBOT_STATE_URL", "is in memory alone", "name a file")
    # Loaded here, since asyncpg is not needed where the state is a file.
    from agentbot.state.postgres import copy as postgres  # noqa: PLC0415 - see above

    if what == "restore":
        return asyncio.run(postgres.put_back(file, url)), None
    return asyncio.run(postgres.back_up(url, file)), None
