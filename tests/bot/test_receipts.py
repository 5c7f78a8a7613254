"""What the customer has seen is read off the stamps, and noted once for each reply."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from agentbot.bot.proof import mark
from agentbot.bot.receipts import Receipts, seen_replies
from agentbot.papercups.models import Conversation, Message
from agentbot.state.store import Claim
from tests.support.bot_parts import Parts, perform
from tests.support.states import record_of

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def said(
    id_: str, minute: int, *, seen: int | None = None, to: str = "", **fields: object
) -> Message:
    """Return what was said at a minute past noon, by a bot where it answers a message."""
    bot = {"type": "bot", "metadata": mark([to], by="rule", source="r")} if to else {}
    values = {
        "id": id_,
        "conversation_id": "c",
        "created_at": NOON + timedelta(minutes=minute),
        "seen_at": None if seen is None else NOON + timedelta(minutes=seen),
    }
    return Message.model_validate({**values, **bot, **fields})


def test_a_reply_is_seen_by_its_own_stamp_or_by_that_of_a_later_message() -> None:
    """The earliest of them counts; what came after the last stamp was not seen yet."""
    messages = [
        said("late", 9, to="m3"),
        said("own", 1, to="m1", seen=2),
        said("none", 3, to="m2"),
        said("ann", 4, user_id=7, seen=6),
        said("ann again", 5, user_id=7, seen=8),
        said("note", 10, user_id=7, private=True, seen=11),
    ]
    found = {reply.id: seen_at for reply, seen_at in seen_replies(messages)}
    assert found == {"own": NOON + timedelta(minutes=2), "none": NOON + timedelta(minutes=6)}


def test_a_receipt_is_noted_in_the_journal_once() -> None:
    """Once there is a record to note it in; a state that is away is asked the next time."""

    async def story(parts: Parts) -> None:
        told: list[tuple[str, datetime]] = []
        receipts = Receipts(parts.store, on_seen=lambda reply, at: told.append((reply.id, at)))
        read = Conversation(id="c", messages=(said("r", 1, to="m1", seen=2),))
        claim = await parts.store.claim("c", ["m1"])
        assert isinstance(claim, Claim)
        await receipts.look(read)
        await parts.store.settle(claim, record_of(claim), None)
        parts.store.failures["mark_seen"] = 1
        await receipts.look(read)
        assert told == []
        before = parts.store.asked.count("mark_seen")
        for _ in range(3):
            await receipts.look(read)
        assert parts.store.asked.count("mark_seen") == before + 1
        assert told == [("r", NOON + timedelta(minutes=2))]
        [record] = [one async for one in parts.store.records()]
        assert record.seen_at == NOON + timedelta(minutes=2)
        later = Receipts(parts.store, on_seen=lambda reply, at: told.append((reply.id, at)))
        for _ in range(3):
            await later.look(read)
        assert parts.store.asked.count("mark_seen") == before + 2
        assert len(told) == 1

    with capture_logs() as lines:
        perform(story, listening=False)
    assert [line["reply_id"] for line in lines if line["event"] == "reply.seen"] == ["r"]


def test_a_turn_that_is_settled_while_a_receipt_is_looked_for_is_noted_the_next_time() -> None:
    """The journal had nowhere to note it when it was asked."""

    async def story(parts: Parts) -> None:
        told: list[str] = []
        receipts = Receipts(parts.store, on_seen=lambda reply, _at: told.append(reply.id))
        read = Conversation(id="c", messages=(said("r", 1, to="m1", seen=2),))
        claim = await parts.store.claim("c", ["m1"])
        assert isinstance(claim, Claim)
        parts.store.slow |= {"mark_seen": 1.0, "settled": 1.0}
        looking = asyncio.create_task(receipts.look(read))
        await asyncio.sleep(0.5)
        await parts.store.settle(claim, record_of(claim), None)
        await looking
        await receipts.look(read)
        assert told == ["r"]

    perform(story, listening=False)


def test_of_too_many_receipts_the_oldest_is_forgotten() -> None:
    """It is asked for again, which changes nothing."""

    async def story(parts: Parts) -> None:
        receipts = Receipts(parts.store, most_remembered=2)
        numbers = (1, 2, 3)
        for number in numbers:
            claim = await parts.store.claim(f"c{number}", [f"m{number}"])
            assert isinstance(claim, Claim)
            await parts.store.settle(claim, record_of(claim), None)
        read = {
            number: Conversation(
                id=f"c{number}", messages=(said(f"r{number}", 1, to=f"m{number}", seen=2),)
            )
            for number in numbers
        }
        asked = []
        for number in (1, 2, 3, 3, 2, 1):
            await receipts.look(read[number])
            asked.append(parts.store.asked.count("mark_seen"))
        assert asked == [1, 2, 3, 3, 3, 4]

    perform(story, listening=False)


def test_what_the_customer_has_seen_is_found_by_reading_the_conversation() -> None:
    """No broadcast tells of it: at the latest the next look at all conversations finds it."""

    async def story(parts: Parts) -> None:
        async with parts.running_bot():
            visitor = parts.visitor()
            visitor.write("Hello?")
            await parts.until(lambda: parts.settled)
            visitor.is_answered_by(parts.account.ann)
            parts.account.server.store.mark_seen(visitor.id)
            visitor.write("Thank you.")
            await parts.until(lambda: len(parts.settled) == 2)
            await asyncio.sleep(parts.settings.catch_up.interval_seconds)
            first, *_ = [one async for one in parts.store.records()]
            assert first.outcome == "replied"
            assert first.seen_at is not None

    perform(story, listening=False)
