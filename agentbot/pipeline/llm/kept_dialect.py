"""What an endpoint was found to take, kept in a file from one start to the next.

A file belongs to one endpoint and model: another one begins anew. What is old is found out
anew too, since servers learn. A file that cannot be read or written is as good as none: then it is
found out at the first questions, as at the first start.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.keeping import replace_file
from agentbot.pipeline.llm.dialect import Dialect, LimitName, Way

MOST_AGE = 7 * 24 * 3600.0
"""Seconds for which it is believed: a server is brought up to date every few weeks, and finding it
out costs two or three refused requests."""
_DIGEST = 16
"""Hex digits of an endpoint's checksum in its file's name: no two share them."""


class _Kept(BaseModel):
    """The file's content; ``asked_tokens`` is the limit of the settings at that time."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: Literal[1] = 1
    at: Annotated[float, Field(allow_inf_nan=False)]
    way: Annotated[Way, Field(strict=False)]
    limit_name: LimitName
    streams: bool
    asks_usage: bool
    as_user: bool
    asked_tokens: int
    max_tokens: Annotated[int, Field(ge=1)]


class KeptDialect:
    """The file of one endpoint in ``folder``.

    ``max_tokens`` is the limit that the settings ask for. ``anew``: what it holds is not believed,
    and found out again. ``clock`` tells the seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        *,
        base_url: str,
        model: str,
        max_tokens: int,
        anew: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        name = sha256(f"{base_url.rstrip('/')}\0{model}".encode()).hexdigest()[:_DIGEST]
        self.path = folder / f"endpoint-{name}.json"
        self._anew = anew
        self._clock = clock
        self._max_tokens = max_tokens
        self._newest: _Kept | None = None
        self._lock = threading.Lock()
        self._writing: asyncio.Future[None] | None = None

    def recall(self, dialect: Dialect) -> Dialect:
        """Return how to ask: as was found out, where that is known and not old."""
        if self._anew:
            return dialect
        try:
            kept = _Kept.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return dialect
        age = self._clock() - kept.at
        if not 0 <= age < MOST_AGE:
            return dialect
        is_same_limit = kept.asked_tokens == self._max_tokens
        return replace(
            dialect,
            way=kept.way if dialect.form else dialect.way,
            limit_name=kept.limit_name,
            streams=kept.streams,
            asks_usage=kept.asks_usage,
            as_user=kept.as_user,
            max_tokens=kept.max_tokens if is_same_limit else dialect.max_tokens,
            tried=dialect.tried | {kept.limit_name},
        )

    def keep(self, dialect: Dialect) -> None:
        """Write it down, in a thread: nobody waits for the disk. Call from the event loop."""
        self._newest = kept = _Kept(
            at=self._clock(),
            way=dialect.way,
            limit_name=dialect.limit_name,
            streams=dialect.streams,
            asks_usage=dialect.asks_usage,
            as_user=dialect.as_user,
            asked_tokens=self._max_tokens,
            max_tokens=dialect.max_tokens,
        )
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, self._write, kept)

    def _write(self, kept: _Kept) -> None:
        with self._lock, contextlib.suppress(OSError, ConfigurationError):
            if kept is self._newest:  # threads need not come in the order in which they were sent
                self.path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(self.path, kept.model_dump_json())

    async def written(self) -> None:
        """Wait until what was kept is written."""
        if self._writing is not None:
            await self._writing
