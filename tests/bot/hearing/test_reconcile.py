"""What no broadcast announced is found: in fresh conversations, in all open ones, and of the dead.

Who takes what is found, and works on it, is tested with ``bot.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from agentbot.bot.hearing.reconcile import Reconciler
from agentbot.bot.proof import mark
from agentbot.devserver.store import records
from agentbot.papercups.models import Message
from agentbot.state.store import Claim, TurnRecord
from tests.support.bot_parts import Parts, Visitor, perform


class Reconciling:
    """A reconciler at work, all that it finds, and when."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.server = parts.account.server
        self.faults = parts.account.server.faults
        self.found: list[tuple[str, str]] = []
        self.at: list[float] = []
        self.seen_open: list[str] = []
        self.known: set[str] = set()
        self.reconciler = Reconciler(
            parts.services, found=self._take, seen_open=self.seen_open.append
        )
        self.began = now()

    def visitor(self, body: str | None = "Hi?") -> Visitor:
        """Let a customer write into a new conversation, unheard."""
        visitor = self.parts.visitor()
        if body is not None:
            visitor.write(body, heard=False)
        return visitor

    def asked(self, visitor: Visitor) -> records.Message:
        """Return what the customer wrote first."""
        return visitor.conversation.messages[0]

    def reads(self, visitor: Visitor) -> int:
        """Return how often the conversation was read by itself."""
        return self.parts.network.asked.count(f"GET /api/conversations/{visitor.id}")

    @property
    def sweeps(self) -> int:
        """How often all open conversations were looked at."""
        return self.parts.network.asked.count("GET /api/conversations")

    def caught_up(self, path: str) -> float:
        """Return how many were counted as found on this path."""
        return self.parts.metric("catch_up_found_total", path=path)

    async def orphan(self, visitor: Visitor, *message_ids: str, holder_lives: bool = False) -> None:
        """Let another replica have claimed these messages and died."""
        store = await self.parts.colleague()
        claim = await store.claim(visitor.id, message_ids or (self.asked(visitor).id,))
        assert isinstance(claim, Claim)
        if not holder_lives:
            await store.release(claim)

    async def settle(self, visitor: Visitor, message: records.Message) -> None:
        """Settle a message without an answer."""
        claim = await self.parts.store.claim(visitor.id, (message.id,))
        assert isinstance(claim, Claim)
        when = self.parts.now()
        record = TurnRecord(
            conversation_id=visitor.id,
            customer_id=None,
            message_ids=claim.message_ids,
            outcome="silent",
            reason_code="test",
            reason="test",
            by=None,
            source=None,
            question="",
            answer=None,
            reply_id=None,
            received_at=when,
            settled_at=when,
        )
        await self.parts.store.settle(claim, record, None)

    def _take(self, message: Message, *, path: str) -> bool:
        self.at.append(round(now() - self.began, 1))
        self.found.append((path, message.id))
        is_new = message.id not in self.known
        self.known.add(message.id)
        return is_new


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


def work(story: Callable[[Reconciling], Awaitable[None]], **options: Any) -> None:
    """Play a story with a reconciler that runs; nothing else follows the connection."""

    async def main(parts: Parts) -> None:
        it = Reconciling(parts)
        running = asyncio.create_task(it.reconciler.run())
        await asyncio.sleep(0)
        try:
            await story(it)
            assert not running.done(), "it runs until it is cancelled"
        finally:
            running.cancel()

    perform(main, **options)


# Fresh conversations


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
    """Ten thousand readings are remembered; what is beyond is left to the periodic look."""

    async def story(it: Reconciling) -> None:
        visitors = [it.visitor() for _ in range(4)]
        for visitor in visitors:
            it.reconciler.conversation_created(visitor.id)
        assert it.parts.metric("dropped_total", reason="fresh_conversation") == 2
        await asyncio.sleep(10)
        assert [it.reads(visitor) for visitor in visitors] == [1, 1, 0, 0]

    later = [1e4 + number for number in range(4_999)]
    work(story, catch_up={"fresh_after_seconds": [1.0, *later]})


# All open conversations


@pytest.mark.parametrize(("first", "path"), [(True, "start"), (False, "reconnect")])
def test_everything_is_looked_at_once_connected(first: bool, path: str) -> None:  # noqa: FBT001
    """A little later: what was still under way must arrive first."""

    async def story(it: Reconciling) -> None:
        asked, quiet, closed = it.visitor(), it.visitor(), it.visitor()
        quiet.is_answered_by(it.parts.account.ann, heard=False)
        closed.conversation.status = "closed"
        it.reconciler.connected(first=first)
        await asyncio.sleep(10)
        assert it.found == [(path, it.asked(asked).id)]
        assert it.at == [2.0]
        assert it.caught_up(path) == 1
        assert set(it.seen_open) == {asked.id, quiet.id}
        assert it.sweeps == 1

    with capture_logs() as said:
        work(story)
    [line] = [line for line in said if line["event"] == "catch_up.done"]
    assert (line["path"], line["conversations"]) == (path, 2)


def test_everything_is_looked_at_now_and_then() -> None:
    """At once then: the connection holds, and nothing is under way."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        await asyncio.sleep(60 * 2.5)
        assert it.found == [("periodic", it.asked(visitor).id)] * 2
        assert it.at == [60.0, 120.0]
        assert it.caught_up("periodic") == 1

    work(story, catch_up={"interval_seconds": 60.0})


def test_off_duty_everything_is_looked_at_more_often() -> None:
    """Nothing is heard then; where the interval is shorter already, it counts."""

    async def off_duty(it: Reconciling) -> None:
        await asyncio.sleep(1)  # the wait that has begun goes on
        it.parts.session.set_present(False)
        sweeps = []
        for seconds in (58.5, 1, 9, 1, 9, 1):
            await asyncio.sleep(seconds)
            sweeps.append(it.sweeps)
        assert sweeps == [0, 1, 1, 2, 2, 3]

    async def short(it: Reconciling) -> None:
        await asyncio.sleep(1)
        it.parts.session.set_present(False)
        await asyncio.sleep(30)
        assert it.sweeps == 6

    work(off_duty, catch_up={"interval_seconds": 60.0})
    work(short, catch_up={"interval_seconds": 5.0})


def test_nothing_is_looked_at_while_the_connection_is_away() -> None:
    """As soon as it is there, everything will be."""

    async def story(it: Reconciling) -> None:
        it.visitor()
        it.server.restart(downtime=100, linger=0)
        await asyncio.sleep(50)
        assert it.sweeps == 0

    work(story, catch_up={"interval_seconds": 10.0})


def test_a_look_that_fails_is_taken_again_on_the_same_path() -> None:
    """After a pause; it is said."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        failing = it.faults.answer(status=500, path="/api/conversations")
        it.reconciler.connected(first=True)
        await it.parts.until(lambda: failing.hits == 4)  # as often as one question is asked
        failed_at = now()
        failing.remove()
        await it.parts.until(lambda: it.found)
        assert it.found == [("start", it.asked(visitor).id)]
        assert now() - failed_at == pytest.approx(5 + 2, abs=0.1)
        await asyncio.sleep(30)
        assert len(it.found) == 1

    with capture_logs() as said:
        work(story)
    [line] = [line for line in said if line["event"] == "catch_up.incomplete"]
    assert line["path"] == "start"


def test_a_reconnect_during_the_pause_is_the_path_of_the_next_look() -> None:
    """The newer wish counts."""

    async def story(it: Reconciling) -> None:
        it.visitor()
        failing = it.faults.answer(status=500, path="/api/conversations")
        it.reconciler.connected(first=True)
        await it.parts.until(lambda: failing.hits == 4)
        failing.remove()
        it.reconciler.connected(first=False)
        await it.parts.until(lambda: it.found)
        assert it.found[0][0] == "reconnect"

    work(story)


def test_only_what_waits_and_has_no_outcome_is_found() -> None:
    """What was answered, what bots wrote, and what was left unanswered on purpose is none."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor("One?")
        visitor.conversation.messages[0].created_at = it.parts.now().replace(microsecond=0)
        store = it.server.store
        store.add_message(
            {
                "account_id": it.parts.account.account.id,
                "conversation_id": visitor.id,
                "body": "First.",
                "type": "bot",
                "metadata": mark([it.asked(visitor).id], by="rule", source="r"),
            }
        )
        left, waiting = visitor.write("Two?", heard=False), visitor.write("Three?", heard=False)
        await it.settle(visitor, left)
        it.parts.store.failures["settled"] = 2
        it.reconciler.connected(first=True)
        await asyncio.sleep(20)
        assert it.found == [("start", waiting.id)]

    work(story)


def test_a_store_is_not_asked_about_conversations_in_which_nobody_waits() -> None:
    """Most of them are such."""

    async def story(it: Reconciling) -> None:
        it.visitor().is_answered_by(it.parts.account.ann, heard=False)
        it.reconciler.connected(first=True)
        await asyncio.sleep(10)
        assert it.sweeps == 1
        assert "settled" not in it.parts.store.asked

    work(story)


# What the dead have left


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
