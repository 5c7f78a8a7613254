"""The state as a database on another machine: the real SQLite store, behind latency and faults.

A call travels to the world's process, where the real store does it, and its answer travels back.
So a bot may die before the write, after it, or between the write and the news of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from agentbot.errors import StateUnavailable
from agentbot.state.sqlite import SQLiteStore
from agentbot.state.sqlite_database import MEMORY, SQLiteDatabase
from agentbot.state.store import (
    AlreadySettled,
    Claim,
    Held,
    JsonObject,
    Memory,
    Orphan,
    TurnRecord,
)
from tests.simulation.kernel import Process, give

T = TypeVar("T")

_URL = "sim:///state"


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

    def of(self, message_id: str) -> list[TurnRecord]:
        """Return the records that cover a message."""
        return [record for record in self.records if message_id in record.message_ids]


class Database:
    """One database, which may be lost, and the stores that bots have in it."""

    def __init__(
        self, world: Process, *, clock: Callable[[], datetime], lease: float, random: Random
    ) -> None:
        self.world = world
        self.health = Health()
        self.ledger = Ledger()
        self.random = random
        self._clock = clock
        self._lease = timedelta(seconds=lease)
        self._database = SQLiteDatabase(MEMORY)
        self._database.open()

    def lose(self) -> None:
        """Lose everything, as when the file is deleted while no bot runs."""
        self._database.close()
        self._database = SQLiteDatabase(MEMORY)
        self._database.open()

    def close(self) -> None:
        """Drop the database."""
        self._database.close()

    def store(self, process: Process, holder: str) -> RemoteStore:
        """Return the store of one bot."""
        return RemoteStore(self, process, holder)

    def real(self, holder: str) -> SQLiteStore:
        """Return the real store for ``holder``."""
        return SQLiteStore(
            self._database, holder=holder, lease=self._lease, clock=self._clock, shared=True
        )

    def may_answer(self, holder: str, conversation_id: str, message_ids: Sequence[str]) -> str:
        """Say what is wrong with a reply that leaves now; nothing where it is claimed."""
        row = self._database.read(
            lambda db: db.execute(
                "SELECT holder, fence, expires_at FROM conversations WHERE conversation_id = ?",
                (conversation_id,),
            ).fetchone()
        )
        if row is None:
            return "no claim"
        owner, fence, expires_at = row
        if owner != holder:
            return f"the lease is {owner}'s"
        now = self._clock().timestamp() * 1e6
        if fence is None or expires_at <= now:
            return "the lease has run out or was given back"
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
    ) -> Claim | Held | AlreadySettled:
        """Claim."""
        return await self._ask("claim", lambda store: store.claim(conversation_id, message_ids))

    async def renew(self, claims: Sequence[Claim]) -> set[str]:
        """Renew."""
        return await self._ask("renew", lambda store: store.renew(claims))

    async def checkpoint(self, claim: Claim, plan: JsonObject) -> bool:
        """Keep a plan."""
        return await self._ask("checkpoint", lambda store: store.checkpoint(claim, plan))

    async def settle(self, claim: Claim, record: TurnRecord, memory: Memory | None) -> bool:
        """Settle, and enter it in the ledger once that is durable."""

        async def settle(store: SQLiteStore) -> bool:
            settled = await store.settle(claim, record, memory)
            if settled:
                self._database.ledger.records.append(record)
            return settled

        return await self._ask(f"settle {record.outcome} {record.reason_code}", settle)

    async def release(self, claim: Claim) -> None:
        """Give back."""
        await self._ask("release", lambda store: store.release(claim))

    async def recall(self, conversation_id: str) -> Memory:
        """Remember."""
        return await self._ask("recall", lambda store: store.recall(conversation_id))

    async def settled(self, message_ids: Sequence[str]) -> set[str]:
        """Look up."""
        return await self._ask("settled", lambda store: store.settled(message_ids))

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

    async def _ask(self, what: str, call: Callable[[SQLiteStore], Awaitable[T]]) -> T:
        """Let the world do it. Raises ``StateUnavailable`` as the health has it."""
        database, process = self._database, self._process
        health = database.health
        done: asyncio.Future[Any] = process.create_future()
        if process.buried:
            raise StateUnavailable(_URL, "the process is dead")
        if not process.operation():
            await done
        database.world.call_later(self._delay(), self._arrive, what, call, done)
        answer = await done
        if not process.operation():
            await process.create_future()
        if isinstance(answer, Exception):
            process.kernel.note(process.name, f"state {what}: {answer}")
            raise answer
        if what not in {"ping", "orphans"} or health.is_down:
            process.kernel.note(process.name, f"state {what}: {_shown(answer)}")
        return answer  # type: ignore[no-any-return] # a future of anything: the call's own type

    def _delay(self) -> float:
        database = self._database
        slow = database.health.slow * database.random.random()
        return database.health.latency * (0.5 + database.random.random()) + slow

    def _arrive(
        self, what: str, call: Callable[[SQLiteStore], Awaitable[T]], done: asyncio.Future[Any]
    ) -> None:
        database = self._database
        if database.health.hangs:
            return
        if database.health.is_down:
            self._answer(done, StateUnavailable(_URL, "down"))
            return

        async def do() -> None:
            answer: object
            try:
                answer = await call(database.real(self.holder))
            except StateUnavailable as error:
                answer = error
            if database.health.lost_answers and what not in {"ping", "orphans"}:
                database.health.lost_answers -= 1
                answer = StateUnavailable(_URL, "done, or perhaps not")
            self._answer(done, answer)

        database.world.create_task(do())

    def _answer(self, done: asyncio.Future[Any], answer: object) -> None:
        if self._process.alive:
            self._process.call_later(self._delay(), give, done, answer)


def _shown(answer: object) -> str:
    if isinstance(answer, Claim):
        return f"claim fence={answer.fence} attempt={answer.attempt} ids={len(answer.message_ids)}"
    if isinstance(answer, Held):
        return f"held by {answer.holder}"
    if isinstance(answer, set):
        return f"{len(answer)} of them"
    return type(answer).__name__ if isinstance(answer, AlreadySettled | Memory) else repr(answer)
