"""One bot's parts on a devserver in the same process, on virtual time, for the bot's unit tests.

All of them are real. What a test scripts stands at the edges: the responder in the pipeline, the
store behind :class:`WatchedStore`, the server's faults, and a wall clock that may be wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2

from agentbot.bot.bot import Bot
from agentbot.bot.conversations import Conversations
from agentbot.bot.echoes import Echoes
from agentbot.bot.leases import Leases
from agentbot.bot.mirror import Mirror
from agentbot.bot.receipts import Receipts
from agentbot.bot.services import Current, Services
from agentbot.bot.slots import CatchUpSlots, Slots
from agentbot.config import Settings
from agentbot.devserver.server import DEMO_PASSWORD
from agentbot.devserver.store import records
from agentbot.ops.metrics import Metrics
from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.api import ApiOptions
from agentbot.papercups.models import Message
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply, Silence
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import Prompts, load_prompts
from agentbot.pipeline.turn import Turn
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import TurnRecord
from agentbot.window import Window
from tests.support.devserver import SocketClient
from tests.support.folders import DEFAULT
from tests.support.virtual_account import URL, VirtualAccount
from tests.support.virtual_time import run_virtual
from tests.support.watched_store import WatchedStore

REASON = Reason("scripted", "as the test has it")

Script = Callable[[Turn], Decision | Pass | Awaitable[Decision | Pass]]


def reply(text: str = "Hello!", **fields: Any) -> Reply:
    """Return a rule's reply."""
    return Reply(**{"reason": REASON, "by": "rule", "source": "greeting", "text": text, **fields})


def handoff(text: str | None = "A person will look.", **fields: Any) -> Handoff:
    """Return a decision to leave the conversation to people."""
    return Handoff(**{"reason": REASON, "text": text, **fields})


def silence(**fields: Any) -> Silence:
    """Return a decision to say nothing."""
    return Silence(**{"reason": REASON, **fields})


def thinking(seconds: float, decision: Decision) -> Script:
    """Return a script that takes so long for its decision."""

    async def think(_turn: Turn) -> Decision:
        await asyncio.sleep(seconds)
        return decision

    return think


class ScriptedResponder:
    """Decides as the test scripts it, and keeps the turns that it was asked about."""

    name = "scripted"

    def __init__(self) -> None:
        self.script: Script = lambda _turn: reply()
        self.turns: list[Turn] = []

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Do as scripted."""
        self.turns.append(turn)
        return self.script(turn)


@cache
def _prompts() -> Prompts:
    return replace(load_prompts(DEFAULT), hours=None)  # the account's own hours count


def pipeline_of(responder: ScriptedResponder, **policy: Any) -> Pipeline:
    """Return a pipeline with this responder alone.

    ``policy`` changes the shipped one; a dictionary changes the values of a group. Nobody is asked
    for a moment, however long the answer takes: most tests count what is said.
    """
    prompts = _prompts()
    changes: dict[str, Any] = {"responders": ["scripted"], "one_moment_after": None}
    for name, value in policy.items():
        group = getattr(prompts.policy, name)
        changes[name] = group.model_copy(update=value) if isinstance(value, dict) else value
    changed = prompts.policy.model_copy(update=changes)
    return build_pipeline(replace(prompts, policy=changed), responders={"scripted": responder})


class WatchedTransport(httpx2.AsyncBaseTransport):
    """The way to the server's REST, and what is asked on it.

    ``is_cut`` says of a request whether it is lost on the way there, ``is_answer_lost`` whether
    its answer is lost on the way back.
    """

    def __init__(self, account: VirtualAccount) -> None:
        self._transport = account.transport
        self.is_cut: Callable[[httpx2.Request], bool] = lambda _request: False
        self.is_answer_lost: Callable[[httpx2.Request], bool] = lambda _request: False
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, unless it is lost."""
        self.asked.append(f"{request.method} {request.url.path}")
        if self.is_cut(request):
            raise httpx2.ConnectError("cut", request=request)
        response = await self._transport.handle_async_request(request)
        if self.is_answer_lost(request):
            raise httpx2.ReadError("cut", request=request)
        return response


class Visitor:
    """A customer with a conversation. They have written nothing, and no window is open yet."""

    def __init__(self, account: VirtualAccount, *, source: str = "chat") -> None:
        self._server = account.server
        store = account.server.store
        account_id = account.account.id
        self.customer = store.add_customer({"account_id": account_id, "name": "Vera"})
        self.conversation = store.add_conversation(
            {"account_id": account_id, "customer_id": self.customer.id, "source": source}
        )
        self._window: SocketClient | None = None

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.conversation.id

    def write(self, body: str = "Hi?", *, heard: bool = True, **fields: Any) -> records.Message:
        """Write; where it is not ``heard``, no broadcast says so."""
        return self._add(heard, body, customer_id=self.customer.id, **fields)

    def is_answered_by(
        self, user: records.User, *, heard: bool = True, **fields: Any
    ) -> records.Message:
        """Let a person write to the customer, or with ``fields`` a private note."""
        return self._add(heard, "I am here.", user_id=user.id, **fields)

    def open_window(self) -> None:
        """Have the chat window open, as far as the server knows."""
        self._window = SocketClient(self._server, {"vsn": "2.0.0"})
        self._window.join(f"conversation:{self.id}", {"customer_id": self.customer.id})

    def close_window(self) -> None:
        """Close the chat window."""
        assert self._window is not None
        self._window.socket.disconnected()

    @property
    def said(self) -> list[records.Message]:
        """The bot's messages to the customer, oldest first."""
        messages = self.conversation.messages
        return [message for message in messages if message.type == "bot" and not message.private]

    @property
    def notes(self) -> list[records.Message]:
        """The private notes in the conversation, oldest first."""
        return [message for message in self.conversation.messages if message.private]

    def _add(self, heard: bool, body: str, **fields: Any) -> records.Message:  # noqa: FBT001
        conversation, backend = self.conversation, self._server.backend
        message = backend.store.add_message(
            {
                "account_id": conversation.account_id,
                "conversation_id": conversation.id,
                "body": body,
                **fields,
            }
        )
        backend.store.stamp_activity(message)
        if heard:
            backend.announce_message(message)
        backend.settle(message)
        return message


class Parts:
    """A bot's peers, and all that it tells. Made within a running loop; see :func:`perform`."""

    def __init__(
        self,
        *,
        policy: Mapping[str, Any] | None = None,
        echoes: Echoes | None = None,
        password: str = DEMO_PASSWORD,
        **settings: dict[str, Any] | str,
    ) -> None:
        self.account = VirtualAccount()
        self.responder = ScriptedResponder()
        self.settings = Settings.model_validate(settings)
        self.metrics = Metrics()
        self.clock_error = timedelta()
        self.told: list[events.Event] = []
        self.settled: list[TurnRecord] = []
        self.seconds: list[float] = []
        self.work: list[tuple[str, bool]] = []
        self._database = SQLiteDatabase(MEMORY)
        self.store = WatchedStore(self._store("bot"))
        self.hear: Callable[[Sequence[events.Event]], None] = self._hear
        self.network = WatchedTransport(self.account)
        self.rest = AgentRest(
            URL,
            email=self.account.bot.email,
            password=password,
            transport=self.network,
            options=ApiOptions(rate=1e6),
            random=lambda: 0.5,
        )
        self.session = AgentSession(
            url=URL,
            login=self.rest.login,
            on_events=self._tell,
            connector=self.account.connector,
            random=lambda: 0.5,
        )
        self.services = Services(
            session=self.session,
            rest=self.rest,
            conversations=Conversations(
                self.rest,
                Mirror(
                    max_age=self.settings.turns.mirror_seconds,
                    clock=asyncio.get_running_loop().time,
                ),
            ),
            store=self.store,
            settings=self.settings,
            metrics=self.metrics,
            clock=self.now,
            leases=Leases(
                self.store, lease_seconds=self.settings.state.lease_seconds, clock=self.now
            ),
            slots=Slots(self.settings.turns.concurrency, on_waiting=self.metrics.set_queue_length),
            catching_up=CatchUpSlots(Window(first=4, most=self.settings.turns.concurrency)),
            receipts=Receipts(self.store),
            current=Current(pipeline_of(self.responder, **(policy or {}))),
            echoes=echoes or Echoes(),
            on_settled=self._settled,
            on_work=lambda id_, is_at_it: self.work.append((id_, is_at_it)),
        )

    def now(self) -> datetime:
        """Return what the bot's wall clock shows."""
        return self.account.server.backend.now() + self.clock_error

    def visitor(self, *, source: str = "chat") -> Visitor:
        """Let a customer open a conversation."""
        return Visitor(self.account, source=source)

    async def colleague(self) -> SQLiteStore:
        """Return the store of another replica, on the same database."""
        store = self._store("colleague")
        await store.open()
        return store

    def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value; 0 where it was not counted yet."""
        return self.metrics.registry.get_sample_value(f"agentbot_{name}", labels) or 0.0

    def count(self, kind: type[events.Event]) -> int:
        """Return how many events of this kind the session has told."""
        return sum(isinstance(event, kind) for event in self.told)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds. Raises ``TimeoutError`` after ten virtual minutes."""
        async with asyncio.timeout(600):
            while not holds():  # noqa: ASYNC110 - virtual time, and anything may be asked
                await asyncio.sleep(0.01)

    async def message(self, record: records.Message) -> Message:
        """Return a message as the bot would hear it."""
        conversation = await self.rest.conversation(record.conversation_id)
        return next(one for one in conversation.messages if one.id == record.id)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Have the store open, and close everything at the end."""
        await self.store.open()
        try:
            yield
        finally:
            await self.rest.aclose()
            self._database.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Have the session run, without a bot that would answer what it hears."""
        running = asyncio.create_task(self.session.run())
        await self.until(lambda: self.session.is_ready)
        try:
            yield
        finally:
            await self.session.close()
            await running

    @asynccontextmanager
    async def running_bot(self, **options: int) -> AsyncIterator[Bot]:
        """Have a bot run, from when it is ready; it is drained at the end."""
        bot = Bot(self.services, **options)
        self.hear = bot.on_events
        running = asyncio.create_task(bot.run())
        await self.until(lambda: running.done() or not bot.not_ready())
        try:
            yield bot
        finally:
            await bot.drain()
            await running

    def _store(self, holder: str) -> SQLiteStore:
        return SQLiteStore(
            self._database,
            holder=holder,
            lease=self.settings.state.lease,
            clock=self.now,
            shared=True,
        )

    def _tell(self, happened: Sequence[events.Event]) -> None:
        self.told += happened
        self.hear(happened)

    def _hear(self, happened: Sequence[events.Event]) -> None:
        """Take note of echoes and of the connection, as the bot does."""
        for event in happened:
            self.services.conversations.heard(event)
            match event:
                case events.MessageReceived(message=message):
                    self.services.echoes.heard(message)
                case events.Connected():
                    self.services.current.connections += 1
                case events.ConnectionLost():
                    self.services.echoes.connection_lost()
                case _:
                    pass

    def _settled(self, record: TurnRecord, seconds: float) -> None:
        self.settled.append(record)
        self.seconds.append(seconds)


def perform(
    story: Callable[[Parts], Awaitable[None]],
    *,
    listening: bool = True,
    longest: float = 86_400.0,
    **options: Any,
) -> None:
    """Run a story on parts of its own, with the session connected unless told otherwise.

    The story may last ``longest`` virtual seconds. ``options`` are those of :class:`Parts`.
    """

    async def main() -> None:
        parts = Parts(**options)
        async with parts.opened():
            if listening:
                async with parts.listening():
                    await story(parts)
            else:
                await story(parts)

    run_virtual(main(), longest=longest)
