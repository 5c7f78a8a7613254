"""``agentbot run``: answer customers, until stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

from agentbot.bot.bot import Bot
from agentbot.cli.compose import compose, new_holder, utc_now
from agentbot.cli.loader import PipelineLoader, chat_model, read_settings
from agentbot.cli.reload import Reloader
from agentbot.cli.signals import on_signals
from agentbot.cli.store_opener import StoreOpener
from agentbot.cli.tasks import task_group
from agentbot.config import Settings
from agentbot.errors import StateUnavailable
from agentbot.ops.health import serve_health
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.state.opening import open_store
from agentbot.state.store import Store

_log = structlog.get_logger("agentbot.run")


async def main() -> int:
    """Run until a signal; 0 once drained. Raises what settings, prompts or login have wrong.

    A store that is away is waited for, as Papercups is.
    """
    settings = read_settings()
    login = settings.papercups_login()
    configure_logging(
        level=settings.log_level,
        format=settings.log_format,
        secrets=_secrets(settings),
    )
    metrics = Metrics()
    loader = PipelineLoader(settings, model=chat_model(settings))
    pipeline = loader.load()
    for warning in loader.warnings:
        _log.warning("prompts.warning", problem=warning)
    store = open_store(
        settings.state_url.get_secret_value(),
        holder=new_holder(),
        lease=settings.state.lease,
        clock=utc_now,
    )
    async with compose(
        settings, login=login, store=store, pipeline=pipeline, metrics=metrics
    ) as bot:
        life = _Supervisor(settings, bot, loader, store, metrics)
        with on_signals(stop=life.stopping.set, reload=life.reloading.set):
            try:
                await life.run()
            finally:
                await _close(store)
    _log.info("stopped")
    return 0


class _Supervisor:
    """One bot's life: its state opened, its address served, until ``stopping`` is set.

    Whenever ``reloading`` is set, the prompts are read again.
    """

    def __init__(
        self, settings: Settings, bot: Bot, loader: PipelineLoader, store: Store, metrics: Metrics
    ) -> None:
        self.stopping = asyncio.Event()
        self.reloading = asyncio.Event()
        self._settings = settings
        self._bot = bot
        self._reloader = Reloader(loader, bot.use)
        self._opener = StoreOpener(store, metrics)
        self._metrics = metrics

    async def run(self) -> None:
        """Run until stopped, or until something fails that no patience mends."""
        # Before the port is taken: who starts a second bot by mistake is to hear of the file that
        # both want, and not of the port.
        await self._unless_stopped(self._opener.attempt())
        async with (
            serve_health(
                host=self._settings.http.host,
                port=self._settings.http.port,
                registry=self._metrics.registry,
                not_ready=self._not_ready,
            ) as url,
            task_group() as group,
        ):
            _log.info("started", health=f"{url}/healthz", mode=self._settings.mode)
            watching = group.create_task(self._reloader.watch())
            obeying = group.create_task(self._reload_when_told())
            group.create_task(self._drain_when_told())
            await self._unless_stopped(self._opener.insist())
            # From here to the bot's first wait nothing else runs: it is drained, or never runs.
            if not self.stopping.is_set():
                await self._bot.run()
            watching.cancel()
            obeying.cancel()

    def _not_ready(self) -> dict[str, str]:
        problem = self._opener.problem
        return self._bot.not_ready() | ({} if problem is None else {"state": problem})

    async def _unless_stopped(self, work: Coroutine[object, object, None]) -> None:
        """Do the work, or as much of it as could be done until we are told to stop."""
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, stopped):
                task.cancel()
            await asyncio.gather(working, stopped, return_exceptions=True)

    async def _drain_when_told(self) -> None:
        await self.stopping.wait()
        await self._bot.drain()

    async def _reload_when_told(self) -> None:
        while True:
            await self.reloading.wait()
            self.reloading.clear()
            await self._reloader.reload()


async def _close(store: Store) -> None:
    try:
        await store.close()
    except StateUnavailable as error:
        # Leases that could not be given back run out, or end with this process.
        _log.warning("state.not_closed", problem=error.problem)


def _secrets(settings: Settings) -> list[str]:
    """Return the values that must never stand in a log."""
    values = (settings.papercups_password, settings.openai_api_key)
    return [value.get_secret_value() for value in values if value is not None]
