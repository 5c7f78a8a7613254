"""What an attempt finds as it reads the conversation: what is in its turn, and what is not."""

from __future__ import annotations

import asyncio

from agentbot.bot.turns.mailbox import LIVE
from agentbot.pipeline.decision import Close
from tests.simulation.stage import Stage
from tests.simulation.stage import perform as perform_simulated
from tests.simulation.world import metrics
from tests.support.bot_attempt import Attempting, as_heard, attempt, took
from tests.support.bot_parts import REASON, reply, silence, thinking
from tests.support.virtual_time import now


def test_a_conversation_that_is_gone_is_left() -> None:
    """There is nobody to answer."""

    async def story(it: Attempting) -> None:
        await it.hear()
        del it.server.store.conversations[it.visitor.id]
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "gone")
        assert record.customer_id is None
        assert not it.mailbox

    attempt(story)


def test_what_a_person_has_answered_is_left() -> None:
    """Whether their message was heard or not."""

    async def story(it: Attempting) -> None:
        await it.hear()
        await asyncio.sleep(1)
        it.visitor.is_answered_by(it.ann, heard=False)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "person")
        assert record.customer_id == it.visitor.customer.id
        assert (it.turns, it.texts) == ([], [])

    attempt(story)


def test_what_we_have_closed_over_a_question_is_open_once_it_is_answered() -> None:
    """The customer's message was stored, and did not open it."""

    async def story(it: Attempting) -> None:
        conversation = it.visitor.conversation
        it.parts.responder.script = lambda _turn: reply(actions=(Close(),))
        await it.hear()
        await it.outcome()
        closed_at = conversation.closed_at
        assert (conversation.status, closed_at is None) == ("closed", False)
        it.parts.responder.script = lambda _turn: reply()
        await it.hear("And on Sunday?")
        await asyncio.sleep(2)
        conversation.status, conversation.closed_at = "closed", closed_at
        record = await it.outcome()
        assert record.outcome == "replied"
        assert conversation.status == "open"

    attempt(story)


def test_late_news_of_our_own_closing_keep_nothing_unsaid() -> None:
    """They come while the next question is thought about."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: reply(actions=(Close(),))
        await it.hear()
        await it.outcome()
        closed_at = it.visitor.conversation.closed_at
        it.parts.responder.script = thinking(5, reply())
        await it.hear("And on Sunday?")
        it.in_seconds(2, lambda: it.mailbox.status_changed("closed", closed_at=closed_at))
        record = await it.outcome()
        assert record.outcome == "replied"

    attempt(story)


def test_what_is_seen_while_acting_is_taken_next() -> None:
    """The look before we close finds it, though nobody heard it."""

    async def story(it: Attempting) -> None:
        written: list[str] = []

        def write_once_it_is_said() -> None:
            if it.visitor.said and not written:
                written.append(it.visitor.write("And on Sunday?", heard=False).id)

        it.parts.store.on_asked["checkpoint"] = write_once_it_is_said
        it.parts.responder.script = lambda _turn: reply(actions=(Close(),))
        await it.hear()
        await it.outcome()
        assert list(it.mailbox.pending_ids) == written
        assert len(written) == 1

    attempt(story)


def test_what_was_heard_but_is_not_read_yet_belongs_to_the_turn() -> None:
    """A reading may be older than a broadcast."""

    async def story(it: Attempting) -> None:
        await it.hear("One?")
        later = it.visitor.write("Two?", heard=False)
        it.visitor.conversation.messages.remove(later)
        it.mailbox.hear(as_heard(later), path=LIVE)
        await it.outcome()
        assert it.turns == [["One?", "Two?"]]
        assert it.answered[0]["in_reply_to"] == later.id

    attempt(story)


def test_what_nobody_heard_belongs_to_the_turn() -> None:
    """It is claimed with the rest."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        claim = await it.claim()
        second = it.visitor.write("Two?", heard=False)
        record = await it.outcome(claim)
        assert it.turns == [["One?", "Two?"]]
        assert record.message_ids == (first.id, second.id)
        assert await it.parts.store.settled(record.message_ids) == {first.id, second.id}

    attempt(story)


def test_what_was_answered_unheard_is_no_news_to_wait_for() -> None:
    """Another replica's reply was not heard: its message is done with, and not waited for."""

    async def story(it: Attempting) -> None:
        first = await it.hear("One?")
        it.answer(first.id)
        await asyncio.sleep(2)
        await it.hear("Two?")
        began = now()
        await it.run()
        assert it.turns == [["Two?"]]
        assert [record.reason_code for record in it.parts.settled] == [
            "already_answered",
            REASON.code,
        ]
        assert took(began) == 0.0
        assert not it.mailbox

    attempt(story)


def test_what_has_its_outcome_is_no_news_to_wait_for() -> None:
    """It was left unanswered on purpose: heard again, it is in no turn."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: silence()
        first = await it.hear("One?")
        await it.outcome()
        it.parts.responder.script = lambda _turn: reply()
        await it.hear("Two?")
        claim = await it.claim()
        it.mailbox.hear(as_heard(first), path=LIVE)
        began = now()
        await it.outcome(claim)
        assert it.turns == [["One?"], ["Two?"]]
        assert took(began) == 0.0
        assert not it.mailbox

    attempt(story)


# In a simulated world


def orphans_in_simulation() -> float:
    """Return how many messages all simulated bots have taken over from dead ones."""
    value = metrics().registry.get_sample_value
    return value("agentbot_catch_up_found_total", {"path": "orphan"}) or 0.0


def test_a_message_that_was_answered_before_does_not_hold_up_the_next_one() -> None:
    """The customer waits for the answer alone, not for the turn's deadline.

    A life that died between a reply and its settling leaves the answered message claimed. The
    next one finds it again, together with what the customer has written since.
    """

    async def scene(stage: Stage) -> None:
        first = await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        first.process.kill()
        stage.world.bury_bot(first, lingers=False)
        before = orphans_in_simulation()
        await stage.bot()
        await stage.until(lambda: orphans_in_simulation() > before)
        assert len(visitor.conversation.messages) == 2, "it is the answered one that is found"
        await visitor.say("think 3 ?")
        await asyncio.sleep(15)
        assert len(stage.replies(visitor)) == 2

    perform_simulated(scene)


def test_a_settled_message_that_is_heard_late_does_not_hold_up_the_next_one() -> None:
    """A turn is not taken again and again for the sake of what has its outcome already."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        stage.world.server.faults.mute_shout(topic="conversation:")
        await visitor.say("silent ?")
        await stage.until(lambda: stage.world.database.ledger.records)
        await visitor.say("think 3 ?")
        await asyncio.sleep(2)
        stage.world.server.backend.announce_message(visitor.conversation.messages[0])
        await asyncio.sleep(5)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)
