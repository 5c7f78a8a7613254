"""What no broadcast announced is found in all open conversations, when connected and regularly."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from agentbot.bot.proof import mark
from agentbot.state.store import Claim, ConversationMemory
from tests.support.bot_reconciler import Reconciling, work
from tests.support.states import record_of
from tests.support.virtual_time import now


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


def test_what_was_seen_meanwhile_is_noted() -> None:
    """Nobody is told of a receipt: whoever reads a conversation finds it."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        asked = it.asked(visitor).id
        claim = await it.parts.store.claim(visitor.id, [asked])
        assert isinstance(claim, Claim)
        await it.parts.store.settle(claim, record_of(claim), None)
        metadata = mark([asked], by="rule", source="r")
        said = visitor.is_answered_by(it.parts.account.ann, heard=False, metadata=metadata)
        said.type, said.seen_at = "bot", said.created_at
        it.reconciler.connected(first=True)
        await asyncio.sleep(10)
        assert it.parts.store.asked.count("mark_seen") == 1

    work(story)


def test_everything_is_looked_at_now_and_then() -> None:
    """What waits then is reported a little later: most often it is only on its way."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor()
        await asyncio.sleep(60 * 2.5)
        assert it.found == [("periodic", it.asked(visitor).id)] * 2
        assert it.at == [62.0, 124.0]
        assert it.caught_up("periodic") == 1

    work(story, catch_up={"interval_seconds": 60.0})


def test_what_comes_or_is_settled_a_little_later_was_not_lost() -> None:
    """The counter tells only of what no broadcast has brought."""

    async def story(it: Reconciling) -> None:
        heard, settled, lost = (it.visitor() for _ in range(3))
        await asyncio.sleep(61)
        assert it.found == []
        it.known.add(it.asked(heard).id)
        await it.settle(settled, it.asked(settled))
        await asyncio.sleep(5)
        assert it.found == [("periodic", it.asked(heard).id), ("periodic", it.asked(lost).id)]
        assert it.caught_up("periodic") == 1

    work(story, catch_up={"interval_seconds": 60.0})


def test_off_duty_what_waits_is_reported_at_once() -> None:
    """Nothing is heard then, so nothing is on its way."""

    async def story(it: Reconciling) -> None:
        it.parts.session.set_present(False)
        it.visitor()
        await asyncio.sleep(15)
        assert it.at == [10.0]

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


def test_nothing_is_looked_at_while_sockets_alone_are_refused() -> None:
    """REST would answer, and nobody could be spoken to."""

    async def story(it: Reconciling) -> None:
        it.visitor()
        it.faults.refuse()
        it.server.drop()
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


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_did_not_open_again_what_we_have_closed_is_found(
    is_ours: bool,  # noqa: FBT001 - a column
) -> None:
    """Its channel died before it could. What a person has closed is left closed."""

    async def story(it: Reconciling) -> None:
        visitor = it.visitor("One?")
        conversation = visitor.conversation
        it.server.store.update_conversation(conversation, {"status": "closed"})
        first = it.asked(visitor)
        claim = await it.parts.store.claim(visitor.id, (first.id,))
        assert isinstance(claim, Claim)
        ours = conversation.closed_at if is_ours else None
        await it.parts.store.settle(claim, record_of(claim), ConversationMemory(closed_at=ours))
        second = visitor.write("Two?", heard=False)
        it.server.store.update_conversation(conversation, {"status": "closed"})
        it.reconciler.connected(first=True)
        await asyncio.sleep(10)
        assert it.found == ([("start", second.id)] if is_ours else [])

    work(story)
