"""Both stores against a model in plain Python: any sequence of operations, the same answers.

The model is the contract at its shortest. What must hold whatever happens (no message settled
twice, never two live leases on one conversation) is checked on the model's own history after
every step, so an error that store and model shared would show all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)
from hypothesis.stateful import run_state_machine_as_test as run_machine

from agentbot.state.store import (
    AlreadySettled,
    Claim,
    ConversationMemory,
    JsonObject,
    LeasedElsewhere,
    Store,
)
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, START, PostgresWorld, SQLiteWorld, World, record_of

T = TypeVar("T")

_HOLDERS = st.sampled_from(["one", "two", "three"])
_CONVERSATIONS = st.sampled_from(["a", "b"])
_NUMBERS = st.lists(st.integers(0, 5), min_size=1, max_size=3)
_CLAIMS: Bundle[Claim] = Bundle("claims")


@dataclass
class _Lane:
    """A conversation in the model. ``ends`` is None once the lease was given back."""

    holder: str = ""
    fence: int = 0
    ends: datetime | None = None
    free_since: datetime = START
    plan: JsonObject | None = None
    memory: ConversationMemory = field(default_factory=ConversationMemory)
    open: dict[str, int] = field(default_factory=dict)


class _Machine(RuleBasedStateMachine):
    """Operations in any order, by three holders, over two conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = self.make_world()
        self.stores: dict[str, Store] = {}
        self.lanes: dict[str, _Lane] = {}
        self.settled: dict[str, int] = {}
        self.granted: list[tuple[str, str, int]] = []
        self.records = 0

    def make_world(self) -> World:
        """Return an empty database."""
        return SQLiteWorld()

    def teardown(self) -> None:
        """Delete the database."""
        self.run(self.world.close())
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.loop.run_until_complete(work)

    def store(self, holder: str) -> Store:
        """Return the holder's store."""
        if holder not in self.stores:
            self.stores[holder] = self.run(self.world.store(holder))
        return self.stores[holder]

    def is_latest(self, claim: Claim) -> bool:
        """Whether nobody has been granted the lease anew, and it was not given back."""
        lane = self.lanes.get(claim.conversation_id)
        return lane is not None and lane.ends is not None and lane.fence == claim.fence

    @rule(target=_CLAIMS, holder=_HOLDERS, conversation=_CONVERSATIONS, numbers=_NUMBERS)
    def claim(
        self, holder: str, conversation: str, numbers: list[int]
    ) -> Claim | MultipleResults[Claim]:
        """Claim as the model would grant it; the store's fence is taken over."""
        asked = list(dict.fromkeys(f"{conversation}{number}" for number in numbers))
        answer = self.run(self.store(holder).claim(conversation, asked))
        fresh = [name for name in asked if name not in self.settled]
        if not fresh:
            assert answer == AlreadySettled()
            return multiple()
        lane = self.lanes.setdefault(conversation, _Lane())
        now = self.world.clock()
        live = lane.ends is not None and lane.ends > now
        if live and lane.holder != holder:
            assert isinstance(answer, LeasedElsewhere)
            assert answer.holder == lane.holder
            return multiple()
        assert isinstance(answer, Claim), answer
        if live:
            assert answer.fence == lane.fence
        else:
            assert all(answer.fence > fence for _, _, fence in self.granted)
            lane.open = {name: attempt + 1 for name, attempt in lane.open.items()}
            self.granted.append((conversation, holder, answer.fence))
        earlier = [name for name in lane.open if name not in fresh]
        for name in fresh:
            lane.open.setdefault(name, 1)
        lane.holder, lane.fence, lane.ends = holder, answer.fence, now + LEASE
        assert answer == Claim(
            conversation_id=conversation,
            message_ids=(*earlier, *fresh),
            holder=holder,
            fence=lane.fence,
            expires_at=lane.ends,
            attempt=max(lane.open.values()),
            plan=lane.plan,
        )
        return answer

    @rule(claim=_CLAIMS, number=st.integers(0, 9))
    def checkpoint(self, claim: Claim, number: int) -> None:
        """Only the latest claim's plan is kept."""
        plan = {"step": number}
        kept = self.run(self.store(claim.holder).checkpoint(claim, plan))
        assert kept == self.is_latest(claim)
        if kept:
            self.lanes[claim.conversation_id].plan = plan

    @rule(claim=_CLAIMS, day=st.integers(0, 9) | st.none())
    def settle(self, claim: Claim, day: int | None) -> None:
        """The latest claim settles what it covers, once; a repeated call is told so."""
        memory = None
        if day is not None:
            memory = ConversationMemory(
                fired={"rule": START + timedelta(days=day)}, handed_off_at=START
            )
        done = self.run(self.store(claim.holder).settle(claim, record_of(claim), memory))
        lane = self.lanes.get(claim.conversation_id, _Lane())
        closing = [name for name in claim.message_ids if name in lane.open]
        if not self.is_latest(claim) or not closing:
            assert done == all(self.settled.get(name) == claim.fence for name in claim.message_ids)
            return
        assert done
        self.records += 1
        for name in closing:
            assert name not in self.settled
            self.settled[name] = claim.fence
            del lane.open[name]
        lane.plan = None
        if not lane.open:
            lane.ends, lane.free_since = None, self.world.clock()
        if memory is not None:
            lane.memory = memory

    @rule(claim=_CLAIMS)
    def release(self, claim: Claim) -> None:
        """The latest claim's lease is given back; another's call changes nothing."""
        self.run(self.store(claim.holder).release(claim))
        if self.is_latest(claim):
            self.lanes[claim.conversation_id].ends = None

    @rule(claim=_CLAIMS)
    def renew(self, claim: Claim) -> None:
        """The latest claim's lease is prolonged, even where it had run out."""
        lost = self.run(self.store(claim.holder).renew([claim]))
        assert lost == (set() if self.is_latest(claim) else {claim.conversation_id})
        if not lost:
            self.lanes[claim.conversation_id].ends = self.world.clock() + LEASE

    @rule(seconds=st.sampled_from([1, 7, 15]))
    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.run(self.world.advance(seconds))

    @rule(holder=_HOLDERS)
    def restart(self, holder: str) -> None:
        """A store that closes gives back what it holds; its successor has the same name."""
        if holder in self.stores:
            self.run(self.stores.pop(holder).close())
            for lane in self.lanes.values():
                if lane.holder == holder:
                    lane.ends = None

    @rule(conversation=_CONVERSATIONS)
    def forget(self, conversation: str) -> None:
        """Nothing of the conversation remains; its messages may come again."""
        self.run(self.store("one").forget("nobody", [conversation]))
        self.lanes.pop(conversation, None)
        gone = [name for name in self.settled if name.startswith(conversation)]
        for name in gone:
            del self.settled[name]
        self.records = len(self.journal())

    def journal(self) -> list[tuple[str, ...]]:
        """Return the message ids of all records."""

        async def read() -> list[tuple[str, ...]]:
            return [record.message_ids async for record in self.store("one").records()]

        return self.run(read())

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        """Settled messages, memories, orphans and the journal agree after every step."""
        store = self.store("one")
        every = [f"{lane}{number}" for lane in "ab" for number in range(6)]
        assert self.run(store.settled(every)) == set(self.settled)
        assert len(self.journal()) == self.records
        now = self.world.clock()
        for name in "ab":
            assert self.run(store.memory_of(name)) == self.lanes.get(name, _Lane()).memory
        assert {
            orphan.conversation_id: (orphan.holder, orphan.message_ids)
            for orphan in self.run(store.orphans())
        } == {
            name: (lane.holder, tuple(lane.open))
            for name, lane in self.lanes.items()
            if lane.open and (lane.ends is None or lane.ends <= now)
        }


def test_any_sequence_on_sqlite() -> None:
    """The store in SQLite is the model."""
    run_machine(
        _Machine, settings=settings(max_examples=100, stateful_step_count=30, deadline=None)
    )


def test_any_sequence_on_postgresql(postgres_server: PostgresServer) -> None:
    """The store in PostgreSQL is the model."""

    class OnPostgres(_Machine):
        def make_world(self) -> World:
            return PostgresWorld(postgres_server.url)

    run_machine(
        OnPostgres, settings=settings(max_examples=10, stateful_step_count=30, deadline=None)
    )
