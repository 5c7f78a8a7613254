"""Writing a file into the operator's folder, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from agentbot.errors import ConfigurationError

_RIGHTS = 0o644
"""Everybody may read it, as the other files: the bot often runs as another user."""


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` in place of what ``path`` holds; a reader sees the old text or the new one.

    Raises ``ConfigurationError`` where the folder cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(_RIGHTS)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            str(path),
            f"cannot be written: {error.strerror or error}",
            "where the folder is mounted read-only, run this on the machine it comes from",
        ) from error
