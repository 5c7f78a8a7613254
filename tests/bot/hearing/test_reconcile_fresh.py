"""What no broadcast announced is found in conversations that were begun a moment ago.

Who takes what is found, and works on it, is tested with ``bot.py``.
"""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from tests.support.bot_reconciler import Reconciling, work


def test_a_fresh_conversation_is_read_soon_and_again_a_little_later() -> None:
    """The server never broadcasts some first messages; the second look finds what came late."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        it.reconciler.conversation_created(visitor.id)
        await asyncio.sleep(3)
        assert (it.found, it.at) == ([("fresh", it.asked(visitor).id)], [1.0])
        later = visitor.write("And?", heard=False)
        await asyncio.sleep(2)
        assert it.found[1:] == [("fresh", it.asked(visitor).id), ("fresh", later.id)]
        assert it.at[1:] == [4.0, 4.0]
        assert it.caught_up("fresh") == 2, "what is found again is not counted again"
        await asyncio.sleep(30)
        assert it.reads(visitor) == 2

    work(story)


def test_each_fresh_conversation_is_read_when_it_is_due() -> None:
    """Whenever it began, and however many do."""

    async def story(it: Reconciling) -> None:
        visitors = []
        for _ in range(6):
            visitors.append(it.visitor())
            it.reconciler.conversation_created(visitors[-1].id)
            await asyncio.sleep(0.5)
        await asyncio.sleep(10)
        firsts = [it.found.index(("fresh", it.asked(visitor).id)) for visitor in visitors]
        assert [it.at[index] for index in firsts] == [1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
        assert [it.reads(visitor) for visitor in visitors] == [2] * 6

    work(story)


def test_one_slow_answer_does_not_hold_up_the_other_conversations() -> None:
    """Four are read side by side."""

    async def four(it: Reconciling) -> None:
        visitors = [it.visitor() for _ in range(5)]
        for visitor in visitors[:4]:
            it.faults.slow(5, path=f"/api/conversations/{visitor.id}")
        for visitor in visitors:
            it.reconciler.conversation_created(visitor.id)
        await asyncio.sleep(1.5)
        assert [it.reads(visitor) for visitor in visitors] == [1, 1, 1, 1, 0]
        await asyncio.sleep(5)
        assert ("fresh", it.asked(visitors[4]).id) in it.found

    async def one(it: Reconciling) -> None:
        visitors = [it.visitor() for _ in range(5)]
        it.faults.slow(5, path=f"/api/conversations/{visitors[0].id}")
        for visitor in visitors:
            it.reconciler.conversation_created(visitor.id)
        await asyncio.sleep(10)
        assert sorted(it.at) == [1.0, 1.0, 1.0, 1.0, 6.0]

    for story in (four, one):
        work(story, catch_up={"fresh_after_seconds": [1.0]})


def test_a_fresh_conversation_that_is_closed_or_gone_is_left() -> None:
    """There is nothing to find, and nothing to be said about it."""

    async def story(it: Reconciling) -> None:
        closed, gone, fine = it.visitor(), it.visitor(), it.visitor()
        closed.conversation.status = "closed"
        del it.server.store.conversations[gone.id]
        for visitor in (closed, gone, fine):
            it.reconciler.conversation_created(visitor.id)
        await asyncio.sleep(10)
        assert {one for _, one in it.found} == {it.asked(fine).id}
        assert it.reads(gone) == 2

    with capture_logs() as said:
        work(story)
    assert "fresh.unreadable" not in {line["event"] for line in said}


def test_a_fresh_conversation_that_cannot_be_read_stops_no_reader() -> None:
    """More of them than there are readers: each is given up in time, and said."""

    async def story(it: Reconciling) -> None:
        bad = [it.visitor() for _ in range(8)]
        for visitor in bad:
            it.faults.answer(status=500, path=f"/api/conversations/{visitor.id}")
            it.reconciler.conversation_created(visitor.id)
        await asyncio.sleep(300)
        good = it.visitor()
        it.reconciler.conversation_created(good.id)
        await asyncio.sleep(2)
        assert it.found == [("fresh", it.asked(good).id)]

    with capture_logs() as said:
        work(story, catch_up={"fresh_after_seconds": [1.0], "interval_seconds": 1e4})
    unreadable = [line for line in said if line["event"] == "fresh.unreadable"]
    assert len({line["conversation_id"] for line in unreadable}) == 8


def test_a_flood_of_fresh_conversations_is_shed_and_counted() -> None:
    """Both readings of a conversation are, or neither; the periodic look is left for the rest."""

    async def story(it: Reconciling) -> None:
        visitors = [it.visitor() for _ in range(4)]
        for visitor in visitors:
            it.reconciler.conversation_created(visitor.id)
        assert it.parts.metric("dropped_total", reason="fresh_conversation") == 2
        await asyncio.sleep(10)
        assert [it.reads(visitor) for visitor in visitors] == [1, 1, 0, 0]

    work(story, most_fresh=5, catch_up={"fresh_after_seconds": [1.0, 1e4]})
