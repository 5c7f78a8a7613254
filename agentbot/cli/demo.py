"""``agentbot demo``: the embedded server, the bot, and a chat page. No key, no network."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import typer
from pydantic import SecretStr

from agentbot.bot.bot import Bot
from agentbot.cli.chosen_llm import LLM, chosen_llm
from agentbot.cli.compose import compose, utc_now
from agentbot.cli.connections import settings_store
from agentbot.cli.interpreter import give_back_memory
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import opened_model
from agentbot.cli.progress import reading, said_if_slow
from agentbot.cli.reload import Reloader
from agentbot.cli.serving import serve_at
from agentbot.cli.tasks import in_background, wait_for_stop
from agentbot.config import PapercupsLogin, Settings
from agentbot.devserver.demo import DecisionFeed, demo_routes
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.records import Account, User, WorkingHours
from agentbot.errors import AgentbotError
from agentbot.ops.logging import configure_logging
from agentbot.ops.metrics import Metrics
from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.pipeline.hours.schedule import DAYS, MINUTES_A_DAY
from agentbot.pipeline.llm.model import ChatModel
from agentbot.pipeline.prompts import Prompts
from agentbot.state.export import record_to_json
from agentbot.state.store import TurnRecord

_NO_NAME = "Your company"
"""What the page says for a folder that names no company."""
_SAMPLES = 4
"""Questions that a visitor is offered, where company.yaml lists none: as many as fit on a phone."""
_IN_MEMORY = "sqlite:///:memory:"
_GIVE_UP_AFTER = 60.0
"""Seconds in which ``--once`` must have its reply: the local model may need most of them."""


@dataclass(frozen=True, slots=True)
class _Demo:
    """What is there once all parts are put together."""

    url: str
    account: Account
    bot: Bot
    reloader: Reloader
    decisions: asyncio.Queue[TurnRecord]


async def main(
    *, once: str | None, llm: LLM, port: int, prompts: Path | None, browser: bool
) -> int:
    """Run the demo until stopped, or for one question."""
    settings = read_settings(prompts=prompts)
    configure_logging(level="warning" if once is not None else settings.log_level, format="pretty")
    async with (
        chosen_llm(settings, llm) as (chosen, label),
        opened_model(chosen) as model,
        _put_together(chosen, model, label, port=0 if once is not None else port) as demo,
    ):
        running = asyncio.create_task(demo.bot.run())
        try:
            if once is not None:
                await _ask_once(demo, once, running)
            else:
                await _stay(demo, label, running, browser=browser)
        finally:
            await demo.bot.drain()
            await running
    return 0


@asynccontextmanager
async def _put_together(
    settings: Settings, model: ChatModel | None, llm: str, *, port: int
) -> AsyncIterator[_Demo]:
    """Put server, page and bot together; the bot is not running yet."""
    server = DevServer()
    account, bot_user, ann = server.seed()
    feed = DecisionFeed()
    decisions: asyncio.Queue[TurnRecord] = asyncio.Queue()

    def publish(record: TurnRecord, seconds: float) -> None:
        entry: dict[str, Any] = orjson.loads(record_to_json(record))
        feed.publish({**entry, "seconds": round(seconds, 3)})
        decisions.put_nowait(record)

    metrics = Metrics()
    loader = PipelineLoader(
        settings, model=model, in_background=True, report_look_up=metrics.looked_up
    )
    with said_if_slow(reading(settings.prompts_dir)):
        pipeline = loader.load()
    give_back_memory()
    _set_up(account, bot_user, pipeline.prompts)
    store = settings_store(settings, url=_IN_MEMORY)
    samples = _samples(pipeline.prompts)
    routes = demo_routes(server, feed, llm=llm, bot=bot_user, agent=ann, samples=samples)
    async with AsyncExitStack() as stack:
        await store.open()
        stack.push_async_callback(store.close)
        url = await stack.enter_async_context(serve_at(server, port=port, extra_routes=routes))
        composed = compose(
            settings,
            login=PapercupsLogin(url, bot_user.email, SecretStr(DEMO_PASSWORD)),
            store=store,
            pipeline=pipeline,
            metrics=metrics,
            on_settled=publish,
            on_work=feed.work,
        )
        bot = await stack.enter_async_context(composed)
        stack.callback(feed.close)  # before all else: the server waits for its streams
        reloader = Reloader(
            loader, bot.use, version=pipeline.version, metrics=metrics, clock=utc_now
        )
        yield _Demo(url, account, bot, reloader, decisions)


def _set_up(account: Account, bot: User, prompts: Prompts) -> None:
    """Give the account the name and the hours that the folder tells of."""
    account.company_name = prompts.company.name or _NO_NAME
    if bot.profile is not None:
        bot.profile["display_name"] = f"{account.company_name} Bot"
    if prompts.hours is not None:
        schedule = prompts.hours.default
        account.time_zone = str(schedule.zone)
        account.working_hours = tuple(
            # Papercups knows one span a day.
            WorkingHours(day, spans[0].start, min(spans[0].end, MINUTES_A_DAY))
            for day, spans in zip(DAYS, schedule.week, strict=True)
            if spans
        )


def _samples(prompts: Prompts) -> tuple[str, ...]:
    """Return the questions that the page offers: the folder's own, else the first of its FAQ."""
    return prompts.company.samples or tuple(one.question for one in prompts.faq[:_SAMPLES])


async def _ask_once(demo: _Demo, question: str, running: asyncio.Task[None]) -> None:
    """Print the reply to this one question, and its reason."""
    asking = asyncio.create_task(_ask(demo, question))
    await asyncio.wait(
        {asking, running}, timeout=_GIVE_UP_AFTER, return_when=asyncio.FIRST_COMPLETED
    )
    if not asking.done():
        asking.cancel()
        if running.done():
            await running
        raise _NoReply(f"no reply within {_GIVE_UP_AFTER:g} s")
    record = await asking
    typer.echo(record.answer or f"({record.outcome}: nothing is said)")
    by = f" by {record.by} {record.source or ''}".rstrip() if record.by else ""
    typer.echo(f"\n{record.outcome}{by}: {record.reason_code}: {record.reason}")


async def _ask(demo: _Demo, question: str) -> TurnRecord:
    url = PapercupsUrl.parse(demo.url)
    async with (
        CustomerRest(url) as rest,
        CustomerSession(rest, demo.account.id) as customer,
    ):
        await customer.shout(question)
        record = await demo.decisions.get()
        while record.answer is not None:
            message = await customer.next_message()
            if message.id == record.reply_id:
                break
        return record


class _NoReply(AgentbotError):
    """The demo's bot said nothing."""


async def _stay(demo: _Demo, llm: str, running: asyncio.Task[None], *, browser: bool) -> None:
    """Serve the page until stopped, or until the bot ends."""
    typer.echo(f"Chat with the bot at {demo.url}/   (language model: {llm}; stop with Ctrl-C)")
    async with in_background(demo.reloader.watch()), in_background(_open_page(demo, browser)):
        await wait_for_stop(running)


async def _open_page(demo: _Demo, browser: bool) -> None:  # noqa: FBT001 - a flag of the command's
    if browser:
        # A machine without a browser is no problem: the address has been printed.
        await asyncio.to_thread(webbrowser.open, demo.url)
