"""That a conversation has been somebody's is noted once, in both databases alike."""

from __future__ import annotations

from agentbot.state.store import ConversationMemory
from tests.support.states import StoreHarness, claimed, record_of


async def test_a_conversation_is_noted_as_given_once(harness: StoreHarness) -> None:
    """By any replica; what is remembered beside it stays, and so does the note."""
    store, other = await harness.store("one"), await harness.store("two")
    claim = await claimed(store, "c", "m1")
    await claimed(store, "d", "m2")
    assert await store.mark_given("c")
    assert not await other.mark_given("c")
    assert await store.settle(claim, record_of(claim), ConversationMemory())
    assert not await store.mark_given("c")
    assert await other.mark_given("d")


async def test_a_conversation_without_a_claim_is_not_ours_to_give(harness: StoreHarness) -> None:
    """Nothing is kept of it."""
    store = await harness.store("one")
    assert not await store.mark_given("c")
