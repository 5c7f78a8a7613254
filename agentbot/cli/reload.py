"""Hot reload of the prompts folder: all or nothing; a broken edit keeps the old rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from agentbot.cli.loader import PipelineLoader
from agentbot.errors import ConfigurationError
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.prompts import content_version

_log = structlog.get_logger("agentbot.reload")

_LOOK_EVERY = 2.0
"""Seconds between two looks at the folder: an edit takes effect while its author still watches,
and reading some twenty files so often costs nothing."""


class Reloader:
    """What loads ``loader``'s folder again, and hands the pipeline to ``use`` if it is good.

    It is made once the folder has been loaded for the first time. ``clock`` returns the time,
    aware.
    """

    def __init__(
        self,
        loader: PipelineLoader,
        use: Callable[[Pipeline], None],
        *,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._loader = loader
        self._use = use
        self._metrics = metrics
        self._clock = clock
        self._reloading = asyncio.Lock()
        self._problem: str | None = None
        self._loaded_at = clock()
        metrics.prompts_loaded(self._loaded_at)

    def warnings(self) -> dict[str, str]:
        """Return what the operator should look at: a folder that is broken since its last edit."""
        if self._problem is None:
            return {}
        since = self._loaded_at.isoformat(timespec="seconds")
        return {
            "prompts": f"those of {since} are in use, for the folder is broken: {self._problem}"
        }

    async def reload(self) -> bool:
        """Load the folder as it is now; return False, and change nothing, where it is broken."""
        async with self._reloading:
            try:
                pipeline = await asyncio.to_thread(self._loader.load)
            except ConfigurationError as error:
                self._problem = str(error)
                self._metrics.prompts_broken()
                _log.error("prompts.broken", problem=self._problem, kept="the prompts in use")
                return False
            self._use(pipeline)
            self._problem = None
            self._loaded_at = self._clock()
            self._metrics.prompts_loaded(self._loaded_at)
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
