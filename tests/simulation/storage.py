"""The state as a database on another machine: the real SQLite store, behind latency and faults.

A call travels to the world's process, where the real store does it, and its answer travels back.
So a bot may die before the write, after it, or between the write and the news of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from agentbot.errors import StateUnavailable
from agentbot.state.sqlite.database import MEMORY, SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from agentbot.state.store import (
    AlreadySettled,
    Claim,
    ConversationMemory,
    JsonObject,
    LeasedElsewhere,
    Orphan,
    TurnRecord,
)
from tests.simulation.kernel import Process, give
from tests.simulation.turns import Circumstances

T = TypeVar("T")

Tell = Callable[[str, str, str, Any], None]
"""Takes what happened, in which process and conversation, and more of it."""

_URL = "sim:///state"
_UNTOLD = frozenset({"ping", "orphans"})
"""What a bot asks again and again, whatever happens."""


@dataclass(slots=True)
class Health:
    """How the database is: what the fault plan sets. Times are in seconds."""

    latency: float = 0.002
    slow: float = 0.0
    is_down: bool = False
    hangs: bool = False
    lost_answers: int = 0

    def calm(self) -> None:
        """Let all be well."""
        self.slow, self.lost_answers = 0.0, 0
        self.is_down = self.hangs = False


@dataclass(slots=True)
class Ledger:
    """What has been settled, durably, ever: it outlives a state that gets lost."""

    records: list[TurnRecord] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    """When each was settled, in truth; what a record itself says of it is by its bot's clock."""
    circumstances: list[Circumstances] = field(default_factory=list)
    """How each came about, as seen from outside."""
    lost_after: list[int] = field(default_factory=list)
    """How many records there were whenever the state was lost, with all that it remembered."""
    seen: dict[str, str] = field(default_factory=dict)
    """Of which messages it is noted that their answer was seen, and by which bot."""
    lost_at: list[float] = field(default_factory=list)
    """When that was (the world's seconds)."""

    def enter(self, record: TurnRecord, at: datetime, circumstances: Circumstances) -> None:
        """Add a record."""
        self.records.append(record)
        self.times.append(at)
        self.circumstances.append(circumstances)

    def of(self, message_id: str) -> list[int]:
        """Return which records cover a message, by their place."""
        return [
            place for place, record in enumerate(self.records) if message_id in record.message_ids
        ]


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may answer in a conversation, until when in truth (the world's seconds)."""

    holder: str
    fence: int
    until: float


class Database:
    """One database, which may be lost, and the stores that bots have in it.

    ``is_shared``: it stands for PostgreSQL, whose own clock times leases. Otherwise it stands for
    a file of the one bot's, which goes by that bot's clock, right or wrong.
    """

    def __init__(
        self,
        world: Process,
        *,
        clock: Callable[[], datetime],
        lease: float,
        random: Random,
        is_shared: bool,
    ) -> None:
        self.world = world
        self.is_shared = is_shared
        self.leases: dict[str, Lease] = {}
        self.health = Health()
        self.ledger = Ledger()
        self.random = random
        self.tell: Tell = lambda _what, _who, _where, _detail: None
        self.circumstances: Callable[[str, str], Circumstances]
        self._clock = clock
        self.lease = timedelta(seconds=lease)
        self._database = SQLiteDatabase(MEMORY)
        self._database.open()

    def lose(self) -> int:
        """Lose everything, as when the file is deleted while no bot runs.

        Return how many messages were claimed, and not settled.
        """
        row = self._database.read(
            lambda db: db.execute("SELECT count(*) FROM messages WHERE record IS NULL").fetchone()
        )
        self.ledger.lost_after.append(len(self.ledger.records))
        self.ledger.lost_at.append(self.world.kernel.now)
        self.ledger.seen.clear()
        self._database.close()
        self._database = SQLiteDatabase(MEMORY)
        self._database.open()
        return int(row[0])

    def upgrade(self, steps: Iterable[str]) -> None:
        """Change the schema while bots work on it, as a replica of the next release does."""
        self._database.read(lambda db: [db.execute(step) for step in steps])

    def now(self) -> datetime:
        """Return the true time."""
        return self._clock()

    def close(self) -> None:
        """Drop the database."""
        self._database.close()

    def store(self, process: Process, holder: str) -> RemoteStore:
        """Return the store of one bot."""
        return RemoteStore(self, process, holder)

    def real(self, process: Process, holder: str) -> SQLiteStore:
        """Return the real store for ``holder``, a process with a clock of its own."""
        ahead = timedelta() if self.is_shared else timedelta(seconds=process.clock_error)
        return SQLiteStore(
            self._database,
            holder=holder,
            lease=self.lease,
            clock=lambda: self._clock() + ahead,
            shared=True,
        )

    def take_over(self) -> None:
        """Give back every lease, as whoever opens a file does that is theirs alone."""
        if not self.is_shared:
            store = self.real(self.world, "nobody")
            self._database.write(store._release_all)

    def leased(self, claim: Claim, asked_at: float) -> None:
        """Note that a lease was given or prolonged."""
        until = asked_at + self.lease.total_seconds()
        self.leases[claim.conversation_id] = Lease(claim.holder, claim.fence, until)

    def may_answer(self, holder: str, conversation_id: str, message_ids: Sequence[str]) -> str:
        """Say what is wrong with a reply that leaves now; nothing where it is claimed."""
        row = self._database.read(
            lambda db: db.execute(
                "SELECT holder, fence FROM conversations WHERE conversation_id = ?",
                (conversation_id,),
            ).fetchone()
        )
        if row is None:
            return "no claim"
        owner, fence = row
        if owner != holder:
            return f"the lease is {owner}'s"
        lease = self.leases.get(conversation_id)
        if fence is None or lease is None or lease.fence != fence:
            return "the lease was given back"
        if lease.until <= self.world.time():
            return "the lease has run out"
        open_ids = self._database.read(
            lambda db: {
                name
                for name in message_ids
                if db.execute(
                    "SELECT 1 FROM messages WHERE message_id = ? AND record IS NULL", (name,)
                ).fetchone()
            }
        )
        missing = set(message_ids) - open_ids
        return f"{len(missing)} messages are not claimed" if missing else ""


class RemoteStore:
    """``Store``, over there."""

    def __init__(self, database: Database, process: Process, holder: str) -> None:
        self.holder = holder
        self._database = database
        self._process = process

    async def open(self) -> None:
        """Nothing to do: the database is up."""

    async def close(self) -> None:
        """Give back what is held."""
        await self._ask("close", lambda store: store.close())

    async def ping(self) -> None:
        """Write and read back."""
        await self._ask("ping", lambda store: store.ping())

    async def claim(
        self, conversation_id: str, message_ids: Sequence[str]
    ) -> Claim | LeasedElsewhere | AlreadySettled:
        """Claim; what another holds is told by this process's clock, as PostgreSQL's store does."""

        async def claim(store: SQLiteStore) -> Claim | LeasedElsewhere | AlreadySettled:
            answer = await store.claim(conversation_id, message_ids)
            if isinstance(answer, Claim):
                self._database.leased(answer, self._database.world.time())
            return answer

        asked_at = self._now()
        answer = await self._ask("claim", claim, conversation_id)
        if not self._database.is_shared:
            return answer
        match answer:
            case Claim():
                return replace(answer, expires_at=asked_at + self._database.lease)
            case LeasedElsewhere():
                return replace(answer, until=self._now() + (answer.until - self._database.now()))
        return answer

    def _now(self) -> datetime:
        return self._database.now() + timedelta(seconds=self._process.clock_error)

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Renew."""

        async def renew(store: SQLiteStore) -> set[str]:
            lost = await store.renew(claims)
            for claim in claims:
                if claim.conversation_id not in lost:
                    self._database.leased(claim, self._database.world.time())
            return lost

        return await self._ask("renew", renew)

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep a plan."""
        where = claim.conversation_id
        self._database.tell("plan kept", self.holder, where, len(plan["decision"]["actions"]))
        return await self._ask("checkpoint", lambda store: store.checkpoint(claim, plan), where)

    async def settle(
        self, claim: Claim, record: TurnRecord, memory: ConversationMemory | None
    ) -> bool:
        """Settle, and enter it in the ledger once that is durable."""

        database, where = self._database, claim.conversation_id
        circumstances = database.circumstances(self.holder, where)

        async def settle(store: SQLiteStore) -> bool:
            settled = await store.settle(claim, record, memory)
            if settled:
                database.ledger.enter(record, database.now(), circumstances)
            return settled

        said = f"{record.outcome} {record.reason_code}"
        return await self._ask("settle", settle, where, record=record, said=said)

    async def release(self, claim: Claim) -> None:
        """Give back."""
        await self._ask("release", lambda store: store.release(claim), claim.conversation_id)

    async def memory_of(self, conversation_id: str) -> ConversationMemory:
        """Look up what is remembered."""
        where = conversation_id
        return await self._ask("memory_of", lambda store: store.memory_of(conversation_id), where)

    async def replies(self, conversation_id: str) -> dict[str, tuple[str, ...]]:
        """Look up."""
        where = conversation_id
        return await self._ask("replies", lambda store: store.replies(conversation_id), where)

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Look up."""
        return await self._ask("settled", lambda store: store.settled(message_ids))

    async def mark_seen(self, message_id: str, seen_at: datetime) -> bool:
        """Note that an answer was seen."""

        async def mark(store: SQLiteStore) -> bool:
            is_news = await store.mark_seen(message_id, seen_at)
            if is_news:
                self._database.ledger.seen[message_id] = self.holder
                self._database.tell("receipt noted", self.holder, "", message_id)
            return is_news

        return await self._ask("mark_seen", mark)

    async def mark_given(self, conversation_id: str) -> bool:
        """Note that a conversation has been somebody's."""
        return await self._ask("mark_given", lambda store: store.mark_given(conversation_id))

    async def claimed(self, message_ids: Sequence[str]) -> set[str]:
        """Look up."""
        return await self._ask("claimed", lambda store: store.claimed(message_ids))

    async def orphans(self) -> list[Orphan]:
        """Look up."""
        return await self._ask("orphans", lambda store: store.orphans())

    def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Read the journal, which a running bot never does."""
        raise NotImplementedError

    async def prune(self, *, older_than: timedelta) -> int:
        """Prune."""
        return await self._ask("prune", lambda store: store.prune(older_than=older_than))

    async def forget(self, customer_id: str, conversation_ids: Sequence[str] = ()) -> int:
        """Erase."""
        return await self._ask("forget", lambda store: store.forget(customer_id, conversation_ids))

    async def _ask(
        self,
        what: str,
        call: Callable[[SQLiteStore], Awaitable[T]],
        where: str = "",
        *,
        record: TurnRecord | None = None,
        said: str = "",
    ) -> T:
        """Let the world do it. Raises ``StateUnavailable`` as the health has it."""
        database, process = self._database, self._process
        health = database.health
        done: asyncio.Future[Any] = process.create_future()
        if process.buried:
            raise StateUnavailable(_URL, "the process is dead")
        process.on_attempt("state")
        if not process.operation():
            await done
        if what not in _UNTOLD:
            database.tell(f"{what} asked", self.holder, where, record)
        database.world.call_later(self._delay(), self._arrive, what, call, done, where)
        answer = await done
        if not process.operation():
            await process.create_future()
        if what not in _UNTOLD:
            told = (record, answer) if record is not None else answer
            database.tell(f"{what} answered", self.holder, where, told)
        if isinstance(answer, Exception):
            process.kernel.note(process.name, f"state {what} {said}: {answer}")
            raise answer
        if what not in _UNTOLD or health.is_down:
            process.kernel.note(process.name, f"state {what} {said}: {_shown(answer)}")
        return answer  # type: ignore[no-any-return] # a future of anything: the call's own type

    def _delay(self) -> float:
        database = self._database
        slow = database.health.slow * database.random.random()
        return database.health.latency * (0.5 + database.random.random()) + slow

    def _arrive(
        self,
        what: str,
        call: Callable[[SQLiteStore], Awaitable[T]],
        done: asyncio.Future[Any],
        where: str,
    ) -> None:
        database, process = self._database, self._process
        if database.health.hangs:
            return
        if database.health.is_down:
            self._answer(done, StateUnavailable(_URL, "down"))
            return

        async def do() -> None:
            answer: object
            try:
                answer = await call(database.real(process, self.holder))
            except StateUnavailable as error:
                answer = error
            if what not in _UNTOLD:
                database.tell(f"{what} done", self.holder, where, answer)
            if database.health.lost_answers and what not in _UNTOLD:
                database.health.lost_answers -= 1
                if not isinstance(answer, StateUnavailable):
                    database.tell(f"{what} answer lost", self.holder, where, answer)
                answer = StateUnavailable(_URL, "done, or perhaps not")
            self._answer(done, answer)

        database.world.create_task(do())

    def _answer(self, done: asyncio.Future[Any], answer: object) -> None:
        if self._process.alive:
            self._process.call_later(self._delay(), give, done, answer)


def _shown(answer: object) -> str:
    if isinstance(answer, Claim):
        return f"claim fence={answer.fence} attempt={answer.attempt} ids={len(answer.message_ids)}"
    if isinstance(answer, LeasedElsewhere):
        return f"held by {answer.holder}"
    if isinstance(answer, set):
        return f"{len(answer)} of them"
    return (
        type(answer).__name__
        if isinstance(answer, AlreadySettled | ConversationMemory)
        else repr(answer)
    )
