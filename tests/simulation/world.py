"""One simulated world: a server, a database, a network between them, and bots."""

from __future__ import annotations

import asyncio
import random as random_module
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import SecretStr
from starlette.types import ASGIApp

from agentbot.bot.bot import Bot
from agentbot.cli.compose import compose
from agentbot.config import PapercupsLogin, Settings
from agentbot.devserver.app import create_app
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.ids import Ids
from agentbot.devserver.store.records import Conversation, Message
from agentbot.ops.metrics import Metrics
from tests.simulation.assigning import Assignments
from tests.simulation.drought import Drought
from tests.simulation.history import Custody, Period
from tests.simulation.http import RestTransport
from tests.simulation.kernel import Kernel, Process, give
from tests.simulation.network import LONGEST_DELAY, Network, SimulatedConnection, Weather
from tests.simulation.pace import Pace
from tests.simulation.rare import Rarities
from tests.simulation.scripted import pipeline
from tests.simulation.stopping import Stopping
from tests.simulation.storage import Database
from tests.simulation.turns import Event, Follower, Phase, SeenTurn
from tests.simulation.webhook import URL, Notices, WebhookTransport
from tests.simulation.witness import Conversations, Witness

if TYPE_CHECKING:
    from tests.simulation.actors import SimulatedVisitor

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_SKEWS = (0.0, 0.0, 0.0, 90.0, -90.0)
"""Seconds by which a bot's wall clock may be wrong."""
_OUTAGES = frozenset(
    {
        "unreachable",
        "bad gate",
        "restart server",
        "restart again and again",
        "long outage",
        "stall",
        "stall at reply",
        "crash channel",
        "expire tokens",
    }
)
"""Kinds of faults after which a bot may know for long what is true no longer."""
LOGIN = PapercupsLogin("http://papercups", "bot@example.com", SecretStr(DEMO_PASSWORD))


class Recorder(Metrics):
    """The metrics of all worlds, one after the other: what the present one shed stands apart."""

    def __init__(self) -> None:
        super().__init__()
        self.shed: Counter[str] = Counter()

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count what was shed or ignored, by reason."""
        self.shed[reason] += count
        super().dropped(reason, count)


@cache
def metrics() -> Recorder:
    """Return the metrics; making them takes longer than many a world."""
    return Recorder()


@cache
def settings(*, tight: bool = False) -> Settings:
    """Return the settings: the defaults, but that all is looked at once a minute.

    ``tight``: with so little room that a few customers at once overflow it.
    """
    turns = {"concurrency": 1, "queue_limit": 2} if tight else {}
    wanted = {"catch_up": {"interval_seconds": 60.0}, "turns": turns, "notify": {"url": URL}}
    return Settings.model_validate(wanted)


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that left a bot. ``held`` says that the connection carried nothing at that moment."""

    at: float
    bot: str
    conversation_id: str
    message_ids: tuple[str, ...]
    held: bool


class Moment(Enum):
    """What one may wait for."""

    REPLY_LEAVES = auto()
    ACT_LEAVES = auto()
    CUSTOMER_WRITES = auto()


@dataclass(slots=True, eq=False)
class Running:
    """One life of a bot."""

    name: str
    holder: str
    process: Process
    rest: RestTransport
    task: asyncio.Task[None] | None = None
    bot: Bot | None = None


@dataclass(slots=True)
class World:
    """Everything of one run. ``violations`` fills as invariants are broken.

    ``is_shared``: the state is PostgreSQL's, not a file of the one bot's.
    """

    seed: int
    settings: Settings = field(default_factory=settings)
    is_shared: bool = True
    kernel: Kernel = field(init=False)
    clock: Process = field(init=False)
    server: DevServer = field(init=False)
    app: ASGIApp = field(init=False)
    weather: Weather = field(init=False)
    network: Network = field(init=False)
    database: Database = field(init=False)
    rival_database: Database = field(init=False)
    """The state of another operator's bot on the account."""
    rivals: set[str] = field(default_factory=set)
    """The lives of that bot, as holders."""
    hands: dict[str, str] = field(default_factory=dict)
    """Which process has sent a reply, by the reply's id."""
    pace: Pace = field(init=False)
    server_error: int = 0
    account_id: str = ""
    bot_user_id: int = 0
    person_user_id: int = 0
    colleague_user_id: int = 0
    """Bea, to whom the operator's rules assign, and who does nothing."""
    people: frozenset[int] = frozenset()
    """The users of the account that are people."""
    bots: dict[str, Running] = field(default_factory=dict)
    lives: int = 0
    sent: list[Sent] = field(default_factory=list)
    stored_at: dict[str, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Conversations that a person has had to do with."""
    heard_within: float = LONGEST_DELAY + 2.5
    """Seconds until a bot has surely heard what happened in its account: the longest way there,
    and the longest that one topic is held back."""
    custody: dict[str, Custody] = field(default_factory=dict)
    people_online: list[Period] = field(default_factory=list)
    """When people of the account were online."""
    processes: dict[str, Process] = field(default_factory=dict)
    """All that ever ran a bot, by their names as holders."""
    messages: dict[str, Message] = field(default_factory=dict)
    """All that the server ever stored, what has been deleted included."""
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Which messages a bot's reply answered when it was stored, by the reply's id."""
    held_by: dict[str, str] = field(default_factory=dict)
    """Which process asked a customer for a moment, by the id of their message."""
    authors: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Which responder and source a reply named when it was stored."""
    deleted: dict[str, float] = field(default_factory=dict)
    """Conversations that people have deleted, and when."""
    lost_shouts: Counter[str] = field(default_factory=Counter)
    """How often the server has lost a shout, or the channel that was to take it, by the id of the
    conversation, or of the account, that its topic names."""
    visitors: dict[str, SimulatedVisitor] = field(default_factory=dict)
    """The customers, by their conversations."""
    marks_to_lose: int = 0
    follower: Follower = field(default_factory=Follower)
    rarities: Rarities = field(init=False)
    assignments: Assignments = field(init=False)
    notices: Notices = field(init=False)
    stopping: Stopping = field(init=False)
    drought: Drought = field(init=False)
    looks: dict[str, list[float]] = field(default_factory=dict)
    """When customers have seen what there was, by the conversation."""
    _waiting: dict[Moment, list[asyncio.Future[str]]] = field(default_factory=dict)
    _awaited_phases: dict[Phase, list[asyncio.Future[SeenTurn]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The source of whoever was given none.
        random_module.seed(f"{self.seed} everybody")
        self.kernel = Kernel(self.random("kernel"))
        self.clock = self.kernel.process("world")
        self.server = DevServer(
            now=self.now, call_later=self.clock.call_later, ids=Ids.seeded(self.seed)
        )
        # Only what the server writes down goes by its wall clock; its timers do not.
        self.server.store.now = lambda: self.now() + timedelta(seconds=self.server_error)
        self.server.store.conversations = Conversations()
        account, bot, ann = self.server.seed()
        bea = self.server.create_user(
            account, email="bea@example.com", password=DEMO_PASSWORD, name="Bea"
        )
        self.account_id, self.bot_user_id, self.person_user_id = account.id, bot.id, ann.id
        self.colleague_user_id = bea.id
        self.people = frozenset({ann.id, bea.id})
        self.weather = Weather(self.random("weather"))
        self.app = create_app(self.server)
        self.network = Network(self.kernel, self.clock, self.server, self.weather)
        self.network.on_send = self._on_send
        self.database = Database(
            self.clock,
            clock=self.now,
            lease=self.settings.state.lease_seconds,
            random=self.random("state"),
            is_shared=self.is_shared,
        )
        self.rival_database = Database(
            self.clock,
            clock=self.now,
            lease=self.settings.state.lease_seconds,
            random=self.random("rival state"),
            is_shared=True,
        )
        self.rival_database.circumstances = lambda who, where: self.follower.circumstances(
            who, where, self.kernel.now
        )
        self.rarities = Rarities(self.follower, self.count, self.settings)
        self.assignments = Assignments(self)
        self.notices = Notices(self)
        self.stopping = Stopping(self)
        self.drought = Drought(self)
        self.follower.on_phase = self._on_phase
        self.database.tell = self.tell
        self.database.circumstances = lambda who, where: self.follower.circumstances(
            who, where, self.kernel.now
        )
        self.pace = Pace(lambda: self.kernel.now, self.fail)
        metrics().shed.clear()
        Witness(self).watch()

    def random(self, what: str) -> Random:
        """Return a source of chance for one purpose, so that none disturbs another."""
        return Random(f"{self.seed} {what}")  # noqa: S311 - chance that can be had again

    def now(self) -> datetime:
        """Return the true time, by which all clocks are wrong that are."""
        return START + timedelta(seconds=self.kernel.now)

    @property
    def has_outages(self) -> bool:
        """Whether anything keeps connections down for a while, so that old news stand longer."""
        return any(what.removeprefix("fault ") in _OUTAGES for what in self.counts)

    @property
    def may_lose_acts(self) -> bool:
        """Whether a fault was on after which acts are not done: the server refuses them, or nobody
        remembers that they were to be done."""
        return bool({"fault break rest", "fault lose mark", "state lost"} & self.counts.keys())

    def count(self, what: str) -> None:
        """Count something for the figures."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def see(self, rare: str) -> None:
        """Count a rare state."""
        self.rarities.see(rare)

    def fail(self, what: str) -> None:
        """Note that an invariant is broken."""
        self.violations.append(what)
        self.kernel.note("!", what)

    # Bots

    def start_bot(self, name: str, *, clock_error: float | None = None) -> None:
        """Start a bot as a new process, whose wall clock is wrong by so many seconds."""
        self.lives += 1
        holder = f"{name}.{self.lives}"
        process = self.kernel.process(holder)
        if clock_error is None:
            clock_error = self.random(f"clock {holder}").choice(_SKEWS)
        process.clock_error = clock_error
        process.on_attempt = partial(self.pace.note, holder)
        process.on_fate = lambda fate, seconds: self.tell(fate, holder, detail=seconds)
        process.on_decision = lambda where, decision: self.tell("decided", holder, where, decision)
        self.processes[holder] = process
        self.database.take_over()
        rest = RestTransport(process, self.clock, self.app, self.weather)
        rest.tell = self.tell
        rest.conversation_of = self._conversation_of_customer
        running = self.bots[name] = Running(name, holder, process, rest)
        running.task = process.create_task(self._live(running))
        self.kernel.note(holder, "starts")

    def start_rival(self) -> Running:
        """Start another operator's bot, with a state of its own, as the same user."""
        holder = f"rival.{len(self.rivals) + 1}"
        self.rivals.add(holder)
        process = self.processes[holder] = self.kernel.process(holder)
        rest = RestTransport(process, self.clock, self.app, self.weather)
        running = Running("rival", holder, process, rest)
        running.task = process.create_task(self._live(running))
        self.kernel.note(holder, "starts")
        return running

    def _database_of(self, holder: str) -> Database:
        return self.rival_database if holder in self.rivals else self.database

    async def _live(self, running: Running) -> None:
        process = running.process
        try:
            async with compose(
                self._settings_of_bots(),
                login=LOGIN,
                store=self._database_of(running.holder).store(process, running.holder),
                pipeline=pipeline(),
                metrics=metrics(),
                clock=lambda: self.now() + timedelta(seconds=process.clock_error),
                random=self.random(running.holder).random,
                connector=self.network.connector(process),
                rest_transport=running.rest,
                webhook_transport=WebhookTransport(process, self),
            ) as bot:
                running.bot = bot
                await bot.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a bot that falls over is what is looked for
            if not process.buried:
                self.fail(f"{running.holder} fell over: {error!r}")

    def _settings_of_bots(self) -> Settings:
        """Return the settings, with the kind of state that the bots have."""
        if not self.is_shared:
            return self.settings
        return self.settings.model_copy(update={"state_url": SecretStr("postgresql://db/agentbot")})

    def bury_bot(self, running: Running, *, lingers: bool) -> None:
        """Do what an operating system does when a process has ended."""
        running.process.alive = False
        self.tell("ended", running.holder)
        for connection in list(self.network.connections):
            if connection.process is running.process:
                connection.die(lingers=lingers)
        running.rest.close_connections()

    # Watching

    async def next(self, moment: Moment, *, within: float) -> str | None:
        """Wait for the next such moment; return in which conversation, None if it does not come.

        ``within`` is in seconds.
        """
        waiter = self.clock.create_future()
        self._waiting.setdefault(moment, []).append(waiter)
        await asyncio.wait((waiter,), timeout=within)
        return waiter.result() if waiter.done() else None

    async def reached(self, phase: Phase, *, within: float) -> SeenTurn | None:
        """Wait until a turn enters ``phase``; return it, None if none does ``within`` seconds."""
        waiter = self.clock.create_future()
        self._awaited_phases.setdefault(phase, []).append(waiter)
        await asyncio.wait((waiter,), timeout=within)
        return waiter.result() if waiter.done() else None

    def act_leaves(self, conversation_id: str) -> None:
        """Remind those who wait for it that an assignment, or an address, is on its way."""
        self.clock.call_soon(self.remind, Moment.ACT_LEAVES, conversation_id)

    def _on_phase(self, turn: SeenTurn) -> None:
        for waiter in self._awaited_phases.pop(turn.phase, ()):
            self.clock.call_soon(give, waiter, turn)

    def remind(self, moment: Moment, conversation_id: str) -> None:
        """Remind those who wait for such a moment that it is there."""
        for waiter in self._waiting.pop(moment, ()):
            give(waiter, conversation_id)

    def tell(self, what: str, who: str = "", where: str = "", detail: Any = None) -> None:  # noqa: ANN401 - as various as what happens
        """Take what has happened in a process, or a conversation, for those who follow the turns.

        Rare states are looked for first: they are about how things were when it happened. Of
        another operator's bot nothing is followed.
        """
        if who in self.rivals:
            return
        event = Event(self.kernel.now, what, who, where, detail)
        self.rarities.look(event)
        self.stopping.take(event)
        self.follower.take(event)
        self.assignments.take(event)
        self.notices.take(event)
        self.drought.take(event)

    def _conversation_of_customer(self, path: str) -> str:
        """Return the conversation of the customer that a path names; "" where it names none."""
        customer_id = path.removeprefix("/api/customers/")
        return next(
            (id_ for id_, one in self.visitors.items() if one.customer.id == customer_id), ""
        )

    def customer_wrote(self, conversation_id: str) -> None:
        """Remind those who wait for that."""
        self.remind(Moment.CUSTOMER_WRITES, conversation_id)

    def delete(self, conversation: Conversation) -> None:
        """Delete a conversation with its messages, as an agent may; nobody is told."""
        self.deleted[conversation.id] = self.kernel.now
        self.server.store.delete_conversation(conversation)
        self.tell("deleted", "", conversation.id)

    def _on_send(self, connection: SimulatedConnection, text: str) -> None:
        if '"shout"' not in text or '"agentbot"' not in text:
            return
        _, _, topic, _, payload = orjson.loads(text)
        conversation_id = payload.get("conversation_id") or topic.partition(":")[2]
        marked = payload["metadata"]["agentbot"]
        holder = connection.process.name
        if "holding" in marked:
            self.kernel.note(holder, f"asks for a moment: {marked['holding']}")
            self.tell("holding sent", holder, conversation_id, (marked["holding"],))
            self._may_be_said(connection, conversation_id, (marked["holding"],))
            return
        ids = (*marked.get("also", ()), marked["in_reply_to"])
        self.kernel.note(holder, f"replies to {ids}")
        self.sent.append(Sent(self.kernel.now, holder, conversation_id, ids, connection.stalled))
        self.tell("reply sent", holder, conversation_id, ids)
        self.clock.call_soon(self.remind, Moment.REPLY_LEAVES, conversation_id)
        self._may_be_said(connection, conversation_id, ids)

    def _may_be_said(
        self, connection: SimulatedConnection, conversation_id: str, ids: tuple[str, ...]
    ) -> None:
        """See whether anything may be said to these messages now."""
        holder = connection.process.name
        self._talks_over(connection, conversation_id, ids)
        wrong = self._database_of(holder).may_answer(holder, conversation_id, ids)
        if wrong:
            self.fail(f"{holder} spoke to {ids[-1]} without a claim: {wrong}")

    def _talks_over(
        self, connection: SimulatedConnection, conversation_id: str, ids: tuple[str, ...]
    ) -> None:
        """See whether a reply leaves into what people have taken, or closed."""
        custody = self.custody.get(conversation_id)
        if custody is None or connection.stalled:
            return
        long_ago = self.kernel.now - self.heard_within
        holder = connection.process.name
        is_taken = custody.assignee_id in self.people and custody.given_by_person
        if is_taken and custody.assigned_at < long_ago:
            self.fail(f"{holder} TALKED INTO a conversation taken at {custody.assigned_at:.3f}")
        # Times on the server are in whole seconds: the order within one is not known.
        asked_at = max(self.stored_at[id_] for id_ in ids) // 1 + 1
        closed_long_ago = custody.is_closed and asked_at < custody.closed_at < long_ago
        if closed_long_ago and not self._seems_opened(conversation_id, ids):
            self.fail(f"{holder} TALKED INTO a conversation closed at {custody.closed_at:.3f}")

    def _seems_opened(self, conversation_id: str, ids: tuple[str, ...]) -> bool:
        """Say whether by the server's own stamps the customer wrote after the closing: its clock
        was set back between the two, and whoever did not hear them has nothing else to go by."""
        conversation = self.server.store.conversations.get(conversation_id)
        if conversation is None or conversation.closed_at is None:
            return False
        return max(self.messages[id_].created_at for id_ in ids) >= conversation.closed_at
