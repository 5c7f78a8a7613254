"""Proves both stores, ``agentbot/state/sqlite/`` and ``agentbot/state/postgres/``, by examples.

What ``agentbot/state/store.py`` promises; each test runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentbot.state.store import AlreadySettled, Claim, ConversationMemory, LeasedElsewhere
from tests.support.states import LEASE, START, StoreHarness, claimed, record_of

A_MOMENT = timedelta(seconds=5)


async def test_a_claim_covers_what_was_asked(harness: StoreHarness) -> None:
    """In the order asked, once each, for one lease from now, as the first attempt."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m2", "m1", "m2")
    assert claim.message_ids == ("m2", "m1")
    assert (claim.holder, claim.attempt, claim.plan) == (store.holder, 1, None)
    assert store.holder == "one"
    assert claim.expires_at == harness.clock() + LEASE


async def test_a_leased_conversation_is_held(harness: StoreHarness) -> None:
    """Another holder is told whose it is and until when."""
    one, two = await harness.store("one"), await harness.store("two")
    claim = await claimed(one, "c", "m1")
    held = await two.claim("c", ["m1", "m2"])
    assert isinstance(held, LeasedElsewhere)
    assert held.holder == "one"
    assert abs(held.until - claim.expires_at) < A_MOMENT


async def test_settled_messages_are_never_claimed_again(harness: StoreHarness) -> None:
    """Not by others, not by the one that settled them, not beside new ones."""
    one, two = await harness.store("one"), await harness.store("two")
    claim = await claimed(one, "c", "m1")
    assert await one.settle(claim, record_of(claim), None)
    assert await two.claim("c", ["m1"]) == AlreadySettled()
    assert await one.claim("c", ["m1"]) == AlreadySettled()
    assert (await claimed(two, "c", "m1", "m2")).message_ids == ("m2",)
    assert await two.settled(["m1", "m2", "m3"]) == {"m1"}
    assert await two.claimed(["m1", "m2", "m4"]) == {"m1", "m2"}


async def test_a_settled_message_in_a_held_conversation_is_settled(harness: StoreHarness) -> None:
    """Who asks for what has its outcome need not wait for the lease."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1")
    await one.settle(first, record_of(first), None)
    await claimed(one, "c", "m2")
    assert await two.claim("c", ["m1"]) == AlreadySettled()


async def test_a_growing_turn_keeps_its_lease(harness: StoreHarness) -> None:
    """The same holder's next claim covers the earlier messages too, under the same fence."""
    store = await harness.store("one")
    first = await claimed(store, "c", "m1")
    second = await claimed(store, "c", "m2")
    assert second.message_ids == ("m1", "m2")
    assert (second.fence, second.attempt) == (first.fence, 1)


async def test_an_earlier_claim_stays_good_beside_a_later_one(harness: StoreHarness) -> None:
    """Settling the first closes its message; the lease stays for the other."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1")
    second = await claimed(one, "c", "m2")
    assert await one.settle(first, record_of(first), None)
    assert isinstance(await two.claim("c", ["m2"]), LeasedElsewhere)
    assert await one.settle(second, record_of(second), None)
    assert await two.settled(["m1", "m2"]) == {"m1", "m2"}
    assert isinstance(await two.claim("c", ["m3"]), Claim)


async def test_a_lost_claim_can_do_nothing(harness: StoreHarness) -> None:
    """After another took over, the first neither settles, checkpoints, renews nor releases."""
    one, two = await harness.store("one"), await harness.store("two")
    lost = await claimed(one, "c", "m1")
    await harness.advance(LEASE.total_seconds() + 1)
    taken = await claimed(two, "c", "m1")
    assert taken.fence > lost.fence
    assert not await one.settle(lost, record_of(lost), ConversationMemory(handed_off_at=START))
    assert not await one.checkpoint(lost, {"mine": True})
    assert await one.renew([lost]) == {"c"}
    await one.release(lost)
    assert isinstance(await one.claim("c", ["m1"]), LeasedElsewhere)
    assert [record async for record in one.records()] == []
    assert await one.memory_of("c") == ConversationMemory()
    assert await two.settle(taken, record_of(taken), None)


async def test_an_expired_turn_passes_on_with_its_plan(harness: StoreHarness) -> None:
    """The next holder gets the plan, a higher attempt, and what else had stayed open."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1", "m2")
    assert await one.checkpoint(first, {"text": "Hello\u0000", "sent": False})
    await harness.advance(LEASE.total_seconds() + 1)
    second = await claimed(two, "c", "m2", "m3")
    assert second.message_ids == ("m1", "m2", "m3")
    assert second.plan == {"text": "Hello\u0000", "sent": False}
    assert second.attempt == 2


async def test_a_turn_that_another_settled_is_not_settled_again(harness: StoreHarness) -> None:
    """The late holder is told, although every message of its claim has its outcome."""
    one, two = await harness.store("one"), await harness.store("two")
    late = await claimed(one, "c", "m1")
    await harness.advance(LEASE.total_seconds())
    taken = await claimed(two, "c", "m1")
    assert await two.settle(taken, record_of(taken), None)
    assert not await one.settle(late, record_of(late), None)
    assert len([record async for record in two.records()]) == 1


async def test_settling_a_part_clears_the_plan(harness: StoreHarness) -> None:
    """What had been sent belongs to the outcome, not to the messages that stay open."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1")
    await claimed(one, "c", "m2")
    await one.checkpoint(first, {"sent": True})
    await one.settle(first, record_of(first), None)
    await harness.advance(LEASE.total_seconds())
    rest = await claimed(two, "c", "m2")
    assert (rest.message_ids, rest.plan) == (("m2",), None)


async def test_settling_clears_the_plan(harness: StoreHarness) -> None:
    """The next turn of the conversation starts afresh, as a first attempt."""
    store = await harness.store("one")
    first = await claimed(store, "c", "m1")
    await store.checkpoint(first, {"sent": True})
    await store.settle(first, record_of(first), None)
    second = await claimed(store, "c", "m2")
    assert (second.plan, second.attempt) == (None, 1)


async def test_a_released_turn_is_free_at_once(harness: StoreHarness) -> None:
    """Others find it among the orphans and claim it; the first has lost it."""
    one, two = await harness.store("one"), await harness.store("two")
    first = await claimed(one, "c", "m1")
    await one.release(first)
    (orphan,) = await two.orphans()
    assert (orphan.conversation_id, orphan.message_ids, orphan.holder) == ("c", ("m1",), "one")
    assert abs(orphan.expired_at - harness.clock()) < A_MOMENT
    assert await one.renew([first]) == {"c"}
    assert (await claimed(two, "c", "m1")).attempt == 2


async def test_a_lease_that_nobody_took_can_be_renewed_and_settled(harness: StoreHarness) -> None:
    """Run out is not lost: nobody else has begun to answer."""
    one, two = await harness.store("one"), await harness.store("two")
    claim = await claimed(one, "c", "m1")
    await harness.advance(LEASE.total_seconds() + 1)
    assert [orphan.message_ids for orphan in await two.orphans()] == [("m1",)]
    assert await one.renew([claim]) == set()
    assert await two.orphans() == []
    assert isinstance(await two.claim("c", ["m1"]), LeasedElsewhere)
    await harness.advance(LEASE.total_seconds() + 1)
    assert await one.settle(claim, record_of(claim), None)


async def test_ones_own_expired_claim_is_a_new_attempt(harness: StoreHarness) -> None:
    """The holder's name may have come back after a restart: what it had sent is unknown."""
    store = await harness.store("one")
    first = await claimed(store, "c", "m1")
    await harness.advance(LEASE.total_seconds() + 1)
    second = await claimed(store, "c", "m1")
    assert second.attempt == 2
    assert second.fence > first.fence
    assert not await store.settle(first, record_of(first), None)


async def test_settling_may_be_repeated(harness: StoreHarness) -> None:
    """After an unclear failure the same call says True again and writes nothing."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m1")
    for _ in range(2):
        assert await store.settle(claim, record_of(claim), None)
    assert len([record async for record in store.records()]) == 1


async def test_settling_may_be_repeated_while_another_message_is_open(
    harness: StoreHarness,
) -> None:
    """The lease goes on then; the journal has one record all the same."""
    store = await harness.store("one")
    first = await claimed(store, "c", "m1")
    both = await claimed(store, "c", "m1", "m2")
    for _ in range(2):
        assert await store.settle(first, record_of(first), None)
    assert len([record async for record in store.records()]) == 1
    assert await store.settle(both, record_of(both), None)
    assert len([record async for record in store.records()]) == 2


async def test_renewing_tells_the_lost_from_the_kept(harness: StoreHarness) -> None:
    """One call for many leases."""
    store = await harness.store("one")
    claims = [await claimed(store, f"c{n}", f"m{n}") for n in range(5)]
    await store.settle(claims[1], record_of(claims[1]), None)
    await store.release(claims[3])
    assert await store.renew(claims) == {"c1", "c3"}
    assert await store.renew([]) == set()


async def test_closing_gives_back_the_leases(harness: StoreHarness) -> None:
    """Of this holder only."""
    one, two = await harness.store("one"), await harness.store("two")
    await claimed(one, "c1", "m1")
    await claimed(two, "c2", "m2")
    await one.close()
    assert [orphan.conversation_id for orphan in await two.orphans()] == ["c1"]


async def test_memory_is_kept_to_the_microsecond(harness: StoreHarness) -> None:
    """What a turn leaves is what the next finds; None leaves it as it was; others read it too."""
    one, two = await harness.store("one"), await harness.store("two")
    at = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
    memory = ConversationMemory(
        fired={"greeting": at}, snoozed_until=at, handed_off_at=at, closed_at=at
    )
    assert await one.memory_of("c") == ConversationMemory()
    for number, new in enumerate((memory, None)):
        claim = await claimed(one, "c", f"m{number}")
        assert await one.settle(claim, record_of(claim), new)
        assert await two.memory_of("c") == memory
    claim = await claimed(one, "c", "last")
    assert await one.settle(claim, record_of(claim), ConversationMemory())
    assert await one.memory_of("c") == ConversationMemory()


async def test_the_replies_that_the_journal_knows_are_told_with_what_they_answer(
    harness: StoreHarness,
) -> None:
    """Of that conversation alone; a turn without a reply is none."""
    one, two = await harness.store("one"), await harness.store("two")
    for number, reply_id in enumerate(("r0", None, "r2")):
        claim = await claimed(one, "c", f"m{number}")
        assert await one.settle(claim, replace(record_of(claim), reply_id=reply_id), None)
    other = await claimed(one, "other", "m")
    assert await one.settle(other, replace(record_of(other), reply_id="r"), None)
    assert await two.replies("c") == {"r0": ("m0",), "r2": ("m2",)}
    assert await two.replies("unknown") == {}


async def test_the_journal_comes_back_whole_and_in_order(harness: StoreHarness) -> None:
    """Any text, NUL and half a surrogate pair included; oldest first, from a time on, in pages."""
    store = await harness.store("one")
    times = [START + timedelta(seconds=(n * 7) % 450) for n in range(450)]
    claims = await asyncio.gather(*(claimed(store, f"c{n}", f"m{n}") for n in range(450)))
    records = [
        record_of(claim, question=f"{n} \x00 \ud83d ü", settled_at=at)
        for n, (claim, at) in enumerate(zip(claims, times, strict=True))
    ]
    done = zip(claims, records, strict=True)
    assert all(await asyncio.gather(*(store.settle(*pair, None) for pair in done)))
    records.sort(key=lambda record: record.settled_at)
    assert [record async for record in store.records()] == records
    since = START + timedelta(seconds=400)
    assert [record async for record in store.records(since=since)] == records[400:]


async def test_a_strange_object_does_not_keep_a_turn_from_settling(harness: StoreHarness) -> None:
    """The reply has left: what JSON cannot say is written as text."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m1")
    record = record_of(claim, decision={"at": START, "tags": {"a"}, "why": ValueError("so")})
    assert await store.settle(claim, record, None)
    (kept,) = [record async for record in store.records()]
    assert kept.decision == {"at": START.isoformat(), "tags": ["a"], "why": "so"}


async def test_a_message_belongs_to_one_conversation(harness: StoreHarness) -> None:
    """A claim of it elsewhere is the caller's error, and others of the group are not hurt."""
    store = await harness.store("one")
    await claimed(store, "c1", "m1")
    wrong, right = await asyncio.gather(
        store.claim("c2", ["m1"]), store.claim("c3", ["m3"]), return_exceptions=True
    )
    assert isinstance(wrong, ValueError)
    assert "a message of another conversation" in str(wrong)
    assert isinstance(right, Claim)


async def test_pruning_goes_by_age(harness: StoreHarness) -> None:
    """Old records go with their messages and their idle conversations; the rest stays."""
    store = await harness.store("one")
    now = harness.clock()
    for name, age in (("old", 91), ("young", 89)):
        claim = await claimed(store, name, f"m-{name}")
        at = now - timedelta(days=age)
        await store.settle(
            claim, record_of(claim, settled_at=at), ConversationMemory(handed_off_at=at)
        )
    assert await store.prune(older_than=timedelta(days=90)) == 1
    assert await store.settled(["m-old", "m-young"]) == {"m-young"}
    assert [record.conversation_id async for record in store.records()] == ["young"]
    # Touched a moment ago: the conversation is remembered although its record was old.
    assert (await store.memory_of("old")).handed_off_at is not None


async def test_pruning_takes_as_many_goes_as_it_needs(harness: StoreHarness) -> None:
    """More than one transaction deletes, of records and of conversations: all of them go."""
    store = await harness.store("one")
    many = 601
    claims = await asyncio.gather(*(claimed(store, f"c{n}", f"m{n}") for n in range(many)))
    await asyncio.gather(*(store.settle(claim, record_of(claim), None) for claim in claims))
    idle = await asyncio.gather(*(claimed(store, f"i{n}", f"mi{n}") for n in range(many)))
    await asyncio.gather(*(store.release(claim) for claim in idle))
    await harness.advance(3600)
    assert await store.prune(older_than=timedelta(minutes=1)) == many
    assert await store.orphans() == []
    assert await store.claimed([f"mi{n}" for n in range(many)]) == set()
    assert await store.forget("nobody", [f"c{n}" for n in range(many)]) == 0


async def test_pruning_keeps_what_is_not_older(harness: StoreHarness) -> None:
    """Neither a record nor a conversation of exactly that age, nor a snooze that is to end."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m")
    await store.settle(claim, record_of(claim), ConversationMemory(handed_off_at=START))
    assert await store.prune(older_than=timedelta(0)) == 0
    assert (await store.memory_of("c")).handed_off_at == START


async def test_a_snooze_that_has_ended_keeps_no_conversation(harness: StoreHarness) -> None:
    """It is forgotten as any other."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m")
    memory = ConversationMemory(snoozed_until=START - timedelta(days=1), handed_off_at=START)
    await store.settle(claim, record_of(claim), memory)
    await harness.advance(3600)
    assert await store.prune(older_than=timedelta(minutes=1)) == 1
    assert await store.memory_of("c") == ConversationMemory()


async def test_pruning_forgets_idle_conversations_but_no_snooze(harness: StoreHarness) -> None:
    """What nothing has touched for so long goes, with what was never settled; a snooze stays."""
    store = await harness.store("one")
    ancient = START - timedelta(days=900)
    for name, until in (("idle", None), ("snoozed", datetime(2100, 1, 1, tzinfo=UTC))):
        claim = await claimed(store, name, f"m-{name}")
        memory = ConversationMemory(handed_off_at=START, snoozed_until=until)
        await store.settle(claim, record_of(claim, settled_at=ancient), memory)
    await store.release(await claimed(store, "idle", "never-settled"))
    leased = await claimed(store, "leased", "m-leased")
    await harness.advance(1)
    assert await store.prune(older_than=timedelta(0)) == 2
    assert await store.memory_of("idle") == ConversationMemory()
    assert (await store.memory_of("snoozed")).handed_off_at == START
    assert await store.orphans() == []
    assert await store.renew([leased]) == set()


async def test_forgetting_erases_a_customer_everywhere(harness: StoreHarness) -> None:
    """Conversations named, and those with a record of the customer's, go from every table."""
    store = await harness.store("one")
    for name, customer in (("c1", "ann"), ("c2", "ann"), ("c3", "bob")):
        claim = await claimed(store, name, f"m-{name}")
        memory = ConversationMemory(handed_off_at=START)
        await store.settle(claim, record_of(claim, customer_id=customer), memory)
    under_way = await claimed(store, "c2", "m-open")
    await claimed(store, "c4", "m-c4")
    assert await store.forget("ann", ["c4", "unknown"]) == 3 + 4 + 2
    assert [record.customer_id async for record in store.records()] == ["bob"]
    assert await store.settled(["m-c1", "m-c2", "m-c3"]) == {"m-c3"}
    assert await store.memory_of("c1") == ConversationMemory()
    assert not await store.settle(under_way, record_of(under_way), None)
    assert await store.orphans() == []
    assert await store.forget("ann") == 0


async def test_many_claims_at_once_are_granted_once_each(harness: StoreHarness) -> None:
    """Three holders ask for the same hundred turns in the same moment."""
    stores = [await harness.store(f"holder-{n}") for n in range(3)]
    asked = [(store, n) for n in range(100) for store in stores]
    results = await asyncio.gather(*(store.claim(f"c{n}", [f"m{n}"]) for store, n in asked))
    granted = [result for result in results if isinstance(result, Claim)]
    assert sorted(claim.message_ids for claim in granted) == sorted((f"m{n}",) for n in range(100))
    assert len({claim.fence for claim in granted}) == 100


async def test_orphans_come_oldest_first(harness: StoreHarness) -> None:
    """By their first message; the messages of one in the order in which they were claimed."""
    store = await harness.store("one")
    for conversation, message in (("b", "m3"), ("a", "m2"), ("b", "m1")):
        await store.release(await claimed(store, conversation, message))
    found = [(orphan.conversation_id, orphan.message_ids) for orphan in await store.orphans()]
    assert found == [("b", ("m3", "m1")), ("a", ("m2",))]


async def test_a_naive_time_is_taken_as_utc(harness: StoreHarness) -> None:
    """As Papercups' times are: in memories, in records, and where the journal begins."""
    store = await harness.store("one")
    naive = START.replace(tzinfo=None)
    claim = await claimed(store, "c", "m")
    memory = ConversationMemory(
        snoozed_until=naive, handed_off_at=naive, closed_at=naive, fired={"rule": naive}
    )
    assert await store.settle(claim, record_of(claim, settled_at=naive), memory)
    assert await store.memory_of("c") == ConversationMemory(
        snoozed_until=START, handed_off_at=START, closed_at=START, fired={"rule": START}
    )
    for since, count in ((naive, 1), (naive + timedelta(seconds=1), 0)):
        assert len([record async for record in store.records(since=since)]) == count


async def test_a_ping_writes(harness: StoreHarness) -> None:
    """It can be repeated."""
    store = await harness.store("one")
    await store.ping()
    await store.ping()


@pytest.mark.parametrize("size", [1, 600])
async def test_a_turn_may_have_many_messages(harness: StoreHarness, size: int) -> None:
    """A burst is one turn, claimed and settled whole."""
    store = await harness.store("one")
    claim = await claimed(store, "c", *(f"m{n}" for n in range(size)))
    assert len(claim.message_ids) == size
    assert await store.settle(claim, record_of(claim), None)
    assert len(await store.settled(claim.message_ids)) == size
