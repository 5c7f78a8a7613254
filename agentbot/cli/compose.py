"""The composition root: from settings to a bot whose parts know each other."""

from __future__ import annotations

import asyncio
import os
import random as random_module
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import httpx2

from agentbot.bot.bot import Bot
from agentbot.bot.conversations import Conversations
from agentbot.bot.delivery.notify import Notifier
from agentbot.bot.echoes import Echoes
from agentbot.bot.leases import Leases
from agentbot.bot.mirror import Mirror
from agentbot.bot.receipts import Receipts
from agentbot.bot.services import (
    Current,
    OnSettled,
    OnWork,
    Services,
    ignore,
    ignore_work,
)
from agentbot.bot.slots import FIRST_CAUGHT_UP, CatchUpSlots, Slots
from agentbot.config import PapercupsLogin, Settings
from agentbot.ops.metrics import Metrics
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.api import ApiOptions
from agentbot.papercups.events import Event
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.phoenix.client import RECONNECT, ClientOptions, WebSocketConnector
from agentbot.phoenix.options import SocketOptions
from agentbot.phoenix.transport import Connector
from agentbot.pipeline.pipeline import Pipeline
from agentbot.state.store import Store
from agentbot.window import Window


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


def new_holder() -> str:
    """Return the name under which this process holds its claims: telling, and unique."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@asynccontextmanager
async def compose(
    settings: Settings,
    *,
    login: PapercupsLogin,
    store: Store,
    pipeline: Pipeline,
    metrics: Metrics,
    clock: Callable[[], datetime] = utc_now,
    random: Callable[[], float] = random_module.random,
    connector: Connector | None = None,
    rest_transport: httpx2.AsyncBaseTransport | None = None,
    on_settled: OnSettled = ignore,
    on_work: OnWork = ignore_work,
    webhook_transport: httpx2.AsyncBaseTransport | None = None,
) -> AsyncIterator[Bot]:
    """Put a bot together, not running yet. ``store`` is open, and stays the caller's.

    What touches anything outside, time and chance included, may be replaced.
    """
    first = min(FIRST_CAUGHT_UP, settings.turns.concurrency)
    catching_up = CatchUpSlots(Window(first=first, most=settings.turns.concurrency))
    rest = AgentRest(
        PapercupsUrl.parse(login.url),
        email=login.email,
        password=login.password.get_secret_value(),
        transport=rest_transport,
        options=ApiOptions(
            rate=settings.rest.requests_per_second, on_answer=partial(_tell, catching_up)
        ),
        random=random,
    )
    webhook = settings.notify.url
    notifier = Notifier(
        None if webhook is None else webhook.get_secret_value(),
        count=metrics.noticed,
        transport=webhook_transport,
        random=random,
    )
    hear = _Relay()
    session = AgentSession(
        url=rest.url,
        login=rest.login,
        on_events=hear,
        connector=connector or WebSocketConnector(max_size=settings.socket.max_frame_bytes),
        options=client_options(settings),
        push_timeout=settings.socket.push_timeout_seconds,
        random=random,
    )
    monotonic = asyncio.get_running_loop().time
    mirror = Mirror(max_age=settings.turns.mirror_seconds, clock=monotonic)
    services = Services(
        session=session,
        rest=rest,
        conversations=Conversations(rest, mirror),
        store=store,
        settings=settings,
        metrics=metrics,
        clock=clock,
        leases=Leases(
            store,
            lease_seconds=settings.state.lease_seconds,
            clock=clock,
            on_claimed=metrics.claim_took,
        ),
        slots=Slots(settings.turns.concurrency, on_waiting=metrics.set_queue_length),
        current=Current(pipeline),
        catching_up=catching_up,
        receipts=Receipts(store),
        echoes=Echoes(on_echo=catching_up.answered, on_late=catching_up.failed),
        on_settled=on_settled,
        on_work=on_work,
        notify=notifier,
    )
    bot = Bot(services)
    hear.to = bot.on_events
    async with rest, aclosing(notifier):
        yield bot


def client_options(settings: Settings) -> ClientOptions:
    """Return the socket's options as the settings have them."""
    return ClientOptions(
        open_timeout=settings.socket.connect_timeout_seconds,
        retry=replace(RECONNECT, longest_pause=settings.socket.reconnect_seconds),
        socket=SocketOptions(
            heartbeat_interval=settings.socket.heartbeat_seconds,
            join_timeout=settings.socket.join_timeout_seconds,
            join_rate=settings.socket.joins_per_second,
        ),
    )


def _tell(catching_up: CatchUpSlots, seconds: float, could: bool) -> None:  # noqa: FBT001 - ApiOptions.on_answer
    """Tell how soon the server has answered, or that it could not."""
    if could:
        catching_up.answered(seconds)
    else:
        catching_up.failed()


class _Relay:
    """What the session reports to until there is a bot: it is made first."""

    def __init__(self) -> None:
        self.to: Callable[[Sequence[Event]], None] = lambda _events: None

    def __call__(self, events: Sequence[Event]) -> None:
        self.to(events)
