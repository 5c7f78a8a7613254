"""``agentbot run``: answer customers, until stopped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager

import structlog
from starlette.routing import Route

from agentbot.bot.bot import Bot
from agentbot.cli.compose import compose, utc_now
from agentbot.cli.connections import settings_store
from agentbot.cli.example import may_be_example, refuse_example, trace_of_example
from agentbot.cli.first_load import load_first
from agentbot.cli.interpreter import (
    collect_what_comes,
    give_back_memory,
    let_the_loop_go_first,
    stop_collecting_what_stays,
)
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import load_provider, opened_model
from agentbot.cli.reload import Reloader, tell_warnings
from agentbot.cli.signals import on_signals
from agentbot.cli.spending import Spending
from agentbot.cli.store_opener import StoreOpener
from agentbot.cli.tasks import task_group
from agentbot.config import PapercupsLogin, Settings
from agentbot.errors import StateUnavailable
from agentbot.ops.health import serve_health
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.ops.otel import traced
from agentbot.ops.status import LastTurns, status_page
from agentbot.ops.systemd import ServiceManager
from agentbot.pipeline.llm.model import ChatModel
from agentbot.state.store import Store
from agentbot.threads import threads_that_step_back

_log = structlog.get_logger("agentbot.run")

_LOOK_EVERY = 0.1
"""Seconds between two looks whether the bot has joined: nobody notices a tenth."""


async def main() -> int:
    """Run until a signal; 0 once drained. Raises what settings, prompts or login have wrong.

    A store that is away is waited for, as Papercups is.
    """
    collect_what_comes()
    asyncio.get_running_loop().set_default_executor(threads_that_step_back())
    settings = read_settings()
    login = settings.papercups_login()
    configure_logging(level=settings.log_level, format=settings.log_format)
    async with opened_model(settings) as model:
        await _run(settings, login, model)
    _log.info("stopped")
    return 0


async def _run(settings: Settings, login: PapercupsLogin, model: ChatModel | None) -> None:
    metrics = Metrics()
    loader = PipelineLoader(
        settings,
        model=model,
        check=refuse_example,
        in_background=True,
        report_look_up=metrics.looked_up,
        puts_off=True,
    )
    pipeline = await load_first(loader, metrics)
    let_the_loop_go_first()
    stop_collecting_what_stays()
    give_back_memory()
    tell_warnings(loader)
    store = settings_store(settings)
    last_turns = LastTurns(clock=utc_now)
    async with (
        traced(settings.traces),
        compose(
            settings,
            login=login,
            store=store,
            pipeline=pipeline,
            metrics=metrics,
            on_settled=last_turns.settled,
        ) as bot,
    ):
        supervisor = _Supervisor(
            settings, bot, loader, store, metrics=metrics, last_turns=last_turns
        )
        with on_signals(stop=supervisor.stopping.set, reload=supervisor.reloading.set):
            try:
                await supervisor.run()
            finally:
                await _close(store)


class _Supervisor:
    """What goes on around one bot, from its start until ``stopping`` is set.

    There are three phases, each of which ends early when the bot is told to stop: the store is
    tried once, before anything else; then, with the health address served and the prompts watched,
    a store that is away is waited for; then the bot answers, and drains. Whenever ``reloading`` is
    set, the prompts are read again.
    """

    def __init__(
        self,
        settings: Settings,
        bot: Bot,
        loader: PipelineLoader,
        store: Store,
        *,
        metrics: Metrics,
        last_turns: LastTurns,
    ) -> None:
        self.stopping = asyncio.Event()
        self.reloading = asyncio.Event()
        self._settings = settings
        self._bot = bot
        self._loader = loader
        self._reloader = Reloader(loader, bot.use, metrics=metrics, clock=utc_now)
        self._opener = StoreOpener(store, metrics)
        self._spending = Spending(loader.budget, store, clock=utc_now)
        # Nobody else has a file of SQLite's: what is spent from now on is counted here.
        is_shared = not settings.state_url.get_secret_value().startswith("sqlite:")
        self._follows_spending = is_shared and loader.budget.is_limited
        self._metrics = metrics
        self._manager = ServiceManager.of(os.environ)
        self._last_turns = last_turns

    async def run(self) -> None:
        """Run until stopped, or until something fails that waiting does not mend."""
        await self._try_store()
        async with self._serve_health() as url, task_group() as group:
            _log.info(
                "started",
                papercups=self._settings.papercups_url,
                health=f"{url}/healthz",
                mode=self._settings.mode,
            )
            watching = group.create_task(self._reloader.watch())
            obeying = group.create_task(self._reload_when_told())
            group.create_task(self._drain_when_told())
            telling = group.create_task(self._manager.follow(self._not_ready))
            await self._wait_for_store()
            await self._unless_stopped(self._count_spent())
            following = group.create_task(self._follow_spending())
            finishing = group.create_task(self._finish_loading())
            await self._answer()
            following.cancel()
            finishing.cancel()
            watching.cancel()
            obeying.cancel()
            telling.cancel()

    # -- the phases ----------------------------------------------------------------------------

    async def _try_store(self) -> None:
        """Try to open the store, once.

        Before the port is taken: whoever starts a second bot by mistake is to hear of the file
        that both want, not of the port.
        """
        await self._unless_stopped(self._opener.attempt())

    async def _wait_for_store(self) -> None:
        """Wait until the store is open; where it is already, there is nothing to do."""
        await self._unless_stopped(self._opener.insist())

    async def _answer(self) -> None:
        """Let the bot run until it has drained; not at all where it has been told to stop."""
        # Between this question and the bot's first wait no other task gets to run. So a bot that
        # starts is one that will still hear of the drain.
        if not self.stopping.is_set():
            await self._bot.run()

    async def _count_spent(self) -> None:
        """Count what was spent on the model today, once the store can say so."""
        if self._opener.problem is None:
            await self._spending.read()

    async def _follow_spending(self) -> None:
        """Count what other replicas spend, as long as the bot runs."""
        if self._follows_spending:
            await self._spending.follow()

    # -- what goes on beside them --------------------------------------------------------------

    async def _finish_loading(self) -> None:
        """Learn the FAQ once customers are heard, and load what asks a model.

        Whoever asks sooner waits for it.
        """
        while self._bot.not_ready():  # noqa: ASYNC110 - none of them says so
            await asyncio.sleep(_LOOK_EVERY)
        await asyncio.to_thread(self._loader.get_ready)
        await asyncio.to_thread(load_provider, self._settings)
        for doubt in await asyncio.to_thread(self._loader.finish):
            _log.warning("prompts.warning", problem=doubt)
        if self._loader.prompts is not None and may_be_example(self._settings):
            example = await asyncio.to_thread(trace_of_example, self._loader.prompts)
            if example:
                _log.warning("prompts.example", problem=example, remedy="agentbot init")
        collect_what_comes()
        await asyncio.to_thread(give_back_memory)

    def _serve_health(self) -> AbstractAsyncContextManager[str]:
        return serve_health(
            host=self._settings.http.host,
            port=self._settings.http.port,
            registry=self._metrics.registry,
            not_ready=self._not_ready,
            warnings=self._warnings,
            status=self._status(),
        )

    def _status(self) -> Route | None:
        """Return the operator's page, where the settings have a password for it."""
        token = self._settings.http.status_token
        if token is None:
            return None
        about = {
            "Papercups": self._settings.papercups_url or "",
            "mode": self._settings.mode,
            "model": self._settings.openai_model if self._settings.llm_configured else "none",
        }
        return status_page(
            token.get_secret_value(),
            self._last_turns,
            state=self._not_ready,
            warnings=self._warnings,
            about=about,
        )

    def _warnings(self) -> dict[str, str]:
        return self._bot.warnings() | self._reloader.warnings()

    def _not_ready(self) -> dict[str, str]:
        problem = self._opener.problem
        return self._bot.not_ready() | ({} if problem is None else {"state": problem})

    async def _drain_when_told(self) -> None:
        await self.stopping.wait()
        self._manager.stopping()
        await self._bot.drain()

    async def _reload_when_told(self) -> None:
        while True:
            await self.reloading.wait()
            self.reloading.clear()
            is_awaited = self._manager.reloading()
            await self._reloader.reload()
            if is_awaited:
                self._manager.ready()

    async def _unless_stopped(self, work: Coroutine[object, object, None]) -> None:
        """Do the work, or as much of it as can be done until the bot is told to stop."""
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


async def _close(store: Store) -> None:
    try:
        await store.close()
    except StateUnavailable as error:
        # Leases that could not be given back run out, or end with this process.
        _log.warning("state.not_closed", problem=error.problem)
