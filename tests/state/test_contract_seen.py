"""The journal learns when an answer was seen, in both databases alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support.states import StoreHarness, claimed, record_of

SEEN = datetime(2026, 11, 23, 18, 2, tzinfo=UTC)


async def test_when_an_answer_was_seen_stands_in_its_record(harness: StoreHarness) -> None:
    """By any of the turn's messages; the first time counts, and all else stays as it was."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m1", "m2")
    record = replace(record_of(claim, question='odd "seen_at":null} \x00 \ud83d'), answer="ü")
    assert not await store.mark_seen("m1", SEEN)
    assert await store.settle(claim, record, None)
    [before] = [one async for one in store.records()]
    assert before.seen_at is None
    assert await store.mark_seen("m2", SEEN)
    assert not await store.mark_seen("m1", SEEN + timedelta(minutes=5))
    assert not await store.mark_seen("never claimed", SEEN)
    [after] = [one async for one in store.records()]
    assert after.seen_at == SEEN
    assert (after.question, after.answer, after.message_ids) == (
        before.question,
        before.answer,
        before.message_ids,
    )


async def test_a_record_that_was_seen_before_it_was_written_keeps_that(
    harness: StoreHarness,
) -> None:
    """As an import of a journal would write it."""
    store = await harness.store("one")
    claim = await claimed(store, "c", "m1")
    assert await store.settle(claim, replace(record_of(claim), seen_at=SEEN), None)
    assert not await store.mark_seen("m1", SEEN + timedelta(minutes=5))
    [record] = [one async for one in store.records()]
    assert record.seen_at == SEEN
