"""The first loading of the prompts folder, before there is a bot: it may take a minute.

Whoever watches the process (a container's probes, say) must see meanwhile that it is alive.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from agentbot.cli.loader import PipelineLoader
from agentbot.cli.progress import PATIENCE
from agentbot.cli.reload import told_if_slow
from agentbot.errors import ConfigurationError
from agentbot.ops.health import serve_health
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline

_WAITING_FOR = {"prompts": "they are being read, and the FAQ learnt"}


async def load_first(
    loader: PipelineLoader, metrics: Metrics, *, patience: float = PATIENCE
) -> Pipeline:
    """Return the first pipeline; after ``patience`` seconds it is logged that this takes long.

    The health address is served from then on, and not sooner: whoever starts a second bot by
    mistake is to hear of what both want, and not of the port. Raises ``ConfigurationError``.
    """
    settings = loader.settings
    loading = asyncio.create_task(asyncio.to_thread(_load, loader, patience))
    await asyncio.wait({loading}, timeout=patience)
    if not loading.done():
        with suppress(ConfigurationError):  # it is told when the bot takes the address
            async with serve_health(
                host=settings.http.host,
                port=settings.http.port,
                registry=metrics.registry,
                not_ready=lambda: _WAITING_FOR,
            ):
                await asyncio.wait({loading})
    return await loading


def _load(loader: PipelineLoader, patience: float) -> Pipeline:
    with told_if_slow(loader.settings.prompts_dir, after=patience):
        return loader.load()
