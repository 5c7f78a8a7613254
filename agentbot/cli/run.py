"""``agentbot run``: answer customers, until stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from agentbot.bot.bot import Bot
from agentbot.cli.brain import Brain, read_settings
from agentbot.cli.compose import compose, new_holder, utc_now
from agentbot.cli.reload import Reloader
from agentbot.config import Settings
from agentbot.ops.health import serve_health
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.state.opening import open_store

_log = structlog.get_logger("agentbot.run")

_EXIT_AT_ONCE = 1


async def main() -> int:
    """Run until a signal; 0 once drained. Raises what settings, prompts or login have wrong."""
    settings = read_settings()
    login = settings.papercups_login()
    configure_logging(
        level=settings.log_level,
        format=settings.log_format,
        secrets=_secrets(settings),
    )
    metrics = Metrics()
    brain = Brain(settings, metrics=metrics)
    pipeline = brain.load()
    for warning in brain.warnings:
        _log.warning("prompts.warning", problem=warning)
    store = open_store(
        settings.state_url.get_secret_value(),
        holder=new_holder(),
        lease=timedelta(seconds=settings.state.lease_seconds),
        clock=utc_now,
    )
    await store.open()
    try:
        async with compose(
            settings, login=login, store=store, pipeline=pipeline, metrics=metrics
        ) as bot:
            await _serve(settings, bot, brain, metrics)
    finally:
        await store.close()
        await brain.close()
    _log.info("stopped")
    return 0


async def _serve(settings: Settings, bot: Bot, brain: Brain, metrics: Metrics) -> None:
    async with (
        serve_health(
            host=settings.http.host,
            port=settings.http.port,
            registry=metrics.registry,
            not_ready=bot.not_ready,
        ) as url,
        asyncio.TaskGroup() as group,
    ):
        _log.info("started", health=f"{url}/healthz", mode=settings.mode)
        reloader = Reloader(brain, bot.use)
        watching = group.create_task(reloader.watch())
        with _signals(
            stop=lambda: group.create_task(bot.drain()),
            reload=lambda: group.create_task(reloader.reload()),
        ):
            await bot.run()
        watching.cancel()


@contextmanager
def _signals(*, stop: Callable[[], object], reload: Callable[[], object]) -> Iterator[None]:
    """SIGTERM and SIGINT stop; a second one exits at once. SIGHUP reloads."""
    loop = asyncio.get_running_loop()
    stopping = False

    def on_stop() -> None:
        nonlocal stopping
        if stopping:
            # Whatever is under way stands in the store or on the server: the next start finds it.
            os._exit(_EXIT_AT_ONCE)
        stopping = True
        stop()

    handlers = {signal.SIGTERM: on_stop, signal.SIGINT: on_stop, signal.SIGHUP: reload}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _secrets(settings: Settings) -> list[str]:
    """Return the values that must never stand in a log."""
    values = (settings.papercups_password, settings.openai_api_key)
    return [value.get_secret_value() for value in values if value is not None]
