"""``agentbot run``: answer customers, until stopped."""

from __future__ import annotations

import structlog

from agentbot.bot.bot import Bot
from agentbot.cli.brain import Brain, chat_model, read_settings
from agentbot.cli.compose import compose, new_holder, utc_now
from agentbot.cli.reload import Reloader
from agentbot.cli.signals import on_signals
from agentbot.cli.tasks import task_group
from agentbot.config import Settings
from agentbot.ops.health import serve_health
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.state.opening import open_store

_log = structlog.get_logger("agentbot.run")


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
    brain = Brain(settings, model=chat_model(settings))
    pipeline = brain.load()
    for warning in brain.warnings:
        _log.warning("prompts.warning", problem=warning)
    store = open_store(
        settings.state_url.get_secret_value(),
        holder=new_holder(),
        lease=settings.state.lease,
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
        task_group() as group,
    ):
        _log.info("started", health=f"{url}/healthz", mode=settings.mode)
        reloader = Reloader(brain, bot.use)
        watching = group.create_task(reloader.watch())
        with on_signals(
            stop=lambda: group.create_task(bot.drain()),
            reload=lambda: group.create_task(reloader.reload()),
        ):
            await bot.run()
        watching.cancel()


def _secrets(settings: Settings) -> list[str]:
    """Return the values that must never stand in a log."""
    values = (settings.papercups_password, settings.openai_api_key)
    return [value.get_secret_value() for value in values if value is not None]
