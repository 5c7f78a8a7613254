"""One run as a whole: server, proxies, replicas, customers and faults, and what came of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.records import Message
from tests.chaos.claims import Claims, PostgresClaims, SQLiteClaims
from tests.chaos.colleague import Colleague
from tests.chaos.customers import Customers
from tests.chaos.faults import FaultMaker
from tests.chaos.ledger import AnswerLedger, named_in
from tests.chaos.replicas import DRAIN_SECONDS, Lives, Replica
from tests.support.postgres import PostgresServer
from tests.support.proxy import FaultyProxy
from tests.support.timing import TIMEOUT_SCALE
from tests.support.waiting import telling

PROMPTS = Path(__file__).parent / "prompts"

_LOOK = 0.2
"""Seconds between two looks at what is still claimed."""
UNDER_WAY = 15.0 * TIMEOUT_SCALE
"""Seconds for which a stalled or half-open connection may hide a person from a bot, or hold a
reply: a heartbeat, its grace time and the longest stall, with room to spare."""
_LAST_FAULTS = 10.0
"""Seconds for which faults go on when the last turn has been asked. Without an end a bot that has
one answer left would meet every fault, and a run have no end but by chance."""
_SILENCE = 90.0 * TIMEOUT_SCALE
"""Seconds without a single new answer after which what is missing counts as lost: more than a
lease, the longest back-off and several attempts take together. It is waited for twice, and what is
lost must be told before a test's time is over."""

QUICK: Mapping[str, str] = {
    "AGENTBOT_PROMPTS_DIR": str(PROMPTS),
    "AGENTBOT_TURNS__IDLE_SECONDS": "0.1",
    "AGENTBOT_TURNS__MAX_SECONDS": "0.6",
    # A turn's time runs on while server and database are away, and a fallback would be no answer.
    "AGENTBOT_TURNS__DEADLINE_SECONDS": "600",
    "AGENTBOT_REPLY__FIRST_DELAY_SECONDS": "0.1",
    "AGENTBOT_REPLY__CONFIRM_TIMEOUT_SECONDS": "2",
    "AGENTBOT_CATCH_UP__SETTLE_SECONDS": "1",
    "AGENTBOT_CATCH_UP__INTERVAL_SECONDS": "5",
    "AGENTBOT_CATCH_UP__FRESH_AFTER_SECONDS": "0.3,1",
    "AGENTBOT_STATE__LEASE_SECONDS": "4",
    "AGENTBOT_SOCKET__HEARTBEAT_SECONDS": "3",
    "AGENTBOT_SOCKET__JOIN_TIMEOUT_SECONDS": "3",
    "AGENTBOT_SOCKET__PUSH_TIMEOUT_SECONDS": "3",
    "AGENTBOT_SOCKET__CONNECT_TIMEOUT_SECONDS": "3",
    # With the default, a bot that a storm of faults had met some times was away for most of what
    # came after: it is back for good only once it was there for ten seconds.
    "AGENTBOT_SOCKET__RECONNECT_SECONDS": "2",
    "AGENTBOT_REST__REQUESTS_PER_SECOND": "200",
    "AGENTBOT_DRAIN__GRACE_SECONDS": str(DRAIN_SECONDS),
}
"""All that waits, but the deadline, waits less here than by default; the relations stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlan:
    """What a run does. ``database`` is a running server; None: an SQLite file in ``folder``."""

    folder: Path
    kills: int
    turns: int
    seed: int
    replicas: int = 1
    database: PostgresServer | None = None
    with_faults: bool = True
    tell_slowest: bool = False
    customers: int = 24


@dataclass(slots=True)
class ChaosResult:
    """What came of a run."""

    plan: ChaosPlan
    ledger: AnswerLedger
    lives: Lives
    fault_maker: FaultMaker
    customers: Customers
    claims: Claims
    unclaimed: list[Message] = field(default_factory=list)
    killed_at_work: int = 0
    killed_unsettled: int = 0
    seconds: float = 0.0
    slack: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not (
            self.ledger.unanswered()
            or self.ledger.doubled()
            or self.ledger.mistaken()
            or self.ledger.strangers
            or self.ledger.talked_over(allowed=UNDER_WAY)
            or self.ledger.held_too_late(allowed=UNDER_WAY)
            or self.unclaimed
            or self.lives.broken
            or self.slack
        )


async def run(plan: ChaosPlan) -> ChaosResult:
    """Run the plan to its end, and return what came of it."""
    # A client that is killed in the middle of a request is an error to the server's library,
    # and bytes that are written to one are worth a warning to asyncio.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    async with AsyncExitStack() as stack:
        return await _Scenario(plan).run(stack)


class _Scenario:
    result: ChaosResult

    def __init__(self, plan: ChaosPlan) -> None:
        self._plan = plan
        self._random = Random(plan.seed)  # noqa: S311 - repeatable, not secret
        self._server = DevServer()
        self._account, _, self._ann = self._server.seed()
        self._ledger = AnswerLedger(self._server.store)
        self._ledger.on_reply = self._check_claim
        self._checks: set[asyncio.Task[None]] = set()
        self._open_before: set[str] = set()
        self._phase = "starting"
        self._replicas: list[Replica] = []
        self._lives = Lives()
        self._claims: Claims
        if plan.database is None:
            path = plan.folder / "state.db"
            self._state_url = f"sqlite:///{path}"
            self._claims = SQLiteClaims(path)
        else:
            self._state_url = plan.database.url
            self._claims = PostgresClaims(plan.database.url)

    async def run(self, stack: AsyncExitStack) -> ChaosResult:
        plan, began = self._plan, time.monotonic()
        url = await stack.enter_async_context(serve(self._server))
        replicas = [
            await self._replica(stack, url, f"bot{number}", state_url=self._state_url)
            for number in range(plan.replicas)
        ]
        for number in range(plan.kills):
            replicas[number % plan.replicas].kills_left += 1
        again = await self._replica(stack, url, "again", state_url=self._state_url)
        empty = f"sqlite:///{plan.folder / 'empty.db'}"
        amnesiac = await self._replica(stack, url, "amnesiac", state_url=empty)
        fault_maker = FaultMaker(
            self._server,
            [replica.proxy for replica in replicas],
            database=plan.database,
            random=self._fork(),
        )
        customers = Customers(
            self._server,
            self._ledger,
            url=url,
            account_id=self._account.id,
            turns=plan.turns,
            random=self._fork(),
            colleague=Colleague(self._ann, self._ledger, url=url, random=self._fork()),
        )
        self.result = ChaosResult(
            plan, self._ledger, self._lives, fault_maker, customers, self._claims
        )
        watching = asyncio.create_task(self._ledger.watch())
        stack.enter_context(telling(self._story))
        try:
            await self._storm(replicas, customers, fault_maker)
            await self._calm(replicas)
            for replica in (again, amnesiac):
                await self._live_once_more(replica)
        finally:
            for replica in (*replicas, again, amnesiac):
                await replica.kill()
            watching.cancel()
        self._ledger.look()
        await asyncio.gather(*self._checks)
        self.result.seconds = time.monotonic() - began
        return self.result

    def _fork(self) -> Random:
        """Return a source of chance of its own: how much one part takes must not change another."""
        return Random(self._random.random())  # noqa: S311 - repeatable, not secret

    async def _replica(
        self, stack: AsyncExitStack, url: str, name: str, *, state_url: str
    ) -> Replica:
        parts = urlsplit(url)
        proxy = FaultyProxy(parts.hostname or "", parts.port or 0)
        await stack.enter_async_context(proxy.serve())
        settings = {
            **QUICK,
            "PAPERCUPS_EMAIL": "bot@example.com",
            "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
            "AGENTBOT_STATE_URL": state_url,
        }
        replica = Replica(
            name,
            settings=settings,
            proxy=proxy,
            folder=self._plan.folder,
            random=self._fork(),
            lives=self._lives,
            claims=self._claims,
            before_kill=self._before_kill,
        )
        self._replicas.append(replica)
        return replica

    async def _storm(
        self, replicas: list[Replica], customers: Customers, fault_maker: FaultMaker
    ) -> None:
        """Ask, kill and disturb, until every kill is done and every turn asked and answered."""
        self._phase = "storm"
        disturbing = asyncio.create_task(fault_maker.run()) if self._plan.with_faults else None
        asking = asyncio.create_task(customers.run(side_by_side=self._plan.customers))
        try:
            async with asyncio.TaskGroup() as group:
                for replica in replicas:
                    group.create_task(replica.run())
                group.create_task(self._until_done(asking))
                if disturbing is not None:
                    group.create_task(self._calm_down(asking, disturbing, fault_maker))
        finally:
            asking.cancel()
            if disturbing is not None:
                disturbing.cancel()
                await asyncio.gather(disturbing, return_exceptions=True)
            await fault_maker.clear_up()

    async def _calm_down(
        self, asking: asyncio.Task[None], disturbing: asyncio.Task[None], fault_maker: FaultMaker
    ) -> None:
        """End the faults a while after the last turn was asked."""
        while True:
            if asking.done() or self.result.customers.kinds.total() >= self._plan.turns:
                break
            await asyncio.sleep(_LOOK)
        await asyncio.wait([asking], timeout=_LAST_FAULTS)
        disturbing.cancel()
        await asyncio.gather(disturbing, return_exceptions=True)
        fault_maker.switch_off()

    async def _until_done(self, asking: asyncio.Task[None]) -> None:
        """Wait for the customers for as long as answers still come."""
        while not asking.done():
            answered = len(self._ledger.replies)
            await asyncio.wait([asking], timeout=_SILENCE)
            if not asking.done() and len(self._ledger.replies) == answered:
                self.result.slack.append(f"no answer for {_SILENCE:g} s")
                return
        asking.result()

    async def _calm(self, replicas: list[Replica]) -> None:
        """Wait until what is left is answered, then let all drain: nothing may follow."""
        self._phase = "calm"
        for replica in replicas:
            await replica.last_life()
        while self._ledger.unanswered():
            answered = len(self._ledger.replies)
            try:
                async with asyncio.timeout(_SILENCE):
                    await self._ledger.all_answered()
            except TimeoutError:
                if len(self._ledger.replies) == answered:
                    break
        await self._all_settled()
        for replica in replicas:
            await replica.stop()

    async def _live_once_more(self, replica: Replica) -> None:
        """Start, look at all open conversations, find nothing to answer, and stop.

        With a state file that is lost it must be so too: the server is the proof.
        """
        self._phase = f"once more: {replica.name}"
        await replica.run()
        process = await replica.last_life()
        await process.logged("catch_up.done")
        await process.idle()
        await replica.stop()

    async def _all_settled(self) -> None:
        """Wait until what the kills left half done is closed in the journal too, a lease later."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _SILENCE
        while still_open := await self._claims.open():
            if loop.time() > until:
                self.result.slack.append(f"never settled: {sorted(still_open)[:5]}")
                return
            await asyncio.sleep(_LOOK)

    def _story(self) -> str:
        """Return where the run stands, and for which answers it waits."""
        plan, ledger = self._plan, self._ledger
        missing = [
            f"  no answer yet to {q.message.body!r}, {q.message.id} in {q.message.conversation_id}"
            for q in ledger.unanswered()
        ]
        lines = [
            f"chaos of seed {plan.seed} in {plan.folder}: {self._phase}",
            f"  turns {self.result.customers.kinds.total()} of {plan.turns}",
            f"  {len(ledger.questions)} messages, {len(ledger.replies)} replies",
            f"  faults {dict(self.result.fault_maker.counts)}",
            *(f"  {replica.story()}" for replica in self._replicas),
            *missing,
        ]
        return "\n".join(lines)

    def _check_claim(self, reply: Message) -> None:
        """Check that a reply which is stored has a claim that is stored, too."""
        task = asyncio.create_task(self._check(reply))
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _check(self, reply: Message) -> None:
        named = named_in(reply)
        if not named <= await self._claims.claimed(named):
            self.result.unclaimed.append(reply)

    async def _before_kill(self) -> None:
        """Count what the kill interrupts, but not again what an earlier one has left open."""
        still_open = await self._claims.open()
        interrupted = still_open - self._open_before
        self._open_before = still_open
        questions = self._ledger.questions
        self.result.killed_at_work += bool(interrupted)
        self.result.killed_unsettled += any(
            questions[id_].replies for id_ in interrupted if id_ in questions
        )
