"""``agentbot run``: answer customers, until stopped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog

from agentbot.cli.compose import compose, utc_now
from agentbot.cli.connections import settings_store
from agentbot.cli.example import refuse_example
from agentbot.cli.first_load import load_first, load_rest
from agentbot.cli.interpreter import (
    collect_what_comes,
    give_back_memory,
    let_the_loop_go_first,
    stop_collecting_what_stays,
)
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import opened_model
from agentbot.cli.reload import Reloader, tell_warnings
from agentbot.cli.signals import on_signals
from agentbot.cli.spending import Spending
from agentbot.cli.store_opener import StoreOpener
from agentbot.cli.supervisor import Supervisor
from agentbot.config import PapercupsLogin, Settings
from agentbot.errors import StateUnavailable
from agentbot.ops.health import NotReady, Warnings, serve_health
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.ops.otel import traced
from agentbot.ops.status import LastTurns, status_page
from agentbot.ops.systemd import ServiceManager
from agentbot.pipeline.llm.model import ChatModel
from agentbot.state.store import Store
from agentbot.threads import threads_that_step_back

_log = structlog.get_logger("agentbot.run")


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
        supervisor = Supervisor(
            bot,
            opener=StoreOpener(store, metrics),
            reloader=Reloader(
                loader, bot.use, version=pipeline.version, metrics=metrics, clock=utc_now
            ),
            spending=Spending(
                loader.budget,
                store,
                clock=utc_now,
                is_shared=settings.state_is_shared,
            ),
            manager=ServiceManager.of(os.environ),
            serve=partial(_serve_health, settings, metrics, last_turns),
            finish_loading=partial(load_rest, loader, not_ready=bot.not_ready),
        )
        with on_signals(stop=supervisor.stopping.set, reload=supervisor.reloading.set):
            try:
                await supervisor.run()
            finally:
                await _close(store)


@asynccontextmanager
async def _serve_health(
    settings: Settings,
    metrics: Metrics,
    last_turns: LastTurns,
    not_ready: NotReady,
    warnings: Warnings,
) -> AsyncIterator[None]:
    """Serve health and metrics, and the operator's page where the settings have a password."""
    token = settings.http.status_token
    status = None
    if token is not None:
        about = {
            "Papercups": settings.papercups_url or "",
            "mode": settings.mode,
            "model": settings.openai_model if settings.llm_configured else "none",
        }
        status = status_page(
            token.get_secret_value(), last_turns, state=not_ready, warnings=warnings, about=about
        )
    async with serve_health(
        host=settings.http.host,
        port=settings.http.port,
        registry=metrics.registry,
        not_ready=not_ready,
        warnings=warnings,
        status=status,
    ) as url:
        _log.info(
            "started",
            papercups=settings.papercups_url,
            health=f"{url}/healthz",
            mode=settings.mode,
        )
        yield


async def _close(store: Store) -> None:
    try:
        await store.close()
    except StateUnavailable as error:
        # Leases that could not be given back run out, or end with this process.
        _log.warning("state.not_closed", problem=error.problem)
