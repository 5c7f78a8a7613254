"""The first loading of the prompts folder: what a bot begins with, and the rest once it has joined.

The first part may take a minute. Whoever watches the process (a container's probes, say) must see
meanwhile that it is alive. The second makes no customer wait but those who ask before it is done.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from agentbot.cli.example import may_be_example, trace_of_example
from agentbot.cli.interpreter import collect_what_comes, give_back_memory
from agentbot.cli.loader import PipelineLoader
from agentbot.cli.model import load_provider
from agentbot.cli.progress import PATIENCE
from agentbot.cli.reload import told_if_slow
from agentbot.errors import ConfigurationError
from agentbot.ops.health import NotReady, serve_health
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline

_log = structlog.get_logger("agentbot.run")

_LOOK_EVERY = 0.1
"""Seconds between two looks whether the bot has joined: nobody notices a tenth."""
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


async def load_rest(loader: PipelineLoader, *, not_ready: NotReady) -> None:
    """Learn the FAQ once customers are heard, and load what asks a model.

    Whoever asks sooner waits for it. ``not_ready`` says what keeps the bot from answering.
    """
    while not_ready():  # noqa: ASYNC110 - none of its parts says so
        await asyncio.sleep(_LOOK_EVERY)
    settings = loader.settings
    await asyncio.to_thread(loader.get_ready)
    await asyncio.to_thread(load_provider, settings)
    for doubt in await asyncio.to_thread(loader.finish):
        _log.warning("prompts.warning", problem=doubt)
    if loader.prompts is not None and may_be_example(settings):
        example = await asyncio.to_thread(trace_of_example, loader.prompts)
        if example:
            _log.warning("prompts.example", problem=example, remedy="agentbot init")
    collect_what_comes()
    await asyncio.to_thread(give_back_memory)
