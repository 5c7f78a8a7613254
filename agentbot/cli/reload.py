"""Hot reload of the prompts folder: all or nothing; a broken edit keeps the old rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import structlog

from agentbot.cli.interpreter import give_back_memory
from agentbot.cli.loader import PipelineLoader
from agentbot.cli.progress import PATIENCE, reading, said_if_slow
from agentbot.errors import ConfigurationError
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.files.version import content_version
from agentbot.pipeline.pipeline import Pipeline

_log = structlog.get_logger("agentbot.reload")

_LOOK_EVERY = 2.0
"""Seconds between two looks at the folder: an edit takes effect while its author still watches,
and reading some twenty files so often costs nothing."""


def told_if_slow(folder: Path, *, after: float = PATIENCE) -> AbstractContextManager[None]:
    """Log that the folder is still being read, if the body takes longer than ``after`` seconds."""
    return said_if_slow(
        reading(folder),
        after=after,
        say=lambda doing: _log.info("prompts.still_loading", doing=doing),
    )


def tell_warnings(loader: PipelineLoader) -> None:
    """Log what is allowed in the folder, but probably a mistake."""
    for warning in loader.warnings:
        _log.warning("prompts.warning", problem=warning)


class Reloader:
    """What loads ``loader``'s folder again, and hands the pipeline to ``use`` if it is good.

    It is made once the folder has been loaded for the first time, with the ``version`` that it had
    then. ``clock`` returns the time, aware; ``patience`` are the seconds after which it is logged
    that loading takes long. The pipeline in use goes on answering meanwhile.
    """

    def __init__(
        self,
        loader: PipelineLoader,
        use: Callable[[Pipeline], None],
        *,
        version: str,
        metrics: Metrics,
        clock: Callable[[], datetime],
        patience: float = PATIENCE,
    ) -> None:
        self._loader = loader
        self._use = use
        self._seen = version
        self._metrics = metrics
        self._clock = clock
        self._patience = patience
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
                pipeline = await asyncio.to_thread(self._load)
            except ConfigurationError as error:
                self._problem = str(error)
                self._metrics.prompts_broken()
                _log.error("prompts.broken", problem=self._problem, kept="the prompts in use")
                return False
            self._use(pipeline)
            self._seen = pipeline.version
            await asyncio.to_thread(give_back_memory)
            self._problem = None
            self._loaded_at = self._clock()
            self._metrics.prompts_loaded(self._loaded_at)
            _log.info("prompts.reloaded", version=pipeline.version)
            tell_warnings(self._loader)
            return True

    def _load(self) -> Pipeline:
        with told_if_slow(self._loader.settings.prompts_dir, after=self._patience):
            return self._loader.load()

    async def watch(self, *, every: float = _LOOK_EVERY) -> None:
        """Reload whenever a file of the folder has changed, until cancelled.

        What was changed since the folder was loaded counts too, though nobody watched: learning a
        long FAQ takes a minute. ``every`` is the pause between two looks, in seconds.
        """
        folder = self._loader.settings.prompts_dir
        while True:
            await asyncio.sleep(every)
            try:
                now = await asyncio.to_thread(content_version, folder)
            except OSError as error:
                _log.warning("prompts.unreadable", problem=str(error))
                continue
            if now != self._seen:
                self._seen = now  # broken or not, it is loaded once
                await self.reload()
