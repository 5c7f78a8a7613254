"""One attempt at a claimed turn, the plain way: read, decided, delivered and settled.

What an attempt meets on its way is tested beside this, in ``test_attempt_*.py``; what may speak
against an answer with ``turns/watch.py``, how a text is sent with ``delivery/delivery.py``, and
what is written down with ``turns/settling.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from agentbot.bot.proof import Identity
from agentbot.pipeline.decision import Decision
from agentbot.pipeline.turn import Account, Author
from agentbot.state.store import ConversationMemory
from tests.support.bot_attempt import Attempting, attempt
from tests.support.bot_parts import REASON, handoff, reply, silence
from tests.support.devserver import SocketClient


def test_a_turn_is_answered_and_settled() -> None:
    """Nothing of it is left: the claim is settled, not released, and its lease dropped."""

    async def story(it: Attempting) -> None:
        await asyncio.sleep(11)
        asked = await it.hear("How much?")
        claim = await it.claim()
        await asyncio.sleep(2)
        record = await it.outcome(claim)
        assert it.texts == ["Hello!"]
        assert (record.outcome, record.reply_id) == ("replied", it.visitor.said[0].id)
        assert (record.question, record.customer_id) == ("How much?", it.visitor.customer.id)
        assert record.message_ids == (asked.id,)
        assert record.turn["prompts_version"] == it.parts.services.current.pipeline.version
        assert it.parts.seconds[0] == pytest.approx(2, abs=0.1)
        assert not it.mailbox
        assert not it.parts.services.leases.is_good(claim)
        assert it.parts.store.asked == ["claim", "settle"]

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.decided"]
    assert (line["kind"], line["reason"]) == ("Reply", str(REASON))


def test_what_a_claim_brings_is_not_asked_for() -> None:
    """A store may tell with it what is remembered; that counts, and saves a round trip."""

    async def story(it: Attempting) -> None:
        await it.hear("How much?")
        snoozed = ConversationMemory(snoozed_until=it.parts.now() + timedelta(hours=1))
        record = await it.outcome(replace(await it.claim(), memory=snoozed))
        assert (record.outcome, record.reason_code) == ("silent", "snoozed")
        assert it.parts.store.asked == ["claim", "settle"]

    attempt(story)


def test_the_turn_is_as_the_world_is_now() -> None:
    """Who is there, whose hours they are, who is a bot, and how long the customer has waited."""

    async def story(it: Attempting) -> None:
        token = it.server.backend.tokens.issue(it.ann.id).token
        SocketClient(it.server, {"token": token, "vsn": "2.0.0"}).join(
            f"notification:{it.parts.account.account.id}"
        )
        await it.parts.until(lambda: it.parts.session.agents_online)
        current = it.parts.services.current
        current.account = Account(id="a", name="Fjord & Fern")
        current.identity = Identity(frozenset({99}))
        it.visitor.conversation.assignee_id = it.bot.id
        for text in ("One", "Two", "Three"):
            await it.hear(text)
            await asyncio.sleep(1)
        await it.outcome()
        [turn] = it.parts.responder.turns
        assert turn.agents_online == 1
        assert turn.account is current.account
        assert turn.bot_tracked
        assert turn.conversation.assignee_id is None, "it is ours"
        assert turn.now <= it.parts.now()
        assert turn.waited is not None
        assert turn.waited.total_seconds() == pytest.approx(1, abs=0.1)

    attempt(story)


def test_off_duty_the_turn_says_so() -> None:
    """The chat window then shows its away message."""

    async def story(it: Attempting) -> None:
        it.parts.session.set_present(False)
        await it.hear()
        await it.outcome()
        assert not it.parts.responder.turns[0].bot_tracked

    attempt(story)


def test_a_store_and_a_server_that_are_away_are_waited_for() -> None:
    """The customer gets their answer all the same."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.parts.store.failures["memory_of"] = 2
        away = it.faults.answer(status=503, path="/api/conversations/")
        it.in_seconds(30, away.remove)
        record = await it.outcome()
        assert record.outcome == "replied"
        assert len(it.texts) == 1

    attempt(story)


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [(reply(), "replied"), (handoff(), "handed_off"), (silence(), "silent")],
)
def test_the_decision_makes_the_outcome(decision: Decision, outcome: str) -> None:
    """And it is known to the next turn, where something is to be remembered."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: decision
        await it.hear()
        assert (await it.outcome()).outcome == outcome
        memory = await it.parts.store.memory_of(it.visitor.id)
        assert (memory.handed_off_at is not None) is (outcome == "handed_off")

    attempt(story)


def test_what_was_remembered_stays_when_more_is() -> None:
    """The new memory is the old one's successor."""

    async def story(it: Attempting) -> None:
        for fires in (("first",), ("second",)):
            decision = reply(fires=fires)
            it.parts.responder.script = lambda _turn, decision=decision: decision  # type: ignore[misc]
            await it.hear()
            await it.outcome()
        assert set((await it.parts.store.memory_of(it.visitor.id)).fired) == {"first", "second"}
        assert set(it.parts.responder.turns[1].memory.fired) == {"first"}

    attempt(story)


def test_a_text_that_is_given_up_leaves_the_turn() -> None:
    """It is said in the journal, and the turn is done with."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.faults.drop_shout(topic="conversation:", times=3)
        record = await it.outcome()
        assert (record.outcome, record.reason_code) == ("left", "unconfirmed")

    attempt(story)


def test_people_and_bots_are_told_apart_in_the_history() -> None:
    """As the account has them."""

    async def story(it: Attempting) -> None:
        it.visitor.is_answered_by(it.ann)
        await asyncio.sleep(1)
        it.parts.services.current.identity = Identity(frozenset({it.ann.id}))
        await it.hear()
        await it.outcome()
        assert [one.author for one in it.parts.responder.turns[0].history] == [Author.BOT]

    attempt(story)
