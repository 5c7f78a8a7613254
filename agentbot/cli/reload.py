"""Hot reload of the prompts folder: all or nothing; a broken edit keeps the old rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from agentbot.cli.loader import PipelineLoader
from agentbot.errors import ConfigurationError
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.prompts import content_version

_log = structlog.get_logger("agentbot.reload")

_LOOK_EVERY = 2.0
"""Seconds between two looks at the folder: an edit takes effect while its author still watches,
and reading some twenty files so often costs nothing."""


class Reloader:
    """What loads ``loader``'s folder again, and hands the pipeline to ``use`` if it is good."""

    def __init__(self, loader: PipelineLoader, use: Callable[[Pipeline], None]) -> None:
        self._loader = loader
        self._use = use
        self._reloading = asyncio.Lock()

    async def reload(self) -> bool:
        """Load the folder as it is now; return False, and change nothing, where it is broken."""
        async with self._reloading:
            try:
                pipeline = await asyncio.to_thread(self._loader.load)
            except ConfigurationError as error:
                _log.error("prompts.broken", problem=str(error), kept="the prompts in use")
                return False
            self._use(pipeline)
            _log.info("prompts.reloaded", version=pipeline.version)
            return True

    async def watch(self, *, every: float = _LOOK_EVERY) -> None:
        """Reload whenever a file of the folder has changed, until cancelled.

        ``every`` is the pause between two looks, in seconds.
        """
        folder = self._loader.settings.prompts_dir
        seen = await asyncio.to_thread(content_version, folder)
        while True:
            await asyncio.sleep(every)
            try:
                now = await asyncio.to_thread(content_version, folder)
            except OSError as error:
                _log.warning("prompts.unreadable", problem=str(error))
                continue
            if now != seen:
                seen = now
                await self.reload()
