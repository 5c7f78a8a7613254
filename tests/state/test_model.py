"""Proves both stores against a model in plain Python: any sequence of operations, the same answers.

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
from tests.support.states import (
    LEASE,
    START,
    PostgresHarness,
    SQLiteHarness,
    StoreHarness,
    record_of,
)

T = TypeVar("T")

_HOLDERS = st.sampled_from(["one", "two", "three"])
_CONVERSATIONS = st.sampled_from(["a", "b"])
_NUMBERS = st.lists(st.integers(0, 5), min_size=1, max_size=3)
_CLAIMS: Bundle[Claim] = Bundle("claims")


@dataclass
class _ModelConversation:
    """A conversation in the model. ``ends`` is None once the lease was given back."""

    holder: str = ""
    fence: int = 0
    ends: datetime | None = None
    plan: JsonObject | None = None
    memory: ConversationMemory = field(default_factory=ConversationMemory)
    open: dict[str, int] = field(default_factory=dict)


class _Machine(RuleBasedStateMachine):
    """Operations in any order, by three holders, over two conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.harness = self.make_harness()
        self.stores: dict[str, Store] = {}
        self.conversations: dict[str, _ModelConversation] = {}
        self.settled: dict[str, int] = {}
        self.granted: list[tuple[str, str, int]] = []
        self.records = 0

    def make_harness(self) -> StoreHarness:
        """Return an empty database."""
        return SQLiteHarness()

    def teardown(self) -> None:
        """Delete the database."""
        self.run(self.harness.close())
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end."""
        return self.loop.run_until_complete(work)

    def store(self, holder: str) -> Store:
        """Return the holder's store."""
        if holder not in self.stores:
            self.stores[holder] = self.run(self.harness.store(holder))
        return self.stores[holder]

    def is_latest(self, claim: Claim) -> bool:
        """Say whether nobody was granted the lease anew, and it was not given back."""
        known = self.conversations.get(claim.conversation_id)
        return known is not None and known.ends is not None and known.fence == claim.fence

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
        known = self.conversations.setdefault(conversation, _ModelConversation())
        now = self.harness.clock()
        live = known.ends is not None and known.ends > now
        if live and known.holder != holder:
            assert isinstance(answer, LeasedElsewhere)
            assert answer.holder == known.holder
            return multiple()
        assert isinstance(answer, Claim), answer
        if live:
            assert answer.fence == known.fence
        else:
            assert all(answer.fence > fence for _, _, fence in self.granted)
            known.open = {name: attempt + 1 for name, attempt in known.open.items()}
            self.granted.append((conversation, holder, answer.fence))
        earlier = [name for name in known.open if name not in fresh]
        for name in fresh:
            known.open.setdefault(name, 1)
        known.holder, known.fence, known.ends = holder, answer.fence, now + LEASE
        assert answer == Claim(
            conversation_id=conversation,
            message_ids=(*earlier, *fresh),
            holder=holder,
            fence=known.fence,
            expires_at=known.ends,
            attempt=max(known.open.values()),
            plan=known.plan,
            memory=known.memory if answer.memory is not None else None,
        )
        return answer

    @rule(claim=_CLAIMS, number=st.integers(0, 9))
    def checkpoint(self, claim: Claim, number: int) -> None:
        """Only the latest claim's plan is kept."""
        plan = {"step": number}
        kept = self.run(self.store(claim.holder).checkpoint(claim, plan))
        assert kept == self.is_latest(claim)
        if kept:
            self.conversations[claim.conversation_id].plan = plan

    @rule(claim=_CLAIMS, day=st.integers(0, 9) | st.none())
    def settle(self, claim: Claim, day: int | None) -> None:
        """The latest claim settles what it covers, once; a repeated call is told so."""
        memory = None
        if day is not None:
            memory = ConversationMemory(
                fired={"rule": START + timedelta(days=day)}, handed_off_at=START
            )
        done = self.run(self.store(claim.holder).settle(claim, record_of(claim), memory))
        known = self.conversations.get(claim.conversation_id, _ModelConversation())
        closing = [name for name in claim.message_ids if name in known.open]
        if not self.is_latest(claim) or not closing:
            assert done == all(self.settled.get(name) == claim.fence for name in claim.message_ids)
            return
        assert done
        self.records += 1
        for name in closing:
            assert name not in self.settled
            self.settled[name] = claim.fence
            del known.open[name]
        known.plan = None
        if not known.open:
            known.ends = None
        if memory is not None:
            known.memory = memory

    @rule(claim=_CLAIMS)
    def release(self, claim: Claim) -> None:
        """The latest claim's lease is given back; another's call changes nothing."""
        self.run(self.store(claim.holder).release(claim))
        if self.is_latest(claim):
            self.conversations[claim.conversation_id].ends = None

    @rule(claim=_CLAIMS)
    def renew(self, claim: Claim) -> None:
        """The latest claim's lease is prolonged, even where it had run out."""
        lost = self.run(self.store(claim.holder).renew([claim]))
        assert lost == (set() if self.is_latest(claim) else {claim.conversation_id})
        if not lost:
            self.conversations[claim.conversation_id].ends = self.harness.clock() + LEASE

    @rule(seconds=st.sampled_from([60, 420, 900]))
    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.run(self.harness.advance(seconds))

    @rule(holder=_HOLDERS)
    def restart(self, holder: str) -> None:
        """A store that closes gives back what it holds; its successor has the same name."""
        if holder in self.stores:
            self.run(self.stores.pop(holder).close())
            for known in self.conversations.values():
                if known.holder == holder:
                    known.ends = None

    @rule(conversation=_CONVERSATIONS)
    def forget(self, conversation: str) -> None:
        """Nothing of the conversation remains; its messages may come again."""
        self.run(self.store("one").forget("nobody", [conversation]))
        self.conversations.pop(conversation, None)
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
        every = [f"{name}{number}" for name in "ab" for number in range(6)]
        assert self.run(store.settled(every)) == set(self.settled)
        assert len(self.journal()) == self.records
        now = self.harness.clock()
        for name in "ab":
            assert (
                self.run(store.memory_of(name))
                == self.conversations.get(name, _ModelConversation()).memory
            )
        assert {
            orphan.conversation_id: (orphan.holder, orphan.message_ids)
            for orphan in self.run(store.orphans())
        } == {
            name: (known.holder, tuple(known.open))
            for name, known in self.conversations.items()
            if known.open and (known.ends is None or known.ends <= now)
        }


def test_any_sequence_on_sqlite() -> None:
    """The store in SQLite is the model."""
    run_machine(_Machine, settings=settings(stateful_step_count=30, deadline=None))


def test_any_sequence_on_postgresql(postgres_server: PostgresServer) -> None:
    """The store in PostgreSQL is the model."""

    class OnPostgres(_Machine):
        def make_harness(self) -> StoreHarness:
            return PostgresHarness(postgres_server.url)

    run_machine(
        OnPostgres, settings=settings(max_examples=10, stateful_step_count=30, deadline=None)
    )
