"""What a holder that died has left is taken over, and a living one's is left to it."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from tests.support.bot_reconciler import Reconciling, work


def test_what_a_dead_holder_has_left_is_taken_over() -> None:
    """Each time that a lease may have run out; only what it had claimed, and only counted once."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        visitor.write("unclaimed", heard=False)
        await it.orphan(visitor)
        await asyncio.sleep(14)
        assert it.found == []
        await asyncio.sleep(2)
        assert (it.found, it.at) == ([("orphan", it.asked(visitor).id)], [15.0])
        await asyncio.sleep(15)
        assert len(it.found) == 2
        assert it.caught_up("orphan") == 1

    work(story)


def test_what_a_dead_holder_has_left_is_taken_over_as_soon_as_we_are_connected() -> None:
    """A bot that is restarted more often than a lease lasts finishes its turns too."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        await it.orphan(visitor)
        await asyncio.sleep(1)
        assert it.found == []
        it.reconciler.connected(first=True)
        await asyncio.sleep(0.1)
        assert (it.found, it.at) == ([("orphan", it.asked(visitor).id)], [1.0])

    work(story)


def test_a_holder_that_lives_keeps_its_turn() -> None:
    """Its lease has not run out."""

    async def story(it: Reconciling) -> None:
        await it.orphan(it.visitor(), holder_lives=True)
        await asyncio.sleep(8)
        await it.orphan(it.visitor(), holder_lives=True)
        await asyncio.sleep(8)
        assert len(it.found) == 1

    work(story)


def test_one_orphan_that_cannot_be_read_stops_no_other() -> None:
    """It is said, and looked at again the next time."""

    async def story(it: Reconciling) -> None:
        visitors = [it.visitor() for _ in range(3)]
        for visitor in visitors:
            await it.orphan(visitor)
        del it.server.store.conversations[visitors[0].id]
        failing = it.faults.answer(status=500, path=f"/api/conversations/{visitors[1].id}")
        await asyncio.sleep(25)
        assert it.found == [("orphan", it.asked(visitors[2]).id)]
        failing.remove()
        await asyncio.sleep(20)
        assert ("orphan", it.asked(visitors[1]).id) in it.found

    with capture_logs() as said:
        work(story)
    unreadable = [line["conversation_id"] for line in said if line["event"] == "orphan.unreadable"]
    assert len(set(unreadable)) == 2


def test_a_store_that_is_away_does_not_end_the_adoption() -> None:
    """It is waited for."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        await it.orphan(visitor)
        it.parts.store.failures["orphans"] = 2
        await asyncio.sleep(18)
        assert it.found == [("orphan", it.asked(visitor).id)]

    work(story)
